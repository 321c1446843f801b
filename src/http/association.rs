//! Which objects of a generation an operation is about, by its entry in the catalog and the ids in the path.

use oneroster_standard::query::Clause;
use oneroster_standard::{Kind, ObjectType};

use super::catalog::{Operation, Parent, Relation, Target, View};
use super::error::ApiError;
use crate::serving::{Restriction, Snapshot};

/// The objects of an operation.
#[derive(Debug)]
pub(super) enum Selection {
    /// These, of a published kind.
    Published(Kind, Restriction),
    /// This provider has no such objects.
    Nothing,
    /// An object in the path is not there, or is not what it must be.
    NoParent(View),
}

/// Finds the objects. It may read every object once, to make an index.
pub(super) fn select(
    snapshot: &Snapshot,
    operation: &Operation,
    ids: &[String],
) -> Result<Selection, ApiError> {
    let (parents, link) = match operation.target {
        Target::Collection | Target::Single => return whole(operation.view),
        Target::Association { parents, link } => (parents, link),
    };
    if let Some(view) = unknown_parent(snapshot, parents, ids)? {
        return Ok(Selection::NoParent(view));
    }
    let parent_id = ids.last().map_or("", String::as_str);
    let Selection::Published(kind, mut restriction) = whole(operation.view)? else {
        return Ok(Selection::Nothing);
    };
    match link {
        Relation::Field(field) => restriction.clauses.push(clause(kind, field, parent_id)?),
        Relation::Through {
            kind: linking,
            from,
            to,
            only,
        } => {
            let mut clauses = vec![clause(linking, from, parent_id)?];
            if let Some((field, word)) = only {
                clauses.push(clause(linking, field, word)?);
            }
            let links = Restriction { clauses, ids: None };
            restriction.ids = Some(snapshot.referred(linking, &links, to));
        }
        Relation::None => return Ok(Selection::Nothing),
    }
    Ok(Selection::Published(kind, restriction))
}

/// Returns all objects of a view.
fn whole(view: View) -> Result<Selection, ApiError> {
    let ObjectType::Published(kind) = view.object_type else {
        return Ok(Selection::Nothing);
    };
    let only = view.only.map(|(field, word)| clause(kind, field, word));
    let restriction = Restriction {
        clauses: only.transpose()?.into_iter().collect(),
        ids: None,
    };
    Ok(Selection::Published(kind, restriction))
}

/// Returns what the first unknown one of these should have been.
fn unknown_parent(snapshot: &Snapshot, parents: &[Parent], ids: &[String]) -> Result<Option<View>, ApiError> {
    let mut previous_id = "";
    for (parent, id) in parents.iter().zip(ids) {
        let Selection::Published(kind, mut restriction) = whole(parent.view)? else {
            return Ok(Some(parent.view));
        };
        if let Some(field) = parent.within {
            restriction.clauses.push(clause(kind, field, previous_id)?);
        }
        if !snapshot.holds(kind, &restriction, id) {
            return Ok(Some(parent.view));
        }
        previous_id = id;
    }
    Ok(None)
}

/// Makes "this field is this". A catalog whose fields cannot be compared is caught by its tests; leaving the clause
/// out would give too much.
fn clause(kind: Kind, field: &str, value: &str) -> Result<Clause, ApiError> {
    Clause::equal(kind, field, value)
        .ok_or_else(|| ApiError::Internal(format!("{}.{field} cannot be compared", kind.collection())))
}
