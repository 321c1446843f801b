//! A script of a folder below `tests` in Node.js, with packages of npm. Fails where there is no node, or where the packages cannot be had.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

/// How long node and npm are waited for.
const WAIT: Duration = Duration::from_mins(2);

/// Held while packages are installed: tests of one folder begin at the same time.
static INSTALLING: Mutex<()> = Mutex::const_new(());

/// A script that runs; it ends with this.
pub(crate) struct Node {
    _child: Child,
    _stdin: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

/// Installs the packages of a folder where they are not installed yet, and returns where. `None` when that cannot be done.
async fn installed(name: &str, script: &str) -> Option<PathBuf> {
    let _alone = INSTALLING.lock().await;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let lock = std::fs::read(source.join("package-lock.json")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(source.join(script), folder.join(script)).unwrap();
    let stamp = folder.join("installed");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Some(folder);
    }
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(source.join(file), folder.join(file)).unwrap();
    }
    let mut command = Command::new("npm");
    command
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let ended = tokio::time::timeout(WAIT, command.output()).await;
    let Ok(Ok(output)) = ended else { return None };
    if !output.status.success() {
        return None;
    }
    std::fs::write(stamp, lock).unwrap();
    Some(folder)
}

impl Node {
    /// Starts a script of a folder below `tests`.
    pub(crate) async fn start(name: &str, script: &str, arguments: &[&str]) -> Self {
        let folder = installed(name, script)
            .await
            .unwrap_or_else(|| panic!("Node.js and npm are installed (apt-get install nodejs npm), and npm can fetch the packages of tests/{name} once"));
        let mut child = Command::new("node")
            .arg(script)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdin = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            _child: child,
            _stdin: stdin,
            lines,
        }
    }

    /// Waits for the next line that it prints.
    pub(crate) async fn line(&mut self) -> String {
        tokio::time::timeout(WAIT, self.lines.next_line())
            .await
            .expect("it says something")
            .unwrap()
            .expect("it runs")
    }
}
