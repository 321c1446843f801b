//! Writing rows by COPY, in Postgres' text format.

use std::fmt::Write;

use sqlx::PgConnection;
use sqlx::postgres::PgCopyIn;

/// Bytes gathered before they are sent.
const CHUNK_BYTES: usize = 1 << 18;

/// A COPY under way: cells in the order of its columns, then the end of the row.
///
/// Dropping it without [`CopyRows::finish`] breaks the statement off and with it the transaction.
pub struct CopyRows<'c> {
    copy: PgCopyIn<&'c mut PgConnection>,
    buffer: String,
    row_begun: bool,
}

impl<'c> CopyRows<'c> {
    /// Begins a `copy … from stdin` statement. It must hold no text of a user.
    pub async fn begin(connection: &'c mut PgConnection, statement: &str) -> Result<Self, sqlx::Error> {
        let copy = connection.copy_in_raw(statement).await?;
        Ok(Self {
            copy,
            buffer: String::with_capacity(CHUNK_BYTES * 2),
            row_begun: false,
        })
    }

    /// Adds a text cell, escaped.
    pub fn text(&mut self, text: &str) {
        self.separate();
        for character in text.chars() {
            match character {
                '\\' => self.buffer.push_str("\\\\"),
                '\n' => self.buffer.push_str("\\n"),
                '\r' => self.buffer.push_str("\\r"),
                '\t' => self.buffer.push_str("\\t"),
                other => self.buffer.push(other),
            }
        }
    }

    /// Adds a cell whose text needs no escaping, such as a number or a date.
    pub fn display(&mut self, value: impl std::fmt::Display) {
        self.separate();
        // Writing to a string cannot fail.
        let _ = write!(self.buffer, "{value}");
    }

    /// Adds a `bytea` cell.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.separate();
        self.buffer.push_str("\\\\x");
        for byte in bytes {
            let _ = write!(self.buffer, "{byte:02x}");
        }
    }

    /// Adds an empty cell.
    pub fn null(&mut self) {
        self.separate();
        self.buffer.push_str("\\N");
    }

    fn separate(&mut self) {
        if self.row_begun {
            self.buffer.push('\t');
        }
        self.row_begun = true;
    }

    /// Ends the row, and sends what has gathered when it is enough.
    pub async fn end_row(&mut self) -> Result<(), sqlx::Error> {
        self.buffer.push('\n');
        self.row_begun = false;
        if self.buffer.len() >= CHUNK_BYTES {
            self.copy.send(self.buffer.as_bytes()).await?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Sends the rest and ends the statement. Returns the number of rows written.
    pub async fn finish(mut self) -> Result<u64, sqlx::Error> {
        self.copy.send(self.buffer.as_bytes()).await?;
        self.copy.finish().await
    }
}
