//! The server process: create, start, recognise, stop.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::account::Account;
use super::binaries::{self, Binaries};
use super::data_dir::{Cluster, DataDir};
use super::{Error, Options, POLL, STOP_PATIENCE, TRANSITION_PATIENCE, poll_until};

/// Starts Postgres, waits until its own standard input can be locked (the last user is gone), stops Postgres.
///
/// In a process group of its own, so that Ctrl-C at our terminal does not reach it, and deaf to what ends a
/// session. Postgres holds `server.lock` as standard output; the guard itself must let go of it.
///
/// Only a process that works in the data directory (`$3`) gets the signal: before that Postgres would ignore it,
/// and after a crash its number may be someone else's.
const GUARD: &str = r#"
trap '' HUP INT TERM
"$@" </dev/null &
exec >&2
flock -x 0 || { wait; exit; }
attempts=50
while [ $attempts -gt 0 ] && kill -0 $! 2>/dev/null; do
  if [ "/proc/$!/cwd" -ef "$3" ]; then kill -INT $!; wait; exit; fi
  attempts=$((attempts - 1))
  sleep 0.1
done
"#;

/// How long the guard may take to reap a Postgres that has ended.
const REAPING_PATIENCE: Duration = Duration::from_secs(2);

/// How many lines of the log an error shows: the last ones say why Postgres does not start.
const LOG_LINES_SHOWN: usize = 5;

/// How long recovery after a crash may take before we stop waiting for it.
const START_PATIENCE: Duration = Duration::from_mins(10);

/// How many ports are tried.
const PORT_ATTEMPTS: usize = 5;

/// Above this the log of earlier starts is thrown away.
const LOG_LIMIT_BYTES: u64 = 10 << 20;

/// What Postgres says of itself in `postmaster.pid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Postmaster {
    pid: i32,
    port: u16,
    ready: bool,
}

/// Returns the port of the Postgres that runs on this directory, once it is ready; `None` if none runs.
pub(super) async fn running_port(data_dir: &DataDir) -> Result<Option<u16>, Error> {
    let deadline = Instant::now() + START_PATIENCE;
    let mut silent_since = Instant::now();
    loop {
        if !data_dir.server_lives()? {
            return Ok(None);
        }
        let postmaster = data_dir
            .cluster()?
            .and_then(|cluster| read_postmaster(&cluster.path));
        if let Some(found) = postmaster {
            if found.ready && std::net::TcpStream::connect(("127.0.0.1", found.port)).is_ok() {
                return Ok(Some(found.port));
            }
            // Starting takes its time, as recovery does; ready and yet not there is another matter.
            if !found.ready {
                silent_since = Instant::now();
            }
        }
        if silent_since.elapsed() > TRANSITION_PATIENCE || Instant::now() > deadline {
            let port = postmaster.map_or(0, |found| found.port);
            return Err(Error::Silent {
                path: data_dir.path().to_owned(),
                port,
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Creates the data if there are none, starts Postgres, and returns its port when it is ready.
pub(super) async fn start(data_dir: &DataDir, options: Options) -> Result<u16, Error> {
    let cluster = data_dir.cluster()?;
    let parameters = options.parameters.clone();
    let path = data_dir.path().to_owned();
    let wanted = cluster.as_ref().map(|found| found.major);
    // Looking for binaries runs programs and may download.
    let binaries = tokio::task::spawn_blocking(move || binaries::find(&path, &options, wanted))
        .await
        .map_err(|error| Error::Run {
            program: "the search for Postgres".to_owned(),
            source: error.into(),
        })??;
    let account = choose_account(data_dir, cluster.as_ref(), &binaries)?;
    let cluster = match cluster {
        Some(cluster) => cluster,
        None => create(data_dir, &binaries, &account, &parameters).await?,
    };
    remove_stale_pid_file(&cluster)?;
    let mut detail = String::new();
    for _ in 0..PORT_ATTEMPTS {
        let port = free_port(&cluster)?;
        let log_start = open_log(data_dir)?
            .metadata()
            .map_or(0, |metadata| metadata.len());
        let command = guard_command(data_dir, &cluster, &binaries, &account, port, &parameters).await?;
        if run(data_dir, &cluster, command).await? {
            tracing::debug!(port, "started the embedded Postgres");
            return Ok(port);
        }
        detail = complaint(data_dir, log_start);
        if !detail.contains("Address already in use") && !detail.contains("could not bind") {
            break;
        }
    }
    Err(Error::Start {
        detail,
        log: data_dir.log_path(),
    })
}

fn choose_account(
    data_dir: &DataDir,
    cluster: Option<&Cluster>,
    binaries: &Binaries,
) -> Result<Account, Error> {
    if nix::unistd::geteuid().is_root() {
        data_dir.let_through()?;
    }
    Account::choose(
        cluster.map(|found| found.path.as_path()),
        &[data_dir.path(), &binaries.directory],
    )
}

/// Runs `initdb` beside the final place and moves the result there, so that a crash leaves nothing half made.
///
/// `initdb` holds `server.lock`: it may outlive us, and the next process must wait for its end.
async fn create(
    data_dir: &DataDir,
    binaries: &Binaries,
    account: &Account,
    parameters: &[(String, String)],
) -> Result<Cluster, Error> {
    let path = data_dir.cluster_path(binaries.major);
    let new = path.with_extension("new");
    let fail = |source| Error::DataDir {
        path: new.clone(),
        source,
    };
    data_dir.ensure_password()?;
    account.give(&data_dir.password_path())?;
    let mut failure = String::new();
    for locale in ["C.UTF-8", "C"] {
        if new.exists() {
            std::fs::remove_dir_all(&new).map_err(fail)?;
        }
        std::fs::DirBuilder::new()
            .mode(0o700)
            .create(&new)
            .map_err(fail)?;
        account.give(&new)?;
        let mut command = binaries.command(account, "initdb");
        command
            .arg("-D")
            .arg(&new)
            .arg("--pwfile")
            .arg(data_dir.password_path());
        command.args([
            "-U",
            super::NAME,
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--locale",
            locale,
        ]);
        if parameters
            .iter()
            .any(|(name, value)| name == "fsync" && value == "off")
        {
            command.arg("--no-sync");
        }
        let output = tokio::process::Command::from(command)
            .stdin(take_server_lock(data_dir).await?)
            .output()
            .await
            .map_err(|source| Error::Run {
                program: "initdb".to_owned(),
                source,
            })?;
        if output.status.success() {
            std::fs::rename(&new, &path).map_err(fail)?;
            return Ok(Cluster {
                path,
                major: binaries.major,
            });
        }
        failure = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
        if !failure.contains("locale") {
            break;
        }
    }
    Err(Error::Initdb { detail: failure })
}

/// Composes the guard with Postgres' command line. Its standard input is `users.lock`, its output `server.lock`.
async fn guard_command(
    data_dir: &DataDir,
    cluster: &Cluster,
    binaries: &Binaries,
    account: &Account,
    port: u16,
    parameters: &[(String, String)],
) -> Result<Command, Error> {
    let mut command = binaries.command(account, "sh");
    command.args(["-c", GUARD, "oneroster-postgres-guard"]);
    command
        .arg(binaries.directory.join("postgres"))
        .arg("-D")
        .arg(&cluster.path);
    let ours = [
        ("listen_addresses", "127.0.0.1"),
        ("unix_socket_directories", ""),
        ("jit", "off"),
        ("log_checkpoints", "off"),
        ("logging_collector", "off"),
        // A statement that fails, and what a constraint says of its row, may hold names of people.
        ("log_error_verbosity", "terse"),
        ("log_min_error_statement", "panic"),
    ];
    for (name, value) in ours {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.arg("-c").arg(format!("port={port}"));
    for (name, value) in parameters {
        command.arg("-c").arg(format!("{name}={value}"));
    }
    command.process_group(0);
    command
        .stdin(data_dir.open_users_lock()?)
        .stdout(take_server_lock(data_dir).await?)
        .stderr(open_log(data_dir)?);
    Ok(command)
}

/// Takes the lock that a process of Postgres shall hold.
///
/// It may be held for a moment after the process that had it ended: a process that another thread of ours is just starting has
/// a copy of everything we have open, until it becomes its program.
async fn take_server_lock(data_dir: &DataDir) -> Result<File, Error> {
    let server_lock = data_dir.open_server_lock()?;
    let taken = poll_until("an embedded Postgres that is ending", TRANSITION_PATIENCE, || {
        data_dir.taken(server_lock.try_lock())
    })
    .await?;
    taken.map(|()| server_lock).ok_or_else(|| Error::Busy {
        path: data_dir.path().to_owned(),
    })
}

/// Runs the guard until Postgres is ready (true) or has given up (false).
async fn run(data_dir: &DataDir, cluster: &Cluster, command: Command) -> Result<bool, Error> {
    // Dropping the command here closes our copies of the locks.
    let guard = tokio::process::Command::from(command)
        .spawn()
        .map_err(|source| Error::Run {
            program: "sh, the guard of Postgres".to_owned(),
            source,
        })?;
    let group = guard
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .map(Pid::from_raw);
    let ready = poll_until("the embedded Postgres to start", START_PATIENCE, || {
        if !data_dir.server_lives()? {
            return Ok(Some(false));
        }
        let ready = read_postmaster(&cluster.path).is_some_and(|postmaster| postmaster.ready);
        Ok(ready.then_some(true))
    })
    .await?;
    if ready != Some(true)
        && let Some(group) = group
    {
        // Nothing left to guard. The guard ends by itself only when we are gone.
        let _ = killpg(group, Signal::SIGKILL);
    }
    Ok(ready == Some(true))
}

/// Gives up one use of the database; the last user stops Postgres and waits until every process of it is gone.
pub(super) async fn leave(data_dir: &DataDir, users: File) -> Result<(), Error> {
    let _start = data_dir.lock_start(STOP_PATIENCE).await?;
    if data_dir.taken(users.try_lock())?.is_none() {
        // Someone else uses it. Or the guard was faster, and is stopping Postgres: then this waits for it.
        drop(users);
        data_dir.lock_users(STOP_PATIENCE).await?;
        return Ok(());
    }
    let postmaster = data_dir
        .cluster()?
        .and_then(|cluster| read_postmaster(&cluster.path));
    if let Some(postmaster) = postmaster
        && data_dir.server_lives()?
    {
        let _ = kill(Pid::from_raw(postmaster.pid), Signal::SIGINT);
    }
    let stopped = poll_until("the embedded Postgres to stop", STOP_PATIENCE, || {
        Ok((!data_dir.server_lives()?).then_some(()))
    })
    .await?;
    drop(users);
    stopped.ok_or_else(|| Error::Busy {
        path: data_dir.path().to_owned(),
    })?;
    let Some(postmaster) = postmaster else {
        return Ok(());
    };
    // The guard now gets the lock, and takes Postgres out of the process table.
    poll_until("the embedded Postgres to end", REAPING_PATIENCE, || {
        Ok((!exists(postmaster.pid)).then_some(()))
    })
    .await?;
    Ok(())
}

fn exists(pid: i32) -> bool {
    kill(Pid::from_raw(pid), None) != Err(nix::errno::Errno::ESRCH)
}

/// Removes the pid file of a Postgres that was killed: with its lock free it is not alive, but its process id may
/// belong to someone else by now, which would keep Postgres from starting. One started by hand keeps its file.
fn remove_stale_pid_file(cluster: &Cluster) -> Result<(), Error> {
    let path = cluster.path.join("postmaster.pid");
    let started_by_hand = read_postmaster(&cluster.path).is_some_and(|postmaster| {
        // Postgres works inside its data directory.
        std::fs::read_link(format!("/proc/{}/cwd", postmaster.pid))
            .is_ok_and(|directory| directory == cluster.path)
    });
    if started_by_hand {
        return Ok(());
    }
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(Error::DataDir { path, source }),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn read_postmaster(cluster: &Path) -> Option<Postmaster> {
    parse_postmaster(&std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?)
}

/// Reads `postmaster.pid`: line 1 the process, 4 the port, 8 the state.
fn parse_postmaster(text: &str) -> Option<Postmaster> {
    let mut lines = text.lines();
    let pid = lines.next()?.trim().parse().ok()?;
    let port = lines.nth(2)?.trim().parse().ok()?;
    let ready = lines.nth(3).is_some_and(|state| state.trim() == "ready");
    Some(Postmaster { pid, port, ready })
}

/// Chooses a port: the one of the last start if it is free, so that pools which lived through a crash find
/// Postgres again; else one the system gives.
fn free_port(cluster: &Cluster) -> Result<u16, Error> {
    let last = std::fs::read_to_string(cluster.path.join("postmaster.opts"))
        .ok()
        .and_then(|text| last_port(&text));
    let free =
        |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).and_then(|bound| bound.local_addr());
    let address = match last.map(free) {
        Some(Ok(address)) => Ok(address),
        Some(Err(_)) | None => free(0),
    };
    address
        .map(|address| address.port())
        .map_err(|source| Error::Run {
            program: "bind to 127.0.0.1".to_owned(),
            source,
        })
}

/// Finds the port in `postmaster.opts`, the command line of the last start.
fn last_port(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("port=")?;
    rest.split(|character: char| !character.is_ascii_digit())
        .next()?
        .parse()
        .ok()
}

fn open_log(data_dir: &DataDir) -> Result<File, Error> {
    let path = data_dir.log_path();
    if std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LOG_LIMIT_BYTES) {
        let _ = std::fs::remove_file(&path);
    }
    let opened = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path);
    opened.map_err(|source| Error::DataDir { path, source })
}

/// The last lines that Postgres logged since `start`, on one line.
fn complaint(data_dir: &DataDir, start: u64) -> String {
    let text = std::fs::read(data_dir.log_path()).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(0);
    let text = String::from_utf8_lossy(text.get(start..).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let last = lines
        .get(lines.len().saturating_sub(LOG_LINES_SHOWN)..)
        .unwrap_or_default();
    if last.is_empty() {
        "it logged nothing".to_owned()
    } else {
        last.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pid_file_tells_process_port_and_state() {
        let text = "4711\n/data/postgres-15\n1700000000\n40123\n\n127.0.0.1\n  5432001  65536\nready   \n";
        assert_eq!(
            parse_postmaster(text),
            Some(Postmaster {
                pid: 4711,
                port: 40123,
                ready: true
            })
        );
        let starting = text.replace("ready   ", "starting");
        assert_eq!(parse_postmaster(&starting).map(|found| found.ready), Some(false));
        assert_eq!(parse_postmaster("4711\n/data/postgres-15\n"), None);
        assert_eq!(parse_postmaster(""), None);
    }

    #[tokio::test]
    async fn a_lock_that_somebody_is_about_to_let_go_of_is_waited_for() {
        let directory = tempfile::tempdir().unwrap();
        let data_dir = DataDir::claim(directory.path()).unwrap();
        let held = take_server_lock(&data_dir).await.unwrap();
        let (next, ()) = tokio::join!(take_server_lock(&data_dir), async {
            tokio::time::sleep(POLL).await;
            drop(held);
        });
        assert!(next.is_ok());
    }

    #[test]
    fn the_port_of_the_last_start_is_found_in_its_command_line() {
        let text = "/usr/bin/postgres \"-D\" \"/d\" \"-c\" \"port=40123\" \"-c\" \"jit=off\"\n";
        assert_eq!(last_port(text), Some(40123));
        assert_eq!(last_port("/usr/bin/postgres"), None);
    }
}
