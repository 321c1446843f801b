//! Processes that are killed, and the recovery of the next start.

use std::time::Duration;

use super::{
    Holder, assert_marked, assert_migrated, assert_stopped, leave_mark, migrate, open, pid_files,
    private_directory, processes, signal,
};

#[tokio::test]
async fn killing_the_last_user_stops_postgres_in_order() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let (one, other) = (Holder::start(directory.path()), Holder::start(directory.path()));
    one.kill();
    assert!(!processes(directory.path()).is_empty());
    other.kill();
    assert_stopped(directory.path());
    assert_marked(directory.path()).await;
}

/// Before, in and after `initdb`, the start and the migrations; each round takes up what the one before left.
#[tokio::test]
async fn killing_the_user_at_any_moment_of_its_start_leaves_nothing_running() {
    let directory = private_directory();
    for round in 0..12 {
        let mut child = Holder::spawn(directory.path());
        std::thread::sleep(Duration::from_millis(5 + round * 80));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let mut child = Holder::spawn(directory.path());
    child.kill().unwrap();
    child.wait().unwrap();
    assert_migrated(&migrate(directory.path()));
    assert_stopped(directory.path());
}

#[tokio::test]
async fn killing_everything_loses_nothing_and_the_next_start_recovers() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let holder = Holder::start(directory.path());
    let running = processes(directory.path());
    let (guards, postgres): (Vec<_>, Vec<_>) = running
        .into_iter()
        .partition(|(_, command)| command.contains("guard"));
    for (pid, _) in guards {
        signal(pid, "KILL");
    }
    holder.kill();
    let postmaster = std::fs::read_to_string(&pid_files(directory.path())[0]).unwrap();
    let postmaster: i32 = postmaster.lines().next().unwrap().parse().unwrap();
    assert!(postgres.iter().any(|(pid, _)| *pid == postmaster));
    signal(postmaster, "KILL");
    assert_eq!(pid_files(directory.path()).len(), 1);
    assert_migrated(&migrate(directory.path()));
    assert_marked(directory.path()).await;
    assert_stopped(directory.path());
}

/// After a restart of the machine or container the number in the pid file may be another process'.
#[tokio::test]
async fn a_pid_file_that_names_a_living_stranger_does_not_keep_postgres_from_starting() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let cluster = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let cluster = cluster.filter(|path| path.is_dir()).collect::<Vec<_>>().remove(0);
    let stale = format!(
        "{}\n{}\n1700000000\n1\n\n127.0.0.1\n1 1\nready   \n",
        std::process::id(),
        cluster.display()
    );
    std::fs::write(cluster.join("postmaster.pid"), stale).unwrap();
    assert_marked(directory.path()).await;
    assert_stopped(directory.path());
}

#[tokio::test]
async fn postgres_that_was_killed_comes_back_on_its_port_for_those_who_still_use_it() {
    let directory = private_directory();
    let holder = Holder::start(directory.path());
    let pid_file = std::fs::read_to_string(&pid_files(directory.path())[0]).unwrap();
    signal(pid_file.lines().next().unwrap().parse().unwrap(), "KILL");
    assert_migrated(&migrate(directory.path()));
    let database = open(directory.path()).await;
    assert_eq!(database.pool().connect_options().get_port(), holder.port);
    // The holder asks its pool once more before it ends.
    holder.end();
    database.close().await;
    assert_stopped(directory.path());
}

/// The kernel kills what takes too much memory, and a full disk ends Postgres: whoever serves from it brings it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_its_postgres_again_when_it_was_killed() {
    let directory = private_directory();
    leave_mark(directory.path()).await;
    let database = open(directory.path()).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let watching = tokio::spawn(database.watch(stopped).unwrap());
    let postmaster = || {
        let files = pid_files(directory.path());
        let text = std::fs::read_to_string(files.first()?).ok()?;
        text.lines().next()?.parse::<i32>().ok()
    };
    for _ in 0..2 {
        let killed = postmaster().unwrap();
        signal(killed, "KILL");
        let back = async {
            while postmaster().is_none_or(|now| now == killed)
                || sqlx::query("select 1").execute(database.pool()).await.is_err()
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(2), back).await.unwrap();
    }
    stop.send(true).unwrap();
    watching.await.unwrap();
    database.close().await;
    assert_stopped(directory.path());
    assert_marked(directory.path()).await;
}
