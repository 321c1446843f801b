//! Runs, from made-up requests.

use super::*;

const NOON: DateTime<Utc> = DateTime::from_timestamp_nanos(1_800_000_000_000_000_000);

fn at(minutes: i64) -> DateTime<Utc> {
    NOON + TimeDelta::minutes(minutes)
}

/// Rows of one path, read at one minute.
fn pages(path: &'static str, minute: i64, rows: std::ops::Range<u64>, total: u64) -> RequestBatch {
    let mut read = RowRanges::default();
    read.add(rows.start, rows.end);
    RequestBatch {
        generation_number: Some(7),
        path,
        question: Some((false, total)),
        pages: 1,
        rows: rows.end - rows.start,
        unchanged: 0,
        failures: 0,
        read,
        first_at: at(minute),
        last_at: at(minute),
    }
}

fn delta(path: &'static str, minute: i64, rows: u64) -> RequestBatch {
    RequestBatch {
        question: Some((true, rows)),
        ..pages(path, minute, 0..rows, rows)
    }
}

fn failure(path: &'static str, minute: i64) -> RequestBatch {
    RequestBatch {
        question: None,
        pages: 0,
        failures: 1,
        ..pages(path, minute, 0..0, 0)
    }
}

/// Makes the runs of one token, as the store does.
fn runs(stretches: &[RequestBatch]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for batch in stretches {
        match runs.last_mut() {
            Some(run) if run.continues_with(batch) => run.absorb(batch),
            _ => {
                let number = i32::try_from(runs.len()).unwrap() + 1;
                runs.push(Run::begin("c", Uuid::nil(), number, batch));
            }
        }
    }
    runs
}

fn outlines(stretches: &[RequestBatch]) -> Vec<(bool, Mode, usize)> {
    let runs = runs(stretches);
    runs.iter()
        .map(|run| (run.is_complete, run.mode(), run.readings.len()))
        .collect()
}

#[test]
fn a_full_sync_is_complete_once_every_collection_is_read_to_its_last_row() {
    let mut sync = vec![
        pages("/orgs", 0, 0..12, 12),
        pages("/users", 1, 0..5000, 11_000),
        pages("/users", 3, 5000..10_000, 11_000),
    ];
    assert_eq!(outlines(&sync), [(false, Mode::Full, 2)], "users were broken off");
    sync.push(pages("/users", 5, 10_000..11_000, 11_000));
    assert_eq!(outlines(&sync), [(true, Mode::Full, 2)]);
    let run = runs(&sync).remove(0);
    let users = &run.readings[1];
    assert_eq!(
        (users.pages, users.rows, users.is_complete()),
        (3, 11_000, Some(true))
    );
    assert_eq!((run.first_request_at, run.last_request_at), (at(0), at(5)));
    assert_eq!(run.generation_number, Some(7));
}

fn endings(stretches: &[RequestBatch]) -> Vec<Ending> {
    runs(stretches).iter().map(Run::ending).collect()
}

#[test]
fn somebody_who_asked_once_by_hand_is_no_consumer_that_broke_off() {
    let look = || pages("/users", 0, 0..2, 11_000);
    assert_eq!(endings(&[look()]), [Ending::AskedOnce]);
    assert_eq!(
        endings(&[look(), look(), look()]),
        [Ending::AskedOnce],
        "again and again"
    );
    let small = [
        pages("/orgs", 0, 0..12, 12),
        look(),
        pages("/classes", 1, 0..100, 400),
    ];
    assert_eq!(
        endings(&small),
        [Ending::AskedOnce],
        "a small collection whole, others in part"
    );
    for broken_off in [
        vec![pages("/users", 0, 0..5000, 11_000)],
        vec![pages("/users", 0, 0..101, 11_000)],
        vec![look(), pages("/users", 1, 2..4, 11_000)],
        vec![look(), failure("/classes", 1)],
        vec![look(), pages("/classes", 1, 0..5000, 6000)],
    ] {
        assert_eq!(endings(&broken_off), [Ending::BrokenOff], "{broken_off:?}");
    }
    assert_eq!(endings(&[pages("/users", 0, 0..50, 50)]), [Ending::Complete]);
    assert_eq!(endings(&[failure("/users", 0)]), [Ending::None]);
}

#[test]
fn a_page_that_is_missing_in_the_middle_is_missing() {
    let sync = [pages("/users", 0, 0..10, 30), pages("/users", 0, 20..30, 30)];
    assert_eq!(outlines(&sync), [(false, Mode::Full, 1)]);
}

#[test]
fn a_delta_in_one_piece_is_complete_also_when_nothing_changed() {
    let sync = [delta("/users", 0, 3), delta("/orgs", 0, 0)];
    assert_eq!(outlines(&sync), [(true, Mode::Delta, 2)]);
    let mixed = [delta("/users", 0, 3), pages("/orgs", 0, 0..2, 2)];
    assert_eq!(outlines(&mixed), [(true, Mode::Mixed, 2)]);
}

#[test]
fn failures_and_single_objects_make_no_sync() {
    assert_eq!(outlines(&[failure("/users", 0)]), [(false, Mode::None, 1)]);
    let single = RequestBatch {
        question: None,
        ..pages("/users/{id}", 0, 0..1, 1)
    };
    assert_eq!(outlines(&[single]), [(false, Mode::None, 1)]);
    let after_a_failure = [failure("/users", 0), pages("/users", 1, 0..3, 3)];
    assert_eq!(outlines(&after_a_failure), [(true, Mode::Full, 1)]);
    let given_up = [pages("/orgs", 0, 0..3, 3), failure("/users", 1)];
    assert_eq!(
        outlines(&given_up),
        [(false, Mode::Full, 2)],
        "users were begun and never read"
    );
    let unknown_user = [pages("/orgs", 0, 0..3, 3), failure("/users/{id}", 1)];
    assert_eq!(outlines(&unknown_user), [(true, Mode::Full, 2)]);
}

#[test]
fn a_long_pause_ends_a_run_of_a_token_that_is_kept() {
    let two = [pages("/users", 0, 0..10, 20), pages("/users", 31, 10..20, 20)];
    assert_eq!(outlines(&two), [(false, Mode::Full, 1), (false, Mode::Full, 1)]);
    let one = [pages("/users", 0, 0..10, 20), pages("/users", 30, 10..20, 20)];
    assert_eq!(outlines(&one), [(true, Mode::Full, 1)], "a slow consumer");
}

#[test]
fn beginning_anew_what_was_read_to_its_end_begins_another_run() {
    let poll = |minute| [pages("/orgs", minute, 0..2, 2), delta("/users", minute, 0)];
    let twice = [poll(0), poll(10)].concat();
    assert_eq!(outlines(&twice), [(true, Mode::Mixed, 2), (true, Mode::Mixed, 2)]);
    let runs = runs(&twice);
    assert_eq!((runs[0].run_number, runs[1].run_number), (1, 2));
}

#[test]
fn reading_the_parts_of_each_parent_for_an_hour_is_one_run() {
    let of_a_class = |minute| pages("/classes/{id}/students", minute, 0..20, 20);
    let sync: Vec<RequestBatch> = (0..12).map(|class| of_a_class(class * 6)).collect();
    assert_eq!(outlines(&sync), [(true, Mode::Full, 1)]);
}

#[test]
fn a_retry_is_no_new_run_nor_is_going_on_after_a_break() {
    let retry = [pages("/users", 0, 0..20, 20), pages("/users", 4, 0..20, 20)];
    assert_eq!(outlines(&retry), [(true, Mode::Full, 1)]);
    let from_the_start = [pages("/users", 0, 0..10, 20), pages("/users", 9, 0..20, 20)];
    assert_eq!(
        outlines(&from_the_start),
        [(true, Mode::Full, 1)],
        "it was not complete before"
    );
    let last_page_again = [pages("/users", 0, 0..20, 20), pages("/users", 9, 10..20, 20)];
    assert_eq!(outlines(&last_page_again), [(true, Mode::Full, 1)]);
}

#[test]
fn pages_that_two_servers_answered_make_one_run_in_any_order() {
    let sync = [
        pages("/users", 2, 10..20, 30),
        pages("/users", 0, 0..10, 30),
        pages("/users", 1, 20..30, 30),
    ];
    assert_eq!(outlines(&sync), [(true, Mode::Full, 1)]);
    assert_eq!(runs(&sync)[0].first_request_at, at(0));
}

#[test]
fn questions_are_bounded() {
    let many: Vec<RequestBatch> = (1..200)
        .map(|total| pages("/users", 0, 0..total, total))
        .collect();
    let run = runs(&many).remove(0);
    assert_eq!(run.readings[0].questions.len(), QUESTIONS_MAX);
    assert_eq!(run.readings[0].pages, 199);
}
