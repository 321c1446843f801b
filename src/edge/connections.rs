//! The open connections of a listener, of which there are never too many.
//!
//! When there is no room, the connection that has lain still for longest makes room: one without a request first, then one
//! whose client has not taken its answer for a while. Only if every connection is being served is a new one refused.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// A client that has taken nothing of its answer for so long may be cut off when there is no room.
const STALLED: Duration = Duration::from_secs(5);

/// How many connections there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// In all.
    pub total: usize,
    /// Of one address that is not a trusted proxy.
    pub per_address: usize,
}

/// What is known of one connection, shared by those who serve it.
#[derive(Debug)]
pub(super) struct ConnectionState {
    opened_at: Instant,
    /// How many requests are being answered, their bodies included.
    in_flight: AtomicUsize,
    /// Since when its client takes nothing, in milliseconds after `opened_at`, plus one; 0 when it does.
    stalled_since_ms: AtomicU64,
    /// Told when it is to make room.
    pub(super) evicted: Notify,
}

impl ConnectionState {
    fn new() -> Self {
        Self {
            opened_at: Instant::now(),
            in_flight: AtomicUsize::new(0),
            stalled_since_ms: AtomicU64::new(0),
            evicted: Notify::new(),
        }
    }

    /// A request begins to be answered; it ends when what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// Notes whether the client takes what is written.
    pub(super) fn note_write(&self, is_taken: bool) {
        if is_taken {
            self.stalled_since_ms.store(0, Ordering::Relaxed);
        } else if self.stalled_since_ms.load(Ordering::Relaxed) == 0 {
            let now = u64::try_from(self.opened_at.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.stalled_since_ms
                .store(now.saturating_add(1), Ordering::Relaxed);
        }
    }

    fn is_idle(&self) -> bool {
        self.in_flight.load(Ordering::Relaxed) == 0
    }

    fn is_stalled(&self) -> bool {
        let since = self.stalled_since_ms.load(Ordering::Relaxed);
        since > 0 && self.opened_at.elapsed() > Duration::from_millis(since) + STALLED
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct InFlight(Arc<ConnectionState>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Table {
    next_id: u64,
    /// By id, so the oldest first.
    open: BTreeMap<u64, (Option<IpAddr>, Arc<ConnectionState>)>,
    per_address: HashMap<IpAddr, usize>,
}

/// The open connections of a listener. Clones share them.
#[derive(Debug, Clone)]
pub(super) struct Connections {
    limits: ConnectionLimits,
    table: Arc<Mutex<Table>>,
}

/// A place among the open connections; dropping it gives the place back.
#[derive(Debug)]
pub(super) struct Admission {
    id: u64,
    pub(super) state: Arc<ConnectionState>,
    connections: Connections,
}

impl Connections {
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self {
            limits,
            table: Arc::default(),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for a connection and counts it; `None` if every other one is being served. `address` is bounded too;
    /// `None` is a trusted proxy.
    pub(super) fn admit(&self, address: Option<IpAddr>) -> Option<Admission> {
        let mut table = self.table();
        if let Some(address) = address
            && table.per_address.get(&address).copied().unwrap_or_default() >= self.limits.per_address
            && !table.evict(Some(address))
        {
            return None;
        }
        if table.open.len() >= self.limits.total && !table.evict(None) {
            return None;
        }
        let id = table.next_id;
        table.next_id += 1;
        let state = Arc::new(ConnectionState::new());
        table.open.insert(id, (address, Arc::clone(&state)));
        if let Some(address) = address {
            *table.per_address.entry(address).or_default() += 1;
        }
        Some(Admission {
            id,
            state,
            connections: self.clone(),
        })
    }
}

impl Table {
    /// Lets go of the oldest connection that can be spared, of one address if named; returns whether there was one.
    fn evict(&mut self, address: Option<IpAddr>) -> bool {
        let candidates = || {
            let open = self.open.iter();
            open.filter(|(_, (of, _))| address.is_none() || *of == address)
        };
        let found = candidates()
            .find(|(_, (_, state))| state.is_idle())
            .or_else(|| candidates().find(|(_, (_, state))| state.is_stalled()));
        let Some(id) = found.map(|(id, _)| *id) else {
            return false;
        };
        if let Some(state) = self.remove(id) {
            state.evicted.notify_one();
        }
        true
    }

    fn remove(&mut self, id: u64) -> Option<Arc<ConnectionState>> {
        let (address, state) = self.open.remove(&id)?;
        if let Some(address) = address
            && let Some(count) = self.per_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.per_address.remove(&address);
            }
        }
        Some(state)
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.connections.table().remove(self.id);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn is_evicted(admission: &Admission) -> bool {
        admission.state.evicted.notified().now_or_never().is_some()
    }

    #[test]
    fn without_room_the_oldest_idle_connection_goes_and_none_that_is_served() {
        let connections = Connections::new(ConnectionLimits {
            total: 3,
            per_address: 3,
        });
        let admissions: Vec<Admission> = (0..3)
            .map(|_| connections.admit(Some(address(1))).unwrap())
            .collect();
        let serving = admissions[0].state.begin();
        let fourth = connections.admit(Some(address(2))).unwrap();
        assert!(!is_evicted(&admissions[0]) && is_evicted(&admissions[1]));
        let all: Vec<InFlight> = [&admissions[2], &fourth]
            .iter()
            .map(|admission| admission.state.begin())
            .collect();
        assert!(connections.admit(Some(address(3))).is_none());
        drop((all, serving));
        assert!(connections.admit(Some(address(3))).is_some());
    }

    #[test]
    fn an_address_is_bounded_and_a_proxy_is_not() {
        let connections = Connections::new(ConnectionLimits {
            total: 10,
            per_address: 1,
        });
        let one = connections.admit(Some(address(1))).unwrap();
        let serving = one.state.begin();
        assert!(connections.admit(Some(address(1))).is_none());
        assert!(connections.admit(Some(address(2))).is_some());
        let proxied = [connections.admit(None).unwrap(), connections.admit(None).unwrap()];
        drop((serving, proxied, one));
        let again = connections.admit(Some(address(1))).unwrap();
        let _next = connections.admit(Some(address(1))).unwrap();
        assert!(is_evicted(&again));
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_takes_nothing_makes_room_after_a_while() {
        let connections = Connections::new(ConnectionLimits {
            total: 1,
            per_address: 1,
        });
        let one = connections.admit(Some(address(1))).unwrap();
        let _serving = one.state.begin();
        one.state.note_write(false);
        assert!(connections.admit(Some(address(2))).is_none());
        tokio::time::advance(STALLED + Duration::from_millis(10)).await;
        assert!(connections.admit(Some(address(2))).is_some() && is_evicted(&one));
        assert!(connections.table().open.is_empty());
    }
}
