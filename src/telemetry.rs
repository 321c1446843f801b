//! The log: one line per event, as text or JSON, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Which events are logged when nothing else is said.
const DEFAULT_FILTER: &str = "info";

/// The log could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `ONEROSTER_LOG` is not a filter.
    #[error("ONEROSTER_LOG={text:?} is not a log filter such as `info` or `warn,oneroster::http=debug`")]
    Filter {
        /// What it says.
        text: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },
}

/// Sends log events to stderr, as JSON if asked. `ONEROSTER_LOG` says which, in the form of `RUST_LOG`. Only the
/// first call in a process has an effect.
pub fn start(json: bool) -> Result<(), Error> {
    let text = crate::config::environment("ONEROSTER_LOG").unwrap_or_else(|| DEFAULT_FILTER.to_owned());
    let filter = EnvFilter::try_new(&text).map_err(|source| Error::Filter { text, source })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second call finds the first one's log in place, which is what it wanted.
    let _ = if json {
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
    Ok(())
}
