//! Bytes to text: UTF-8, and UTF-16 where a mark says so. Other encodings are named and
//! refused, since a guess would put wrong characters into paths.

/// Bytes that are not text.
#[derive(Debug, PartialEq, Eq)]
pub struct Broken {
    /// They, as they came.
    pub bytes: Vec<u8>,
    /// Which encoding they seem to be in.
    pub message: String,
}

/// # Errors
/// The bytes again, and which encoding they seem to be in.
pub fn decode(bytes: Vec<u8>) -> Result<String, Broken> {
    if let Some(name) = wide(&bytes) {
        return Err(Broken { bytes, message: format!("it is in {name}, which is not supported") });
    }
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(&bytes)
        && encoding != encoding_rs::UTF_8
    {
        let (text, broken) = encoding.decode_without_bom_handling(&bytes[mark..]);
        if broken {
            let message =
                format!("its byte order mark says {}, but it is not valid {0}", encoding.name());
            return Err(Broken { bytes, message });
        }
        return Ok(text.into_owned());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let line = 1 + memchr::memchr_iter(b'\n', &bytes[..at]).count();
        let message = format!("byte {at}, in line {line}, is not UTF-8{}", looks_like(&bytes));
        Broken { bytes, message }
    })
}

/// Encodings that would pass for another one: UTF-32's mark begins with UTF-16's, and Latin
/// letters in UTF-16 are valid UTF-8 with a NUL between.
fn wide(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0, 0, 0, 1..=255, ..] | [1..=255, 0, 0, 0, ..] => Some("UTF-32 without a mark"),
        [0, 1..=255, 0, 1..=255, ..] | [1..=255, 0, 1..=255, 0, ..] => {
            Some("UTF-16 without a mark")
        }
        _ => None,
    }
}

fn looks_like(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x1f, 0x8b, ..] => "; it looks like gzip",
        [b'P', b'K', 3, 4, ..] => "; it looks like a ZIP archive",
        _ => "; it may be Latin-1 or GBK",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_16_with_a_mark_is_decoded_either_way_round() {
        let little = [0xff, 0xfe, b'a', 0, 0x2d, 0x4e];
        assert_eq!(decode(little.to_vec()), Ok("a中".to_owned()));
        let big = [0xfe, 0xff, 0, b'a', 0x4e, 0x2d];
        assert_eq!(decode(big.to_vec()), Ok("a中".to_owned()));
        assert!(decode(vec![0xff, 0xfe, 0, 0xd8]).is_err());
    }

    #[test]
    fn wide_encodings_are_refused_by_name() {
        let refused = |bytes: &[u8]| decode(bytes.to_vec()).unwrap_err().message;
        assert!(refused(b"\xff\xfe\0\0{\0\0\0").contains("UTF-32,"));
        assert!(refused(b"\0\0\xfe\xff\0\0\0{").contains("UTF-32,"));
        assert!(refused(b"{\0\0\0}\0\0\0").contains("UTF-32 without"));
        assert!(refused(b"{\0}\0").contains("UTF-16 without"));
        assert!(refused(b"\0{\0}").contains("UTF-16 without"));
    }

    #[test]
    fn other_encodings_are_refused_by_place() {
        let error = decode(b"a\nb \xe9".to_vec()).unwrap_err().message;
        assert!(error.contains("byte 4, in line 2"), "{error}");
    }
}
