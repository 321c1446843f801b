//! From where people may sign in: over HTTPS, or on the machine itself.

use std::net::IpAddr;

use crate::desk::state::Desk;

/// Whether a password may be typed where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::desk) enum SignInPlace {
    /// Over HTTPS.
    Https,
    /// Over plain HTTP on the machine itself: the page says so.
    Loopback,
    /// Over plain HTTP from elsewhere: nobody signs in.
    Elsewhere,
}

/// Returns whether somebody may sign in from an address.
pub(in crate::desk) fn sign_in_place(desk: &Desk, address: Option<IpAddr>) -> SignInPlace {
    if desk.is_https() {
        SignInPlace::Https
    } else if is_loopback_host(desk.host())
        && address.is_some_and(|address| address.to_canonical().is_loopback())
    {
        SignInPlace::Loopback
    } else {
        SignInPlace::Elsewhere
    }
}

fn is_loopback_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
