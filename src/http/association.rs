//! Which objects of a generation an operation is about, by its entry in the catalog and the ids in the path.

use std::collections::BTreeSet;

use oneroster_standard::query::Clause;
use oneroster_standard::{Kind, ObjectType};

use super::catalog::{Operation, Parent, Referred, Relation, Target, View};
use super::error::ApiError;
use crate::serving::{Either, Referring, Restriction, Snapshot};

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
        Target::Collection => return whole(snapshot, operation.view),
        Target::Single => return around(snapshot, operation.view, ids.last().map_or("", String::as_str)),
        Target::Association { parents, link } => (parents, link),
    };
    if let Some(view) = unknown_parent(snapshot, parents, ids)? {
        return Ok(Selection::NoParent(view));
    }
    let parent_id = ids.last().map_or("", String::as_str);
    let Selection::Published(kind, mut restriction) = whole(snapshot, operation.view)? else {
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
            clauses.extend(self::only(linking, only)?);
            restriction.ids = Some(snapshot.referred(linking, &all_of(clauses), to, Referring::Active));
        }
        Relation::None => return Ok(Selection::Nothing),
    }
    Ok(Selection::Published(kind, restriction))
}

/// Returns all objects of a view.
fn whole(snapshot: &Snapshot, view: View) -> Result<Selection, ApiError> {
    selection(view, |_, _, also| {
        let clauses = only(also.by, also.only)?;
        Ok(snapshot.referred(also.by, &all_of(clauses), also.field, Referring::Any))
    })
}

/// Returns a view as far as one object is concerned: whether others belong to it is not found out.
fn around(snapshot: &Snapshot, view: View, id: &str) -> Result<Selection, ApiError> {
    selection(view, |kind, own, also| {
        // Most are what they are looked for as, or not there at all.
        if !snapshot.holds(kind, &Restriction::default(), id) || snapshot.holds(kind, own, id) {
            return Ok(BTreeSet::new());
        }
        let mut clauses = vec![clause(also.by, also.field, id)?];
        clauses.extend(only(also.by, also.only)?);
        let is_referred = snapshot.holds_any(also.by, &all_of(clauses));
        Ok(is_referred.then(|| id.to_owned()).into_iter().collect())
    })
}

/// Returns the objects of a view; `also_ids` finds those of a kind that belong to it beside its own.
fn selection(
    view: View,
    also_ids: impl FnOnce(Kind, &Restriction, &Referred) -> Result<BTreeSet<String>, ApiError>,
) -> Result<Selection, ApiError> {
    let ObjectType::Published(kind) = view.object_type else {
        return Ok(Selection::Nothing);
    };
    let own = all_of(only(kind, view.only)?);
    let Some(also) = view.also else {
        return Ok(Selection::Published(kind, own));
    };
    let ids = also_ids(kind, &own, also)?;
    let either = own
        .clauses
        .into_iter()
        .next()
        .map(|clause| Either { clause, ids });
    Ok(Selection::Published(
        kind,
        Restriction {
            either,
            ..Restriction::default()
        },
    ))
}

fn all_of(clauses: Vec<Clause>) -> Restriction {
    Restriction {
        clauses,
        ..Restriction::default()
    }
}

fn only(kind: Kind, only: Option<(&str, &str)>) -> Result<Vec<Clause>, ApiError> {
    let only = only.map(|(field, word)| clause(kind, field, word));
    Ok(only.transpose()?.into_iter().collect())
}

/// Returns what the first unknown one of these should have been.
fn unknown_parent(snapshot: &Snapshot, parents: &[Parent], ids: &[String]) -> Result<Option<View>, ApiError> {
    let mut previous_id = "";
    for (parent, id) in parents.iter().zip(ids) {
        let Selection::Published(kind, mut restriction) = around(snapshot, parent.view, id)? else {
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
