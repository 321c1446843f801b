//! The command `demo`, as somebody runs it who has not read much.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::harness;

/// A demo that serves; ended as by Ctrl-C.
struct Demo {
    child: Child,
}

fn demo(data_dir: &Path, options: &[&str]) -> Command {
    let mut arguments = vec![
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        data_dir.to_str().unwrap(),
    ];
    arguments.extend(options);
    let mut command = harness::program(&arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

impl Demo {
    fn start(data_dir: &Path, options: &[&str]) -> Self {
        let mut child = demo(data_dir, options).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_up = lines.any(|line| line.unwrap().contains("Ctrl-C stops it"));
        // The pipe stays open: what it still prints must not end it.
        std::thread::spawn(move || lines.for_each(drop));
        assert!(is_up, "it ended before it served");
        Self { child }
    }

    /// Ends it and returns what it printed on stderr.
    fn end(mut self) -> String {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }
}

#[test]
fn a_second_demo_on_a_folder_in_use_is_refused_and_the_values_of_the_first_stay() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path();
    let first = Demo::start(data_dir, &["--pupils", "30"]);
    let values = || std::fs::read_to_string(data_dir.join("demo.json")).unwrap();
    let before = values();
    let second = demo(data_dir, &[]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    for part in [
        "another `oneroster demo`",
        data_dir.to_str().unwrap(),
        "demo.json",
        "--data-dir",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(values(), before);
    let said = first.end();
    assert!(said.contains("Making a school group of 30 pupils."), "{said}");
    assert!(!said.contains("had no effect"), "{said}");

    // The next one goes on with the data, and says which options they make void.
    let said = Demo::start(data_dir, &["--pupils", "40"]).end();
    assert!(
        said.contains("warning: --pupils had no effect") && said.contains("--data-dir"),
        "{said}"
    );
    let said = Demo::start(data_dir, &[]).end();
    assert!(
        said.contains("are kept") && !said.contains("had no effect"),
        "{said}"
    );
}
