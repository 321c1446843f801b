//! Log lines as JSON, one flat object per line, or as text; with the fields of the event, of the spans around it, and the ids
//! of the request.
//!
//! A line is written with every request, so this writes pieces of text, not formats.

mod fields;

use std::fmt;

use oneroster_standard::Moment;
use tracing::span::Record;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use self::fields::{Fields, Which};
use super::request::{self, RequestIds};
use crate::clock::Clock;

/// Ends each field that is kept with a span. No value has a raw one, so that fields can be told apart again.
const SEPARATOR: char = '\n';

/// The same as text.
const SEPARATOR_TEXT: &str = "\n";

/// How a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `{"timestamp":"…","level":"INFO","message":"serving","address":"127.0.0.1:8080","target":"…"}`
    Json,
    /// `2026-11-26T20:02:32.000Z  INFO serving address="127.0.0.1:8080"`
    Text,
}

/// Writes lines in a form, and keeps the fields of spans in that form, each ended by [`SEPARATOR`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines(pub(super) Form);

impl<'writer> FormatFields<'writer> for Lines {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut written = Fields::new(writer, self.0, ["", SEPARATOR_TEXT]);
        fields.record(&mut written);
        written.result()
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// A field of the event hides one of the same name in a span, and that of an inner span one of an outer span.
impl<S> FormatEvent<S, Self> for Lines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, Self>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let separator = match self.0 {
            Form::Json => ",",
            Form::Text => " ",
        };
        self.begin(&mut writer, *event.metadata().level())?;
        let mut fields = Fields::new(writer.by_ref(), self.0, [separator, ""]);
        if self.0 == Form::Text {
            // The words stand before the fields.
            fields.only(Which::Message);
            event.record(&mut fields);
            fields.only(Which::AllButMessage);
        }
        event.record(&mut fields);
        fields.result()?;
        let mut names: Vec<&str> = Vec::new();
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let Some(fields) = extensions.get::<FormattedFields<Self>>() else {
                continue;
            };
            for field in fields.fields.split_terminator(SEPARATOR) {
                let name = self.name(field);
                if event.metadata().fields().field(name).is_none() && !names.contains(&name) {
                    writer.write_str(separator)?;
                    writer.write_str(field)?;
                }
            }
            names.extend(span.metadata().fields().iter().map(|field| field.name()));
        }
        request::with_current(|ids| {
            let is_said =
                |name: &str| event.metadata().fields().field(name).is_some() || names.contains(&name);
            self.ids(&mut writer, separator, ids, is_said)
        })
        .unwrap_or(Ok(()))?;
        match self.0 {
            Form::Json => {
                writer.write_str(",\"target\":\"")?;
                writer.write_str(event.metadata().target())?;
                writer.write_str("\"}\n")
            }
            Form::Text => writer.write_char('\n'),
        }
    }
}

impl Lines {
    /// Writes the ids of the request that are not said already.
    fn ids(
        self,
        writer: &mut Writer<'_>,
        separator: &'static str,
        ids: &RequestIds,
        is_said: impl Fn(&str) -> bool,
    ) -> fmt::Result {
        let mut written = Fields::new(writer.by_ref(), self.0, [separator, ""]);
        let ticket = ids.ticket();
        for (name, text) in [
            ("request_id", Some(ids.request_id())),
            ("trace_id", ids.trace_id()),
            ("tenant", ticket.map(|ticket| ticket.tenant.as_str())),
            ("client", ticket.map(|ticket| ticket.client.as_str())),
        ] {
            if let Some(text) = text.filter(|_| !is_said(name)) {
                written.write_text(name, text)?;
            }
        }
        match ticket.and_then(|ticket| ticket.generation) {
            Some(generation) if !is_said("generation") => {
                written.write("generation", |writer| write!(writer, "{generation}"))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Writes the moment and the level.
    fn begin(self, writer: &mut Writer<'_>, level: Level) -> fmt::Result {
        let now = Moment::from(Clock::System.now());
        match self.0 {
            Form::Json => {
                writer.write_str("{\"timestamp\":\"")?;
                now.write_rfc3339(writer)?;
                writer.write_str("\",\"level\":\"")?;
                writer.write_str(level.as_str())?;
                writer.write_char('"')
            }
            Form::Text => {
                now.write_rfc3339(writer)?;
                // As wide as the widest.
                writer.write_str(if level.as_str().len() < 5 { "  " } else { " " })?;
                match colour(level).filter(|_| writer.has_ansi_escapes()) {
                    Some(colour) => write!(writer, "{colour}{level}\x1b[0m"),
                    None => writer.write_str(level.as_str()),
                }
            }
        }
    }

    /// Returns the name of a field that this has written.
    fn name(self, field: &str) -> &str {
        match self.0 {
            Form::Json => field.split('"').nth(1),
            Form::Text => field.split('=').next(),
        }
        .unwrap_or_default()
    }
}

/// Returns the escape sequence for a level at a terminal.
fn colour(level: Level) -> Option<&'static str> {
    match level {
        Level::ERROR => Some("\x1b[31m"),
        Level::WARN => Some("\x1b[33m"),
        Level::INFO => Some("\x1b[32m"),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
