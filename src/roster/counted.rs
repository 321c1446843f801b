//! What of `roster.object_version` is counted: the active objects of a generation, and the facts about classes beside them, which
//! the brake asks for and no consumer is told.

use std::collections::BTreeMap;

use futures_util::{Stream, StreamExt};
use oneroster_school::projection::ClassFacts;
use oneroster_standard::Kind;
use sqlx::PgConnection;
use sqlx::types::Json;

use super::Error;

/// An active object of a generation, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedObject {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub sourced_id: String,
    /// JSON without the three common members.
    pub content: String,
    /// Of a class: what is known of it beside what was published. `None` where it was not recorded.
    pub class_facts: Option<ClassFacts>,
}

struct Row {
    kind: String,
    sourced_id: String,
    content: String,
    class_facts: Option<Json<serde_json::Value>>,
}

fn counted(row: Result<Row, sqlx::Error>) -> Result<CountedObject, Error> {
    let row = row?;
    let kind = Kind::from_collection(&row.kind).ok_or_else(|| Error::Inconsistent {
        kind: row.kind,
        sourced_id: row.sourced_id.clone(),
        problem: "unknown kind",
    })?;
    Ok(CountedObject {
        kind,
        sourced_id: row.sourced_id,
        content: row.content,
        // Facts in the form of another build are facts that this one does not know.
        class_facts: row
            .class_facts
            .and_then(|facts| serde_json::from_value(facts.0).ok()),
    })
}

fn collections(kinds: &[Kind]) -> Vec<String> {
    kinds.iter().map(|kind| kind.collection().to_owned()).collect()
}

/// Reads the active objects of some kinds in the newest generation, in no order.
pub fn newest<'a>(
    connection: &'a mut PgConnection,
    tenant_id: &'a str,
    kinds: &[Kind],
) -> impl Stream<Item = Result<CountedObject, Error>> + Send + 'a {
    sqlx::query_as!(
        Row,
        r#"select kind, sourced_id, content, class_facts as "class_facts: Json<serde_json::Value>"
           from roster.object_version
           where tenant_id = $1 and until_number is null and status = 'active' and kind = any($2)"#,
        tenant_id,
        &collections(kinds)
    )
    .fetch(connection)
    .map(counted)
}

/// Reads the active objects of some kinds in a generation, in no order.
pub fn of_generation<'a>(
    connection: &'a mut PgConnection,
    tenant_id: &'a str,
    number: i64,
    kinds: &[Kind],
) -> impl Stream<Item = Result<CountedObject, Error>> + Send + 'a {
    sqlx::query_as!(
        Row,
        r#"select kind, sourced_id, content, class_facts as "class_facts: Json<serde_json::Value>"
           from roster.object_version
           where tenant_id = $1 and from_number <= $2 and (until_number is null or until_number > $2)
             and status = 'active' and kind = any($3)"#,
        tenant_id,
        number,
        &collections(kinds)
    )
    .fetch(connection)
    .map(counted)
}

/// Records the facts about the classes of the newest generation, by `sourcedId`, in the transaction of a publication that
/// passes. They are no part of what was published: nothing gets another date or hash by them.
///
/// Facts may change while a title does not, so what is recorded is always as of the last publication.
pub async fn record_class_facts(
    connection: &mut PgConnection,
    tenant_id: &str,
    facts: &BTreeMap<String, ClassFacts>,
) -> Result<(), Error> {
    let ids: Vec<&str> = facts.keys().map(String::as_str).collect();
    let facts: Vec<serde_json::Value> = facts
        .values()
        // Three plain members always have a form in JSON.
        .map(|facts| serde_json::to_value(facts).unwrap_or_default())
        .collect();
    sqlx::query!(
        "update roster.object_version v set class_facts = known.facts
         from unnest($2::text[], $3::jsonb[]) as known (sourced_id, facts)
         where v.tenant_id = $1 and v.kind = 'classes' and v.sourced_id = known.sourced_id
           and v.until_number is null and v.status = 'active'
           and v.class_facts is distinct from known.facts",
        tenant_id,
        &ids as &[&str],
        &facts
    )
    .execute(connection)
    .await?;
    Ok(())
}
