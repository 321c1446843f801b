//! The pulls of a sync: full, in small pages, and since an instant.

use oneroster_standard::{Kind, counted};
use reqwest::Url;

use super::answer::{Delta, DeltaRow, FullPull, List, ReceivedRow, Walk, WalkPage};
use super::link;
use super::session::{Session, address, same_origin};

/// Rows a page as School Data Sync asks them.
pub(super) const PAGE_ROWS: usize = 5000;
/// The filter of a full pull.
pub(super) const ACTIVE: (&str, &str) = ("filter", "status='active'");
/// A moment before any roster.
pub(super) const LONG_AGO: &str = "1970-01-01T00:00:00.000Z";

/// Most pages of one pull: a provider whose pages never end must not keep the check running.
const PAGES_MAX: usize = 10_000;

/// The largest page that every provider must give.
pub(super) const LARGEST_PAGE_ROWS: usize = 10_000;
/// About as many pages a walk has.
const WALK_PAGES: usize = 4;
/// Most pages of a walk; more than it needs even if every page is short.
const WALK_PAGES_MAX: usize = 40;

/// Pulls all active rows as School Data Sync does: pages of 5,000 until `X-Total-Count` is reached; without the
/// header until a page is not full.
pub(super) async fn full(session: &mut Session<'_>, kind: Kind, step: impl Fn(usize)) -> FullPull {
    pages(session, kind, &[kind.collection()], step).await
}

/// Pulls all active rows below another path than the collection's, which has a rule of its own.
pub(super) async fn part(session: &mut Session<'_>, kind: Kind, path: &[&str]) -> FullPull {
    let first = session.answers.len();
    let pull = pages(session, kind, path, |_| ()).await;
    for answer in session.answers.iter_mut().skip(first) {
        answer.edge = true;
    }
    pull
}

async fn pages(session: &mut Session<'_>, kind: Kind, path: &[&str], step: impl Fn(usize)) -> FullPull {
    let mut pull = FullPull {
        rows: Vec::new(),
        pages: Vec::new(),
        broken: None,
    };
    let limit = PAGE_ROWS.to_string();
    let mut first_before: Option<String> = None;
    for page in 0..PAGES_MAX {
        let offset = page * PAGE_ROWS;
        let parameters = [("offset", &*offset.to_string()), ("limit", &limit), ACTIVE];
        let url = address(session.base, path, &parameters);
        let List { answer, rows } = session.list_at(kind, url).await;
        let total = answer.total();
        let Some(rows) = rows else {
            pull.broken = Some(answer.trouble());
            return pull;
        };
        pull.pages.push(answer);
        let first = rows.first().and_then(|row| row.id.as_deref());
        if first.is_some() && first == first_before.as_deref() {
            pull.broken = Some(format!(
                "the page at offset {offset} begins like the one before it: offset is ignored"
            ));
            return pull;
        }
        first_before = first.map(str::to_owned);
        let count = rows.len();
        pull.rows.extend(rows);
        step(pull.rows.len());
        let ended = total.map_or(count < PAGE_ROWS, |total| offset + PAGE_ROWS >= total);
        if ended || count == 0 {
            return pull;
        }
    }
    pull.broken = Some(format!("no end after {PAGES_MAX} pages"));
    pull
}

/// Pulls the same rows again in small pages, following `Link` where it is given, else counting up the offset.
pub(super) async fn walk(session: &mut Session<'_>, kind: Kind, total: usize) -> Walk {
    let limit = total.div_ceil(WALK_PAGES).clamp(1, PAGE_ROWS);
    let mut walk = Walk {
        limit,
        pages: Vec::new(),
        broken: None,
    };
    let pages_max = WALK_PAGES_MAX.max(total.div_ceil(limit) * 2);
    let mut url = page_address(session, kind, 0, limit);
    let mut offset = 0;
    for _ in 0..pages_max {
        let List { answer, rows } = session.list_at(kind, url).await;
        let Some(rows) = rows else {
            walk.broken = Some(answer.trouble());
            return walk;
        };
        let count = rows.len();
        let next = answer.links().and_then(|links| links.get("next")).cloned();
        let ids = rows.into_iter().map(|row| row.id).collect();
        walk.pages.push(WalkPage { offset, answer, ids });
        offset += count;
        url = match next {
            Some(next) if same_origin(&next, session.base) && continues(&next, offset, limit) => next,
            _ if count < limit || offset >= total => return walk,
            _ => page_address(session, kind, offset, limit),
        };
    }
    walk.broken = Some(format!(
        "no end after {} of {limit}",
        counted(pages_max, "page", "pages")
    ));
    walk
}

fn page_address(session: &Session<'_>, kind: Kind, offset: usize, limit: usize) -> Url {
    let parameters = [
        ("offset", &*offset.to_string()),
        ("limit", &limit.to_string()),
        ACTIVE,
    ];
    address(session.base, &[kind.collection()], &parameters)
}

/// Pulls the rows modified after an instant, asked as School Data Sync does, with neither limit nor offset. If the
/// provider pages the answer, its `Link` is followed. Passes the rows themselves to `keep`, beside the summary.
pub(super) async fn delta(
    session: &mut Session<'_>,
    kind: Kind,
    after: &str,
    mut keep: impl FnMut(ReceivedRow),
) -> Delta {
    let mut delta = Delta {
        after: after.to_owned(),
        rows: Vec::new(),
        total: None,
        page_count: 0,
        broken: None,
    };
    let filter = format!("dateLastModified>'{after}'");
    let mut url = address(session.base, &[kind.collection()], &[("filter", &filter)]);
    for page in 0..PAGES_MAX {
        let List { answer, rows } = session.list_at(kind, url.clone()).await;
        let Some(rows) = rows else {
            delta.broken = Some(answer.trouble());
            return delta;
        };
        if page == 0 {
            delta.total = answer.total();
        }
        delta.page_count += 1;
        let empty = rows.is_empty();
        for row in rows {
            delta.rows.push(DeltaRow {
                id: row.id.clone(),
                modified: row.modified.clone(),
                is_active: row.is_active(),
                is_tombstone: row.is_tombstone(),
            });
            keep(row);
        }
        let next = answer.links().and_then(|links| links.get("next"));
        if next == Some(&url) {
            delta.broken = Some(format!(
                "rel=\"next\" of page {} leads to that page itself",
                delta.page_count
            ));
            return delta;
        }
        url = match next {
            Some(next) if same_origin(next, session.base) && !empty => next.clone(),
            _ => return delta,
        };
    }
    delta.broken = Some(format!("no end after {PAGES_MAX} pages"));
    delta
}

/// Returns `true` if a link continues at an offset, with the same limit and filter. Another link is not followed: what it
/// leads to is no page of the walk.
pub(super) fn continues(next: &Url, offset: usize, limit: usize) -> bool {
    let (name, filter) = ACTIVE;
    link::number(next, "offset") == Some(offset)
        && link::number(next, "limit") == Some(limit)
        && link::parameter(next, name).as_deref() == Some(filter)
}
