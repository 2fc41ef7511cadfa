//! From a byte of a text to its line and column.
//!
//! Built once a text, when the first place is asked for: lines and characters are counted
//! ahead block by block, so that a place costs a look at one or two blocks. A list of all
//! lines took four times as long to make. Columns count characters, and a document may be
//! one line of many megabytes, so no search may go back to the start of a line.

/// Bytes that are counted together.
const BLOCK: usize = 1024;

#[derive(Debug)]
pub(crate) struct Lines {
    /// What ends a line.
    end: u8,
    blocks: Vec<Block>,
}

/// What stands before a block.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// Ends of lines.
    lines: u32,
    /// Where the line that goes on in it begins.
    start: u32,
    /// Bytes that go on with a character that another began.
    trailing: u32,
}

impl Lines {
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        // A text from an old Mac has no line feed at all.
        let end = if memchr::memchr(b'\n', bytes).is_some() { b'\n' } else { b'\r' };
        let mut blocks = Vec::with_capacity(bytes.len() / BLOCK + 2);
        let mut before = Block::default();
        blocks.push(before);
        for (number, block) in bytes.chunks(BLOCK).enumerate() {
            before.lines += count(block, |byte| byte == end);
            before.trailing += count(block, is_trailing);
            if let Some(last) = memchr::memrchr(end, block) {
                before.start = index(number * BLOCK + last + 1);
            }
            blocks.push(before);
        }
        Self { end, blocks }
    }

    /// Line and column, both from 1.
    pub(crate) fn position(&self, text: &str, at: usize) -> (u32, u32) {
        let bytes = text.as_bytes();
        let at = at.min(bytes.len());
        let before = self.blocks[at / BLOCK];
        let from = at / BLOCK * BLOCK;
        let block = &bytes[from..at];
        let start = match memchr::memrchr(self.end, block) {
            Some(last) => from + last + 1,
            None => before.start as usize,
        };
        let wide = self.trailing_before(bytes, at) - self.trailing_before(bytes, start);
        // The mark of byte order is no character of the first line.
        let mark = usize::from(start == 0 && at > 0 && text.starts_with('\u{feff}'));
        (
            before.lines + count(block, |byte| byte == self.end) + 1,
            index(at - start - mark + 1) - wide,
        )
    }

    fn trailing_before(&self, bytes: &[u8], at: usize) -> u32 {
        self.blocks[at / BLOCK].trailing + count(&bytes[at / BLOCK * BLOCK..at], is_trailing)
    }
}

/// Whether a byte goes on with a character.
fn is_trailing(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// How many bytes are such. Sums that fit a byte are added by whole registers.
fn count(bytes: &[u8], such: impl Fn(u8) -> bool) -> u32 {
    let sum = |few: &[u8]| few.iter().map(|&byte| u8::from(such(byte))).sum::<u8>();
    bytes.chunks(128).map(|few| u32::from(sum(few))).sum()
}

#[expect(clippy::cast_possible_truncation, reason = "texts are capped far below 4 GiB")]
fn index(at: usize) -> u32 {
    at as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(text: &str, at: usize) -> (u32, u32) {
        Lines::of(text).position(text, at)
    }

    #[test]
    fn lines_and_columns_count_from_one() {
        assert_eq!(position("ab\ncd", 0), (1, 1));
        assert_eq!(position("ab\ncd", 3), (2, 1));
        assert_eq!(position("ab\ncd", 4), (2, 2));
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("ab\n", 99), (2, 1));
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        assert_eq!(position("日本: x", "日本: ".len()), (1, 5));
        let long = "é".repeat(3000) + "x";
        assert_eq!(position(&long, 6000), (1, 3001));
    }

    #[test]
    fn no_byte_is_told_otherwise_than_by_counting_all_before_it() {
        let line = |i: usize| "é日x".repeat(i % 7) + if i % 3 == 1 { "\n" } else { "" };
        let text = (0..900).map(line).collect::<String>();
        let lines = Lines::of(&text);
        for (at, _) in text.char_indices() {
            let before = &text[..at];
            let line = 1 + before.matches('\n').count();
            let column = 1 + before.rsplit('\n').next().unwrap().chars().count();
            assert_eq!(lines.position(&text, at), (index(line), index(column)), "{at}");
        }
    }

    #[test]
    fn carriage_returns_alone_end_lines_too() {
        assert_eq!(position("a\rb\rc", 4), (3, 1));
        assert_eq!(position("a\r\nb", 3), (2, 1));
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        assert_eq!(position("\u{feff}ab", 3), (1, 1));
        assert_eq!(position("\u{feff}ab", 4), (1, 2));
    }
}
