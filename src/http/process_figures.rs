//! Figures of the process, under the names that monitoring knows from other programs.

use procfs::process::{LimitValue, Process};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

/// Registers what the operating system tells; what it does not, is left out.
#[expect(
    clippy::cast_precision_loss,
    reason = "seconds and ticks of a process are far below what a double holds"
)]
pub(super) fn register(registry: &mut Registry) {
    let Ok(process) = Process::myself() else {
        return;
    };
    let process_registry = registry.sub_registry_with_prefix("process");
    let gauge = |value: u64| ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
    if let Ok(stat) = process.stat() {
        let ticks = procfs::ticks_per_second().max(1);
        let used = (stat.utime + stat.stime) as f64 / ticks as f64;
        process_registry.register_with_unit(
            "cpu",
            "Time of processors used",
            Unit::Seconds,
            ConstCounter::new(used),
        );
        let resident = stat.rss.saturating_mul(procfs::page_size());
        for (name, help, bytes) in [
            ("resident_memory", "Memory in use", resident),
            ("virtual_memory", "Memory that is reserved", stat.vsize),
        ] {
            process_registry.register_with_unit(name, help, Unit::Bytes, gauge(bytes));
        }
        let threads = u64::try_from(stat.num_threads).unwrap_or_default();
        process_registry.register("threads", "Threads", gauge(threads));
        if let Ok(boot) = procfs::boot_time_secs() {
            let started = boot as f64 + stat.starttime as f64 / ticks as f64;
            process_registry.register_with_unit(
                "start_time",
                "When it was started, in seconds since 1970",
                Unit::Seconds,
                ConstGauge::new(started),
            );
        }
    }
    if let Ok(open) = process.fd_count() {
        process_registry.register("open_fds", "Open files and connections", gauge(open as u64));
    }
    if let Ok(limits) = process.limits()
        && let LimitValue::Value(most) = limits.max_open_files.soft_limit
    {
        process_registry.register("max_fds", "How many there may be", gauge(most));
    }
}
