//! What a class is made from and does not show: whether it is a class or a subgroup, and what its title shares with others.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::class::{published, sourced_id, title_values};
use super::{ProjectionContext, team_name};
use crate::informat::published_rows::PublishedRows;
use crate::informat::school_year::UnknownSchoolYear;
use crate::informat::{Klas, Mirror};
use crate::tenant::Configuration;
use crate::text::{TextUse, judge};

/// Facts about a class that are not part of what is published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassFacts {
    /// `groeptype`: 0 = a class, anything else a subgroup.
    pub group_type: i32,
    /// The title with placeholders in place of the class's own name and code: what it owes to the team name format, the school
    /// year, the site, the site code and the school code, as far as the format uses them.
    pub title_frame: String,
    /// Whether the title, or one of the texts that the format puts into it, is doubtful.
    pub is_doubtful: bool,
}

impl ClassFacts {
    /// Returns `true` for a class, `false` for a subgroup.
    pub const fn is_class(&self) -> bool {
        self.group_type == 0
    }
}

/// Returns the facts about every class that [`super::project`] publishes from the same inputs, by `sourcedId`.
pub fn class_facts(
    source: &Mirror,
    configuration: &Configuration,
    school_year: &str,
    today: NaiveDate,
) -> Result<BTreeMap<String, ClassFacts>, UnknownSchoolYear> {
    let rows = PublishedRows::new(&source.schoolvest, configuration);
    let context = ProjectionContext::new(source, configuration, &rows, school_year, today)?;
    let school_codes: HashMap<&str, &str> = source
        .school
        .iter()
        .filter_map(|school| Some((school.instelnr.as_str(), school.schoolcode.as_deref()?)))
        .collect();
    let classes = published(&context).into_values().map(|(klas, row)| {
        let school_code = school_codes
            .get(klas.instelnr.as_str())
            .copied()
            .unwrap_or_default();
        let values = title_values(&context, klas, row, school_code);
        (sourced_id(klas), facts(&context, klas, &values))
    });
    Ok(classes.collect())
}

fn facts(context: &ProjectionContext<'_>, klas: &Klas, values: &team_name::ClassValues<'_>) -> ClassFacts {
    let format = &context.configuration.team_name_format;
    let frame = team_name::ClassValues {
        klascode: "{klascode}",
        klas: "{klas}",
        ..*values
    };
    let is_doubtful = |text: &str| judge(text, TextUse::Title).is_some();
    ClassFacts {
        group_type: klas.groeptype,
        title_frame: team_name::fill(format, &frame),
        // Part by part: a healthy name of a site beside it would hide that a name was encoded twice.
        is_doubtful: is_doubtful(&team_name::fill(format, values))
            || team_name::parts(format, values).any(is_doubtful),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{KADE, World, day};
    use super::*;

    fn facts_of(world: &World) -> ClassFacts {
        let facts = class_facts(&world.mirror, &world.configuration, "2026-27", day("2026-11-02")).unwrap();
        assert_eq!(facts.len(), 1, "{facts:?}");
        facts.into_values().next().unwrap()
    }

    fn world(change: impl FnOnce(&mut World)) -> World {
        let mut world = World::new();
        world.class(1, KADE, "3A");
        change(&mut world);
        world
    }

    #[test]
    fn the_frame_of_a_title_is_what_it_shares_with_others_as_far_as_the_format_uses_it() {
        let plain = facts_of(&world(|_| ()));
        assert_eq!(plain.title_frame, "2026-27 {klas} - Kade");
        assert!(plain.is_class() && !plain.is_doubtful);
        let other_name = facts_of(&world(|world| {
            world.mirror.klassen[0].klas = Some("Derde A".to_owned());
        }));
        assert_eq!(other_name, plain, "the class's own name is not shared");
        let renamed = facts_of(&world(|world| {
            world.mirror.schoolvest[2].vestiging = "Haven".to_owned();
        }));
        assert_eq!(renamed.title_frame, "2026-27 {klas} - Haven");
        let format = "{klascode}".parse().unwrap();
        let other_format = facts_of(&world(|world| world.configuration.team_name_format = format));
        assert_eq!(other_format.title_frame, "{klascode}");
        let with_code = facts_of(&world(|world| {
            world.configuration.team_name_format = "{schoolcode} {vestcode} {klas}".parse().unwrap();
            world.mirror.school[0].schoolcode = Some("ZP".to_owned());
            world.mirror.schoolvest[2].vestcode = Some("KD".to_owned());
        }));
        assert_eq!(with_code.title_frame, "ZP KD {klas}");
    }

    #[test]
    fn a_subgroup_is_no_class() {
        assert!(!facts_of(&world(|world| world.mirror.klassen[0].groeptype = 2)).is_class());
    }

    /// `Café` beside it is healthy, so that the title as a whole does not look as if it had been encoded twice.
    #[test]
    fn a_title_is_doubtful_by_any_text_that_the_format_puts_into_it() {
        let damaged = |world: &mut World| {
            world.mirror.klassen[0].klas = Some("CategorieÃ«n".to_owned());
            world.mirror.schoolvest[2].vestiging = "Café".to_owned();
        };
        assert!(facts_of(&world(damaged)).is_doubtful);
        let of_site = |world: &mut World| world.mirror.schoolvest[2].vestiging = "CafÃ©".to_owned();
        assert!(facts_of(&world(of_site)).is_doubtful);
        let unused = |world: &mut World| {
            of_site(world);
            world.configuration.team_name_format = "{klas}".parse().unwrap();
        };
        assert!(!facts_of(&world(unused)).is_doubtful);
    }
}
