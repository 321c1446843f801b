//! The OneRoster operations served: one list, which routing, documents and tests read.

use crate::auth::Scope;
use crate::oneroster::Kind;

/// What every OneRoster path begins with.
pub(super) const ROOT: [&str; 3] = ["ims", "oneroster", "v1p1"];

/// An operation of the standard (OneRoster 1.1 §1). All are GET.
#[derive(Debug)]
pub(super) struct Operation {
    /// The standard's name for it.
    pub(super) id: &'static str,
    /// Path below the root; a segment in braces is a `sourcedId`.
    pub(super) template: &'static str,
    /// The kind of object it gives.
    pub(super) kind: Kind,
    /// What of that kind.
    pub(super) target: Target,
    /// Any one of these opens it.
    pub(super) scopes: &'static [Scope],
}

/// Which objects of its kind an operation gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// All that the query asks for.
    Collection,
    /// The one whose id is in the path.
    Single,
}

/// Base endpoints open with either roster scope: consumers ask for one and read both (OneRoster 1.1 §9.1).
const BASE: &[Scope] = &[Scope::RosterCore, Scope::Roster];

const fn collection(id: &'static str, template: &'static str, kind: Kind) -> Operation {
    Operation {
        id,
        template,
        kind,
        target: Target::Collection,
        scopes: BASE,
    }
}

const fn single(id: &'static str, template: &'static str, kind: Kind) -> Operation {
    Operation {
        id,
        template,
        kind,
        target: Target::Single,
        scopes: BASE,
    }
}

/// The operations.
pub(super) static OPERATIONS: &[Operation] = &[
    collection(
        "getAllAcademicSessions",
        "/academicSessions",
        Kind::AcademicSessions,
    ),
    single(
        "getAcademicSession",
        "/academicSessions/{sourcedId}",
        Kind::AcademicSessions,
    ),
    collection("getAllClasses", "/classes", Kind::Classes),
    single("getClass", "/classes/{sourcedId}", Kind::Classes),
    collection("getAllCourses", "/courses", Kind::Courses),
    single("getCourse", "/courses/{sourcedId}", Kind::Courses),
    collection("getAllEnrollments", "/enrollments", Kind::Enrollments),
    single("getEnrollment", "/enrollments/{sourcedId}", Kind::Enrollments),
    collection("getAllOrgs", "/orgs", Kind::Orgs),
    single("getOrg", "/orgs/{sourcedId}", Kind::Orgs),
    collection("getAllUsers", "/users", Kind::Users),
    single("getUser", "/users/{sourcedId}", Kind::Users),
];

/// Returns the operation with this path below the root, and the ids in the path.
pub(super) fn find(segments: &[String]) -> Option<(&'static Operation, Vec<String>)> {
    OPERATIONS
        .iter()
        .find_map(|operation| Some((operation, ids(operation.template, segments)?)))
}

/// Returns the ids that make the template this path; `None` when it is another path.
fn ids(template: &str, segments: &[String]) -> Option<Vec<String>> {
    let mut parts = template.split('/').skip(1);
    let mut ids = Vec::new();
    for segment in segments {
        let part = parts.next()?;
        if part.starts_with('{') {
            ids.push(segment.clone());
        } else if part != segment {
            return None;
        }
    }
    parts.next().is_none().then_some(ids)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_published_kind_has_a_collection_and_a_single() {
        for kind in Kind::ALL {
            let path = [kind.collection().to_owned(), "a b".to_owned()];
            let (all, no_ids) = find(&path[..1]).unwrap();
            assert_eq!(
                (all.kind, all.target, no_ids.len()),
                (kind, Target::Collection, 0)
            );
            let (one, ids) = find(&path).unwrap();
            assert_eq!(
                (one.kind, one.target, ids),
                (kind, Target::Single, vec!["a b".to_owned()])
            );
        }
    }

    #[test]
    fn operations_and_paths_are_unique_and_each_needs_a_scope() {
        let ids: HashSet<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
        let templates: HashSet<_> = OPERATIONS.iter().map(|operation| operation.template).collect();
        assert_eq!((ids.len(), templates.len()), (OPERATIONS.len(), OPERATIONS.len()));
        assert!(OPERATIONS.iter().all(|operation| !operation.scopes.is_empty()));
    }

    #[test]
    fn other_paths_are_not_found() {
        for path in [
            vec![],
            vec!["Orgs"],
            vec!["orgs", "1", "classes"],
            vec!["nothing"],
            vec!["classes", "1", "enrollments"],
        ] {
            let path: Vec<String> = path.into_iter().map(str::to_owned).collect();
            assert!(find(&path).is_none(), "{path:?}");
        }
    }
}
