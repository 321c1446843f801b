//! Why a file cannot be read.

/// How large a file may be, in bytes: an account takes some 400 in a file of Microsoft's.
pub const BYTES_LIMIT: usize = 256 << 20;

/// A file of accounts cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than is read.
    #[error("{0} bytes are too many: at most {BYTES_LIMIT}")]
    TooLarge(usize),
    /// It is a workbook.
    #[error("this is a workbook: save it as \"CSV UTF-8\"")]
    Workbook,
    /// It is no text.
    #[error("this is no text: download the users again as CSV, or as JSON from Microsoft Graph")]
    NotText,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// The header cannot be split.
    #[error("line {line}: {message}")]
    Quotes {
        /// The line.
        line: u64,
        /// What is wrong.
        message: &'static str,
    },
    /// No column has the user principal name.
    #[error("no column has the user principal name; name it with --columns upn=COLUMN. The columns are: {0}")]
    NoUsername(String),
    /// A column that was named is not there.
    #[error("there is no column {0:?}; the columns are: {1}")]
    NoSuchColumn(String, String),
    /// The JSON breaks off or is malformed.
    #[error("line {line}, column {column}: this is not JSON as Microsoft Graph answers it")]
    Json {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// JSON without a user.
    #[error(
        "no user with a userPrincipalName is in it; ask Microsoft Graph for /users?$select=userPrincipalName,displayName,…"
    )]
    NoUsers,
}
