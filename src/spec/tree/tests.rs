//! What trees promise, and the helpers that tests of other readers use.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::spec::tree::*;

pub(crate) fn tree(text: &str) -> Tree {
    read(text).expect("it is well formed")
}

pub(crate) fn read(text: &str) -> Result<Tree, Finding> {
    Tree::read(SourceText { name: "t".into(), text: text.to_owned() })
}

/// Any list of JSON values, with keys and strings that need care in either format.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let strings = prop_oneof![
        "[ -~]{0,12}",
        Just("no".to_owned()),
        Just("é\u{1F600}\n\t\"\\ \u{7f}".to_owned()),
        Just("- a: {b}#c".to_owned()),
    ];
    let scalars = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        strings.clone().prop_map(Value::from),
    ];
    let values = scalars.prop_recursive(5, 60, 20, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::vec((strings.clone(), inner), 0..20)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    });
    prop::collection::vec(values, 0..5).prop_map(Value::from)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_written_is_read_back(value in values()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let tree = tree(&text);
            prop_assert_eq!(&tree.root().to_value(), &value);
            prop_assert_eq!(tree.root().to_json(), value.to_string());
        }
    }

    #[test]
    fn every_node_is_found_by_its_pointer(value in values()) {
        let tree = tree(&value.to_string());
        let mut nodes = vec![tree.root()];
        while let Some(node) = nodes.pop() {
            prop_assert_eq!(value.pointer(&node.pointer()), Some(&node.to_value()));
            for (key, child) in node.entries() {
                prop_assert_eq!(&*key.place().pointer, child.pointer());
                prop_assert!(node.get(key.as_str()).is_some_and(|found| found.is(child)));
                nodes.push(child);
            }
            nodes.extend(node.items());
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = read(&text);
    }

    #[test]
    fn no_text_of_structure_makes_it_panic(text in "[-{}\\[\\]:,\"'&*!<|>?#%@\\\\ \na0~]{0,60}") {
        if let Ok(tree) = read(&text) {
            tree.root().to_json();
        }
    }
}

/// Long enough for tables instead of walks, with scalars after containers and in them.
#[test]
fn items_of_long_lists_are_found_by_their_pointers() {
    let item = |n: usize| match n % 300 {
        0 => json!({"list": (0..400).collect::<Vec<_>>(), "after": n}),
        1 => json!([[], n]),
        _ => json!(n),
    };
    let value = json!({"a": (0..900).map(item).collect::<Vec<_>>(), "b": [true]});
    let tree = tree(&value.to_string());
    let mut nodes = vec![tree.root()];
    let mut count = 0;
    while let Some(node) = nodes.pop() {
        assert!(value.pointer(&node.pointer()) == Some(&node.to_value()), "{}", node.pointer());
        nodes.extend(node.entries().map(|(_, child)| child).chain(node.items()));
        count += 1;
    }
    assert_eq!(count, 2 + 900 + 3 * (2 + 400) + 3 * 2 + 2);
}

#[test]
fn a_place_is_line_column_and_pointer() {
    let tree = tree("a:\n  - 1\n  - b/c: x\n    ~d: [y, z]\n");
    let node = tree.root().get("a").unwrap().items().nth(1).unwrap();
    let (key, value) = node.entry("~d").unwrap();
    let place = key.place();
    assert_eq!((place.line, place.column, &*place.pointer), (4, 5, "/a/1/~0d"));
    let place = value.items().nth(1).unwrap().place();
    assert_eq!((place.line, place.column, &*place.pointer), (4, 13, "/a/1/~0d/1"));
    assert_eq!(node.get("b/c").unwrap().pointer(), "/a/1/b~1c");
    assert_eq!(tree.root().pointer(), "");
}

#[test]
fn of_a_repeated_key_the_last_one_counts_and_both_are_told() {
    for text in [r#"{"a": 1, "b": 2, "a": 3}"#, "a: 1\nb: 2\na: 3\n"] {
        let tree = tree(text);
        assert_eq!(tree.root().to_value(), json!({"b": 2, "a": 3}));
        assert_eq!(tree.root().entries_repeated().count(), 3);
        let [Oddity::Repeated { first, last }] = *tree.oddities() else {
            panic!("{:?}", tree.oddities())
        };
        assert_eq!(tree.key(first).as_str(), tree.key(last).as_str());
        assert!(tree.key(first).place() != tree.key(last).place());
    }
}

#[test]
fn among_many_keys_repeated_ones_are_found_too() {
    let keys = (0..100).map(|i| format!("\"k{}\": {i}", i % 99)).collect::<Vec<_>>().join(",");
    let tree = tree(&format!("{{{keys}}}"));
    assert_eq!(tree.oddities().len(), 1);
    assert_eq!(tree.root().get("k0").unwrap().scalar(), Some("99"));
    assert_eq!(tree.root().entries().count(), 99);
}

#[test]
fn in_a_wide_map_the_same_is_found_as_in_a_narrow_one() {
    let keys = (0..100).map(|i| format!("k{i}: {i}")).collect::<Vec<_>>().join("\n");
    let text = format!("base: &base {{m: merged, k1: none}}\n<<: *base\n{keys}\nk7: last\n");
    let tree = tree(&text);
    let found = |key: &str| tree.root().get(key).and_then(crate::spec::tree::Node::scalar);
    assert!((8..100).all(|i| found(&format!("k{i}")) == Some(&*i.to_string())));
    assert_eq!(
        ["k1", "k7", "m", "k100", "<<"].map(found),
        [Some("1"), Some("last"), Some("merged"), None, None]
    );
}

#[test]
fn numbers_keep_their_digits() {
    let text = "[-9223372036854776000, 123456789012345678901234567890, 1.10, 1e400]";
    assert_eq!(tree(text).root().to_json(), text.replace(' ', ""));
    assert_eq!(tree("[0x1F, 0o17, +1, .5, .inf]").root().to_json(), r#"[31,15,1,0.5,".inf"]"#);
}

#[test]
fn the_format_is_decided_by_what_the_text_holds() {
    assert_eq!(tree("\u{feff} {\"a\": 1}").root().to_value(), json!({"a": 1}));
    assert_eq!(tree("\u{feff}a: 1").root().to_value(), json!({"a": 1}));
    assert_eq!(tree("{a: 1, 'b': [c d]}").root().to_value(), json!({"a": 1, "b": ["c d"]}));
    assert_eq!(tree("").root().kind(), Kind::Null);
    assert_eq!(tree("# nothing\n").root().kind(), Kind::Null);
}

#[test]
fn broken_json_is_told_as_json_at_its_place() {
    let finding = read("{\n  \"a\": 1\n  \"b\": 2\n}").unwrap_err();
    assert_eq!(finding.code, Code::SYNTAX_ERROR);
    assert_eq!((finding.place.line, finding.place.column), (3, 3));
    assert!(finding.message.contains("JSON"), "{}", finding.message);
}

#[test]
fn broken_yaml_is_told_at_its_place() {
    let finding = read("a: 1\nb: [1, 2\nc: 3\n").unwrap_err();
    assert_eq!(finding.code, Code::SYNTAX_ERROR);
    assert!(finding.place.line >= 2, "{:?}", finding.place);
    assert!(finding.message.contains("YAML"), "{}", finding.message);
}
