//! The endpoints beside the six collections: parts of a collection, associations, and what a sync does not need.

use std::collections::HashSet;

use oneroster_standard::Kind;

use super::answer::{FullPull, List, RawAnswer};
use super::client::clip;
use super::pull::{self, ACTIVE};
use super::relations::{Belonging, Relations};
use super::session::Session;

/// An endpoint that gives part of a collection.
#[derive(Debug)]
pub(super) struct PartEndpoint {
    /// The rule that judges it.
    pub(super) rule: &'static str,
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    /// The role or type its objects have.
    pub(super) word: &'static str,
}

const fn part(rule: &'static str, path: &'static str, kind: Kind, word: &'static str) -> PartEndpoint {
    PartEndpoint {
        rule,
        path,
        kind,
        word,
    }
}

/// The parts of the standard.
pub(super) const PARTS: [PartEndpoint; 5] = [
    part("schools-endpoint", "schools", Kind::Orgs, "school"),
    part("students-endpoint", "students", Kind::Users, "student"),
    part("teachers-endpoint", "teachers", Kind::Users, "teacher"),
    part("terms-endpoint", "terms", Kind::AcademicSessions, "term"),
    part(
        "grading-periods-endpoint",
        "gradingPeriods",
        Kind::AcademicSessions,
        "gradingPeriod",
    ),
];

/// An endpoint that gives what belongs to a parent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Association {
    /// The rule that judges it.
    pub(super) rule: &'static str,
    /// The parent's part or collection, and the last word of the path.
    pub(super) path: (&'static str, &'static str),
    /// What the parent is, and the role or type it has.
    pub(super) parent: (Kind, Option<&'static str>),
    /// Whether the school of the parent precedes it in the path.
    pub(super) in_school: bool,
    /// What it gives.
    pub(super) kind: Kind,
    pub(super) belonging: Belonging,
}

const SCHOOL: (Kind, Option<&str>) = (Kind::Orgs, Some("school"));
const TERM: (Kind, Option<&str>) = (Kind::AcademicSessions, Some("term"));
const CLASS: (Kind, Option<&str>) = (Kind::Classes, None);

const fn of(
    rule: &'static str,
    path: (&'static str, &'static str),
    parent: (Kind, Option<&'static str>),
    kind: Kind,
    belonging: Belonging,
) -> Association {
    Association {
        rule,
        path,
        parent,
        in_school: false,
        kind,
        belonging,
    }
}

const fn in_school(association: Association) -> Association {
    Association {
        in_school: true,
        ..association
    }
}

const fn member(name: &'static str) -> Belonging {
    Belonging::Member(name, None)
}

const fn enrolled(from: &'static str, to: &'static str, role: Option<&'static str>) -> Belonging {
    Belonging::Through(Kind::Enrollments, from, to, role)
}

/// The associations of the standard.
#[rustfmt::skip]
pub(super) const ASSOCIATIONS: [Association; 17] = [
    of("courses-for-school", ("schools", "courses"), SCHOOL, Kind::Courses, member("org")),
    of("classes-for-school", ("schools", "classes"), SCHOOL, Kind::Classes, member("school")),
    of("enrollments-for-school", ("schools", "enrollments"), SCHOOL, Kind::Enrollments, member("school")),
    of("students-for-school", ("schools", "students"), SCHOOL, Kind::Users, Belonging::Member("orgs", Some("student"))),
    of("teachers-for-school", ("schools", "teachers"), SCHOOL, Kind::Users, Belonging::Member("orgs", Some("teacher"))),
    of("terms-for-school", ("schools", "terms"), SCHOOL, Kind::AcademicSessions, Belonging::Through(Kind::Classes, "school", "terms", None)),
    in_school(of("enrollments-for-class-in-school", ("classes", "enrollments"), CLASS, Kind::Enrollments, member("class"))),
    in_school(of("students-for-class-in-school", ("classes", "students"), CLASS, Kind::Users, enrolled("class", "user", Some("student")))),
    in_school(of("teachers-for-class-in-school", ("classes", "teachers"), CLASS, Kind::Users, enrolled("class", "user", Some("teacher")))),
    of("classes-for-term", ("terms", "classes"), TERM, Kind::Classes, member("terms")),
    of("grading-periods-for-term", ("terms", "gradingPeriods"), TERM, Kind::AcademicSessions, Belonging::Member("parent", Some("gradingPeriod"))),
    of("classes-for-course", ("courses", "classes"), (Kind::Courses, None), Kind::Classes, member("course")),
    of("classes-for-student", ("students", "classes"), (Kind::Users, Some("student")), Kind::Classes, enrolled("user", "class", Some("student"))),
    of("classes-for-teacher", ("teachers", "classes"), (Kind::Users, Some("teacher")), Kind::Classes, enrolled("user", "class", Some("teacher"))),
    of("classes-for-user", ("users", "classes"), (Kind::Users, None), Kind::Classes, enrolled("user", "class", None)),
    of("students-for-class", ("classes", "students"), CLASS, Kind::Users, enrolled("class", "user", Some("student"))),
    of("teachers-for-class", ("classes", "teachers"), CLASS, Kind::Users, enrolled("class", "user", Some("teacher"))),
];

/// What was seen below one path, and what should have been.
#[derive(Debug)]
pub(super) struct Visit {
    /// The rule that judges it.
    pub(super) rule: &'static str,
    pub(super) segments: Vec<String>,
    pub(super) expected: Vec<String>,
    pub(super) pull: FullPull,
}

impl Visit {
    /// Returns the path as a person would write it.
    pub(super) fn path(&self) -> String {
        clip(&format!("/{}", self.segments.join("/")))
    }
}

/// A single row asked for in the middle of an association.
#[derive(Debug)]
pub(super) struct SecondRow {
    pub(super) expected: Vec<String>,
    pub(super) list: List,
}

/// A single object of a part.
#[derive(Debug)]
pub(super) struct PartSingle {
    /// The rule of the part.
    pub(super) rule: &'static str,
    pub(super) id: String,
    /// Its id as answered, or why there was none.
    pub(super) found: Result<String, String>,
}

/// Everything seen of the endpoints beside the collections.
#[derive(Debug)]
pub(super) struct Endpoints {
    /// Parts, then associations: up to three parents each.
    pub(super) visits: Vec<Visit>,
    pub(super) part_singles: Vec<PartSingle>,
    /// A teacher under `/students`, and so on.
    pub(super) other_singles: Vec<RawAnswer>,
    /// `offset=1&limit=1` of an association with three rows or more.
    pub(super) second_row: Option<SecondRow>,
    /// Associations under a parent that does not exist.
    pub(super) unknown_parents: Vec<List>,
    /// The same, as received.
    pub(super) unknown_parents_raw: Vec<RawAnswer>,
    /// A filter on a field that does not exist, below an association.
    pub(super) unknown_field: Option<RawAnswer>,
    pub(super) demographics: RawAnswer,
    pub(super) resources: RawAnswer,
}

impl Endpoints {
    /// Returns the path of an association that was visited.
    pub(super) fn association(&self) -> Option<&[String]> {
        let mut paths = self.visits.iter().map(|visit| visit.segments.as_slice());
        paths.rfind(|path| path.len() > 2)
    }
}

/// Asks everything about these endpoints. `step` reports progress.
pub(super) async fn gather(
    session: &mut Session<'_>,
    relations: &Relations,
    step: impl Fn(&str),
) -> Endpoints {
    let mut seen = Endpoints {
        visits: Vec::new(),
        part_singles: Vec::new(),
        other_singles: Vec::new(),
        second_row: None,
        unknown_parents: Vec::new(),
        unknown_parents_raw: Vec::new(),
        unknown_field: None,
        demographics: session
            .raw(&["demographics"], &[("limit", "1")], Some(session.token))
            .await,
        resources: session
            .raw(&["resources"], &[("limit", "1")], Some(session.token))
            .await,
    };
    for part in &PARTS {
        step(part.path);
        visit_part(session, part, relations, &mut seen).await;
    }
    for association in &ASSOCIATIONS {
        step(association.rule);
        visit_association(session, association, relations, &mut seen).await;
    }
    for (kind, path) in [
        (Kind::Classes, ["schools", "no-such-parent", "classes"]),
        (Kind::Enrollments, ["schools", "no-such-parent", "enrollments"]),
        (Kind::Users, ["classes", "no-such-parent", "students"]),
    ] {
        let raw = session.raw(&path, &[("limit", "1")], Some(session.token)).await;
        if raw.status == 404 {
            seen.unknown_parents_raw.push(raw);
        } else {
            seen.unknown_parents
                .push(session.edge_at(kind, &path, &[("limit", "1")]).await);
        }
    }
    seen
}

async fn visit_part(
    session: &mut Session<'_>,
    part: &PartEndpoint,
    relations: &Relations,
    seen: &mut Endpoints,
) {
    let pull = pull::part(session, part.kind, &[part.path]).await;
    let ids = || relations.ids(part.kind, None);
    let has_word = |id: &str| relations.has(part.kind, id, Some(part.word));
    let counts = |id: &str| relations.counts_as(part.kind, id, part.word);
    // A session that a class names is a term whatever its type; a user is a student by their role.
    let is_listed = |id: &str| {
        if part.word == "term" {
            counts(id)
        } else {
            has_word(id)
        }
    };
    let expected: Vec<String> = ids().filter(|id| is_listed(id)).map(str::to_owned).collect();
    let named = ids().find(|id| counts(id) && !has_word(id));
    for id in expected.iter().map(String::as_str).take(1).chain(named) {
        let (answer, object) = session.single_at(part.kind, &[part.path, id]).await;
        let found = object
            .as_ref()
            .and_then(|object| object.get("sourcedId")?.as_str())
            .map(str::to_owned)
            .ok_or_else(|| answer.trouble());
        seen.part_singles.push(PartSingle {
            rule: part.rule,
            id: id.to_owned(),
            found,
        });
    }
    let other = ids().find(|id| !counts(id));
    if let Some(other) = other {
        let raw = session.raw(&[part.path, other], &[], Some(session.token)).await;
        seen.other_singles.push(raw);
    }
    seen.visits.push(Visit {
        rule: part.rule,
        segments: vec![part.path.to_owned()],
        expected,
        pull,
    });
}

/// Visits the first, the middle and the last parent to whom something belongs.
async fn visit_association(
    session: &mut Session<'_>,
    association: &Association,
    relations: &Relations,
    seen: &mut Endpoints,
) {
    let (parent_kind, word) = association.parent;
    let mut members = relations.members(association.kind, association.belonging);
    members.retain(|parent, _| {
        word.map_or_else(
            || relations.has(parent_kind, parent, None),
            |word| relations.counts_as(parent_kind, parent, word),
        ) && (!association.in_school || relations.school_of_class(parent).is_some())
    });
    let parents: Vec<&str> = members.keys().copied().collect();
    let places = [0, parents.len() / 2, parents.len().saturating_sub(1)];
    let mut visited = HashSet::new();
    for parent in places.into_iter().filter_map(|place| parents.get(place).copied()) {
        if !visited.insert(parent) {
            continue;
        }
        let (collection, last) = association.path;
        let mut path = vec![collection, parent, last];
        if let (true, Some(school)) = (association.in_school, relations.school_of_class(parent)) {
            path.splice(0..0, ["schools", school]);
        }
        let expected: Vec<String> = members
            .get(parent)
            .into_iter()
            .flatten()
            .map(|id| (*id).to_owned())
            .collect();
        let pull = pull::part(session, association.kind, &path).await;
        if seen.second_row.is_none() && expected.len() > 2 {
            let parameters = [("offset", "1"), ("limit", "1"), ACTIVE];
            seen.second_row = Some(SecondRow {
                expected: expected.clone(),
                list: session.edge_at(association.kind, &path, &parameters).await,
            });
            let unknown = [("filter", "noSuchField='1'")];
            seen.unknown_field = Some(session.raw(&path, &unknown, Some(session.token)).await);
        }
        seen.visits.push(Visit {
            rule: association.rule,
            segments: path.into_iter().map(str::to_owned).collect(),
            expected,
            pull,
        });
    }
}
