//! Where an API stands in a document: a path that begins with a slash, and a method's key.
//! What the gateway writes otherwise is kept in a word of its own.

use crate::target::tencent::map::dialect::CarriedPath;
use crate::target::tencent::map::path::{Template, shape, unmarked};
use crate::target::tencent::read_back::ReadBack;

/// The key of what answers every method.
const ANY: &str = "x-apigw-any-method";

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The path's key.
    pub(super) key: String,
    /// The method's key.
    pub(super) method: &'static str,
    /// The path without the names of its parameters: a document has one path of a shape.
    pub(super) shape: String,
    /// Whether path and method of the API are what the keys say.
    pub(super) says_all: bool,
}

impl Place {
    pub(super) fn of(api: &ReadBack) -> Self {
        let key = key(api.path());
        let method = method(api.method());
        let is_named = method != ANY || api.method() == "ANY";
        // PATCH and OPTIONS need a setting unless they are said in the gateway's own words.
        let is_taken = !matches!(method, "patch" | "options");
        let says_all = key == api.path() && is_named && is_taken && CarriedPath::is_plain(&key);
        Self { method, shape: shape(&key).into_owned(), says_all, key }
    }
}

/// Sorts by path and method, the marks of paths last.
pub(super) fn sort_key(api: &ReadBack) -> (String, String, String, String) {
    let (key, id) = (key(api.path()), api.api_id().to_owned());
    (key, api.method().to_owned(), api.path().to_owned(), id)
}

/// The path as a document may have it.
fn key(path: &str) -> String {
    let bare = unmarked(path);
    let mut key = String::with_capacity(bare.len() + 1);
    if !bare.starts_with('/') {
        key.push('/');
    }
    for c in bare.chars() {
        match c {
            '?' => key.push_str("%3F"),
            '#' => key.push_str("%23"),
            ' ' => key.push_str("%20"),
            c if c.is_control() || c.is_whitespace() => key.push('_'),
            c => key.push(c),
        }
    }
    if Template::parse(&key).is_err() { key.replace(['{', '}'], "_") } else { plain_names(&key) }
}

/// The path with names that every tool takes for names.
fn plain_names(key: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let mut inside = false;
    let plain = |c: char| {
        inside = (inside || c == '{') && c != '}';
        if inside && c != '{' && !is_plain(c) { '_' } else { c }
    };
    let renamed: String = key.chars().map(plain).collect();
    // Two names that have become one are no template.
    if Template::parse(&renamed).is_ok() { renamed } else { key.to_owned() }
}

fn method(method: &str) -> &'static str {
    match method {
        "GET" => "get",
        "POST" => "post",
        "PUT" => "put",
        "DELETE" => "delete",
        "HEAD" => "head",
        "PATCH" => "patch",
        "OPTIONS" => "options",
        _ => ANY,
    }
}
