//! `[server]`: where it listens, and how it is reached.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::RangeInclusive;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};

use super::{Error, Variables, within};

/// Path of the OneRoster operations below the public address.
const ROOT: &str = "/ims/oneroster/v1p1";

/// The port of messages and of the default address.
const DEFAULT_PORT: u16 = 8080;

/// What `connections` and `connections_per_address` may be.
const CONNECTIONS: RangeInclusive<u32> = 16..=1_000_000;

/// Settings of the listeners.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address to serve on.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Address to serve `/metrics` on, without credentials; unset: nowhere.
    #[serde(deserialize_with = "some_address")]
    pub metrics_listen: Option<SocketAddr>,
    /// Address consumers reach the server at, such as `https://oneroster.example`, without the path of the OneRoster
    /// operations; default: where it listens.
    pub public_url: Option<String>,
    /// Networks of proxies whose word is taken for where a request comes from.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// How many connections at the most: 16 to 1000000, and no more than the system lets the process have.
    pub connections: u32,
    /// How many of them from one address that is no trusted proxy: 16 to 1000000.
    pub connections_per_address: u32,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, DEFAULT_PORT)),
            metrics_listen: None,
            public_url: None,
            trusted_proxies: Vec::new(),
            connections: 4096,
            connections_per_address: 2048,
        }
    }
}

impl Server {
    pub(super) fn overlay(&mut self, variables: &mut Variables) -> Result<(), Error> {
        let Self {
            listen,
            metrics_listen,
            public_url,
            trusted_proxies,
            connections,
            connections_per_address,
        } = self;
        variables.parsed("ONEROSTER_LISTEN", "server.listen", listen, listen_address)?;
        let some_address = |text: &str| listen_address(text).map(Some);
        variables.parsed(
            "ONEROSTER_METRICS_LISTEN",
            "server.metrics_listen",
            metrics_listen,
            some_address,
        )?;
        variables.text("ONEROSTER_PUBLIC_URL", "server.public_url", public_url);
        variables.parsed(
            "ONEROSTER_TRUSTED_PROXIES",
            "server.trusted_proxies",
            trusted_proxies,
            |text| {
                text.split([',', ' '])
                    .filter(|part| !part.is_empty())
                    .map(network)
                    .collect()
            },
        )?;
        variables.number("ONEROSTER_CONNECTIONS", "server.connections", connections)?;
        variables.number(
            "ONEROSTER_CONNECTIONS_PER_ADDRESS",
            "server.connections_per_address",
            connections_per_address,
        )
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        within("server.connections", self.connections, &CONNECTIONS)?;
        within(
            "server.connections_per_address",
            self.connections_per_address,
            &CONNECTIONS,
        )?;
        let problem = self.public_url.as_deref().and_then(public_url_problem);
        problem.map_or(Ok(()), |problem| {
            Err(Error::Value {
                key: "server.public_url",
                problem,
            })
        })
    }

    /// Returns the address consumers reach a server at that listens on `address`: the configured one, else that address.
    /// One that stands for every address of the machine is reached by the loopback address.
    pub fn base_url(&self, mut address: SocketAddr) -> String {
        if let Some(url) = &self.public_url {
            return url.trim_end_matches('/').to_owned();
        }
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        format!("http://{address}")
    }
}

/// Reads an address to listen on. The error says the form that it must have.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        let port = text.rsplit(':').next().and_then(|port| port.parse().ok());
        let port: u16 = port.unwrap_or(DEFAULT_PORT);
        format!(
            "must be IP:PORT, such as 127.0.0.1:{port} (for this machine only) or 0.0.0.0:{port} (for every network)"
        )
    })
}

/// Reads a network, or one address. The error says the form that it must have.
fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<IpAddr>().ok().map(IpNet::from);
    address.or_else(|| text.parse().ok()).ok_or_else(|| {
        format!("{text:?} must be an address or a network, such as 127.0.0.1, 10.0.0.0/8 or fd00::/8")
    })
}

fn networks<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let networks = texts
        .iter()
        .map(|text| network(text).map_err(serde::de::Error::custom));
    networks.collect()
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let value = toml::Value::deserialize(deserializer)?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    // A bare port is a number in TOML.
    listen_address(&text).map_err(serde::de::Error::custom)
}

fn some_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    address(deserializer).map(Some)
}

/// Returns what keeps an address from being one that paths can be put behind.
fn public_url_problem(url: &str) -> Option<String> {
    let Some(rest) = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme))
    else {
        return Some(format!("{url:?} must begin with http:// or https://"));
    };
    if url.contains(|character: char| character.is_whitespace() || character.is_control()) {
        return Some(format!("{url:?} must hold no blanks"));
    }
    if url.contains(['?', '#']) {
        return Some(format!(
            "{url:?} must hold neither `?` nor `#`: paths are put behind it"
        ));
    }
    if rest.starts_with([':', '/']) || rest.is_empty() {
        return Some(format!("{url:?} names no host"));
    }
    rest.trim_end_matches('/')
        .ends_with(ROOT)
        .then(|| format!("{url:?} must be given without {ROOT}, which is put behind it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_cannot_be_read_is_answered_with_the_form_it_must_have() {
        for (text, port) in [
            ("9090", 9090),
            ("localhost:9090", 9090),
            (":9090", 9090),
            ("[::1]", 8080),
            ("http://127.0.0.1:9090", 9090),
            ("127.0.0.1:99999", 8080),
            ("", 8080),
        ] {
            let told = listen_address(text).unwrap_err();
            assert!(
                told.starts_with("must be IP:PORT") && told.contains(&format!("127.0.0.1:{port} ")),
                "{text}: {told}"
            );
        }
        assert_eq!(
            listen_address("[::1]:80").unwrap(),
            SocketAddr::from((Ipv6Addr::LOCALHOST, 80))
        );
    }

    #[test]
    fn the_file_gives_an_address_as_text_and_a_bare_port_is_answered_with_the_form() {
        let server: Server =
            toml::from_str("listen = \"0.0.0.0:1\"\nmetrics_listen = \"127.0.0.1:2\"").unwrap();
        assert_eq!(server.listen.to_string(), "0.0.0.0:1");
        assert_eq!(server.metrics_listen.map(|address| address.port()), Some(2));
        for text in ["listen = 9090", "metrics_listen = \"localhost:9090\""] {
            let error = toml::from_str::<Server>(text).unwrap_err().to_string();
            assert!(
                error.contains("must be IP:PORT, such as 127.0.0.1:9090"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_public_url_is_an_address_that_paths_can_follow() {
        let check = |url: &str| {
            let server = Server {
                public_url: Some(url.to_owned()),
                ..Server::default()
            };
            server.check().map_err(|error| error.to_string())
        };
        for good in [
            "https://oneroster.example",
            "https://oneroster.example/",
            "http://[::1]:8080",
            "https://example.org/rooster/a",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, said) in [
            ("oneroster.example", "must begin with http:// or https://"),
            ("https://", "names no host"),
            ("https:///rooster", "names no host"),
            ("https://:8080", "names no host"),
            ("https://a.example/b c", "blank"),
            (" https://a.example", "must begin with"),
            ("https://a.example ", "blank"),
            ("https://a.example?x=1", "`?`"),
            ("https://a.example/#x", "`#`"),
            (
                "https://a.example/ims/oneroster/v1p1",
                "without /ims/oneroster/v1p1",
            ),
            (
                "https://a.example/b/ims/oneroster/v1p1/",
                "without /ims/oneroster/v1p1",
            ),
        ] {
            let problem = check(bad).unwrap_err();
            assert!(
                problem.contains("server.public_url") && problem.contains(said),
                "{bad}: {problem}"
            );
        }
    }
}
