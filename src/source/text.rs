//! Bytes of files and of standard input, never more than a document can have.

use std::io::Read;
use std::path::Path;

use crate::finding::Code;
use crate::source::encoding;
use crate::spec::reference::Unavailable;

/// The largest source that is read. The largest real document has 47 MB.
pub(crate) const MAX_BYTES: u64 = 256 << 20;

/// Reads a regular file: a pipe or a device could keep a reader waiting for ever.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Unavailable> {
    // Asked before it is opened, since to open a pipe is to wait for its writer.
    let metadata = fs_err::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(Unavailable::new(Code::UNREADABLE, "it is not a regular file")
            .with_hint("- reads a document from standard input"));
    }
    if metadata.len() > MAX_BYTES {
        return Err(too_large());
    }
    let size = usize::try_from(metadata.len()).unwrap_or_default();
    let file = fs_err::File::open(path).map_err(|error| unreadable(&error))?;
    read_up_to_limit(file.into_file(), size)
}

/// Reads standard input to its end.
pub(crate) fn read_input() -> Result<Vec<u8>, Unavailable> {
    read_up_to_limit(std::io::stdin().lock(), 0)
}

/// The text of a file that a source refers to.
pub(crate) fn read_text(path: &Path) -> Result<String, Unavailable> {
    decode(read_file(path)?)
}

/// Bytes as text.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, Unavailable> {
    encoding::decode(bytes).map_err(|broken| Unavailable::new(Code::BAD_ENCODING, broken.message))
}

fn read_up_to_limit(reader: impl Read, size: usize) -> Result<Vec<u8>, Unavailable> {
    let mut bytes = Vec::with_capacity(size + 1);
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}

pub(crate) fn too_large() -> Unavailable {
    Unavailable::new(Code::OVER_BUDGET, format!("it is larger than {} MiB", MAX_BYTES >> 20))
}

fn unreadable(error: &std::io::Error) -> Unavailable {
    Unavailable::new(Code::UNREADABLE, error.to_string())
}
