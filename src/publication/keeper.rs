//! Values that are kept in memory while what they were made from holds, one for each tenant, bounded in number and in bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The values. Whoever needs one looks whether it still holds ([`Keeper::find`]), waits for their turn, looks again, makes it and hands it
/// in ([`Keeper::keep`]): so it is made once however many ask.
#[derive(Debug)]
pub struct Keeper<V> {
    entries_max: usize,
    bytes_max: usize,
    bytes_of: fn(&V) -> usize,
    entries: Mutex<Entries<V>>,
}

#[derive(Debug)]
struct Entries<V> {
    by_tenant: HashMap<String, Entry<V>>,
    /// Counts uses: the entry with the lowest was used least recently.
    uses: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: Option<Arc<V>>,
    turn: Arc<tokio::sync::Mutex<()>>,
    used: u64,
}

impl<V> Keeper<V> {
    /// Makes an empty one. It keeps so many values, and so many bytes together; the value used last stays, whatever its size.
    pub fn new(entries_max: usize, bytes_max: usize, bytes_of: fn(&V) -> usize) -> Self {
        Self {
            entries_max,
            bytes_max,
            bytes_of,
            entries: Mutex::new(Entries {
                by_tenant: HashMap::new(),
                uses: 0,
            }),
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the value of a tenant, whether it still holds or not, and the turn of who makes another.
    pub fn find(&self, tenant_id: &str) -> (Option<Arc<V>>, Arc<tokio::sync::Mutex<()>>) {
        let mut entries = self.entries();
        entries.uses += 1;
        let used = entries.uses;
        let entry = entries
            .by_tenant
            .entry(tenant_id.to_owned())
            .or_insert_with(|| Entry {
                value: None,
                turn: Arc::default(),
                used,
            });
        entry.used = used;
        let found = (entry.value.clone(), Arc::clone(&entry.turn));
        self.make_room(&mut entries);
        found
    }

    /// Keeps the value of a tenant in the place of the one before. Those used least recently go until the rest may stay; who
    /// answers from one has it until done.
    pub fn keep(&self, tenant_id: &str, value: &Arc<V>) {
        let mut entries = self.entries();
        if let Some(entry) = entries.by_tenant.get_mut(tenant_id) {
            entry.value = Some(Arc::clone(value));
        }
        self.make_room(&mut entries);
    }

    fn make_room(&self, entries: &mut Entries<V>) {
        while entries.by_tenant.len() > 1
            && (entries.by_tenant.len() > self.entries_max || self.bytes_in(entries) > self.bytes_max)
        {
            let oldest = entries.by_tenant.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(tenant_id, _)| tenant_id.clone()) else {
                return;
            };
            entries.by_tenant.remove(&oldest);
        }
    }

    /// Returns how much memory the values take, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes_in(&self.entries())
    }

    fn bytes_in(&self, entries: &Entries<V>) -> usize {
        let values = entries
            .by_tenant
            .values()
            .filter_map(|entry| entry.value.as_ref());
        values.map(|value| (self.bytes_of)(value)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(keeper: &Keeper<usize>, tenant_id: &str) -> bool {
        let entries = keeper.entries();
        entries
            .by_tenant
            .get(tenant_id)
            .is_some_and(|entry| entry.value.is_some())
    }

    fn put(keeper: &Keeper<usize>, tenant_id: &str, bytes: usize) {
        let (_, _turn) = keeper.find(tenant_id);
        keeper.keep(tenant_id, &Arc::new(bytes));
    }

    #[test]
    fn those_used_least_recently_go_by_number_and_by_bytes() {
        let keeper = Keeper::new(3, 100, |bytes: &usize| *bytes);
        for tenant_id in ["a", "b", "c"] {
            put(&keeper, tenant_id, 10);
        }
        keeper.find("a");
        put(&keeper, "d", 10);
        assert!(has(&keeper, "a") && !has(&keeper, "b") && has(&keeper, "d"));
        put(&keeper, "e", 85);
        assert!(!has(&keeper, "c") && !has(&keeper, "a") && has(&keeper, "d"));
        assert_eq!(keeper.bytes(), 95);
        put(&keeper, "f", 1_000);
        assert!(has(&keeper, "f"), "the last one stays");
        assert_eq!(keeper.bytes(), 1_000);
    }
}
