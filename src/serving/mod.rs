//! Generations in memory: load, cache, answer a query. No SQL on the read path.
