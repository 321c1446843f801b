//! Log lines as JSON, one flat object per line, or as text; with the fields of the event, of the spans around it, and the ids
//! of the request.
//!
//! A line is written with every request, so this writes pieces of text, not formats.

use std::fmt::{self, Debug, Write};

use oneroster_standard::Moment;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::request::{self, RequestIds};
use crate::clock::Clock;

/// Ends each field that is kept with a span. No value has a raw one, so that fields can be told apart again.
const SEPARATOR: char = '\n';

/// The same as text.
const SEPARATOR_TEXT: &str = "\n";

/// The name of the field that holds the words of an event.
const MESSAGE: &str = "message";

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
        let mut written = Fields {
            writer,
            form: self.0,
            which: Which::All,
            before: "",
            after: SEPARATOR_TEXT,
            result: Ok(()),
        };
        fields.record(&mut written);
        written.result
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
        let mut fields = Fields {
            writer: writer.by_ref(),
            form: self.0,
            which: Which::All,
            before: separator,
            after: "",
            result: Ok(()),
        };
        if self.0 == Form::Text {
            // The words stand before the fields.
            fields.which = Which::Message;
            event.record(&mut fields);
            fields.which = Which::AllButMessage;
        }
        event.record(&mut fields);
        fields.result?;
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
        let mut written = Fields {
            writer: writer.by_ref(),
            form: self.0,
            which: Which::All,
            before: separator,
            after: "",
            result: Ok(()),
        };
        let ticket = ids.ticket();
        for (name, text) in [
            ("request_id", Some(ids.request_id())),
            ("tenant", ticket.map(|ticket| ticket.tenant.as_str())),
            ("client", ticket.map(|ticket| ticket.client.as_str())),
        ] {
            if let Some(text) = text.filter(|_| !is_said(name)) {
                written.write(name, |writer| quoted(writer, |escaped| escaped.write_str(text)))?;
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

/// Which fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    Message,
    AllButMessage,
}

/// Writes fields, each with what stands before and after it.
struct Fields<'writer> {
    writer: Writer<'writer>,
    form: Form,
    which: Which,
    before: &'static str,
    after: &'static str,
    result: fmt::Result,
}

impl Fields<'_> {
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

    fn write(&mut self, name: &str, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) -> fmt::Result {
        let writer = &mut self.writer;
        writer.write_str(self.before)?;
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
        writer.write_str(self.after)
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

    fn written(form: Form, work: impl FnOnce()) -> String {
        let memory = Memory::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(memory.clone())
            .with_ansi(false)
            .fmt_fields(Lines(form))
            .event_format(Lines(form))
            .finish();
        tracing::subscriber::with_default(subscriber, work);
        String::from_utf8(memory.0.lock().unwrap().clone()).unwrap()
    }

    /// Returns the lines that work writes, without the time, which must be there.
    fn lines(work: impl FnOnce()) -> Vec<Value> {
        written(Form::Json, work)
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

    #[test]
    fn a_line_of_text_begins_with_its_words_and_no_value_can_steer_the_terminal_or_begin_a_line() {
        let text = written(Form::Text, || {
            tracing::error_span!("request", request_id = "r1", tenant = "zand").in_scope(|| {
                tracing::info!(
                    status = 200,
                    path = "/users/\n\u{1b}[31m",
                    tenant = "andere",
                    "request \u{1b}"
                );
                tracing::error!(is_so = true, "failed");
            });
        });
        let lines: Vec<&str> = text.lines().map(|line| line.split_at(24).1).collect();
        assert_eq!(
            lines,
            [
                "  INFO request \\u001b status=200 path=\"/users/\\n\\u001b[31m\" tenant=\"andere\" request_id=\"r1\"",
                " ERROR failed is_so=true request_id=\"r1\" tenant=\"zand\"",
            ]
        );
    }

    /// Also in a task of its own, and where a span says another of the same name.
    #[tokio::test]
    async fn a_line_written_during_a_request_says_its_ids() {
        let memory = Memory::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(memory.clone())
            .fmt_fields(Lines(Form::Json))
            .event_format(Lines(Form::Json))
            .finish();
        let _default = tracing::subscriber::set_default(subscriber);
        let ids = RequestIds::new("r1");
        request::within(Arc::clone(&ids), async {
            tracing::info!("before");
            ids.set_ticket("zand", "c1", Some(7));
            let own_task = request::carried(async { tracing::info!("in a task") });
            tokio::spawn(own_task).await.unwrap();
            tracing::error_span!("load", tenant = "andere")
                .in_scope(|| tracing::info!(client = "c2", "in a span"));
        })
        .await;
        tracing::info!("after");
        let written = String::from_utf8(memory.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = written
            .lines()
            .map(|line| {
                let line: Value = serde_json::from_str(line).unwrap();
                let part = |name: &str| line.get(name).cloned().unwrap_or_default();
                json!([
                    part("message"),
                    part("request_id"),
                    part("tenant"),
                    part("client"),
                    part("generation")
                ])
            })
            .collect();
        assert_eq!(
            lines,
            [
                json!(["before", "r1", null, null, null]),
                json!(["in a task", "r1", "zand", "c1", 7]),
                json!(["in a span", "r1", "andere", "c2", 7]),
                json!(["after", null, null, null, null]),
            ]
        );
    }
}
