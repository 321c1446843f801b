//! What a column of the list shows as text: in files.

use oneroster_standard::Moment;

use super::answer::Person;
use super::question::Column;
use crate::desk::dates;
use crate::desk::language::{Language, text};

/// Returns what stands above a column.
pub fn heading(language: Language, column: Column) -> String {
    let name = serde_json::to_value(column).unwrap_or_default();
    let name = name.as_str().unwrap_or_default();
    text(language, &format!("usernames-column-{name}"))
}

/// Returns what a person shows in a column.
pub fn cell(language: Language, person: &Person, column: Column) -> String {
    match column {
        Column::FamilyName => person.family_name.clone(),
        Column::GivenName => person.given_name.clone(),
        Column::Sync if person.sync => text(language, "list-cell-on"),
        Column::Sync => text(language, "list-cell-off"),
        Column::Username => person.username.clone(),
        Column::Domain => person.domain.clone(),
        Column::School => person.school.clone(),
        Column::Site => person.site.clone(),
        Column::Class => person.class.clone(),
        Column::BirthDate => person.birth_date.map(dates::shown).unwrap_or_default(),
        Column::CreatedAt => person.created_at.on_page(),
        Column::LastRead => person.last_read.map(Moment::on_page).unwrap_or_default(),
    }
}
