use std::collections::HashSet;

use oneroster_standard::query::Clause;

use super::*;

fn segments(path: &str) -> Vec<&str> {
    path.split('/').skip(1).collect()
}

#[test]
fn the_catalog_is_the_41_rostering_and_4_resources_reads_of_the_standard() {
    let count = |scope| {
        OPERATIONS
            .iter()
            .filter(|operation| operation.scopes == [scope])
            .count()
    };
    let base = OPERATIONS
        .iter()
        .filter(|operation| operation.scopes.contains(&Scope::RosterCore));
    assert_eq!(base.count(), 22);
    assert_eq!(
        (
            count(Scope::Demographics),
            count(Scope::Roster),
            count(Scope::Resource)
        ),
        (2, 17, 4)
    );
    assert_eq!(OPERATIONS.len(), 45);
}

#[test]
fn ids_paths_and_summaries_are_unique_and_a_path_finds_its_operation() {
    let ids: HashSet<_> = OPERATIONS.iter().map(|operation| operation.id).collect();
    let templates: HashSet<_> = OPERATIONS.iter().map(|operation| operation.template).collect();
    let summaries: HashSet<_> = OPERATIONS.iter().map(|operation| operation.summary).collect();
    assert_eq!(
        (ids.len(), templates.len(), summaries.len()),
        (OPERATIONS.len(), OPERATIONS.len(), OPERATIONS.len())
    );
    for operation in OPERATIONS {
        let given: Vec<&str> = operation.path_parameters().map(|_| "a b").collect();
        let (found, ids) = find(&segments(&operation.path(&given))).unwrap();
        assert_eq!(
            (found.id, ids),
            (operation.id, given.iter().map(|&id| id.to_owned()).collect())
        );
    }
}

#[test]
fn other_paths_are_not_found() {
    for path in [
        "",
        "/Orgs",
        "/orgs/1/classes",
        "/nothing",
        "/classes/1/enrollments",
        "/classes/1/categories",
        "/schools/1/users",
        "/classes/1/users",
        "/users/1/demographics",
        "/schools/1/classes/2",
    ] {
        assert!(find(&segments(path)).is_none(), "{path}");
    }
}

/// As many parents as ids in the path, and every field that an entry names can be compared.
#[test]
fn every_entry_can_be_carried_out() {
    let can_be_compared = |object_type: ObjectType, field| Clause::equal(object_type, field, "x").is_some();
    for operation in OPERATIONS {
        let id = operation.id;
        if let Some((field, _)) = operation.view.only {
            assert!(can_be_compared(operation.view.object_type, field), "{id}");
        }
        let expected = match operation.target {
            Target::Collection => 0,
            Target::Single => 1,
            Target::Association { parents, link } => {
                match link {
                    Relation::Field(field) => {
                        assert!(can_be_compared(operation.view.object_type, field), "{id}");
                    }
                    Relation::Through { kind, from, to, only } => {
                        for field in [from, to].into_iter().chain(only.map(|(field, _)| field)) {
                            assert!(can_be_compared(kind.into(), field), "{id}");
                        }
                    }
                    Relation::None => assert_eq!(operation.view.object_type, ObjectType::Resource, "{id}"),
                }
                for parent in parents {
                    assert!(
                        matches!(parent.view.object_type, ObjectType::Published(_)),
                        "{id}"
                    );
                    if let Some(field) = parent.within {
                        assert!(can_be_compared(parent.view.object_type, field), "{id}");
                    }
                }
                assert_eq!(
                    parents.iter().position(|parent| parent.within.is_none()),
                    Some(0),
                    "{id}"
                );
                parents.len()
            }
        };
        assert_eq!(operation.path_parameters().count(), expected, "{id}");
    }
}
