//! YAML text to a tree, as a careful reader of YAML 1.2 takes it.
//!
//! Plain scalars follow the core schema: `no`, `yes`, `on` are strings, and so are `012`
//! and `1_000`, whose digits somebody meant. Keys keep their text. Merge keys, which 1.2
//! dropped, are expanded, since people write them. Only the first document is read.

use std::collections::HashMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, Tag};

use crate::finding::Code;
use crate::spec::tree::build::{Builder, MAX_DEPTH, Parsed, Scalar, Size, Value};
use crate::spec::tree::cell::index;
use crate::spec::tree::problem::{Oddity, ParseError};

/// # Errors
/// The first thing that is not YAML.
pub(crate) fn read(text: &str) -> Result<Parsed, ParseError> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH as usize;
    options.block_nesting_limit = MAX_DEPTH as usize;
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader::new(text);
    while let Some(event) = parser.next_event() {
        let done = match event {
            Ok((event, span)) => reader.take(event, span)?,
            Err(error) => reader.in_further().ok_or_else(|| error_of(&error))?,
        };
        if done {
            break;
        }
    }
    if reader.builder.next() == 0 {
        reader.builder.scalar(0, Scalar::Null, Value::Text(0..0))?;
    }
    Ok(reader.builder.finish())
}

fn error_of(error: &granit_parser::ScanError) -> ParseError {
    use granit_parser::ErrorKind;
    let at = error.marker().byte_offset().unwrap_or(0);
    let code = match error.kind() {
        ErrorKind::RecursionLimitExceeded => Code::OVER_BUDGET,
        _ => Code::SYNTAX_ERROR,
    };
    ParseError { code, at, message: format!("not valid YAML: {}", error.info()) }
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder<'t>,
    levels: Vec<Level>,
    anchors: HashMap<usize, Anchor>,
    /// How deep inside a key that is no scalar.
    odd: usize,
    /// Where a further document begins, of which nothing has been met yet.
    further: Option<usize>,
}

/// An open collection.
#[derive(Debug, Clone, Copy)]
struct Level {
    map: bool,
    anchor: usize,
    /// The cell of the key whose value comes next.
    key: Option<u32>,
    /// Whether that key is a merge key.
    merge: bool,
}

/// An anchored node.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    cell: u32,
    /// Known once it is complete.
    size: Option<Size>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            builder: Builder::new(text),
            levels: Vec::new(),
            anchors: HashMap::new(),
            odd: 0,
            further: None,
        }
    }

    /// Says whether nothing more has to be read.
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<bool, ParseError> {
        let at = span.byte_range().map_or(0, |range| range.start);
        if self.odd > 0 {
            return Ok(self.pass_over(&event));
        }
        if event.tag().is_some_and(|tag| tag.is_custom() && !is_lone(tag)) {
            self.builder.oddity(Oddity::Other {
                code: Code::ODD_TAG,
                at: index(at),
                message: "a tag that is not known; the value is read without it",
            });
        }
        match event {
            Event::DocumentStart(..) if self.builder.next() > 0 => self.further = Some(at),
            // A separator at the very end begins a document of nothing.
            Event::Scalar(..) if self.further.is_some() && span.is_empty() => {}
            Event::Scalar(..) | Event::MappingStart(..) | Event::SequenceStart(..)
                if self.in_further().is_some() =>
            {
                return Ok(true);
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.scalar(at, &value, style, anchor, tag.as_deref())?;
            }
            Event::MappingStart(_, anchor, _) => self.open(true, anchor, at)?,
            Event::SequenceStart(_, anchor, _) => self.open(false, anchor, at)?,
            Event::MappingEnd | Event::SequenceEnd => self.close()?,
            Event::Alias(anchor) => self.alias(at, anchor)?,
            _ => {}
        }
        Ok(false)
    }

    /// Tells of a further document where one has begun; nothing more has to be read then.
    fn in_further(&mut self) -> Option<bool> {
        let at = self.further?;
        self.builder.oddity(Oddity::Other {
            code: Code::SECOND_DOCUMENT,
            at: index(at),
            message: "another YAML document begins here",
        });
        Some(true)
    }

    /// Whether a map waits for a key.
    fn wants_key(&self) -> bool {
        self.levels.last().is_some_and(|level| level.map && level.key.is_none())
    }

    fn scalar(
        &mut self,
        at: usize,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), ParseError> {
        let cell = self.builder.next();
        let size = Size::of_scalar(value.len());
        if self.wants_key() {
            let merge = style == ScalarStyle::Plain && value == "<<" && tag.is_none();
            let value = self.value(value);
            self.builder.key(at, value)?;
            self.await_value(cell, merge);
        } else {
            let scalar = resolve(value, style, tag);
            if tag.is_some_and(is_lone) && resolve(value, style, None) != scalar {
                self.builder.oddity(Oddity::Other {
                    code: Code::ODD_TAG,
                    at: index(at),
                    message: "a lone `!` makes a string of what follows; some readers ignore it",
                });
            }
            let value = self.value(value);
            self.builder.scalar(at, scalar, value)?;
            self.completed();
        }
        self.anchor(anchor, Anchor { cell, size: Some(size) });
        Ok(())
    }

    /// Where a scalar's value stands: in the text if it can.
    fn value(&mut self, value: &str) -> Value {
        // The parser lends what it need not change; what it made stands somewhere else.
        let start = (value.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        let range = start..start.wrapping_add(value.len());
        if self.text.get(range.clone()) == Some(value) {
            return Value::Text(range);
        }
        let start = self.builder.side().len();
        self.builder.side().push_str(value);
        Value::SideFrom(start)
    }

    fn open(&mut self, map: bool, anchor: usize, at: usize) -> Result<(), ParseError> {
        if self.wants_key() {
            self.odd_key(at)?;
            self.odd = 1;
            return Ok(());
        }
        let cell = self.builder.next();
        if map {
            self.builder.open_map(at)?;
        } else {
            self.builder.open_list(at)?;
        }
        self.anchor(anchor, Anchor { cell, size: None });
        self.levels.push(Level { map, anchor, key: None, merge: false });
        Ok(())
    }

    fn close(&mut self) -> Result<(), ParseError> {
        let size = self.builder.close()?;
        if let Some(level) = self.levels.pop()
            && let Some(anchor) = self.anchors.get_mut(&level.anchor)
        {
            anchor.size = Some(size);
        }
        self.completed();
        Ok(())
    }

    fn alias(&mut self, at: usize, anchor: usize) -> Result<(), ParseError> {
        let Some(Anchor { cell, size }) = self.anchors.get(&anchor).copied() else {
            // Its anchor was inside a key that was left out.
            return self.scalar(at, "", ScalarStyle::Plain, 0, None);
        };
        let Some(size) = size else {
            let message =
                "not valid YAML: an alias is inside the node that it refers to".to_owned();
            return Err(ParseError { code: Code::SYNTAX_ERROR, at, message });
        };
        if !self.wants_key() {
            self.builder.alias(at, cell, size)?;
            self.completed();
        } else if self.builder.is_container(cell) {
            self.odd_key(at)?;
        } else {
            let key = self.builder.next();
            self.builder.key_again(at, cell)?;
            self.await_value(key, false);
        }
        Ok(())
    }

    fn anchor(&mut self, number: usize, anchor: Anchor) {
        if number > 0 {
            self.anchors.insert(number, anchor);
        }
    }

    fn await_value(&mut self, key: u32, merge: bool) {
        if let Some(level) = self.levels.last_mut() {
            level.key = Some(key);
            level.merge = merge;
        }
    }

    /// A value is there; in a map, a key comes next.
    fn completed(&mut self) {
        if let Some(level) = self.levels.last_mut()
            && let Some(key) = level.key.take()
            && level.merge
        {
            self.builder.merge_value(key);
        }
    }

    fn odd_key(&mut self, at: usize) -> Result<(), ParseError> {
        let key = self.builder.next();
        self.builder.oddity(Oddity::Other {
            code: Code::ODD_KEY,
            at: index(at),
            message: "a key that is a list or an object",
        });
        self.builder.odd_key(at)?;
        self.await_value(key, false);
        Ok(())
    }

    /// Passes over the contents of a key that is no scalar.
    fn pass_over(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => self.odd += 1,
            Event::MappingEnd | Event::SequenceEnd => self.odd -= 1,
            _ => {}
        }
        false
    }
}

/// What a scalar is by the core schema, less what only looks like a number.
fn resolve(value: &str, style: ScalarStyle, tag: Option<&Tag>) -> Scalar {
    let core = tag.and_then(Tag::core_suffix);
    // A lone `!` says that a scalar is a string.
    if tag.is_some_and(is_lone) {
        return Scalar::String;
    }
    let plain = style == ScalarStyle::Plain && tag.is_none_or(Tag::is_custom);
    if !plain && !core.is_some_and(|suffix| matches!(suffix, "int" | "float" | "bool" | "null")) {
        return Scalar::String;
    }
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::True,
        "false" | "False" | "FALSE" => Scalar::False,
        _ if is_number(value) => Scalar::Number,
        _ => Scalar::String,
    }
}

fn is_lone(tag: &Tag) -> bool {
    tag.is_custom() && tag.parts() == ("", "!")
}

fn is_number(value: &str) -> bool {
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(value, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let all = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if let Some(hex) = value.strip_prefix("0x") {
        return all(hex, 16);
    }
    if let Some(octal) = value.strip_prefix("0o") {
        return all(octal, 8);
    }
    is_decimal(unsigned)
}

/// Digits with at most one point, and an exponent.
fn is_decimal(unsigned: &str) -> bool {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let exponent = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    let some = !whole.is_empty() || !fraction.is_empty();
    some && !leading_zero && digits(whole) && digits(fraction) && exponent
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::spec::tree::Kind;
    use crate::spec::tree::tests::{read as read_tree, tree};

    #[test]
    fn plain_scalars_are_what_yaml_1_2_says() {
        let kind = |text: &str| tree(&format!("a: {text}")).root().get("a").unwrap().kind();
        for text in ["", "~", "null", "Null", "NULL", "!!null ''"] {
            assert_eq!(kind(text), Kind::Null, "{text}");
        }
        for text in ["true", "True", "FALSE"] {
            assert_eq!(kind(text), Kind::Bool, "{text}");
        }
        for text in [
            "0", "-1", "+12", "1.10", "1e3", ".5", "1.", "0x1F", "0o17", ".inf", "-.INF", ".nan",
            "!!int 1",
        ] {
            assert_eq!(kind(text), Kind::Number, "{text}");
        }
        for text in [
            "no",
            "yes",
            "on",
            "Y",
            "012",
            "1_000",
            "1:30",
            "'1'",
            "\"true\"",
            "!!str 1",
            "2001-01-01",
            "e3",
            ".",
            "0b1",
            "1e",
            "nULL",
        ] {
            assert_eq!(kind(text), Kind::String, "{text}");
        }
    }

    #[test]
    fn keys_keep_their_text() {
        let tree = tree("200: a\n1.0: b\ntrue: c\n~: d\n'0x1': e\non: f\n");
        let keys: Vec<_> = tree.root().entries().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["200", "1.0", "true", "~", "0x1", "on"]);
    }

    #[test]
    fn a_key_is_repeated_however_it_is_quoted() {
        let tree = tree("200: a\n'200': b\n");
        assert!(matches!(tree.oddities(), [Oddity::Repeated { .. }]));
        assert_eq!(tree.root().to_value(), json!({"200": "b"}));
    }

    #[test]
    fn aliases_are_what_they_mean() {
        let tree = tree("a: &x {p: [1, &k two]}\nb: *x\n*k : c\nd: [*k, *x]\n");
        let x = json!({"p": [1, "two"]});
        assert_eq!(tree.root().to_value(), json!({"a": x, "b": x, "two": "c", "d": ["two", x]}));
    }

    #[test]
    fn merge_keys_bring_what_is_not_there() {
        let text = "base: &b {x: 1, y: 2}\nmore: &m {y: 3, z: {deep: 4}}\n\
                    one: {<<: *b, y: own}\nlist: {own: 0, <<: [*m, *b]}\ninline: {<<: {q: 1}}\nagain: &a {<<: *b}\nlast: {<<: *a}\n";
        let value = tree(text).root().to_value();
        assert_eq!(value["one"], json!({"y": "own", "x": 1}));
        assert_eq!(value["list"], json!({"own": 0, "y": 3, "z": {"deep": 4}, "x": 1}));
        assert_eq!(value["inline"], json!({"q": 1}));
        assert_eq!(value["last"], json!({"x": 1, "y": 2}));
        assert!(tree(text).oddities().is_empty());
    }

    #[test]
    fn what_only_looks_like_a_merge_key_is_a_key() {
        assert_eq!(tree("'<<': {a: 1}").root().to_value(), json!({"<<": {"a": 1}}));
        assert!(tree("'<<': text").oddities().is_empty());
    }

    #[test]
    fn a_merge_key_that_merges_no_object_stays_a_key_and_is_told() {
        for value in ["text", "3", "", "null", "[1, 2]", "[{a: 1}, 2]"] {
            let tree = tree(&format!("a: {{b: [{{<<: {value}, c: 1}}]}}\n"));
            let map = tree.root().get("a").unwrap().get("b").unwrap().items().next().unwrap();
            assert!(map.get("<<").is_some() && map.get("a").is_none(), "{value}");
            assert!(matches!(tree.oddities(), [Oddity::OddMerge { .. }]), "{value}");
        }
    }

    #[test]
    fn tags_that_are_not_yamls_own_are_told() {
        for (text, told) in [
            ("a: !Sub x", 1),
            ("a: !!python/object {b: 1}", 1),
            ("- !Ref [x]\n- !!timestamp 2020-01-01", 2),
            ("!!map {!!str a: !!int 1, b: !!seq [], c: ! x, d: !!null ''}", 0),
        ] {
            let tree = tree(text);
            let tags = tree
                .oddities()
                .iter()
                .filter(|oddity| matches!(oddity, Oddity::Other { code: Code::ODD_TAG, .. }));
            assert_eq!(tags.count(), told, "{text}");
        }
    }

    #[test]
    fn a_key_that_is_no_scalar_costs_its_entry() {
        let tree = tree("a: 1\n? [b, {c: d}]\n: e\n? {f: g}\n: [h]\ni: 2\n");
        assert_eq!(tree.root().to_value(), json!({"a": 1, "i": 2}));
        assert_eq!(tree.oddities().len(), 2);
    }

    #[test]
    fn only_the_first_document_is_read() {
        let tree = tree("---\na: 1\n---\nb: [\n");
        assert_eq!(tree.root().to_value(), json!({"a": 1}));
        assert!(matches!(tree.oddities(), [Oddity::Other { code: Code::SECOND_DOCUMENT, .. }]));
        assert!(matches!(
            self::tree("a: 1\n---\n\"").oddities(),
            [Oddity::Other { code: Code::SECOND_DOCUMENT, .. }]
        ));
        assert!(matches!(
            self::tree("a: 1\n---\n}").oddities(),
            [Oddity::Other { code: Code::SECOND_DOCUMENT, .. }]
        ));
        for end in ["---\n", "...\n", "---\n# no more\n...\n", "...\n---\n---\n"] {
            assert!(self::tree(&format!("a: 1\n{end}")).oddities().is_empty(), "{end}");
        }
    }

    #[test]
    fn strings_of_every_style_are_read() {
        let text = "a: 'it''s'\nb: \"\\u00e9\\n\"\nc: |\n  x\n   y\nd: >-\n  x\n  y\ne: plain\n  goes on\nf: !tag x\n";
        let value = json!({"a": "it's", "b": "é\n", "c": "x\n y\n", "d": "x y", "e": "plain goes on", "f": "x"});
        assert_eq!(tree(text).root().to_value(), value);
        assert_eq!(tree(&text.replace('\n', "\r\n")).root().to_value(), value);
    }

    fn refusal(text: &str) -> Code {
        read_tree(text).expect_err("it is a bomb").code
    }

    #[test]
    fn billion_laughs_are_refused() {
        let again = |i: usize| vec![format!("*a{}", i - 1); 9].join(", ");
        let levels = (1..10).map(|i| format!("a{i}: &a{i} [{}]\n", again(i)));
        let text = levels.fold("a0: &a0 [lol, lol]\n".to_owned(), |text, level| text + &level);
        assert_eq!(refusal(&text), Code::OVER_BUDGET);
    }

    #[test]
    fn a_long_string_aliased_often_is_refused() {
        let text =
            format!("a: &a \"{}\"\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 10_000].join(", "));
        assert_eq!(refusal(&text), Code::OVER_BUDGET);
    }

    #[test]
    fn a_large_map_aliased_often_is_refused() {
        let keys = (0..2000).map(|i| format!("  k{i}: v")).collect::<Vec<_>>().join("\n") + "\n";
        let text = format!("a: &a\n{keys}b: [{}]\n", vec!["*a"; 2000].join(", "));
        assert_eq!(refusal(&text), Code::OVER_BUDGET);
        let merged = format!("a: &a\n{keys}b:\n{}", "  - <<: *a\n".repeat(2000));
        assert_eq!(refusal(&merged), Code::OVER_BUDGET);
    }

    #[test]
    fn an_alias_inside_what_it_means_is_refused() {
        assert_eq!(refusal("&a [*a]"), Code::SYNTAX_ERROR);
        assert_eq!(refusal("a: &a {<<: *a}"), Code::SYNTAX_ERROR);
    }

    #[test]
    fn nesting_is_bounded_and_cannot_exhaust_the_stack() {
        for text in [
            "[".repeat(100_000),
            "- ".repeat(100_000),
            "a: {".repeat(100_000),
            "? ".repeat(100_000),
        ] {
            assert!(read_tree(&text).is_err());
        }
        let links = (1..400).map(|i| format!("a{i}: &a{i} [*a{}]\n", i - 1));
        let chain = links.fold("a0: &a0 [x]\n".to_owned(), |chain, link| chain + &link);
        assert_eq!(refusal(&chain), Code::OVER_BUDGET);
    }
}
