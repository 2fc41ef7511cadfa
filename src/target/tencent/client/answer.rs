//! An answer as received, within bounds that a true one never comes near.
//!
//! No compression is asked for, but what stands in between may compress all the same: gzip is
//! unpacked, within the same bound, so that no small answer becomes a huge one. Other encodings
//! are not worth a library each.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{self, HeaderMap};

use crate::target::tencent::client::failure::Failure;
use crate::text::escape;

/// An answer, whatever it says.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The `Date` header.
    pub(crate) date: Option<String>,
    /// Whether there was an `Age` header.
    pub(crate) aged: bool,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Reads an answer to its end, or to `cap` bytes and no further.
    pub(crate) async fn receive(
        mut response: Response,
        cap: usize,
        lost: impl Fn(reqwest::Error) -> Failure,
    ) -> Result<Self, Failure> {
        let headers = response.headers();
        let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
        let packed = is_packed(headers)?;
        let mut answer = Self {
            status: response.status().as_u16(),
            date: date.map(str::to_owned),
            aged: headers.contains_key(header::AGE),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(&lost)? {
            if answer.body.len() + chunk.len() > cap {
                return Err(too_long(cap));
            }
            answer.body.extend_from_slice(&chunk);
        }
        if packed {
            answer.body = unpack(&answer.body, cap)?;
        }
        Ok(answer)
    }
}

/// Whether the body is packed with gzip; an error where it is encoded otherwise.
fn is_packed(headers: &HeaderMap) -> Result<bool, Failure> {
    let values = headers.get_all(header::CONTENT_ENCODING).iter();
    let values: Vec<_> = values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    let mut names: Vec<_> =
        values.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
    names.retain(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
    match names[..] {
        [] => Ok(false),
        [name] if ["gzip", "x-gzip"].iter().any(|it| name.eq_ignore_ascii_case(it)) => Ok(true),
        _ => Err(Failure::Foreign(format!(
            "the answer is encoded as {}, which was not asked for and cannot be read: check what \
             stands between this machine and the gateway",
            escape(&names.join(", "))
        ))),
    }
}

fn unpack(packed: &[u8], cap: usize) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    // One byte more than allowed tells that there is more.
    let read = MultiGzDecoder::new(packed).take(cap as u64 + 1).read_to_end(&mut body);
    match read {
        Ok(length) if length > cap => Err(too_long(cap)),
        Ok(_) => Ok(body),
        Err(_) => Err(Failure::Foreign("the answer claims to be gzip and is not".to_owned())),
    }
}

fn too_long(cap: usize) -> Failure {
    Failure::Foreign(format!("the answer is longer than {cap} bytes"))
}
