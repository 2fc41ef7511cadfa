//! Who calls: credentials from the environment, a tccli profile, `~/.tencentcloud`, or the
//! role of the machine where that is asked for.
//!
//! Never from an argument, which every process of the machine can read. A file that others
//! can read is refused. What is found is shown by its source and the last four characters
//! of the `SecretId`, never by more. Not read: roles by STS, web identities, single sign-on.

mod machine;

use std::fmt;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::cli::error::Error;
use crate::cli::surroundings::Surroundings;
use crate::settings::Connection;
use crate::target::tencent::client::Reload;
use crate::target::tencent::sign::Credentials;

/// The largest credentials file that is read.
const MAX_BYTES: u64 = 64 * 1024;

/// The tccli profile unless one is named.
const DEFAULT: &str = "default";

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A tccli profile by name; the environment is not asked then, as with tccli.
    pub profile: Option<String>,
    /// The role of this machine.
    pub cvm_role: bool,
}

/// Credentials, and where they came from.
#[derive(Clone)]
pub struct Identity {
    /// To sign with.
    pub credentials: Credentials,
    /// Where they came from, for people.
    pub source: String,
    /// The last four characters of the `SecretId`.
    pub secret_id_tail: String,
    /// The connection settings in the profile.
    profile: Connection,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Identity {
    /// The settings file's connection, its gaps filled from the profile.
    pub fn under(&self, file: &Connection) -> Connection {
        Connection {
            endpoint: file.endpoint.clone().or_else(|| self.profile.endpoint.clone()),
            region: file.region.clone().or_else(|| self.profile.region.clone()),
            ..file.clone()
        }
    }
}

/// A key pair as it is written somewhere.
struct Pair {
    id: String,
    key: String,
    token: Option<String>,
    source: String,
}

/// Finds credentials: the environment, the tccli profile, `~/.tencentcloud/credentials`.
///
/// # Errors
/// There are none, or what is there cannot be used or should not be trusted.
pub fn find(wanted: &Wanted, world: &Surroundings) -> Result<Identity, Error> {
    let named = wanted.profile.as_deref().or(world.variable("TCCLI_PROFILE"));
    let pair = pair(wanted, named, world)?.ok_or_else(|| nowhere(named))?;
    check(&pair)?;
    Ok(Identity {
        credentials: Credentials::new(&pair.id, &pair.key, pair.token.as_deref()),
        secret_id_tail: tail(&pair.id),
        source: pair.source,
        profile: configured(named.unwrap_or(DEFAULT), world),
    })
}

fn pair(wanted: &Wanted, named: Option<&str>, world: &Surroundings) -> Result<Option<Pair>, Error> {
    if wanted.cvm_role {
        return machine::role(machine::METADATA).map(Some);
    }
    if wanted.profile.is_none()
        && let Some(pair) = environment(world)?
    {
        return Ok(Some(pair));
    }
    match tccli(named.unwrap_or(DEFAULT), world)? {
        // Whoever names a profile means that account and no other.
        None if named.is_none() => ini(world),
        found => Ok(found),
    }
}

/// Finds them again: a file may have been renewed, the environment cannot have been.
pub fn reload(wanted: Wanted, world: Surroundings) -> Reload {
    Arc::new(move || {
        let (wanted, world) = (wanted.clone(), world.clone());
        // Files and the metadata service may keep their reader waiting; a run must not wait
        // with it.
        let find = move || find(&wanted, &world).ok().map(|found| found.credentials);
        Box::pin(async move { tokio::task::spawn_blocking(find).await.ok().flatten() })
    })
}

fn nowhere(named: Option<&str>) -> Error {
    let looked = match named {
        Some(profile) => format!("there is no profile {profile:?} (~/.tccli/{profile}.credential)"),
        None => format!(
            "TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are not set, and there is neither \
             ~/.tccli/{DEFAULT}.credential nor ~/.tencentcloud/credentials"
        ),
    };
    Error::usage(format!("no credentials were found: {looked}"))
        .hint("preview and --simulate need no credentials")
}

fn environment(world: &Surroundings) -> Result<Option<Pair>, Error> {
    let id = world.variable("TENCENTCLOUD_SECRET_ID");
    let key = world.variable("TENCENTCLOUD_SECRET_KEY");
    let token =
        world.variable("TENCENTCLOUD_TOKEN").or(world.variable("TENCENTCLOUD_SECURITY_TOKEN"));
    let source = "the environment".to_owned();
    match (id, key) {
        (Some(id), Some(key)) => {
            let token = token.map(str::to_owned);
            Ok(Some(Pair { id: id.to_owned(), key: key.to_owned(), token, source }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(half("TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY")),
        (None, Some(_)) => Err(half("TENCENTCLOUD_SECRET_KEY", "TENCENTCLOUD_SECRET_ID")),
    }
}

fn half(set: &str, missing: &str) -> Error {
    Error::usage(format!("{set} is set, but {missing} is not")).hint("set both, or neither")
}

fn tccli(name: &str, world: &Surroundings) -> Result<Option<Pair>, Error> {
    let Some(path) = profile_file(name, "credential", world) else { return Ok(None) };
    let Some(text) = read_private(&path)? else { return Ok(None) };
    let source = path.display().to_string();
    let value: Value = serde_json::from_str(&text).map_err(|_| {
        Error::usage(format!("{source} is not valid JSON"))
            .hint("`tccli configure` writes it again")
    })?;
    let text =
        |field: &str| value[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    match (text("secretId"), text("secretKey")) {
        (Some(id), Some(key)) => Ok(Some(Pair { id, key, token: text("token"), source })),
        _ if text("type").as_deref() == Some("cvm-role") => {
            machine::role(machine::METADATA).map(Some)
        }
        _ => Err(Error::usage(format!("{source} has no secretId and secretKey")).hint(
            "role and single sign-on profiles are not supported; set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY",
        )),
    }
}

/// The region and the endpoint in the profile; it holds no secret.
fn configured(name: &str, world: &Surroundings) -> Connection {
    let text = profile_file(name, "configure", world).and_then(|path| read_small(&path).ok()?);
    let value: Value = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let given = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    Connection {
        region: given(&value["_sys_param"]["region"]),
        endpoint: given(&value["apigateway"]["endpoint"]).filter(|it| it.contains("://")),
        ..Connection::default()
    }
}

fn profile_file(name: &str, kind: &str, world: &Surroundings) -> Option<PathBuf> {
    Some(world.home()?.join(".tccli").join(format!("{name}.{kind}")))
}

fn ini(world: &Surroundings) -> Result<Option<Pair>, Error> {
    let Some(home) = world.home() else { return Ok(None) };
    let path = home.join(".tencentcloud/credentials");
    let Some(text) = read_private(&path)? else { return Ok(None) };
    let source = path.display().to_string();
    match (ini_value(&text, "secret_id"), ini_value(&text, "secret_key")) {
        (Some(id), Some(key)) => Ok(Some(Pair { id, key, token: None, source })),
        _ => Err(Error::usage(format!("{source} has no secret_id and secret_key under [default]"))),
    }
}

/// A value of the section `[default]`.
fn ini_value(text: &str, key: &str) -> Option<String> {
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line == "[default]";
        } else if inside
            && let Some((name, value)) = line.split_once('=')
            && name.trim() == key
        {
            return Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        }
    }
    None
}

/// A small regular file that nobody else can read; `None`: there is none.
fn read_private(path: &Path) -> Result<Option<String>, Error> {
    if open_to_others(path) {
        return Err(Error::usage(format!(
            "{} can be read by others on this machine",
            path.display()
        ))
        .hint(format!("chmod 600 {}", path.display())));
    }
    read_small(path)
}

/// A small regular file; `None`: there is none.
fn read_small(path: &Path) -> Result<Option<String>, Error> {
    // Asked before it is opened: opening a pipe would wait for ever.
    let metadata = match fs_err::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::usage(error.to_string())),
    };
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(Error::usage(format!(
            "{} cannot be a credentials file: it must be a regular file of at most 64 KiB",
            path.display()
        )));
    }
    let mut text = String::new();
    let read =
        fs_err::File::open(path).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    read.map_err(|error| Error::usage(error.to_string()))?;
    Ok(Some(text))
}

/// Whether others can read it: the file is open to them and so is its folder. tccli writes
/// open files into a closed folder.
#[cfg(unix)]
fn open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let open = |path: &Path, bits: u32| {
        fs_err::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & bits != 0)
    };
    open(path, 0o077) && path.parent().is_none_or(|folder| open(folder, 0o011))
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

/// Refuses what cannot be a key pair: the SDK's own rules, and the two swapped.
fn check(pair: &Pair) -> Result<(), Error> {
    let source = &pair.source;
    let parts = [("SecretId", Some(&pair.id)), ("SecretKey", Some(&pair.key))];
    let parts = parts.into_iter().chain([("token", pair.token.as_ref())]);
    for (name, value) in parts.filter_map(|(name, value)| Some((name, value?))) {
        let odd = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii();
        if value.contains(odd) {
            return Err(Error::usage(format!(
                "the {name} in {source} contains a space, a line break or another character that keys do not have"
            ))
            .hint("copy it again, without quotes or spaces around it"));
        }
    }
    if pair.key.starts_with("AKID") && !pair.id.starts_with("AKID") {
        return Err(Error::usage(format!(
            "the SecretId and the SecretKey in {source} are swapped"
        )));
    }
    Ok(())
}

fn tail(id: &str) -> String {
    let mut last: Vec<char> = id.chars().rev().take(4).collect();
    last.reverse();
    last.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn world(home: &Path, variables: &[(&str, &str)]) -> Surroundings {
        let home = ("HOME", home.to_str().expect("a path in UTF-8"));
        Surroundings::of(variables.iter().copied().chain([home]))
    }

    fn put(home: &Path, name: &str, text: &str, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = home.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        fs_err::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    fn found(home: &Path, variables: &[(&str, &str)]) -> Result<String, String> {
        let found = find(&Wanted::default(), &world(home, variables));
        found
            .map(|found| format!("{}: {}", found.source, found.secret_id_tail))
            .map_err(|e| e.to_string())
    }

    const PAIR: [(&str, &str); 2] =
        [("TENCENTCLOUD_SECRET_ID", "AKIDfromhere"), ("TENCENTCLOUD_SECRET_KEY", "key")];

    #[test]
    fn the_first_that_speaks_is_taken() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        assert!(found(home, &[]).unwrap_err().contains("TENCENTCLOUD_SECRET_ID"));
        put(
            home,
            ".tencentcloud/credentials",
            "[default]\nsecret_id = AKIDini1\nsecret_key = k\n",
            0o600,
        );
        assert!(found(home, &[]).unwrap().ends_with("credentials: ini1"));
        put(home, ".tccli/default.credential", r#"{"secretId":"AKIDcli1","secretKey":"k"}"#, 0o600);
        assert!(found(home, &[]).unwrap().ends_with("default.credential: cli1"));
        assert_eq!(found(home, &PAIR).unwrap(), "the environment: here");
    }

    #[test]
    fn a_named_profile_outranks_the_environment() {
        let home = tempfile::tempdir().unwrap();
        put(
            home.path(),
            ".tccli/work.credential",
            r#"{"secretId":"AKIDwork","secretKey":"k"}"#,
            0o600,
        );
        let wanted = Wanted { profile: Some("work".into()), cvm_role: false };
        let found = find(&wanted, &world(home.path(), &PAIR)).unwrap();
        assert_eq!(found.secret_id_tail, "work");
    }

    #[test]
    fn a_profile_that_is_named_and_not_there_is_not_replaced_by_another_account() {
        let home = tempfile::tempdir().unwrap();
        let ini = "[default]\nsecret_id = AKIDini1\nsecret_key = k\n";
        put(home.path(), ".tencentcloud/credentials", ini, 0o600);
        let named = ("TCCLI_PROFILE", "prod");
        assert!(found(home.path(), &[named]).unwrap_err().contains("no profile \"prod\""));
        assert_eq!(
            found(home.path(), &[PAIR[0], PAIR[1], named]).unwrap(),
            "the environment: here"
        );
    }

    #[test]
    fn a_file_that_others_can_reach_is_refused_unless_its_folder_is_closed() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let home = home.path();
        put(home, ".tccli/default.credential", r#"{"secretId":"AKIDcli1","secretKey":"k"}"#, 0o644);
        fs_err::set_permissions(home.join(".tccli"), std::fs::Permissions::from_mode(0o755))
            .unwrap();
        assert!(found(home, &[]).unwrap_err().contains("can be read by others"));
        fs_err::set_permissions(home.join(".tccli"), std::fs::Permissions::from_mode(0o700))
            .unwrap();
        assert!(found(home, &[]).is_ok());
    }

    #[test]
    fn keys_that_cannot_be_are_refused_and_not_shown() {
        let home = tempfile::tempdir().unwrap();
        for (id, key, told) in [
            ("AKIDa ", "secret", "SecretId"),
            ("AKIDa", "\u{feff}secret", "SecretKey"),
            ("secret", "AKIDa", "swapped"),
        ] {
            let pair = [("TENCENTCLOUD_SECRET_ID", id), ("TENCENTCLOUD_SECRET_KEY", key)];
            let error = found(home.path(), &pair).unwrap_err();
            assert!(error.contains(told) && !error.contains("secret"), "{error}");
        }
        let token = ("TENCENTCLOUD_TOKEN", "secret\n");
        let error = found(home.path(), &[PAIR[0], PAIR[1], token]).unwrap_err();
        assert!(error.contains("token") && !error.contains("secret"), "{error}");
        assert!(
            found(home.path(), &PAIR[..1]).unwrap_err().contains("TENCENTCLOUD_SECRET_KEY is not")
        );
    }

    #[test]
    fn region_and_endpoint_come_from_the_profile_where_the_file_is_silent() {
        let home = tempfile::tempdir().unwrap();
        let configure =
            r#"{"_sys_param":{"region":"ap-beijing"},"apigateway":{"endpoint":"https://a.b"}}"#;
        put(home.path(), ".tccli/default.configure", configure, 0o600);
        let found = find(&Wanted::default(), &world(home.path(), &PAIR)).unwrap();
        let under =
            found.under(&Connection { region: Some("ap-tokyo".into()), ..Connection::default() });
        assert_eq!(
            (under.region.as_deref(), under.endpoint.as_deref()),
            (Some("ap-tokyo"), Some("https://a.b"))
        );
    }

    #[test]
    fn nothing_of_a_key_shows_in_debug() {
        let home = tempfile::tempdir().unwrap();
        let found = find(&Wanted::default(), &world(home.path(), &PAIR)).unwrap();
        assert!(!format!("{found:?}").contains("key") && !format!("{found:?}").contains("AKID"));
    }
}
