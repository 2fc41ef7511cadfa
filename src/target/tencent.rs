//! Tencent Cloud API Gateway: its request, its type model, its codes, its signature, and
//! how a document is mapped to it.
//!
//! What belongs to this one gateway stands below this folder, and nowhere else but in the
//! simulator. Facts are cited by the section of its public documentation.

pub mod backend_kind;
pub mod body;
pub mod canonical;
pub mod change;
pub mod client;
pub mod codes;
pub mod compare;
pub mod endpoint;
pub mod envelope;
pub mod export;
pub mod fields;
pub mod map;
pub mod model;
pub(crate) mod names;
pub mod read_back;
pub mod request;
pub mod sign;

/// The environments that a service can be published to.
pub const ENVIRONMENTS: [&str; 3] = ["test", "prepub", "release"];

/// APIs that one service may hold unless the account has another quota.
pub const APIS_PER_SERVICE: u64 = 100;

/// Requests a second that the gateway takes of one action.
pub const REQUESTS_PER_SECOND: u32 = 20;
