//! Where a request comes from: the address of the connection, or what a trusted proxy says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::http::header::FORWARDED;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address a connection comes from: [`super::serve`] puts it into the extensions of each request.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub SocketAddr);

/// The networks of proxies whose word is taken for where a request comes from.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Trusts the proxies of these networks.
    pub fn new(networks: &[IpNet]) -> Self {
        Self(networks.into())
    }

    /// Returns `true` for the address of a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Returns the address of the client of a request.
    ///
    /// A connection of anybody else speaks for itself, whatever its headers say. Behind trusted proxies it is the last
    /// address of `X-Forwarded-For`, else of `Forwarded` (RFC 7239), that is not one of theirs: what stands before it the
    /// client may have written itself. `None` if the proxy does not say.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<IpAddr> {
        if !self.contains(peer) {
            return Some(peer.to_canonical());
        }
        let mut said = addresses(headers, &X_FORWARDED_FOR, |element| Some(element));
        if said.is_empty() {
            said = addresses(headers, &FORWARDED, forwarded_for);
        }
        for address in said.into_iter().rev() {
            // What cannot be read may hide anything before it.
            let address = address?;
            if !self.contains(address) {
                return Some(address);
            }
        }
        None
    }
}

/// Reads the addresses of a header, over all its lines, in order; `None` for one that is none.
fn addresses(
    headers: &HeaderMap,
    name: &HeaderName,
    element: impl Fn(&str) -> Option<&str>,
) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(name).iter();
    let elements = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
    elements.map(|text| element(text).and_then(address)).collect()
}

/// Finds the address in an element of `Forwarded`, such as `for="[2001:db8::1]:4711";proto=https`.
fn forwarded_for(element: &str) -> Option<&str> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    Some(value.trim().trim_matches('"'))
}

/// Reads an address, with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let parsed = bare.parse().ok();
    let address = parsed.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> Option<String> {
        let proxies = TrustedProxies::new(&["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let client = proxies.client(peer.parse().unwrap(), &map);
        client.map(|address| address.to_string())
    }

    #[test]
    fn a_client_that_connects_itself_is_believed_only_about_its_connection() {
        let lies = [("x-forwarded-for", "192.0.2.9"), ("forwarded", "for=192.0.2.8")];
        assert_eq!(client("192.0.2.1", &lies).as_deref(), Some("192.0.2.1"));
        assert_eq!(client("::ffff:192.0.2.1", &[]).as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn behind_trusted_proxies_it_is_the_last_address_that_is_none_of_theirs() {
        for (said, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:443", Some("192.0.2.1")),
            ("198.51.100.7, 192.0.2.1, 10.1.2.3", Some("192.0.2.1")),
            ("2001:db8::1, fd00::2", Some("2001:db8::1")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("10.0.0.2", None),
            ("192.0.2.1, unknown", None),
            ("", None),
        ] {
            let said = [("x-forwarded-for", said)];
            assert_eq!(client("10.0.0.1", &said).as_deref(), expected, "{said:?}");
        }
        let lines = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", "10.0.0.5")];
        assert_eq!(client("10.0.0.1", &lines).as_deref(), Some("192.0.2.1"));
        assert_eq!(client("10.0.0.1", &[]), None, "a proxy itself is never bounded");
    }

    #[test]
    fn forwarded_is_read_where_there_is_no_x_forwarded_for() {
        let said = [(
            "forwarded",
            "for=198.51.100.7, For=\"[2001:db8::1]:4711\";proto=https",
        )];
        assert_eq!(client("10.0.0.1", &said).as_deref(), Some("2001:db8::1"));
        let both = [
            ("forwarded", "for=198.51.100.7"),
            ("x-forwarded-for", "192.0.2.1"),
        ];
        assert_eq!(client("10.0.0.1", &both).as_deref(), Some("192.0.2.1"));
    }
}
