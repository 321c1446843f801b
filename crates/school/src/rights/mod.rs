//! What users may see and change: Informat's roles, and the rights they come to at a school's sites (R66, R83, R85–R90).

mod role;
mod whereabouts;

use std::collections::BTreeMap;

pub use role::{Application, ROLES, Role};
pub use whereabouts::{Whereabouts, YearAtSite, year_at_sites};

/// What somebody may do with the usernames of a place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// They do not see it.
    #[default]
    None,
    /// They see it.
    Read,
    /// They see and change it.
    Write,
}

/// What somebody was given at a school: by a role of Informat, a custom role, or as manager (R4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The school.
    pub instelnr: String,
    /// The site; `None` = every site of the school.
    pub vestnr: Option<i32>,
    /// What it opens.
    pub access: Access,
    /// Whether they give and take rights at this school. A manager has write access too.
    pub is_manager: bool,
}

/// The rights of one user in one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    is_operator: bool,
    places: BTreeMap<String, SchoolRights>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct SchoolRights {
    everywhere: Access,
    sites: BTreeMap<i32, Access>,
    is_manager: bool,
}

impl Rights {
    /// Returns the rights of the vendor's operator: all, everywhere.
    pub fn operator() -> Self {
        Self {
            is_operator: true,
            places: BTreeMap::new(),
        }
    }

    /// Returns the rights that grants come to. The strongest at a site counts, whichever application it comes from.
    pub fn of(grants: impl IntoIterator<Item = Grant>) -> Self {
        let mut places: BTreeMap<String, SchoolRights> = BTreeMap::new();
        for grant in grants {
            let school = places.entry(grant.instelnr).or_default();
            let access = if grant.is_manager {
                Access::Write
            } else {
                grant.access
            };
            let place = match grant.vestnr {
                Some(vestnr) => school.sites.entry(vestnr).or_default(),
                None => &mut school.everywhere,
            };
            *place = access.max(*place);
            // A manager is one of a school, not of a site.
            school.is_manager |= grant.is_manager && grant.vestnr.is_none();
        }
        Self {
            is_operator: false,
            places,
        }
    }

    /// Returns `true` for the vendor's operator.
    pub const fn is_operator(&self) -> bool {
        self.is_operator
    }

    /// Returns what they may do at a site.
    pub fn access(&self, instelnr: &str, vestnr: i32) -> Access {
        if self.is_operator {
            return Access::Write;
        }
        self.places.get(instelnr).map_or(Access::None, |school| {
            let of_site = school.sites.get(&vestnr).copied().unwrap_or_default();
            of_site.max(school.everywhere)
        })
    }

    /// Returns what they may do at the site of an org, by its id with or without the structure (R123). What is no id of an org
    /// opens nothing, to an operator neither.
    pub fn org_access(&self, org_id: &str) -> Access {
        let mut parts = org_id.split('-');
        let (Some(instelnr), Some(vestnr)) = (parts.next(), parts.next()) else {
            return Access::None;
        };
        vestnr
            .parse()
            .map_or(Access::None, |vestnr| self.access(instelnr, vestnr))
    }

    /// Returns the strongest of what they may do at orgs.
    pub fn access_at_any<'o>(&self, org_ids: impl IntoIterator<Item = &'o str>) -> Access {
        let each = org_ids.into_iter().map(|org_id| self.org_access(org_id));
        each.max().unwrap_or_default()
    }

    /// Returns what they may do at every site of a school, those that come later among them.
    pub fn school_access(&self, instelnr: &str) -> Access {
        if self.is_operator {
            return Access::Write;
        }
        self.places
            .get(instelnr)
            .map_or(Access::None, |school| school.everywhere)
    }

    /// Returns `true` if they give and take rights at a school.
    pub fn is_manager_of(&self, instelnr: &str) -> bool {
        self.is_operator || self.places.get(instelnr).is_some_and(|school| school.is_manager)
    }

    /// Returns `true` if they are manager of any school, or operator.
    pub fn is_manager(&self) -> bool {
        self.is_operator || self.places.values().any(|school| school.is_manager)
    }

    /// Returns the strongest access they have anywhere: what of the menu they see.
    pub fn strongest(&self) -> Access {
        if self.is_operator {
            return Access::Write;
        }
        let of_schools = self.places.values();
        let all = of_schools.flat_map(|school| school.sites.values().copied().chain([school.everywhere]));
        all.max().unwrap_or_default()
    }

    /// Returns the schools they are manager of; `None` = all, of an operator.
    pub fn managed_schools(&self) -> Option<Vec<&str>> {
        (!self.is_operator).then(|| {
            let managed = self.places.iter().filter(|(_, school)| school.is_manager);
            managed.map(|(instelnr, _)| instelnr.as_str()).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(instelnr: &str, vestnr: Option<i32>, access: Access) -> Grant {
        Grant {
            instelnr: instelnr.to_owned(),
            vestnr,
            access,
            is_manager: false,
        }
    }

    #[test]
    fn r66_the_strongest_grant_of_a_site_counts() {
        let rights = Rights::of([
            grant("001507", Some(1), Access::Read),
            grant("001507", Some(2), Access::Write),
            grant("001508", None, Access::Read),
            grant("001508", Some(3), Access::Write),
        ]);
        for (instelnr, vestnr, expected) in [
            ("001507", 1, Access::Read),
            ("001507", 2, Access::Write),
            ("001507", 3, Access::None),
            ("001508", 1, Access::Read),
            ("001508", 3, Access::Write),
            ("001509", 1, Access::None),
        ] {
            assert_eq!(rights.access(instelnr, vestnr), expected, "{instelnr}-{vestnr}");
        }
        assert_eq!(rights.strongest(), Access::Write);
        assert!(!rights.is_manager());
    }

    #[test]
    fn the_site_of_an_org_is_told_by_its_id() {
        let rights = Rights::of([
            grant("001507", Some(1), Access::Read),
            grant("001507", Some(12), Access::Write),
        ]);
        for (org_id, expected) in [
            ("001507-1", Access::Read),
            ("001507-1-211", Access::Read),
            ("001507-12", Access::Write),
            ("001507-2", Access::None),
            ("001507", Access::None),
            ("001507-x", Access::None),
            ("", Access::None),
        ] {
            assert_eq!(rights.org_access(org_id), expected, "{org_id}");
        }
        assert_eq!(rights.access_at_any(["001507-1", "001507-12"]), Access::Write);
        assert_eq!(rights.access_at_any([]), Access::None);
        assert_eq!(Rights::operator().org_access("001509-1"), Access::Write);
        assert_eq!(Rights::operator().org_access("x"), Access::None);
    }

    #[test]
    fn r4_a_manager_writes_at_their_school_and_manages_no_other() {
        let manager = Grant {
            is_manager: true,
            ..grant("001507", None, Access::None)
        };
        let rights = Rights::of([manager]);
        assert_eq!(rights.access("001507", 9), Access::Write);
        assert!(rights.is_manager_of("001507") && !rights.is_manager_of("001508"));
        assert_eq!(rights.managed_schools(), Some(vec!["001507"]));
        assert_eq!(Rights::operator().managed_schools(), None);
    }
}
