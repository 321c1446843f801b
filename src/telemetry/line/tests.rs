//! What lines look like.

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
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let memory = Memory::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(memory.clone())
        .fmt_fields(Lines(Form::Json))
        .event_format(Lines(Form::Json))
        .finish();
    let _default = tracing::subscriber::set_default(subscriber);
    let ids = RequestIds::new("r1", Some(TRACE.to_owned()));
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
                part("trace_id"),
                part("tenant"),
                part("client"),
                part("generation")
            ])
        })
        .collect();
    assert_eq!(
        lines,
        [
            json!(["before", "r1", TRACE, null, null, null]),
            json!(["in a task", "r1", TRACE, "zand", "c1", 7]),
            json!(["in a span", "r1", TRACE, "andere", "c2", 7]),
            json!(["after", null, null, null, null, null]),
        ]
    );
}
