//! What was asked for, apart from how it was typed: what commands work with, and what a
//! report saves of its import, so that `resume REPORT` needs no other argument.
//!
//! The names of the fields are saved in reports and do not follow those of the options. Never a
//! secret: credentials are read again from where they come from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use indexmap::IndexSet;
use serde::{Deserialize, Serialize};

use crate::cli::args::{GatewayArgs, ImportArgs, InitArgs, Per, ResumeArgs, SourceArgs, UndoArgs};
use crate::report::Row;

/// Of two values for one option, the one that counts.
trait Layer {
    /// This one where it is given, else the lower one.
    fn over(self, lower: Self) -> Self;
}

impl<T> Layer for Option<T> {
    fn over(self, lower: Self) -> Self {
        self.or(lower)
    }
}

impl Layer for bool {
    fn over(self, lower: Self) -> Self {
        self || lower
    }
}

/// Lists add up: what was allowed then is allowed now.
impl Layer for Vec<String> {
    fn over(self, mut lower: Self) -> Self {
        lower.extend(self);
        lower
    }
}

/// Declares options: a struct, what each field is made from, and how two of them are layered.
macro_rules! options {
    ($(#[$meta:meta])* $name:ident from $args:ident: $typed:ty, in $folder:ident {
        $($field:ident: $kind:ty = $value:expr,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name { $(pub $field: $kind,)* }

        impl $name {
            /// What these arguments ask for; paths start from the folder.
            pub fn of($args: $typed, $folder: &Path) -> Self {
                Self { $($field: $value,)* }
            }
        }

        impl Layer for $name {
            fn over(self, lower: Self) -> Self {
                Self { $($field: self.$field.over(lower.$field),)* }
            }
        }
    };
}

options! {
    /// What is read, and how it is mapped.
    SourceOptions from args: &SourceArgs, in folder {
        sources: Vec<String> = args.sources.clone(),
        service: Option<String> = args.service.clone(),
        quota: Option<u64> = args.quota,
        spread: Vec<String> = args.spread.clone(),
        create_services: Option<Per> = args.create_services,
        config: Option<PathBuf> = at(folder, args.config.as_ref()),
        backend: Option<String> = args.backend.clone(),
        backend_override: Option<String> = args.backend_override.clone(),
        mock: Option<String> = args.mock.clone(),
        redact: bool = args.redact,
        include: Vec<String> = args.include.clone(),
        exclude: Vec<String> = args.exclude.clone(),
        strict: bool = args.strict,
        deny: Vec<String> = args.deny.clone(),
        allow: Vec<String> = args.allow.clone(),
        allow_remote_refs: Vec<String> = args.references.allow_remote_refs.clone(),
        ref_root: Option<PathBuf> = at(folder, args.references.ref_root.as_ref()),
    }
}

options! {
    /// Where it is sent, and how fast.
    GatewayOptions from args: &GatewayArgs, in folder {
        simulate: bool = args.simulate,
        endpoint: Option<String> = args.endpoint.clone(),
        region: Option<String> = args.region.clone(),
        ca_file: Option<PathBuf> = at(folder, args.ca_file.as_ref()),
        allow_plain_http: bool = args.allow_plain_http,
        profile: Option<String> = args.profile.clone(),
        cvm_role: bool = args.cvm_role,
        language: Option<String> = args.language.clone(),
        rate: Option<f64> = args.rate,
        rate_limit: Option<u32> = args.rate_limit,
        read_rate: Option<f64> = args.read_rate,
        concurrency: Option<usize> = args.concurrency,
        timeout: Option<f64> = args.timeout,
        settle: Option<f64> = args.settle,
        attempts: Option<u32> = args.attempts,
        strict_once: bool = args.strict_once,
        max_failures: Option<usize> = args.max_failures,
    }
}

/// What was asked of a run, and where it was asked: a report saves it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunOptions {
    /// The folder that relative sources and the settings file start from, absolute.
    pub folder: PathBuf,
    /// What is read and how it is mapped.
    pub sources: SourceOptions,
    /// Where it is sent.
    pub gateway: GatewayOptions,
    /// The environment to publish to at the end.
    pub release: Option<String>,
    /// The services that `--create-services` has made or found and `--spread` has chosen, by
    /// source: a resume sends nothing elsewhere, however the documents have grown.
    pub services: BTreeMap<String, String>,
    /// Services in whose place others are sent to, by a resume's wish.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<String, String>,
    /// The sources whose whole addresses a report keeps apart, by the names it shows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

impl RunOptions {
    /// What an import asks for.
    pub fn of_import(args: &ImportArgs, folder: &Path) -> Self {
        Self {
            release: args.release.clone(),
            gateway: GatewayOptions::of(&args.gateway, folder),
            ..Self::of_sources(&args.sources, folder)
        }
    }

    /// What a preview asks for.
    pub fn of_sources(args: &SourceArgs, folder: &Path) -> Self {
        let sources = SourceOptions::of(args, folder);
        Self { folder: folder.to_owned(), sources, ..Self::default() }
    }

    /// What `init` asks for; it reads no settings.
    pub fn of_init(args: &InitArgs, folder: &Path) -> Self {
        let sources = SourceOptions {
            sources: args.sources.clone(),
            quota: args.quota,
            allow_remote_refs: args.references.allow_remote_refs.clone(),
            ref_root: at(folder, args.references.ref_root.as_ref()),
            ..SourceOptions::default()
        };
        Self { folder: folder.to_owned(), sources, ..Self::default() }
    }

    /// What a resume asks for beyond what its report saved.
    pub fn of_resume(args: &ResumeArgs, folder: &Path) -> Self {
        let sources = SourceOptions {
            quota: args.quota,
            config: at(folder, args.config.as_ref()),
            allow_remote_refs: args.references.allow_remote_refs.clone(),
            ref_root: at(folder, args.references.ref_root.as_ref()),
            ..SourceOptions::default()
        };
        let gateway = GatewayOptions::of(&args.gateway, folder);
        let (release, moved) = (args.release.clone(), args.service.iter().cloned().collect());
        Self { sources, gateway, release, moved, ..Self::default() }
    }

    /// What an undo asks for beyond what its report saved.
    pub fn of_undo(args: &UndoArgs, folder: &Path) -> Self {
        let config = at(folder, args.config.as_ref());
        let sources = SourceOptions { config, ..SourceOptions::default() };
        Self { sources, gateway: GatewayOptions::of(&args.gateway, folder), ..Self::default() }
    }

    /// What the rows of a report show about its import, where there is no journal.
    pub fn of_rows<'a>(rows: impl Iterator<Item = &'a Row> + Clone, folder: &Path) -> Self {
        let sources: IndexSet<String> = rows.clone().map(|row| row.source.to_string()).collect();
        let known = rows.clone().filter(|row| !row.service.is_empty());
        let services: BTreeSet<&str> = known.map(|row| &*row.service).collect();
        let service = if services.len() == 1 { services.first() } else { None };
        let sources = SourceOptions {
            sources: sources.into_iter().collect(),
            service: service.map(ToString::to_string),
            ..SourceOptions::default()
        };
        let folder = folder.to_owned();
        Self { folder, sources, services: homes(rows), ..Self::default() }
    }

    /// What is typed now, over what a report saved.
    #[must_use]
    pub fn over(self, saved: Self) -> Self {
        Self {
            sources: self.sources.over(saved.sources),
            gateway: self.gateway.over(saved.gateway),
            release: self.release.over(saved.release),
            moved: saved.moved.into_iter().chain(self.moved).collect(),
            ..saved
        }
    }
}

/// The sources that have rows in one service alone.
fn homes<'a>(rows: impl Iterator<Item = &'a Row>) -> BTreeMap<String, String> {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for row in rows.filter(|row| !row.service.is_empty()) {
        services.entry(&row.source).or_default().insert(&row.service);
    }
    let alone = services.into_iter().filter(|(_, services)| services.len() == 1);
    alone.flat_map(|(source, ids)| ids.into_iter().map(|id| (source.into(), id.into()))).collect()
}

/// A path as typed in a folder.
fn at(folder: &Path, typed: Option<&PathBuf>) -> Option<PathBuf> {
    typed.map(|path| folder.join(path))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Cli, Command};

    fn import(line: &str) -> RunOptions {
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Import(args) = cli.command else { panic!("{line}") };
        RunOptions::of_import(&args, Path::new("/catalogs"))
    }

    fn resume(line: &str) -> RunOptions {
        let cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let Command::Resume(args) = cli.command else { panic!("{line}") };
        RunOptions::of_resume(&args, Path::new("/elsewhere"))
    }

    /// Reports hold these names: whoever renames an option leaves them as they are.
    const SAVED: &str = r#"{"folder":"/catalogs","sources":{"sources":["a.yaml","b"],"service":null,"quota":200,"spread":[],"create_services":"folder","config":"/catalogs/c.yaml","backend":"https://b.test","backend_override":"https://o.test","mock":"missing","redact":true,"include":["tag:x"],"exclude":["deprecated"],"strict":true,"deny":["clash"],"allow":["no-tags"],"allow_remote_refs":["h.test"],"ref_root":"/refs"},"gateway":{"simulate":true,"endpoint":"https://e.test","region":"r","ca_file":"/catalogs/ca.pem","allow_plain_http":true,"profile":"p","cvm_role":true,"language":"zh-CN","rate":1.5,"rate_limit":2,"read_rate":40.0,"concurrency":3,"timeout":4.5,"settle":0.5,"attempts":6,"strict_once":true,"max_failures":7},"release":"test","services":{"a.yaml":"service-a"}}"#;

    const TYPED: &str = "apiferry import a.yaml b --quota 200 --create-services=folder \
        --config c.yaml --backend https://b.test --backend-override https://o.test --mock missing --include tag:x \
        --exclude deprecated --redact --strict --deny clash --allow no-tags --allow-remote-refs h.test \
        --ref-root /refs --release test --simulate --endpoint https://e.test --region r \
        --ca-file ca.pem --allow-plain-http --profile p --cvm-role --language zh-CN --rate 1.5 \
        --rate-limit 2 --read-rate 40 --concurrency 3 --timeout 4.5 --settle 0.5 --attempts 6 --strict-once \
        --max-failures 7";

    #[test]
    fn a_report_saves_options_under_names_of_its_own() {
        let services = [("a.yaml".to_owned(), "service-a".to_owned())].into();
        let options = RunOptions { services, ..import(TYPED) };
        assert_eq!(serde_json::to_string(&options).unwrap(), SAVED);
        assert_eq!(serde_json::from_str::<RunOptions>(SAVED).unwrap(), options);
    }

    #[test]
    fn options_that_this_version_does_not_know_are_refused() {
        let other = SAVED.replace("strict_once", "strictly_once");
        let error = serde_json::from_str::<RunOptions>(&other).unwrap_err().to_string();
        assert!(error.contains("strictly_once"), "{error}");
    }

    #[test]
    fn what_is_typed_now_outranks_what_was_typed_then() {
        let now = resume(
            "apiferry resume r.csv --rate 2 --ca-file other.pem --allow-remote-refs i.test \
             --release prepub",
        );
        let both = now.over(import(TYPED));
        assert_eq!((both.gateway.rate, both.gateway.region.as_deref()), (Some(2.0), Some("r")));
        assert_eq!(both.gateway.ca_file.as_deref(), Some(Path::new("/elsewhere/other.pem")));
        assert!(both.gateway.simulate && both.sources.strict);
        assert_eq!(both.sources.allow_remote_refs, ["h.test", "i.test"]);
        assert_eq!(both.sources.sources, ["a.yaml", "b"]);
        assert_eq!(
            (both.release.as_deref(), both.folder.to_str()),
            (Some("prepub"), Some("/catalogs"))
        );
    }
}
