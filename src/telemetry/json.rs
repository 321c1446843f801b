//! Log lines as JSON: one flat object per line, with the fields of the event and of the spans around it.

use std::fmt::{self, Debug, Write};

use oneroster_standard::Moment;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock::Clock;

/// Ends each member that is kept with a span. JSON has no raw one, so that members can be told apart again.
const SEPARATOR: char = '\n';

/// Writes the fields of a span as members, each ended by [`SEPARATOR`].
pub(super) struct JsonFields;

impl<'writer> FormatFields<'writer> for JsonFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut members = Members {
            writer,
            before: "",
            after: "\n",
            result: Ok(()),
        };
        fields.record(&mut members);
        members.result
    }

    fn add_fields(&self, current: &'writer mut FormattedFields<Self>, fields: &Record<'_>) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// Writes an event as a line. A field of the event hides one of the same name in a span, and that of an inner span one of
/// an outer span.
pub(super) struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        writer.write_str("{\"timestamp\":\"")?;
        Moment::from(Clock::System.now()).write_rfc3339(&mut writer)?;
        write!(writer, "\",\"level\":\"{}\"", event.metadata().level())?;
        let mut members = Members {
            writer: writer.by_ref(),
            before: ",",
            after: "",
            result: Ok(()),
        };
        event.record(&mut members);
        members.result?;
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            let Some(fields) = extensions.get::<FormattedFields<JsonFields>>() else {
                continue;
            };
            for member in fields.fields.split_terminator(SEPARATOR) {
                let is_hidden = |name: &str| {
                    event.metadata().fields().field(name).is_some()
                        || context
                            .event_scope()
                            .into_iter()
                            .flatten()
                            .take_while(|inner| inner.id() != span.id())
                            .any(|inner| inner.metadata().fields().field(name).is_some())
                };
                let name = member.split('"').nth(1).unwrap_or_default();
                if !is_hidden(name) {
                    write!(writer, ",{member}")?;
                }
            }
        }
        writeln!(writer, ",\"target\":\"{}\"}}", event.metadata().target())
    }
}

/// Writes fields as members of an object.
struct Members<'writer> {
    writer: Writer<'writer>,
    before: &'static str,
    after: &'static str,
    result: fmt::Result,
}

impl Members<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_err() {
            return;
        }
        self.result = write!(self.writer, "{}\"{}\":", self.before, field.name())
            .and_then(|()| value(&mut self.writer))
            .and_then(|()| self.writer.write_str(self.after));
    }

    fn text(&mut self, field: &Field, text: fmt::Arguments<'_>) {
        self.member(field, |writer| {
            writer.write_char('"')?;
            Escaped(writer).write_fmt(text)?;
            writer.write_char('"')
        });
    }
}

impl Visit for Members<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field, |writer| {
            if value.is_finite() {
                write!(writer, "{value}")
            } else {
                writer.write_str("null")
            }
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |writer| write!(writer, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, format_args!("{value}"));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.text(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, format_args!("{value:?}"));
    }
}

/// Writes text as the inside of a JSON string.
struct Escaped<'a, 'writer>(&'a mut Writer<'writer>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let needs_escape = |character: char| matches!(character, '"' | '\\' | '\0'..='\x1f');
        for piece in text.split_inclusive(needs_escape) {
            let mut characters = piece.chars();
            match characters.next_back() {
                Some(last) if needs_escape(last) => {
                    self.0.write_str(characters.as_str())?;
                    match last {
                        '"' | '\\' => write!(self.0, "\\{last}")?,
                        '\n' => self.0.write_str("\\n")?,
                        other => write!(self.0, "\\u{:04x}", u32::from(other))?,
                    }
                }
                Some(_) | None => self.0.write_str(piece)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing::field::Empty;
    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    /// What was written, for a test to read.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Memory {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// Returns the lines that work writes, without the time, which must be there.
    fn lines(work: impl FnOnce()) -> Vec<Value> {
        let memory = Memory::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(memory.clone())
            .fmt_fields(JsonFields)
            .event_format(JsonLine)
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        let written = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        written
            .lines()
            .map(|line| {
                let mut line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
                let timestamp = line.as_object_mut().unwrap().remove("timestamp").unwrap();
                let timestamp = timestamp.as_str().unwrap();
                assert!(timestamp.len() == 24 && timestamp.ends_with('Z'), "{timestamp}");
                line
            })
            .collect()
    }

    #[test]
    fn every_kind_of_value_is_written_as_json() {
        let written = lines(|| {
            tracing::warn!(
                text = "\"a\\b\"\n\té\u{1}",
                number = -5_i64,
                large = u64::MAX,
                part = 0.25,
                nothing = f64::NAN,
                is_so = true,
                absent = None::<&str>,
                shown = %"x\ny",
                debugged = ?["z"],
                "it \"happened\""
            );
        });
        assert_eq!(
            written,
            [json!({
                "level": "WARN", "text": "\"a\\b\"\n\té\u{1}", "number": -5, "large": u64::MAX, "part": 0.25,
                "nothing": null, "is_so": true, "shown": "x\ny", "debugged": "[\"z\"]",
                "message": "it \"happened\"", "target": module_path!(),
            })]
        );
    }

    #[test]
    fn a_line_has_the_fields_of_the_spans_around_it_and_the_nearest_of_each_name() {
        let written = lines(|| {
            let outer = tracing::error_span!("outer", request_id = "r\n1", tenant = Empty, client = Empty);
            outer.record("tenant", "zand");
            outer.in_scope(|| {
                tracing::info!("first");
                tracing::error_span!("inner", tenant = "andere", generation = 3).in_scope(|| {
                    tracing::info!(generation = 4, "second");
                });
            });
            tracing::info!("third");
        });
        let target = module_path!();
        assert_eq!(
            written,
            [
                json!({"level": "INFO", "message": "first", "request_id": "r\n1", "tenant": "zand", "target": target}),
                json!({
                    "level": "INFO", "message": "second", "generation": 4, "tenant": "andere", "request_id": "r\n1",
                    "target": target,
                }),
                json!({"level": "INFO", "message": "third", "target": target}),
            ]
        );
    }
}
