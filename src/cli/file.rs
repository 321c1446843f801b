//! Files that a command reads and writes: `-` is standard input and standard output.

use std::ffi::OsString;
use std::fmt::{Display, Formatter};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::output;

/// What stands for standard input or output.
const STANDARD: &str = "-";

/// Most bytes of a file with a secret.
const SECRET_BYTES_MAX: usize = 4096;

/// A file to read.
#[derive(Debug, Clone)]
pub(crate) enum Input {
    /// Standard input.
    Standard,
    /// A file of this path.
    Path(PathBuf),
}

impl From<OsString> for Input {
    fn from(text: OsString) -> Self {
        if text == STANDARD {
            Self::Standard
        } else {
            Self::Path(text.into())
        }
    }
}

impl Display for Input {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Standard => formatter.write_str("standard input"),
            Self::Path(path) => write!(formatter, "{}", path.display()),
        }
    }
}

impl Input {
    /// Returns what messages about its content call it: the name of the file.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Standard => self.to_string(),
            Self::Path(path) => path
                .file_name()
                .map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned()),
        }
    }

    /// Reads it, no further than one byte past a limit: that it is too long is for the reader of its content to say.
    pub(crate) fn read(&self, bytes_limit: usize) -> anyhow::Result<Vec<u8>> {
        if let Self::Path(path) = self
            && std::fs::metadata(path).is_ok_and(|there| there.is_file())
        {
            return self.read_now(bytes_limit);
        }
        output::said_if_long(&self.to_string(), || self.read_now(bytes_limit))
    }

    /// Reads a secret: its text without the blanks and line ends around it.
    pub(crate) fn read_secret(&self) -> anyhow::Result<String> {
        let bytes = self.read(SECRET_BYTES_MAX)?;
        anyhow::ensure!(
            bytes.len() <= SECRET_BYTES_MAX,
            "{self} has more than {SECRET_BYTES_MAX} bytes: no secret has"
        );
        let text = String::from_utf8(bytes).with_context(|| format!("{self} is not UTF-8"))?;
        Ok(text.trim().to_owned())
    }

    fn read_now(&self, bytes_limit: usize) -> anyhow::Result<Vec<u8>> {
        let source: Box<dyn Read> = match self {
            Self::Standard => Box::new(std::io::stdin().lock()),
            Self::Path(path) => Box::new(File::open(path).with_context(|| format!("cannot open {self}"))?),
        };
        let mut bytes = Vec::new();
        let limit = u64::try_from(bytes_limit).unwrap_or(u64::MAX);
        source
            .take(limit.saturating_add(1))
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read {self}"))?;
        Ok(bytes)
    }
}

/// A file to write.
#[derive(Debug, Clone)]
pub(crate) enum Output {
    /// Standard output.
    Standard,
    /// A file of this path.
    Path(PathBuf),
}

impl From<OsString> for Output {
    fn from(text: OsString) -> Self {
        if text == STANDARD {
            Self::Standard
        } else {
            Self::Path(text.into())
        }
    }
}

impl Output {
    /// Returns its path, `-` for standard output.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Standard => Path::new(STANDARD),
            Self::Path(path) => path,
        }
    }

    /// Returns `true` if writing would replace what is read.
    pub(crate) fn is_same_as(&self, input: &Input) -> bool {
        let (Self::Path(written), Input::Path(read)) = (self, input) else {
            return false;
        };
        let place = |path: &Path| std::fs::canonicalize(path).ok();
        place(written).is_some_and(|written| Some(written) == place(read))
    }

    /// Tries whether its folder can be written to, before what cannot be done again.
    pub(crate) fn try_folder(&self) -> anyhow::Result<()> {
        let Self::Path(path) = self else {
            return Ok(());
        };
        let folder = folder_of(path);
        tempfile::NamedTempFile::new_in(folder)
            .map(drop)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Writes it whole; a file is readable by its owner only.
    pub(crate) fn write(&self, bytes: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Standard => std::io::stdout().lock().write_all(bytes),
            Self::Path(path) => replace(path, bytes),
        }
        .with_context(|| match self {
            Self::Standard => "cannot write standard output".to_owned(),
            Self::Path(path) => format!("cannot write {}", path.display()),
        })
    }
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A pipe or a device is written to; a file is replaced at once, so that nobody finds half of one.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, bytes);
    }
    let mut draft = tempfile::NamedTempFile::new_in(folder_of(path))?;
    draft.write_all(bytes)?;
    draft.persist(path)?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}
