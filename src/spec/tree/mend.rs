//! YAML that YAML 1.2 does not allow and libyaml reads, as many files are only ever read by it:
//! comments glued to a token, a colon glued to an alias, U+0085, U+2028 and U+2029 as ends of
//! lines, directives that nobody knows.
//!
//! The reader stays strict. Where it stops, what stands there is written out as YAML has it, and
//! it is asked again; each kind is told once. Positions are those of the text so written.

use granit_parser::{Event, Options, Parser};

use crate::finding::Code;
use crate::spec::tree::build::Parsed;
use crate::spec::tree::cell::index;
use crate::spec::tree::problem::{Oddity, ParseError};
use crate::spec::tree::yaml;

/// What ends a line in YAML 1.1 alone.
const LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// How often the reader is asked again, and how many bytes it goes over for it.
const MOST: usize = 500;
const MOST_BYTES: usize = 64 << 20;

/// # Errors
/// The first thing that neither reader takes for YAML.
pub(crate) fn read(text: &mut String) -> Result<Parsed, ParseError> {
    let mut mending = Mending::default();
    mending.directives(text);
    mending.end_comments(text);
    loop {
        match yaml::read(text) {
            Ok(mut parsed) => {
                parsed.oddities.append(&mut mending.told);
                return Ok(parsed);
            }
            Err(error) if !mending.mend(text, &error) => return Err(error),
            Err(_) => {}
        }
    }
}

#[derive(Default)]
struct Mending {
    told: Vec<Oddity>,
    times: usize,
}

impl Mending {
    /// Tells of one of a kind.
    fn tell(&mut self, at: usize, message: &'static str) {
        let told =
            |it: &Oddity| matches!(it, Oddity::Other { message: told, .. } if *told == message);
        if !self.told.iter().any(told) {
            self.told.push(Oddity::Other { code: Code::LOOSE_YAML, at: index(at), message });
        }
    }

    /// Mends what the reader stopped at; whether it did.
    fn mend(&mut self, text: &mut String, error: &ParseError) -> bool {
        if error.code != Code::SYNTAX_ERROR || !self.may_go_on(text) {
            return false;
        }
        let at = error.at;
        let Some((before, rest)) = text.split_at_checked(at) else { return false };
        if rest.starts_with('#') && !before.ends_with(char::is_whitespace) {
            text.insert(at, ' ');
            self.tell(at, "a comment without white space before its `#`");
        } else if let Some(length) = glued_alias(rest) {
            text.insert(at + length, ' ');
            self.tell(at, "an alias as a key without white space before its colon");
        } else if rest.starts_with(":[") || rest.starts_with(":{") {
            text.insert(at + 1, ' ');
            self.tell(at, "a colon without white space behind it");
        } else {
            let line = before.rfind('\n').map_or(0, |end| end + 1);
            let Some(end) = before[line..].rfind(LINE_ENDS) else { return false };
            self.end_line(text, line + end);
        }
        true
    }

    /// Whether the reader may go over a text once more.
    fn may_go_on(&mut self, text: &str) -> bool {
        self.times += 1;
        self.times <= MOST && self.times * text.len() <= MOST_BYTES
    }

    /// Puts a line feed in the place of another end of a line.
    fn end_line(&mut self, text: &mut String, at: usize) {
        if let Some(end) = text[at..].chars().next() {
            text.replace_range(at..at + end.len_utf8(), "\n");
            self.tell(at, "a line that ends by U+0085, U+2028 or U+2029");
        }
    }

    /// Ends comments where libyaml ends them: what follows is no comment any more.
    fn end_comments(&mut self, text: &mut String) {
        while text.contains(LINE_ENDS) && self.may_go_on(text) {
            let Some(at) = line_end_in_a_comment(text) else { return };
            self.end_line(text, at);
        }
    }

    fn directives(&mut self, text: &str) {
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            match line.bytes().next() {
                Some(b'%') if !line.starts_with("%YAML") && !line.starts_with("%TAG") => {
                    self.tell(at, "a directive that is not known");
                }
                Some(b'%' | b'#' | b'\n' | b'\r') => {}
                _ => return,
            }
            at += line.len();
        }
    }
}

/// How long an alias is to whose name a colon is glued.
fn glued_alias(text: &str) -> Option<usize> {
    let name = text.strip_prefix('*')?;
    let end = name.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(name.len());
    let bare = name[..end].strip_suffix(':').filter(|bare| !bare.is_empty())?;
    Some(1 + bare.len())
}

/// The first such end of a line inside a comment.
fn line_end_in_a_comment(text: &str) -> Option<usize> {
    let mut options = Options::default();
    options.set_emit_comments(true);
    let mut parser = Parser::new_from_str_with_options(text, options);
    while let Some(Ok((event, span))) = parser.next_event() {
        if matches!(event, Event::Comment(..))
            && let Some(range) = span.byte_range()
            && let Some(end) = text.get(range.clone()).and_then(|it| it.find(LINE_ENDS))
        {
            return Some(range.start + end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::spec::tree::tests::tree;

    #[track_caller]
    fn check(text: &str, expected: &Value, told: usize) {
        let tree = tree(text);
        assert_eq!(&tree.root().to_value(), expected, "{text:?}");
        assert_eq!(tree.oddities().len(), told, "{text:?}: {:?}", tree.oddities());
    }

    #[test]
    fn a_comment_may_be_glued_to_a_token() {
        for glued in ["'x'#c", "\"x\"#c", "|-#c\n  x", ">-#c\n  x"] {
            check(&format!("a: {glued}\nb: 1\n"), &json!({"a": "x", "b": 1}), 1);
        }
        check("a: [1]#c\nb: {x: 1}#d\n", &json!({"a": [1], "b": {"x": 1}}), 1);
        check("{a: 1,#c\n b: 2}\n", &json!({"a": 1, "b": 2}), 1);
        check("a: x#c\n", &json!({"a": "x#c"}), 0);
    }

    #[test]
    fn a_colon_may_be_glued_to_an_alias_or_to_a_bracket() {
        check("a: &b x\n*b: 1\n", &json!({"a": "x", "x": 1}), 1);
        check("a: &b x\nc: {*b: 1}\n", &json!({"a": "x", "c": {"x": 1}}), 1);
        check("{p:[1, two], q: 1}\n", &json!({"p": [1, "two"], "q": 1}), 1);
    }

    #[test]
    fn other_ends_of_lines_end_what_only_they_can_end() {
        for end in ["\u{85}", "\u{2028}", "\u{2029}"] {
            check(&format!("a: x{end}b: 1\n"), &json!({"a": "x", "b": 1}), 1);
            check(
                &format!("a: 1 # c{end}b: 2 # d{end}c: 3\n"),
                &json!({"a": 1, "b": 2, "c": 3}),
                1,
            );
            check(&format!("a: 'x{end}y'\n"), &json!({ "a": format!("x{end}y") }), 0);
        }
    }

    #[test]
    fn a_directive_that_nobody_knows_is_told() {
        check("%FOO bar\n---\na: 1\n", &json!({"a": 1}), 1);
        check("%YAML 1.2\n---\na: 1\n", &json!({"a": 1}), 0);
    }
}
