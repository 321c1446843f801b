//! Requests that vary from a plain pull: order, fields, filters, faulty parameters, methods, paths.

use oneroster_standard::Kind;
use reqwest::Method;

use super::answer::{List, RawAnswer};
use super::client::clip;
use super::collection::Collection;
use super::pull::ACTIVE;
use super::session::Session;

/// Everything seen of the variations.
#[derive(Debug)]
pub(super) struct Variations {
    /// Users by `dateLastModified`, up to 100.
    pub(super) ascending: List,
    /// The same from the newest on.
    pub(super) descending: List,
    /// `fields=sourcedId,status`.
    pub(super) fields: List,
    /// A field to sort by that does not exist.
    pub(super) unknown_sort: RawAnswer,
    /// A field to select that does not exist.
    pub(super) unknown_selection: RawAnswer,
    /// `fields=` without a name.
    pub(super) blank_fields: RawAnswer,
    /// A limit or an offset that is no number, or none that can be.
    pub(super) bad_paging: Vec<RawAnswer>,
    /// Filters that follow no grammar.
    pub(super) bad_filters: Vec<RawAnswer>,
    /// First and last user, joined by OR; with their ids.
    pub(super) either: Option<(Vec<String>, List)>,
    /// `status!='tobedeleted'`.
    pub(super) not_equal: List,
    /// `sourcedId~'…'` of the first user, in capitals; with that id.
    pub(super) contains: Option<(String, List)>,
    /// `class.sourcedId='…'` of the first enrollment; with that id.
    pub(super) dotted: Option<(String, List)>,
    /// A method that no endpoint takes.
    pub(super) wrong_method: RawAnswer,
    pub(super) get: RawAnswer,
    pub(super) head: RawAnswer,
    /// Slashes too many.
    pub(super) slashes: RawAnswer,
    /// GET with a body.
    pub(super) body_on_get: RawAnswer,
    pub(super) unknown_path: RawAnswer,
    /// Deleted objects read on their own: what is wrong, if anything.
    pub(super) tombstones: Vec<(String, Option<String>)>,
}

const ORGS: &str = "orgs";
const ONE: (&str, &str) = ("limit", "1");

/// Makes every request that varies from a plain pull.
pub(super) async fn gather(session: &mut Session<'_>, collections: &[Collection]) -> Variations {
    let token = Some(session.token);
    let by_date = ("sort", "dateLastModified");
    Variations {
        ascending: session
            .edge(Kind::Users, &[by_date, ("limit", "100"), ACTIVE])
            .await,
        descending: session
            .edge(
                Kind::Users,
                &[by_date, ("orderBy", "desc"), ("limit", "100"), ACTIVE],
            )
            .await,
        fields: session
            .edge(Kind::Users, &[("fields", "sourcedId,status"), ONE, ACTIVE])
            .await,
        unknown_sort: session.raw(&[ORGS], &[("sort", "noSuchField"), ONE], token).await,
        unknown_selection: session
            .raw(&[ORGS], &[("fields", "noSuchField"), ONE], token)
            .await,
        blank_fields: session.raw(&[ORGS], &[("fields", ""), ONE], token).await,
        bad_paging: each(
            session,
            &[("limit", "0"), ("limit", "-1"), ("limit", "x"), ("offset", "-1")],
        )
        .await,
        bad_filters: each(
            session,
            &[
                ("filter", "status"),
                ("filter", "status='active"),
                ("filter", "status=active"),
            ],
        )
        .await,
        either: either(session, collections).await,
        not_equal: session
            .edge(Kind::Users, &[("filter", "status!='tobedeleted'"), ONE])
            .await,
        contains: contains(session, collections).await,
        dotted: dotted(session, collections).await,
        // No version of the standard has PATCH, so it can do no harm.
        wrong_method: session.send(Method::PATCH, &[ORGS], &[], token, None).await,
        get: session.raw(&[ORGS], &[ONE], token).await,
        head: session.send(Method::HEAD, &[ORGS], &[ONE], token, None).await,
        slashes: session.raw(&["", ORGS, ""], &[ONE], token).await,
        body_on_get: session
            .send(Method::GET, &[ORGS], &[ONE], token, Some("{}"))
            .await,
        unknown_path: session.raw(&["noSuchCollection"], &[], token).await,
        tombstones: tombstones(session, collections).await,
    }
}

async fn each(session: &mut Session<'_>, parameters: &[(&str, &str)]) -> Vec<RawAnswer> {
    let mut seen = Vec::new();
    for parameter in parameters {
        seen.push(session.raw(&[ORGS], &[*parameter], Some(session.token)).await);
    }
    seen
}

/// Returns the ids of a collection's active rows that can stand in a filter.
fn ids(collections: &[Collection], kind: Kind) -> impl DoubleEndedIterator<Item = &str> {
    let rows = collections
        .iter()
        .filter(move |collection| collection.kind == kind)
        .flat_map(|collection| &collection.full.rows);
    rows.filter_map(|row| row.id.as_deref())
        .filter(|id| !id.contains('\''))
}

async fn either(session: &mut Session<'_>, collections: &[Collection]) -> Option<(Vec<String>, List)> {
    let mut users = ids(collections, Kind::Users);
    let wanted = [users.next()?, users.next_back()?].map(str::to_owned);
    let filter = wanted
        .each_ref()
        .map(|id| format!("sourcedId='{id}'"))
        .join(" OR ");
    let list = session.edge(Kind::Users, &[("filter", &filter)]).await;
    Some((wanted.to_vec(), list))
}

async fn contains(session: &mut Session<'_>, collections: &[Collection]) -> Option<(String, List)> {
    let id = ids(collections, Kind::Users).next()?.to_owned();
    let filter = format!("sourcedId~'{}'", id.to_uppercase());
    let list = session.edge(Kind::Users, &[("filter", &filter)]).await;
    Some((id, list))
}

async fn dotted(session: &mut Session<'_>, collections: &[Collection]) -> Option<(String, List)> {
    let enrollments = collections
        .iter()
        .find(|collection| collection.kind == Kind::Enrollments)?;
    let first = enrollments.full.rows.first()?.value();
    let class = first.get("class")?.get("sourcedId")?.as_str()?.to_owned();
    let filter = format!("class.sourcedId='{}'", class.replace('\'', "''"));
    let list = session.edge(Kind::Enrollments, &[("filter", &filter)]).await;
    Some((class, list))
}

/// Reads one deleted object of each collection that has any.
async fn tombstones(session: &mut Session<'_>, collections: &[Collection]) -> Vec<(String, Option<String>)> {
    let mut seen = Vec::new();
    for collection in collections {
        let kind = collection.kind;
        let mut deleted = collection.inactive.iter().filter(|row| row.is_tombstone());
        let Some((row, id)) = deleted.find_map(|row| Some((row, row.id.as_deref()?))) else {
            continue;
        };
        let (answer, object) = session.single(kind, id).await;
        let problem = match object.as_ref().map(|object| object.get("status")) {
            None => Some(answer.trouble()),
            Some(Some(status)) if status == "tobedeleted" => None,
            Some(status) => Some(format!(
                "status {}",
                status.map_or_else(|| "missing".to_owned(), |status| clip(&status.to_string()))
            )),
        };
        seen.push((row.label(kind), problem));
    }
    seen
}
