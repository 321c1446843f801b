//! Writes fields piece by piece, in the form of the line.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing_subscriber::fmt::format::Writer;

use super::Form;

/// The name of the field that holds the words of an event.
const MESSAGE: &str = "message";

/// Which fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Message,
    AllButMessage,
}

/// Writes fields, each with what stands before and after it.
pub(super) struct Fields<'writer> {
    writer: Writer<'writer>,
    form: Form,
    which: Which,
    around: [&'static str; 2],
    result: fmt::Result,
}

impl<'writer> Fields<'writer> {
    /// Begins to write to `writer`; `around` stand before and after each field.
    pub(super) const fn new(writer: Writer<'writer>, form: Form, around: [&'static str; 2]) -> Self {
        Self {
            writer,
            form,
            which: Which::All,
            around,
            result: Ok(()),
        }
    }

    /// Writes only some of the fields from now on.
    pub(super) const fn only(&mut self, which: Which) {
        self.which = which;
    }

    /// Returns whether everything could be written.
    pub(super) const fn result(self) -> fmt::Result {
        self.result
    }

    /// Writes a field whose value is text.
    pub(super) fn write_text(&mut self, name: &str, text: &str) -> fmt::Result {
        self.write(name, |writer| quoted(writer, |escaped| escaped.write_str(text)))
    }

    fn field(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let name = field.name();
        let is_wanted = match self.which {
            Which::All => true,
            Which::Message => name == MESSAGE,
            Which::AllButMessage => name != MESSAGE,
        };
        if is_wanted && self.result.is_ok() {
            self.result = self.write(name, value);
        }
    }

    /// Writes a field.
    pub(super) fn write(
        &mut self,
        name: &str,
        value: impl FnOnce(&mut Writer<'_>) -> fmt::Result,
    ) -> fmt::Result {
        let (writer, [before, after]) = (&mut self.writer, self.around);
        writer.write_str(before)?;
        match self.form {
            Form::Json => {
                writer.write_char('"')?;
                writer.write_str(name)?;
                writer.write_str("\":")?;
            }
            Form::Text if name == MESSAGE => {}
            Form::Text => {
                writer.write_str(name)?;
                writer.write_char('=')?;
            }
        }
        value(writer)?;
        writer.write_str(after)
    }

    fn text(&mut self, field: &Field, text: impl FnOnce(&mut Escaped<'_, '_>) -> fmt::Result) {
        let is_quoted = self.form == Form::Json || field.name() != MESSAGE;
        self.field(field, |writer| {
            if is_quoted {
                quoted(writer, text)
            } else {
                text(&mut Escaped(writer))
            }
        });
    }
}

fn quoted(writer: &mut Writer<'_>, text: impl FnOnce(&mut Escaped<'_, '_>) -> fmt::Result) -> fmt::Result {
    writer.write_char('"')?;
    text(&mut Escaped(writer))?;
    writer.write_char('"')
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, |writer| {
            if value.is_finite() {
                write!(writer, "{value}")
            } else {
                writer.write_str("null")
            }
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |writer| write!(writer, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |writer| write!(writer, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, |escaped| escaped.write_str(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, |escaped| write!(escaped, "{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, |escaped| write!(escaped, "{value:?}"));
    }
}

/// Writes text as the inside of a JSON string; no escape sequence of a terminal gets through.
struct Escaped<'a, 'writer>(&'a mut Writer<'writer>);

/// Returns `true` if a byte of UTF-8 text must be escaped in a string.
const fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..=0x1f | 0x7f)
}

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if !text.bytes().any(needs_escape) {
            return self.0.write_str(text);
        }
        for character in text.chars() {
            match character {
                '"' | '\\' => write!(self.0, "\\{character}")?,
                '\n' => self.0.write_str("\\n")?,
                control if control.is_ascii_control() => write!(self.0, "\\u{:04x}", u32::from(control))?,
                other => self.0.write_char(other)?,
            }
        }
        Ok(())
    }
}
