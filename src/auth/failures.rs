//! How many sign-ins of an address may fail: more are refused before the database is asked.
//!
//! Right credentials are never bounded by address, since School Data Sync reads a thousand tenants from a few of them.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// How many addresses are remembered before those that may fail as often as any other are forgotten.
const ADDRESSES_REMEMBERED: usize = 1024;

/// An address of IPv6 stands for its network of 64 bits: a single machine commands that many.
const IPV6_NETWORK: u128 = !0 << 64;

/// The failed sign-ins of addresses, in memory.
#[derive(Debug)]
pub struct FailedSignIns {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    clock: DefaultClock,
}

impl FailedSignIns {
    /// Begins with none. An address may fail so often at once, and as often again each minute.
    pub fn new(per_minute: u32) -> Self {
        let per_minute = NonZeroU32::new(per_minute).unwrap_or(NonZeroU32::MIN);
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts a sign-in that fails, or will in all likelihood. The error is how long the address is to wait.
    pub(super) fn count(&self, address: IpAddr) -> Result<(), Duration> {
        self.limiter
            .check_key(&network_of(address))
            .map_err(|until| until.wait_time_from(self.clock.now()))
    }

    /// Forgets the addresses that failed long ago, if there are many.
    pub(super) fn forget_old(&self) {
        if self.limiter.len() > ADDRESSES_REMEMBERED {
            self.limiter.retain_recent();
        }
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & IPV6_NETWORK)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_that_failed_too_often_waits_and_no_other_does() {
        let failures = FailedSignIns::new(3);
        for _ in 0..3 {
            failures.count(address("192.0.2.1")).unwrap();
        }
        let wait = failures.count(address("192.0.2.1")).unwrap_err();
        assert!(
            wait > Duration::ZERO && wait <= Duration::from_secs(20),
            "{wait:?}"
        );
        failures.count(address("::ffff:192.0.2.1")).unwrap_err();
        failures.count(address("192.0.2.2")).unwrap();
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_address() {
        let failures = FailedSignIns::new(1);
        failures.count(address("2001:db8::1")).unwrap();
        failures.count(address("2001:db8::ffff:1:2")).unwrap_err();
        failures.count(address("2001:db8:0:1::1")).unwrap();
    }
}
