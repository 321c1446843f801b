//! The trail as a person reads it: what was done in one statement is one line.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;

/// How many people a line names.
const PEOPLE_SHOWN: usize = 20;

/// A line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub by: String,
    /// What, in a word.
    pub kind: String,
    /// About what: ids, counts, from and to, and from where it was done.
    pub detail: Value,
    /// Everyone whose username or flag was changed, by id.
    pub people: Vec<String>,
    /// The value that a username, domain or flag got, of the first of them.
    pub value: Option<String>,
    /// Its place in the trail.
    pub position: i64,
}

/// Which lines of the trail are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Only those before this place.
    pub before: Option<i64>,
    /// Only what this account did.
    pub by: Option<&'a str>,
    /// Only what was done from then on.
    pub from: Option<DateTime<Utc>>,
    /// Only what was done before then.
    pub until: Option<DateTime<Utc>>,
}

/// A part of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its lines, the newest first.
    pub lines: Vec<Listed>,
    /// Where the next part begins; `None` if this is the last.
    pub next: Option<i64>,
}

/// How many entries a part is made of. A line of many people has an entry for some of them each.
const PAGE_ENTRIES: i64 = 400;

/// What was done in one statement, as it is read.
struct Row {
    at: DateTime<Utc>,
    by: String,
    origin: String,
    kind: String,
    source: Option<String>,
    field: Option<String>,
    count: i64,
    position: i64,
    taken: i64,
    people: Option<Vec<String>>,
    detail: Option<Value>,
    key: Option<Value>,
    before: Option<Value>,
    after: Option<Value>,
}

/// Returns the trail of a tenant, the oldest first: events, clients, the configuration, and what people changed of usernames. What
/// the system did by itself and the record of decisions, which is older than the trail, are left out.
pub async fn listed(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = rows(connection, tenant_id, Wanted::default(), None).await?;
    Ok(lines(rows))
}

/// Returns the same a part at a time, the newest first.
pub async fn page(
    connection: &mut PgConnection,
    tenant_id: &str,
    wanted: Wanted<'_>,
) -> Result<Page, sqlx::Error> {
    let mut rows = rows(connection, tenant_id, wanted, Some(PAGE_ENTRIES)).await?;
    let is_cut = rows.first().is_some_and(|row| row.taken >= PAGE_ENTRIES);
    // The oldest line may have entries before this part: it belongs to the next one, unless it is all there is.
    if is_cut && rows.len() > 1 {
        rows.remove(0);
    }
    let next = rows.first().map(|row| row.position).filter(|_| is_cut);
    let mut lines = lines(rows);
    lines.reverse();
    Ok(Page { lines, next })
}

/// Reads what was done, statement by statement, the oldest first; with a limit the newest entries only.
async fn rows(
    connection: &mut PgConnection,
    tenant_id: &str,
    wanted: Wanted<'_>,
    limit: Option<i64>,
) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as!(
        Row,
        r#"with taken as materialized (
               select * from audit.entry
               where tenant_id = $1
                 -- What was about somebody who was erased tells nothing any more.
                 and (source is not null or erased_at is null)
                 -- A tenant whose id one had that was taken away begins with nothing.
                 and position > coalesce((select max(position) from audit.entry where tenant_id = $1 and kind = 'tenant_removed'), 0)
                 and (source is null or source in ('tenant.tenant', 'auth.client', 'auth.client_secret', 'desk.access_grant')
                      or source = 'username.change' and coalesce((rows -> 0)::jsonb, after, before) ->> 'changed_by' <> 'system'
                      -- The record of decisions has those from before the trail too, and is listed by itself.
                      or source = 'tenant.decision' and $6::bigint is not null)
                 and ($2::bigint is null or position < $2)
                 and ($3::text is null or by = $3)
                 and ($4::timestamptz is null or at >= $4)
                 and ($5::timestamptz is null or at < $5)
               order by position desc limit $6
           )
           select at as "at!", by as "by!", origin as "origin!", kind as "kind!", source,
                  image ->> 'field' as field, count(*) as "count!", min(position) as "position!",
                  (select count(*) from taken) as "taken!",
                  array_agg(image ->> 'rowguid' order by position, place)
                      filter (where source = 'username.change') as "people: Vec<String>",
                  (array_agg(detail))[1] as detail, (array_agg(key))[1] as key,
                  (array_agg(before order by position))[1] as before, 
                  (array_agg(coalesce(after, case when rows is not null then image end) order by position, place))[1] as after
           from taken
           cross join lateral (
               select coalesce(after, before) as image, 0 as place where rows is null
               union all
               select value::jsonb, ordinality from json_array_elements(rows) with ordinality where source = 'username.change'
           ) row
           group by at, by, origin, kind, source, image ->> 'field',
                    case when source in ('auth.client', 'auth.client_secret', 'desk.access_grant') then key end
           order by min(position)"#,
        tenant_id,
        wanted.before,
        wanted.by,
        wanted.from,
        wanted.until,
        limit
    )
    .fetch_all(connection)
    .await
}

fn lines(rows: Vec<Row>) -> Vec<Listed> {
    let mut new_clients = HashSet::new();
    rows.into_iter()
        .filter_map(|row| row.listed(&mut new_clients))
        .collect()
}

impl Row {
    /// Returns it as a line. The first secret of a client belongs to its creation.
    fn listed(self, new_clients: &mut HashSet<String>) -> Option<Listed> {
        let people = self.people.unwrap_or_default();
        let value = self.after.as_ref().filter(|_| !people.is_empty());
        let value = value.and_then(|after| Some(after.get("new_value")?.as_str()?.to_owned()));
        let (kind, detail) = match self.source.as_deref() {
            None => (self.kind, self.detail?),
            Some("auth.client_secret") => {
                let is_new = self.kind == "secret_created";
                let client_id = self.key.as_ref()?.get("client_id")?.as_str()?.to_owned();
                if !is_new || new_clients.remove(&client_id) {
                    return None;
                }
                ("client_rotated".to_owned(), json!({ "client": client_id }))
            }
            Some("auth.client") => {
                let client_id = self.key.as_ref()?.get("client_id")?.as_str()?.to_owned();
                if self.kind == "client_created" {
                    new_clients.insert(client_id.clone());
                }
                let mut detail = changed(self.before.as_ref(), self.after.as_ref());
                detail.insert("client".to_owned(), json!(client_id));
                (self.kind, Value::Object(detail))
            }
            Some("tenant.decision") => (self.kind, self.after?.get("detail")?.clone()),
            Some("desk.access_grant") => (self.kind, of_grant(&self.after.or(self.before)?)),
            Some("tenant.tenant") => {
                let configuration = |image: Option<&Value>| image?.get("configuration").cloned();
                let (before, after) = (
                    configuration(self.before.as_ref()),
                    configuration(self.after.as_ref()),
                );
                let detail = match (before, after) {
                    (Some(before), Some(after)) => changed(Some(&before), Some(&after)),
                    _ => Map::new(),
                };
                (self.kind, Value::Object(detail))
            }
            Some(_) => of_usernames(self.field.as_deref()?, self.count, &people, self.after.as_ref()),
        };
        let mut detail = detail;
        if let Some(members) = detail.as_object_mut() {
            members.insert("origin".to_owned(), json!(self.origin));
        }
        Some(Listed {
            at: self.at,
            by: self.by,
            kind,
            detail,
            people,
            value,
            position: self.position,
        })
    }
}

/// Returns the line of changed usernames or flags: of one person from what to what.
fn of_usernames(field: &str, count: i64, people: &[String], after: Option<&Value>) -> (String, Value) {
    let kind = match field {
        "sync" => "flag_changed".to_owned(),
        "local_part" => "username_changed".to_owned(),
        "domain" => "domain_changed".to_owned(),
        other => format!("username_{other}"),
    };
    let shown: Vec<&String> = people.iter().take(PEOPLE_SHOWN).collect();
    let mut detail = json!({ "people": count, "users": shown });
    if let (Some(members), Some(after), 1) = (detail.as_object_mut(), after, count) {
        for (name, column) in [("from", "old_value"), ("to", "new_value")] {
            let value = after.get(column).cloned().unwrap_or_default();
            members.insert(name.to_owned(), value);
        }
    }
    (kind, detail)
}

/// Returns what was given or taken: to whom, where, as what.
fn of_grant(image: &Value) -> Value {
    let names = ["login_name", "school", "site", "kind", "role", "access"];
    let members = names.into_iter().map(|name| {
        let value = image.get(name).cloned().unwrap_or_default();
        (name.to_owned(), value)
    });
    Value::Object(members.collect())
}

/// Returns what differs between two images, member by member; of a new one what it has.
fn changed(before: Option<&Value>, after: Option<&Value>) -> Map<String, Value> {
    let none = Value::Null;
    let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
    let of = |image: &Value| image.as_object().cloned().unwrap_or_default();
    let (before, after) = (of(before), of(after));
    let is_new = before.is_empty();
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let mut members = Map::new();
    for name in names {
        let (from, to) = (before.get(name), after.get(name));
        if from == to || name == "client_id" || name == "created_at" {
            continue;
        }
        let value = if is_new {
            json!(to)
        } else {
            json!({ "from": from, "to": to })
        };
        members.insert(name.clone(), value);
    }
    members
}
