//! The OneRoster operations served: one list, which routing, documents and tests read.
//!
//! An entry says all there is to know about an operation: its path, the scopes that open it, the objects it gives and
//! how they belong to the objects in its path, its parameters. [`OPERATIONS`] has one for each read operation of the
//! rostering and resources services (OneRoster 1.1 §1.1 to §1.3); nothing else in `http` names one.

mod operations;
mod parameter;

use oneroster_standard::{Kind, ObjectType};

use crate::auth::Scope;

pub use operations::OPERATIONS;
pub use parameter::{Parameter, ParameterForm};

/// What every OneRoster path begins with.
pub const ROOT: [&str; 3] = ["ims", "oneroster", "v1p1"];

/// The methods every operation takes; HEAD is GET without a body.
pub const METHODS: &str = "GET, HEAD";

/// An operation of the standard. All are reads: GET.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The standard's name for it.
    pub id: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Path below the root; a segment in braces is a `sourcedId`.
    pub template: &'static str,
    /// The objects it is about.
    pub view: View,
    /// Which of those it gives.
    pub target: Target,
    /// Any one of these opens it.
    pub scopes: &'static [Scope],
}

/// The objects of a type, or a named part of them: students are the users whose role is `student`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// What one of them is called.
    pub name: &'static str,
    /// Their type, which also names the key of the envelope (OneRoster 1.1 §12 question 6).
    pub object_type: ObjectType,
    /// A field, and the word it holds in all of them.
    pub only: Option<(&'static str, &'static str)>,
    /// With `only`: who belongs to them as well, whatever the field holds.
    pub also: Option<&'static Referred>,
}

/// Objects to which objects of another kind refer, be those tombstones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Referred {
    /// The other kind.
    pub by: Kind,
    /// Its field that refers to them.
    pub field: &'static str,
    /// A field of its, and the word it must hold.
    pub only: Option<(&'static str, &'static str)>,
}

/// Which objects of its view an operation gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// All that the query asks for.
    Collection,
    /// The one whose id is in the path.
    Single,
    /// Those that belong to an object: the last of these, whose ids are in the path in this order.
    Association {
        /// At least one.
        parents: &'static [Parent],
        /// How they belong to the last one.
        link: Relation,
    },
}

/// An object in the path of an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parent {
    /// What it must be; anything else is an unknown parent.
    pub view: View,
    /// Its field that must refer to the parent before it in the path: a class must be of the school.
    pub within: Option<&'static str>,
}

/// How objects belong to a parent (OneRoster 1.1 §12 questions 10 to 13).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// This field of theirs refers to it.
    Field(&'static str),
    /// Active objects of a kind refer both to it and to them. One that is `tobedeleted` links nothing.
    Through {
        /// The kind.
        kind: Kind,
        /// Its field that refers to the parent.
        from: &'static str,
        /// Its field that refers to them.
        to: &'static str,
        /// A field, and the word it must hold.
        only: Option<(&'static str, &'static str)>,
    },
    /// None do: there are no such objects.
    None,
}

impl Operation {
    /// Returns the key under which the body holds what was asked for. It is the first one.
    pub const fn envelope_key(&self) -> &'static str {
        match self.target {
            Target::Single => self.view.object_type.singular(),
            Target::Collection | Target::Association { .. } => self.view.object_type.collection(),
        }
    }

    /// Returns `true` if it gives one object.
    pub const fn is_single(&self) -> bool {
        matches!(self.target, Target::Single)
    }

    /// Returns the query parameters it heeds; it ignores all others.
    pub const fn parameters(&self) -> &'static [Parameter] {
        if self.is_single() {
            parameter::OF_SINGLE
        } else {
            parameter::OF_COLLECTION
        }
    }

    /// Returns the names of the ids in its path, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.template
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }

    /// Returns its path with these ids, in order and encoded as given; braces remain where one is missing.
    pub fn path(&self, ids: &[&str]) -> String {
        let mut ids = ids.iter();
        let parts = self.template.split('/').map(|part| {
            let id = part.starts_with('{').then(|| ids.next()).flatten();
            id.map_or(part, |id| *id)
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

/// Returns the operation with this path below the root, and the ids in the path.
pub(super) fn find(segments: &[&str]) -> Option<(&'static Operation, Vec<String>)> {
    let first = *segments.first()?;
    OPERATIONS
        .iter()
        // Most templates begin with another word: no need to take them apart.
        .filter(|operation| {
            operation
                .template
                .strip_prefix('/')
                .is_some_and(|own| own.starts_with(first))
        })
        .find_map(|operation| Some((operation, ids(operation.template, segments)?)))
}

/// Returns the ids that make the template this path; `None` when it is another path.
fn ids(template: &str, segments: &[&str]) -> Option<Vec<String>> {
    let mut parts = template.split('/').skip(1);
    let mut ids = Vec::new();
    for &segment in segments {
        let part = parts.next()?;
        if part.starts_with('{') {
            ids.push(segment.to_owned());
        } else if part != segment {
            return None;
        }
    }
    parts.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests;
