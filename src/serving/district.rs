//! The orgs as some clients see them: the school group above its schools, as an org of type `district`.
//!
//! It is no object of a generation, which most clients would have to be spared. It is made of the orgs of one, and kept beside
//! them: a school group has few.

use chrono::{DateTime, Utc};
use oneroster_standard::{GuidRef, Kind, Org, OrgType, RefType, StatusType};

use super::clause_test::date_text;
use super::collection::Collection;
use super::collection_builder::{CollectionBuilder, StoredObject};
use super::json::ObjectMembers;

/// What a school's `parent` stands after, as in the standard.
const BEFORE_PARENT: [&str; 3] = ["name", "type", "identifier"];

/// A school group as an org.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct District {
    /// The tenant.
    pub(super) tenant_id: String,
    /// What it is called.
    pub(super) name: String,
    /// When it last changed as far as its generation says: its orgs may have changed later.
    pub(super) changed_at: DateTime<Utc>,
}

impl District {
    /// Returns the id it has as an org. No school has such a one: theirs begin with a digit.
    fn sourced_id(&self) -> String {
        format!("district-{}", self.tenant_id)
    }

    /// Returns these orgs with the district above them: every one refers to it, and it to those that are active.
    ///
    /// It changes whenever an org comes or goes, so its date is never before the latest of theirs. It stays when they are purged.
    pub(super) fn above(&self, orgs: &Collection, root: &str) -> Result<Collection, String> {
        let sourced_id = self.sourced_id();
        let Err(place) = orgs.search(&sourced_id) else {
            return Err(format!("{sourced_id} is an org already"));
        };
        let mut builder = CollectionBuilder::new(Kind::Orgs, orgs.blob_bytes() * 2);
        let parent = GuidRef::new(RefType::Org, &sourced_id);
        let parent = serde_json::to_string(&parent).map_err(|error| error.to_string())?;
        for row in 0..orgs.len() {
            if row == place {
                self.push(&mut builder, orgs, root)?;
            }
            let date = orgs.date(row);
            builder.push(
                &StoredObject {
                    sourced_id: &orgs.sourced_id(row),
                    status: orgs.status(row),
                    date,
                    date_text: &date_text(date),
                    content: &with_parent(orgs.document(row), &parent),
                    email_domain: None,
                    ended_on: None,
                },
                root,
            )?;
        }
        if place == orgs.len() {
            self.push(&mut builder, orgs, root)?;
        }
        Ok(builder.finish())
    }

    fn push(&self, builder: &mut CollectionBuilder, orgs: &Collection, root: &str) -> Result<(), String> {
        let active = (0..orgs.len()).filter(|&row| orgs.status(row) == StatusType::Active);
        let sourced_id = self.sourced_id();
        let org = Org {
            name: self.name.clone(),
            r#type: OrgType::District,
            identifier: Some(sourced_id.clone()),
            parent: None,
            children: active
                .map(|row| GuidRef::new(RefType::Org, &orgs.sourced_id(row)))
                .collect(),
            metadata: serde_json::Map::new(),
        };
        let date = orgs.latest().max(self.changed_at.timestamp_millis());
        builder.push(
            &StoredObject {
                sourced_id: &sourced_id,
                status: StatusType::Active,
                date,
                date_text: &date_text(date),
                content: &serde_json::to_string(&org).map_err(|error| error.to_string())?,
                email_domain: None,
                ended_on: None,
            },
            root,
        )
    }
}

/// Returns the content of an org's document with a parent.
fn with_parent(document: &str, parent: &str) -> String {
    let common = ["sourcedId", "status", "dateLastModified", "parent"];
    let own: Vec<(&str, &str)> = ObjectMembers::of(document)
        .filter(|(name, _)| !common.contains(name))
        .collect();
    let place = own.iter().rposition(|(name, _)| BEFORE_PARENT.contains(name));
    let (before, after) = own.split_at(place.map_or(0, |place| place + 1));
    let put = [("parent", parent)];
    let all = before.iter().chain(&put).chain(after);
    let members: Vec<String> = all.map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ROOT: &str = "https://sis.example/ims/oneroster/v1p1";
    /// When the first org came, the second one went, and the district changed, in milliseconds since 1970.
    const DATES: [i64; 3] = [1_780_000_000_000, 1_780_000_000_001, 1_779_000_000_000];

    fn orgs() -> Collection {
        let mut builder = CollectionBuilder::new(Kind::Orgs, 0);
        let objects = [
            (
                "001507-1",
                StatusType::Active,
                r#"{"name":"A","type":"school","identifier":"001507-1","children":[],"metadata":{}}"#,
            ),
            (
                "zzz",
                StatusType::ToBeDeleted,
                r#"{"children":[],"metadata":{"x":"{\"parent\":1}"},"name":"Z","type":"school"}"#,
            ),
        ];
        for ((sourced_id, status, content), date) in objects.into_iter().zip(DATES) {
            let stored = StoredObject {
                sourced_id,
                status,
                date,
                date_text: &date_text(date),
                content,
                email_domain: None,
                ended_on: None,
            };
            builder.push(&stored, ROOT).unwrap();
        }
        builder.finish()
    }

    fn seen(changed_at: i64) -> Vec<Value> {
        let district = District {
            tenant_id: "zandpoort".to_owned(),
            name: "Scholengroep \"Zandpoort\"".to_owned(),
            changed_at: DateTime::from_timestamp_millis(changed_at).unwrap(),
        };
        let made = district.above(&orgs(), ROOT).unwrap();
        (0..made.len())
            .map(|row| serde_json::from_str(made.document(row)).unwrap())
            .collect()
    }

    #[test]
    fn every_org_refers_to_the_district_and_it_to_those_that_are_active() {
        let reference =
            |id: &str| json!({"href": format!("{ROOT}/orgs/{id}"), "sourcedId": id, "type": "org"});
        let [school, district, gone] = seen(DATES[2]).try_into().unwrap();
        assert_eq!(
            district,
            json!({"sourcedId": "district-zandpoort", "status": "active", "dateLastModified": date_text(DATES[1]),
                "name": "Scholengroep \"Zandpoort\"", "type": "district", "identifier": "district-zandpoort",
                "children": [reference("001507-1")], "metadata": {}})
        );
        let parent = reference("district-zandpoort");
        assert_eq!((&school["parent"], &gone["parent"]), (&parent, &parent));
        assert_eq!(
            (&school["dateLastModified"], &gone["status"]),
            (&json!(date_text(DATES[0])), &json!("tobedeleted"))
        );
        assert_eq!(gone["metadata"]["x"], "{\"parent\":1}");
    }

    #[test]
    fn it_is_as_new_as_its_newest_org_or_what_its_generation_says() {
        assert_eq!(seen(DATES[1] + 5)[1]["dateLastModified"], date_text(DATES[1] + 5));
    }
}
