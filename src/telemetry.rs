//! The log: one line per event, as text or JSON, on stderr.
//!
//! Lines of requests are gathered and written every 50 ms: a line each would cost as much as a small answer does.
//! Whatever is more than that, a warning or an event of another kind, is written at once, behind what was gathered.
//!
//! Each import, publication and load of a generation has a span, of the level of errors so that no filter takes it away from
//! the lines inside it, and each request has its ids ([`request`]): those lines say for which tenant they are, and which request
//! or run they belong to.

mod line;
pub mod request;

use std::fmt;
use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

use line::{Form, Lines};

/// Every field of a log line, and what it holds: the one list. A line uses no other (`tests/it/log.rs`).
pub const FIELDS: &[(&str, &str)] = &[
    ("accepted", "whether somebody accepted a guard of the door"),
    ("address", "the address the server listens on"),
    ("after", "how many there would be after a held publication"),
    ("at_most_s", "after how many seconds a wait is given up"),
    ("base_url", "the address consumers reach the server at"),
    ("before", "how many there were before a held publication"),
    (
        "built_upon",
        "number of the generation that was in memory already",
    ),
    ("bytes", "length of the body of a response, before compression"),
    ("causes", "the causes of an error, the nearest first"),
    ("client", "id of the client whose token or credentials were sent"),
    (
        "client_address",
        "where a request or a connection comes from, behind trusted proxies",
    ),
    (
        "compared",
        "the state that a held publication was compared with: `last_published`, `last_read` or `last_released`",
    ),
    ("confirmed", "usernames that a check file confirmed"),
    ("connections", "how many connections of clients there may be"),
    ("count", "how many things a guard of the door is about"),
    ("database", "host and name of the database in use"),
    (
        "database_ahead_s",
        "how far the database's clock is ahead, in seconds",
    ),
    ("deleted", "rows of the mirror that a load deleted"),
    (
        "descriptors",
        "how many files and connections the process may have open",
    ),
    (
        "duration_ms",
        "how long it took until the response began, in milliseconds",
    ),
    ("error", "what went wrong"),
    ("file", "path of a bundle in a watched folder"),
    ("folder", "path of a watched folder"),
    ("from", "sourcedId of the person a username is taken from"),
    ("generation", "number of a generation"),
    ("generation_id", "id of a generation"),
    ("generations", "generations deleted from the history"),
    ("guard", "name of a guard of the door that spoke"),
    ("inserted", "rows of the mirror that a load added"),
    ("key_id", "id of a signing key"),
    ("method", "method of a request"),
    ("of", "how many things there are, beside `count`"),
    ("on", "whether Sync flags were set or cleared"),
    ("operation", "the standard's name of what a request asks for"),
    ("org", "sourcedId of the org, `all` for the whole tenant"),
    ("path", "path of a request, with placeholders instead of ids"),
    ("people", "how many people it is about"),
    ("port", "port of the embedded Postgres"),
    ("published_at", "date of a generation"),
    ("reason", "why a request was refused or failed"),
    ("reasons", "how many tests hold a publication"),
    ("renamed", "usernames that a check file changed"),
    ("request_id", "id of a request, as in its header X-Request-Id"),
    ("role", "`student` or `teacher`, `all` for both"),
    ("rows", "objects in a response"),
    (
        "run_id",
        "id of an import, a publication or the activation of a school year",
    ),
    ("runs", "runs deleted from the sync log"),
    ("since", "since when it is so"),
    (
        "status",
        "HTTP status of the response; 499 if the client closed the connection before",
    ),
    ("tenant", "id of the tenant"),
    ("test", "the test that holds a publication"),
    ("to", "sourcedId of the person a username is given to"),
    (
        "trace_id",
        "id of the trace that the caller of a request said it belongs to, by its header traceparent",
    ),
    ("updated", "rows of the mirror that a load changed"),
    ("user", "sourcedId of a person"),
    ("usernames_created", "usernames that an import allocated"),
    ("versions", "versions of objects deleted from the history"),
    ("waits_for", "what a command or a server waits for"),
];

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
    #[error(
        "ONEROSTER_LOG={text:?} is not a log filter such as `info` or `warn,oneroster::edge=info`, with the levels \
         `off`, `error`, `warn`, `info`, `debug` and `trace`"
    )]
    Filter {
        /// What it says.
        text: String,
        /// What is wrong with it.
        #[source]
        source: FilterProblem,
    },
    /// The thread that writes the log cannot be started.
    #[error("cannot start the thread that writes the log")]
    Thread(#[source] std::io::Error),
}

/// What is wrong with a log filter.
#[derive(Debug, thiserror::Error)]
pub enum FilterProblem {
    /// It does not have the form.
    #[error(transparent)]
    Form(#[from] tracing_subscriber::filter::ParseError),
    /// A word stands where a level must stand. Read as the name of a module, it would switch off all but that.
    #[error("`{0}` is not a level")]
    Level(String),
}

/// Sends log events to stderr, as JSON if asked. `ONEROSTER_LOG` says which, in the form of `RUST_LOG`, else `filter`
/// does. Only the first call in a process has an effect.
pub fn start(json: bool, filter: &str) -> Result<(), Error> {
    let text = crate::config::environment("ONEROSTER_LOG").unwrap_or_else(|| filter.to_owned());
    // It tells each file that the desk has, at every start. Whoever wants that names it in the filter.
    let filter =
        read_filter(&format!("memory_serve=off,{text}")).map_err(|source| Error::Filter { text, source })?;
    let is_terminal = std::io::stderr().is_terminal();
    let lines = Lines(if json { Form::Json } else { Form::Text });
    // A second call finds the first one's log in place, which is what it wanted.
    let begun = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Destination {
            gathers: !is_terminal,
        })
        .with_ansi(is_terminal && !json)
        .fmt_fields(lines)
        .event_format(lines)
        .try_init();
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

/// Makes the id of a run: of an import or a publication, whose log lines all carry it.
pub fn run_id() -> impl fmt::Display {
    Uuid::from_u128(rand::random()).simple()
}

fn read_filter(text: &str) -> Result<EnvFilter, FilterProblem> {
    for directive in text.split(',') {
        // What stands in brackets has an equals sign of its own.
        let (_, after) = directive.rsplit_once(']').unwrap_or(("", directive));
        if !after.contains('=') && directive.parse::<LevelFilter>().is_err() {
            return Err(FilterProblem::Level(directive.to_owned()));
        }
    }
    Ok(EnvFilter::try_new(text)?)
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
struct Destination {
    gathers: bool,
}

/// Writes one line, now or with others.
struct Line {
    is_urgent: bool,
}

impl<'a> MakeWriter<'a> for Destination {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_names_levels_and_a_word_that_is_none_is_refused() {
        for filter in [
            OF_SERVERS,
            OF_COMMANDS,
            "off",
            "INFO",
            "warn,oneroster::edge=debug",
            "oneroster[import]=debug,warn",
            "oneroster[import{tenant=a}]=trace",
        ] {
            assert!(read_filter(filter).is_ok(), "{filter}");
        }
        for (nonsense, said) in [
            ("verbose", "`verbose` is not a level"),
            ("info,oneroster::edge", "`oneroster::edge` is not a level"),
            ("oneroster[import{tenant=a}]", "is not a level"),
            ("warn;info", "`warn;info` is not a level"),
            ("=loud", ""),
            ("oneroster=loud", ""),
            ("oneroster=info=debug", ""),
        ] {
            let problem = read_filter(nonsense).unwrap_err().to_string();
            assert!(problem.contains(said), "{nonsense}: {problem}");
        }
    }
}
