//! From a byte of a text to its line and column.
//!
//! Built once a text, when the first place is asked for. Columns count characters, and a
//! document may be one line of many megabytes, so characters are counted ahead in blocks.

/// Bytes whose characters are counted together.
const BLOCK: usize = 1024;

#[derive(Debug)]
pub(super) struct Lines {
    /// Where each line begins.
    starts: Vec<u32>,
    /// Bytes before each block that begin no character; empty where all of them do.
    trailing: Vec<u32>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        // A text from an old Mac has no line feed at all.
        let end = if memchr::memchr(b'\n', bytes).is_some() { b'\n' } else { b'\r' };
        let starts =
            std::iter::once(0).chain(memchr::memchr_iter(end, bytes).map(|at| index(at + 1)));
        let starts = starts.collect();
        Self { starts, trailing: if text.is_ascii() { Vec::new() } else { count_blocks(bytes) } }
    }

    /// Line and column, both from 1.
    pub(super) fn position(&self, text: &str, at: usize) -> (u32, u32) {
        let at = at.min(text.len());
        let line = self.starts.partition_point(|&start| start as usize <= at);
        let start = self.starts[line - 1] as usize;
        let bytes = text.as_bytes();
        let wide = self.trailing_before(bytes, at) - self.trailing_before(bytes, start);
        // The mark of byte order is no character of the first line.
        let mark = usize::from(start == 0 && at > 0 && text.starts_with('\u{feff}'));
        (index(line), index(at - start - mark + 1) - wide)
    }

    fn trailing_before(&self, bytes: &[u8], at: usize) -> u32 {
        let block = at / BLOCK;
        self.trailing.get(block).map_or(0, |&before| before + trailing(&bytes[block * BLOCK..at]))
    }
}

fn count_blocks(bytes: &[u8]) -> Vec<u32> {
    let mut sum = 0;
    let mut before = vec![0];
    before.extend(bytes.chunks(BLOCK).map(|block| {
        sum += trailing(block);
        sum
    }));
    before
}

/// How many bytes continue a character.
fn trailing(bytes: &[u8]) -> u32 {
    index(bytes.iter().filter(|&&byte| byte & 0xC0 == 0x80).count())
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
