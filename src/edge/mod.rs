//! What every HTTP service of this program stands on, whatever it serves: connections with bounds, reading requests
//! tolerantly, where a request comes from, a request id, one log line per request, a guard against panics and work without
//! end, and limits on bodies.
//!
//! A service calls, in this order: [`request_id()`], [`RequestLog::start`], [`guard()`] around its work,
//! [`RequestLog::finish`]. Errors found here are types of their own ([`BodyError`], [`GuardError`]); each service turns
//! them into the error bodies of its clients. This module knows no service.

mod ask;
mod body;
mod client_address;
mod compression;
mod connections;
mod descriptors;
mod foreign_host;
mod guard;
mod percent_encoding;
mod request_id;
mod request_line;
mod request_log;
mod server;
mod stream;
mod trace;

pub use ask::{AskError, ask};
pub use body::{
    BodyError, KeepError, Patience, UNUSED_BODY_BYTES_MAX, discard_body, empty_body, keep_body, read_body,
};
pub use client_address::{PeerAddress, TrustedProxies};
pub use compression::compressed;
pub use connections::ConnectionLimits;
pub use descriptors::raise_descriptor_limit;
pub use foreign_host::ForeignHost;
pub use guard::{GuardError, REQUEST_TIMEOUT, guard};
pub use percent_encoding::{decode, decode_form, encode, path_segments, query_parameters};
pub use request_id::request_id;
pub use request_log::{LogFields, RequestEnd, RequestLog};
pub use server::{ServerOptions, serve};
pub use stream::Refusal;
pub use trace::trace_id;
