//! JSON text to a tree: a scanner that goes over the text once and recurses nowhere.
//!
//! It takes what RFC 8259 takes and two things more, which real documents have: a comma before
//! a closing bracket, and the comments of JavaScript. A lone half of a surrogate pair becomes U+FFFD.

use crate::finding::Code;
use crate::spec::tree::build::{Builder, Parsed, Scalar, Value};
use crate::spec::tree::cell::index;
use crate::spec::tree::problem::{Oddity, ParseError};

/// # Errors
/// The first thing that is not JSON.
pub(crate) fn read(text: &str) -> Result<Parsed, ParseError> {
    let (bytes, builder) = (text.as_bytes(), Builder::new(text));
    let mut scanner = Scanner { bytes, text, at: 0, builder, has_comments: false };
    if text.starts_with('\u{feff}') {
        scanner.at = '\u{feff}'.len_utf8();
    }
    scanner.document()?;
    Ok(scanner.builder.finish())
}

struct Scanner<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    builder: Builder<'t>,
    has_comments: bool,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), ParseError> {
        loop {
            self.space();
            if self.value()? {
                continue;
            }
            if self.after_value()? {
                return Ok(());
            }
        }
    }

    /// Reads a scalar or an opening bracket; says whether a value has to follow.
    fn value(&mut self) -> Result<bool, ParseError> {
        let at = self.at;
        match self.peek() {
            Some(b'{') => return self.open_map(),
            Some(b'[') => return self.open_list(),
            Some(b'"') => {
                let value = self.string()?;
                self.builder.scalar(at, Scalar::String, value)?;
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.builder.scalar(at, Scalar::Number, Value::Text(at..self.at))?;
            }
            _ => self.word()?,
        }
        Ok(false)
    }

    fn open_map(&mut self) -> Result<bool, ParseError> {
        self.builder.open_map(self.at)?;
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            return Ok(false);
        }
        self.key()?;
        Ok(true)
    }

    fn open_list(&mut self) -> Result<bool, ParseError> {
        self.builder.open_list(self.at)?;
        self.at += 1;
        self.space();
        Ok(self.peek() != Some(b']'))
    }

    /// Closes what ends here; says whether the document does.
    fn after_value(&mut self) -> Result<bool, ParseError> {
        loop {
            self.space();
            let Some(in_map) = self.builder.in_map() else { return self.end() };
            let close = if in_map { b'}' } else { b']' };
            match self.peek() {
                Some(b',') => {
                    let comma = self.at;
                    self.at += 1;
                    self.space();
                    if self.peek() == Some(close) {
                        self.builder.oddity(Oddity::Other {
                            code: Code::TRAILING_COMMA,
                            at: index(comma),
                            message: "a comma before a closing bracket",
                        });
                    } else {
                        if in_map {
                            self.key()?;
                        }
                        return Ok(false);
                    }
                }
                Some(byte) if byte == close => {
                    self.at += 1;
                    self.builder.close()?;
                }
                _ => return Err(self.unexpected(if in_map { "`,` or `}`" } else { "`,` or `]`" })),
            }
        }
    }

    fn end(&self) -> Result<bool, ParseError> {
        if self.at < self.bytes.len() {
            Err(self.unexpected("the end of the text"))
        } else {
            Ok(true)
        }
    }

    fn key(&mut self) -> Result<(), ParseError> {
        let at = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let value = self.string()?;
        self.builder.key(at, value)?;
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.unexpected("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self) -> Result<(), ParseError> {
        for (word, scalar) in
            [("true", Scalar::True), ("false", Scalar::False), ("null", Scalar::Null)]
        {
            if self.bytes[self.at..].starts_with(word.as_bytes()) {
                let at = self.at;
                self.at += word.len();
                return self.builder.scalar(at, scalar, Value::Text(at..self.at));
            }
        }
        Err(self.unexpected("a value"))
    }

    fn number(&mut self) -> Result<(), ParseError> {
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), ParseError> {
        let count = self.bytes[self.at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        if count == 0 { Err(self.unexpected("a digit")) } else { Ok(()) }
    }

    /// Reads a string, from its opening quote past its closing one.
    fn string(&mut self) -> Result<Value, ParseError> {
        self.at += 1;
        let start = self.at;
        self.plain();
        if self.peek() == Some(b'"') {
            self.at += 1;
            return Ok(Value::Text(start..self.at - 1));
        }
        self.escaped(start)
    }

    /// Goes on with a string that holds an escape.
    fn escaped(&mut self, mut start: usize) -> Result<Value, ParseError> {
        let side = self.builder.side().len();
        loop {
            let text = self.text;
            self.builder.side().push_str(&text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Value::SideFrom(side));
                }
                Some(b'\\') => {
                    let character = self.escape()?;
                    self.builder.side().push(character);
                }
                Some(_) => return Err(self.error("an unescaped control character in a string")),
                None => return Err(self.error("the text ends inside a string")),
            }
            start = self.at;
            self.plain();
        }
    }

    fn escape(&mut self) -> Result<char, ParseError> {
        let escape = self.bytes.get(self.at + 1);
        let character = match escape {
            Some(b'"' | b'\\' | b'/') => char::from(self.bytes[self.at + 1]),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.error("an invalid escape")),
        };
        self.at += 2;
        Ok(character)
    }

    fn unicode(&mut self) -> Result<char, ParseError> {
        let first =
            self.hex().ok_or_else(|| self.error("an escape without four hexadecimal digits"))?;
        self.at += 6;
        let pair = (0xD800..0xDC00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u");
        let second =
            if pair { self.hex().filter(|low| (0xDC00..0xE000).contains(low)) } else { None };
        let Some(low) = second else { return Ok(char::from_u32(first).unwrap_or('\u{fffd}')) };
        self.at += 6;
        Ok(char::from_u32(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00))
            .unwrap_or('\u{fffd}'))
    }

    fn hex(&self) -> Option<u32> {
        let digits = self.bytes.get(self.at + 2..self.at + 6)?;
        digits.iter().try_fold(0, |sum, &digit| Some(sum * 16 + char::from(digit).to_digit(16)?))
    }

    /// Moves to the next quote, backslash or control character, eight bytes a step.
    fn plain(&mut self) {
        while let Some(word) = self.bytes[self.at..].first_chunk::<8>() {
            let found = special(u64::from_le_bytes(*word));
            if found != 0 {
                self.at += found.trailing_zeros() as usize / 8;
                return;
            }
            self.at += 8;
        }
        while self.peek().is_some_and(|byte| byte != b'"' && byte != b'\\' && byte >= 0x20) {
            self.at += 1;
        }
    }

    fn space(&mut self) {
        // Indentation is most of a printed document.
        loop {
            match self.peek() {
                Some(b' ') => {
                    self.at += 1;
                    while self.bytes[self.at..].starts_with(b"        ") {
                        self.at += 8;
                    }
                }
                Some(b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(b'/') if self.comment() => {}
                _ => return,
            }
        }
    }

    /// Goes over a comment; whether there is one. The first is told.
    fn comment(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let end = match rest.as_bytes().get(1) {
            Some(b'/') => rest.find('\n').unwrap_or(rest.len()),
            Some(b'*') => match rest[2..].find("*/") {
                Some(end) => end + 4,
                None => return false,
            },
            _ => return false,
        };
        if !self.has_comments {
            self.has_comments = true;
            let (code, message) = (Code::JSON_COMMENT, "a comment, which JSON does not have");
            self.builder.oddity(Oddity::Other { code, at: index(self.at), message });
        }
        self.at += end;
        true
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn error(&self, message: impl Into<String>) -> ParseError {
        ParseError { code: Code::SYNTAX_ERROR, at: self.at, message: message.into() }
    }

    #[cold]
    fn unexpected(&self, wanted: &str) -> ParseError {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with("/*") {
            return self.error("not valid JSON: a comment begins here and does not end");
        }
        match rest.chars().next() {
            Some(found) => self.error(format!(
                "not valid JSON: expected {wanted}, found `{}`",
                found.escape_debug()
            )),
            None => {
                self.error(format!("not valid JSON: expected {wanted}, found the end of the text"))
            }
        }
    }
}

/// A bit in the lowest of those bytes that end a plain run, perhaps more above it.
fn special(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes & HIGH;
    let quote = zero(word ^ (ONES * u64::from(b'"')));
    let backslash = zero(word ^ (ONES * u64::from(b'\\')));
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    quote | backslash | control
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::spec::tree::tests::{tree, values};

    fn refused(text: &str) -> ParseError {
        read(text).expect_err("it is not JSON")
    }

    #[test]
    fn it_takes_what_json_is() {
        for text in
            ["null", " true ", "[]", "{}", "[[],{}]", "\"\"", "-0.5e+10", "{\"a\":{\"b\":[1,2]}}"]
        {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(tree(text).root().to_value(), value, "{text}");
        }
    }

    #[test]
    fn it_refuses_what_json_is_not_where_it_goes_wrong() {
        for (text, at) in [
            ("{\"a\" 1}", 5),
            ("{\"a\": }", 6),
            ("{\"a\": 1", 7),
            ("[1 2]", 3),
            ("[01]", 2),
            ("[1.]", 3),
            ("[-]", 2),
            ("[1e]", 3),
            ("{a: 1}", 1),
            ("['a']", 1),
            ("{} {}", 3),
            ("[,]", 1),
            ("[1}", 2),
            ("[nul]", 1),
            ("\"a\nb\"", 2),
            ("\"\\x\"", 1),
            ("\"\\u12\"", 1),
            ("\"abc", 4),
        ] {
            assert_eq!(refused(text).at, at, "{text}");
        }
    }

    #[test]
    fn comments_are_passed_over_and_the_first_is_told() {
        for text in ["{ // one\n}", "// one\n{} /* two */", "{/**/}"] {
            let tree = tree(text);
            assert_eq!(tree.root().to_value(), json!({}), "{text}");
            let told = |it: &Oddity| matches!(it, Oddity::Other { code: Code::JSON_COMMENT, .. });
            assert!(matches!(tree.oddities(), [one] if told(one)), "{text}");
        }
        assert_eq!(tree("[1, // one\n 2]").root().to_value(), json!([1, 2]));
        assert_eq!(tree(r#"{"a": "http://b"}"#).oddities().len(), 0);
        assert!(refused("{ /* one }").message.contains("does not end"));
        assert!(refused("{ / }").message.contains("found `/`"));
    }

    #[test]
    fn a_comma_before_a_closing_bracket_is_passed_over_and_told() {
        let tree = tree("{\"a\": [1, 2, ], }");
        assert_eq!(tree.root().to_value(), json!({"a": [1, 2]}));
        let ats = tree.oddities().iter().map(|oddity| match oddity {
            Oddity::Other { code: Code::TRAILING_COMMA, at, .. } => *at,
            other => panic!("{other:?}"),
        });
        assert_eq!(ats.collect::<Vec<_>>(), [11, 14]);
    }

    #[test]
    fn escapes_are_undone() {
        let text = r#"{"\u0061\n": "\ud83d\ude00\\\"\/\b\f\r\t\u00e9", "lone": "\ud83d!", "pair": "\ud83d\u0041"}"#;
        let tree = tree(text);
        assert_eq!(tree.root().get("a\n").unwrap().as_str(), Some("😀\\\"/\u{8}\u{c}\r\té"));
        assert_eq!(tree.root().get("lone").unwrap().as_str(), Some("\u{fffd}!"));
        assert_eq!(tree.root().get("pair").unwrap().as_str(), Some("\u{fffd}A"));
    }

    #[test]
    fn nesting_is_bounded_and_cannot_exhaust_the_stack() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(read(&deep(256)).is_ok());
        assert_eq!(refused(&deep(257)).code, Code::OVER_BUDGET);
        assert_eq!(refused(&"[".repeat(100_000)).code, Code::OVER_BUDGET);
        assert_eq!(refused(&"{\"a\":".repeat(100_000)).code, Code::OVER_BUDGET);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// One character of a document is lost or changed: where serde_json takes what is
        /// left, so does the scanner, and reads the same.
        #[test]
        fn it_agrees_with_serde_json(value in values(), at in any::<prop::sample::Index>(), with in "[\\PC\n]?") {
            let mut text: Vec<char> = value.to_string().chars().collect();
            let at = at.index(text.len());
            text.splice(at..=at, with.chars());
            let text: String = text.into_iter().collect();
            match serde_json::from_str::<Value>(&text) {
                Ok(value) => prop_assert_eq!(tree(&text).root().to_value(), value),
                Err(error) => {
                    let comma = |it: &Oddity| matches!(it, Oddity::Other { code: Code::TRAILING_COMMA, .. });
                    let told = |parsed: Parsed| parsed.oddities.iter().any(comma);
                    let lenient = read(&text).is_ok_and(told) || error.to_string().contains("out of range");
                    prop_assert!(lenient || read(&text).is_err(), "{}: {}", text, error);
                }
            }
        }
    }
}
