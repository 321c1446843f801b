//! A roster as JSON: content for storing, and the document of a preview.

use oneroster_standard::{Base, Kind, StatusType};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Identified, Roster};

/// Returns every object as (kind, id, content), sorted by kind and id.
///
/// The content is the object's JSON without `sourcedId`, `status` and `dateLastModified`, with relative hrefs.
pub fn contents(roster: &Roster) -> Vec<(Kind, String, String)> {
    let mut all = Vec::new();
    add(&mut all, Kind::AcademicSessions, &roster.academic_sessions);
    add(&mut all, Kind::Orgs, &roster.orgs);
    add(&mut all, Kind::Courses, &roster.courses);
    add(&mut all, Kind::Classes, &roster.classes);
    add(&mut all, Kind::Users, &roster.users);
    add(&mut all, Kind::Enrollments, &roster.enrollments);
    all
}

fn add<T: Serialize>(all: &mut Vec<(Kind, String, String)>, kind: Kind, objects: &[Identified<T>]) {
    all.extend(objects.iter().filter_map(|object| {
        // Entities hold nothing that JSON cannot say, so this never leaves one out.
        let content = serde_json::to_string(&object.content).ok()?;
        Some((kind, object.sourced_id.clone(), content))
    }));
}

/// Returns the document of a preview: objects as they would be served by a server at `base_url`, without dates.
pub fn preview_document(roster: &Roster, base_url: &str) -> Value {
    let base_url = base_url.trim_end_matches('/');
    json!({
        "reference_date": roster.reference_date,
        "academicSessions": served(&roster.academic_sessions, base_url),
        "orgs": served(&roster.orgs, base_url),
        "courses": served(&roster.courses, base_url),
        "classes": served(&roster.classes, base_url),
        "users": served(&roster.users, base_url),
        "enrollments": served(&roster.enrollments, base_url),
    })
}

fn served<T: Serialize + Clone>(objects: &[Identified<T>], base_url: &str) -> Vec<Value> {
    objects
        .iter()
        .map(|object| {
            let mut document = json!(Base {
                sourced_id: object.sourced_id.clone(),
                status: StatusType::Active,
                date_last_modified: None,
                content: object.content.clone(),
            });
            make_absolute(&mut document, base_url);
            document
        })
        .collect()
}

/// Puts the server's address before every `href`.
fn make_absolute(value: &mut Value, base_url: &str) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let (Value::String(href), "href") = (&mut *member, name.as_str()) {
                    *href = format!("{base_url}/ims/oneroster/v1p1{href}");
                } else {
                    make_absolute(member, base_url);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| make_absolute(item, base_url)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{MARKT, World, rowguid};
    use super::*;

    /// One pupil in one class.
    fn roster() -> Roster {
        let mut world = World::new();
        world.person(1).class(1, MARKT, "3A");
        let registration = world.registration(1, MARKT, "2026-09-01", None);
        world.in_class(registration, 1, "2026-09-01", None);
        world.on("2026-10-01")
    }

    #[test]
    fn contents_hold_every_object_in_order_without_what_publication_adds() {
        let all = contents(&roster());
        let kinds: Vec<Kind> = all.iter().map(|(kind, ..)| *kind).collect();
        let (orgs, rest) = (
            [Kind::Orgs; 3],
            [Kind::Courses, Kind::Classes, Kind::Users, Kind::Enrollments],
        );
        assert_eq!(
            kinds,
            [&[Kind::AcademicSessions], orgs.as_slice(), rest.as_slice()].concat()
        );
        assert!(
            all.windows(2)
                .all(|pair| (pair[0].0.index(), &pair[0].1) < (pair[1].0.index(), &pair[1].1))
        );
        for (kind, id, content) in &all {
            let content: serde_json::Map<String, Value> = serde_json::from_str(content).unwrap();
            for absent in ["sourcedId", "status", "dateLastModified"] {
                assert!(!content.contains_key(absent), "{kind:?} {id}");
            }
        }
    }

    #[test]
    fn r126_content_of_an_enrollment_to_the_letter() {
        let (user, class) = (rowguid(1), "00000000-0000-0000-0000-0000c1a55001");
        let expected = format!(
            "{{\"user\":{{\"href\":\"/users/{user}\",\"sourcedId\":\"{user}\",\"type\":\"user\"}},\
             \"class\":{{\"href\":\"/classes/{class}\",\"sourcedId\":\"{class}\",\"type\":\"class\"}},\
             \"school\":{{\"href\":\"/orgs/001507-1\",\"sourcedId\":\"001507-1\",\"type\":\"org\"}},\
             \"role\":\"student\",\"beginDate\":\"2026-09-01\",\"endDate\":\"2027-06-30\",\"metadata\":{{}}}}"
        );
        let all = contents(&roster());
        assert_eq!(
            all.last(),
            Some(&(Kind::Enrollments, format!("{user}-1"), expected))
        );
    }

    #[test]
    fn r124_content_of_a_user_to_the_letter() {
        let user = rowguid(1);
        let expected = format!(
            "{{\"username\":\"p1\",\"userIds\":[],\"enabledUser\":\"false\",\"givenName\":\"Voornaam1\",\
             \"familyName\":\"Naam1\",\"role\":\"student\",\"identifier\":\"{user}\",\"agents\":[],\
             \"orgs\":[{{\"href\":\"/orgs/001507-1\",\"sourcedId\":\"001507-1\",\"type\":\"org\"}}],\
             \"grades\":[],\"metadata\":{{}}}}"
        );
        let all = contents(&roster());
        let found = all
            .iter()
            .find(|(kind, ..)| *kind == Kind::Users)
            .map(|(_, _, content)| content);
        assert_eq!(found, Some(&expected));
    }

    #[test]
    fn a_preview_shows_objects_as_served_but_for_their_date() {
        let document = preview_document(&roster(), "https://or.example");
        let members: std::collections::BTreeSet<&str> =
            document.as_object().unwrap().keys().map(String::as_str).collect();
        let kinds = Kind::ALL.map(Kind::collection);
        assert_eq!(members, kinds.into_iter().chain(["reference_date"]).collect());
        assert_eq!(document["reference_date"], "2026-10-01");
        let id = rowguid(1);
        assert_eq!(
            document["enrollments"][0],
            json!({
                "sourcedId": format!("{id}-1"), "status": "active",
                "user": {"href": format!("https://or.example/ims/oneroster/v1p1/users/{id}"), "sourcedId": id, "type": "user"},
                "class": {
                    "href": "https://or.example/ims/oneroster/v1p1/classes/00000000-0000-0000-0000-0000c1a55001",
                    "sourcedId": "00000000-0000-0000-0000-0000c1a55001", "type": "class",
                },
                "school": {
                    "href": "https://or.example/ims/oneroster/v1p1/orgs/001507-1", "sourcedId": "001507-1", "type": "org",
                },
                "role": "student", "beginDate": "2026-09-01", "endDate": "2027-06-30", "metadata": {},
            })
        );
        let in_a_list = &document["users"][0]["orgs"][0]["href"];
        assert_eq!(in_a_list, "https://or.example/ims/oneroster/v1p1/orgs/001507-1");
        assert_eq!(
            preview_document(&roster(), "https://or.example/"),
            document,
            "a slash at the end makes no difference"
        );
    }
}
