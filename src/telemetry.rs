//! The log: one line per event, as text or JSON, on stderr.
//!
//! Lines of requests are gathered and written every 50 ms: a line each would cost as much as a small answer does.
//! Whatever is more than that, a warning or an event of another kind, is written at once, behind what was gathered.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Which events a server logs when nothing else is said. The database driver tells of every notice of Postgres.
pub const OF_SERVERS: &str = "info,sqlx=warn";

/// Which events any other command logs when nothing else is said: what went well, its report tells. A load is slow by nature.
pub const OF_COMMANDS: &str = "warn,sqlx=error";

/// How long a line of a request may wait.
const GATHERED_FOR: Duration = Duration::from_millis(50);

/// How many bytes may wait.
const GATHERED_BYTES_MAX: usize = 64 << 10;

/// What waits. There is one log per process, as there is one stderr.
static GATHERED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `ONEROSTER_LOG` is not a filter.
    #[error("ONEROSTER_LOG={text:?} is not a log filter such as `info` or `warn,oneroster::edge=info`")]
    Filter {
        /// What it says.
        text: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
    /// The thread that writes the log cannot be started.
    #[error("cannot start the thread that writes the log")]
    Thread(#[source] std::io::Error),
}

/// Sends log events to stderr, as JSON if asked. `ONEROSTER_LOG` says which, in the form of `RUST_LOG`, else `filter`
/// does. Only the first call in a process has an effect.
pub fn start(json: bool, filter: &str) -> Result<(), Error> {
    let text = crate::config::environment("ONEROSTER_LOG").unwrap_or_else(|| filter.to_owned());
    let filter = EnvFilter::try_new(&text).map_err(|source| Error::Filter { text, source })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Lines {
            gathers: !std::io::stderr().is_terminal(),
        });
    // A second call finds the first one's log in place, which is what it wanted.
    let begun = if json {
        lines
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .try_init()
    } else {
        lines
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false)
            .try_init()
    };
    if begun.is_ok() {
        std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(|| {
                loop {
                    std::thread::sleep(GATHERED_FOR);
                    flush();
                }
            })
            .map_err(Error::Thread)?;
    }
    Ok(())
}

/// Writes what waits. A process that ends calls it last.
pub fn flush() {
    write_out(&mut gathered());
}

fn gathered() -> MutexGuard<'static, Vec<u8>> {
    GATHERED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_out(gathered: &mut Vec<u8>) {
    if !gathered.is_empty() {
        // A log that cannot be written must not stop the work it tells of.
        let _ = std::io::stderr().write_all(gathered);
        gathered.clear();
    }
}

/// Makes the writer of a line.
struct Lines {
    gathers: bool,
}

/// Writes one line, now or with others.
struct Line {
    is_urgent: bool,
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { is_urgent: true }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line {
        let is_of_a_request =
            *metadata.level() == Level::INFO && metadata.target().starts_with("oneroster::edge");
        Line {
            is_urgent: !(self.gathers && is_of_a_request),
        }
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let mut gathered = gathered();
        gathered.extend_from_slice(bytes);
        if self.is_urgent || gathered.len() >= GATHERED_BYTES_MAX {
            write_out(&mut gathered);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
