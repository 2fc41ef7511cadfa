//! How documents are split, and how names become ids.

use super::*;

fn operations(of: &[(&str, &str, usize)]) -> Vec<(Vec<String>, String)> {
    let each = of.iter().flat_map(|(tag, path, count)| {
        (0..*count).map(move |n| (vec![(*tag).to_owned()], format!("{path}/{n}")))
    });
    each.collect()
}

#[test]
fn a_document_over_the_quota_is_split_by_tag_in_as_few_parts_as_fit() {
    let found = split(&operations(&[("a", "/a", 6), ("b", "/b", 3), ("c", "/c", 5)]), 10);
    let (key, bins) = found.expect("it fits");
    assert_eq!(key, "tag");
    assert_eq!(bins, [(vec!["a".to_owned(), "b".to_owned()], 9), (vec!["c".to_owned()], 5)]);
}

#[test]
fn where_tags_do_not_split_it_the_beginnings_of_paths_do() {
    let found = split(&operations(&[("a", "/v1/a", 6), ("a", "/v1/b", 6)]), 10);
    let (key, bins) = found.expect("it fits");
    assert_eq!(key, "path");
    assert_eq!(bins, [(vec!["/v1/a/**".to_owned()], 6), (vec!["/v1/b/**".to_owned()], 6)]);
}

#[test]
fn names_become_parts_of_ids_and_hosts() {
    let slugs = ["a/Pet Store.v1.yaml", "宠物.yaml", "x/", "-"].map(slug);
    assert_eq!(slugs, ["pet-store-v1", "catalog", "x", "catalog"]);
}
