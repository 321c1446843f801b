//! Why a file cannot be read.

/// How large a file may be, in bytes: an account takes some 400 in a file of Microsoft's.
pub const BYTES_LIMIT: usize = 64 << 20;

/// How many accounts a file may have: comparing takes some 8 KiB of memory for each.
pub const ACCOUNTS_LIMIT: usize = 100_000;

/// A file of accounts cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is larger than is read.
    #[error("the file is larger than 64 MiB, the most that is read")]
    TooLarge,
    /// It has more accounts than are read.
    #[error("the file has more than {ACCOUNTS_LIMIT} accounts: download only the users of this school")]
    TooMany,
    /// It is a workbook.
    #[error("this is a workbook: save it as \"CSV UTF-8\"")]
    Workbook,
    /// It is a document of another kind.
    #[error("this is {0}, no list of users: download the users as CSV, or as JSON from Microsoft Graph")]
    Document(&'static str),
    /// It is no text.
    #[error("this is no text: download the users again as CSV, or as JSON from Microsoft Graph")]
    NotText,
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// The header cannot be split, or a quote takes the rows after it along.
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
    /// The last row breaks off.
    #[error(
        "line {line}: the last row breaks off after {cells} of {columns} columns: the file is not complete, download it again"
    )]
    CutOff {
        /// The line.
        line: u64,
        /// How many cells it has.
        cells: usize,
        /// How many columns the header has.
        columns: usize,
    },
    /// No row is an account.
    #[error(
        "no row below the header has a user principal name with an @: download the users again, or name the column with --columns upn=COLUMN"
    )]
    NoAccounts,
    /// An answer of Microsoft that says why there is none.
    #[error("this is an error of Microsoft, no list of users: {0}")]
    MicrosoftError(String),
    /// JSON without a user.
    #[error(
        "no user with a userPrincipalName is in it; ask Microsoft Graph for /users?$select=userPrincipalName,displayName,…"
    )]
    NoUsers,
}
