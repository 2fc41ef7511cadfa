//! Which API a call reaches, by the gateway's published rules of matching (FACTS 5.1): exact
//! paths (`=/p`), then preferred prefixes (`^~/p`), then paths with parameters, then plain
//! paths, which are prefixes and of which the longest wins.
//!
//! Not here: regular expressions, whose form is not published. Of several paths with
//! parameters the first is taken, since which of them wins is not published either.

/// The place among `apis`, each a method and a path as created, of the one that a call reaches.
pub fn reached(apis: &[(&str, &str)], method: &str, path: &str) -> Option<usize> {
    let answers = |at: &usize| [method, "ANY"].contains(&apis[*at].0);
    let rank = |at: usize| Some((rank(apis[at].1, path)?, usize::MAX - at));
    let ranked = (0..apis.len()).filter(answers).filter_map(|at| Some((rank(at)?, at)));
    ranked.max().map(|(_, at)| at)
}

/// How well a created path matches that of a call: its kind, and how much of it.
fn rank(created: &str, path: &str) -> Option<(u8, usize)> {
    if let Some(exact) = created.strip_prefix('=') {
        return (exact == path).then_some((3, 0));
    }
    let prefix = |kind, prefix: &str| path.starts_with(prefix).then_some((kind, prefix.len()));
    match created.strip_prefix("^~") {
        Some(preferred) => prefix(2, preferred),
        None if created.contains('{') => matches(created, path).then_some((1, 0)),
        None => prefix(0, created),
    }
}

/// Whether a path with parameters matches: each is one segment, or a part of one.
fn matches(template: &str, path: &str) -> bool {
    let Some((text, rest)) = template.split_once('{') else { return template == path };
    let Some(path) = path.strip_prefix(text) else { return false };
    let rest = rest.split_once('}').map_or("", |(_, rest)| rest);
    let segment = path.split('/').next().unwrap_or_default();
    let ends = segment.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.rev().any(|end| matches(rest, &path[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(paths: &[&str], path: &str, expected: Option<usize>) {
        let apis: Vec<_> = paths.iter().map(|path| ("GET", *path)).collect();
        assert_eq!(reached(&apis, "GET", path), expected, "{path}");
    }

    #[test]
    fn exact_comes_before_preferred_before_parameters_before_prefixes() {
        let all = ["/a", "/{x}/b", "^~/a/b", "=/a/b"];
        check(&all, "/a/b", Some(3));
        check(&all[..3], "/a/b", Some(2));
        check(&all[..2], "/a/b", Some(1));
        check(&all[..1], "/a/b", Some(0));
    }

    #[test]
    fn the_longest_prefix_wins_and_needs_no_slash_behind_it() {
        check(&["/", "/user", "/users"], "/usertest/a", Some(1));
        check(&["/user/"], "/user", None);
    }

    #[test]
    fn a_parameter_is_one_segment_or_a_part_of_one() {
        check(&["/a/{x}"], "/a/b", Some(0));
        check(&["/a/{x}"], "/a/b/c", None);
        check(&["/a/{x}"], "/a/", None);
        check(&["/a/{x}.json"], "/a/b.c.json", Some(0));
        check(&["/{x}:go"], "/a:go", Some(0));
    }

    #[test]
    fn any_answers_every_method_and_others_their_own() {
        let apis = [("POST", "/a"), ("ANY", "/a")];
        assert_eq!(reached(&apis, "GET", "/a"), Some(1));
        assert_eq!(reached(&apis[..1], "GET", "/a"), None);
    }
}
