//! Where a reference leads: a path or an address on the web, joined and normalised.
//!
//! Text only, so what lies behind a symbolic link is not seen here: who opens a file has
//! to judge where it really is.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::text;

/// The address that `reference` means in a file at `base`.
pub(crate) fn join(base: &str, reference: &str) -> String {
    if scheme(reference).is_some() {
        return normal(reference);
    }
    match web(base) {
        Some(base) => base.join(reference).map_or_else(|_| reference.to_owned(), String::from),
        None => normal_path(&relative_to(base, &decode(reference))),
    }
}

/// The same address without `.` and `..` where they can go.
pub(crate) fn normal(address: &str) -> String {
    match web(address) {
        Some(url) => url.into(),
        None if scheme(address).is_some() => address.to_owned(),
        None => normal_path(address),
    }
}

/// The address as it is shown. A path may hold what would be a query on the web.
pub(crate) fn shown(address: &str) -> Cow<'_, str> {
    if address.contains("://") { text::address(address) } else { Cow::Borrowed(address) }
}

/// An address on the web.
fn web(address: &str) -> Option<Url> {
    scheme(address).filter(|scheme| *scheme == "http" || *scheme == "https")?;
    Url::parse(address).ok()
}

/// The scheme of an address that has one; `C:` is a drive.
fn scheme(address: &str) -> Option<&str> {
    let (scheme, _) = address.split_once(':')?;
    let letters =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (scheme.len() > 1 && letters(scheme)).then_some(scheme)
}

fn relative_to(base: &str, reference: &str) -> String {
    if reference.starts_with('/') {
        return reference.to_owned();
    }
    let folder = base.rfind('/').map_or("", |slash| &base[..=slash]);
    format!("{folder}{reference}")
}

fn normal_path(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part != ".." {
            kept.push(part);
        } else if kept.last().is_some_and(|last| *last != "..") {
            kept.pop();
        } else if !rooted {
            kept.push(part);
        }
    }
    format!("{}{}", if rooted { "/" } else { "" }, kept.join("/"))
}

/// Percent-encoding undone, where it is well formed.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8().unwrap_or(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_reference_is_relative_to_the_file_that_holds_it() {
        assert_eq!(join("api/root.yaml", "paths/pets.yaml"), "api/paths/pets.yaml");
        assert_eq!(join("api/paths/pets.yaml", "../root.yaml"), "api/root.yaml");
        assert_eq!(join("root.yaml", "./a%20b.yaml"), "a b.yaml");
        assert_eq!(join("root.yaml", "../up.yaml"), "../up.yaml");
        assert_eq!(join("/srv/root.yaml", "../../../up.yaml"), "/up.yaml");
        assert_eq!(join("api/root.yaml", "/etc/passwd"), "/etc/passwd");
    }

    #[test]
    fn in_a_document_from_the_web_references_are_of_the_web() {
        let base = "https://example.com/v1/api.yaml?x=/a";
        assert_eq!(join(base, "pets.yaml"), "https://example.com/v1/pets.yaml");
        assert_eq!(join(base, "/pets.yaml"), "https://example.com/pets.yaml");
        assert_eq!(join(base, "../../pets.yaml"), "https://example.com/pets.yaml");
        assert_eq!(join(base, "//other.org/pets.yaml"), "https://other.org/pets.yaml");
        assert_eq!(join("root.yaml", "http://other.org/a/../b"), "http://other.org/b");
        assert_eq!(join("root.yaml", "file:///etc/passwd"), "file:///etc/passwd");
    }

    #[test]
    fn broken_percent_encoding_stays_as_it_is() {
        assert_eq!(decode("%7Bid%7D"), "{id}");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%é"), "%zz%é");
        assert_eq!(decode("%ff"), "%ff");
    }
}
