//! What formats make of some people and classes of the tenant, before they are chosen (R7–R12).

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use oneroster_school::sample::Sample;
use oneroster_school::tenant::team_name_format::TeamNameFormatError;
use oneroster_school::tenant::username_format::UsernameFormatError;
use oneroster_school::tenant::{Configuration, TeamNameFormat, UsernameFormat};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ApiError, Body, require_operator, stored};
use crate::desk::language::{Language, text, text_with};
use crate::desk::session::TenantUser;
use crate::desk::state::Desk;
use crate::publication;

/// Formats as somebody types them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::desk) struct WantedFormats {
    /// How a username is made.
    username_format: String,
    /// Longest username, in characters.
    username_max_length: usize,
    /// What a class, and so its Team, is called.
    team_name_format: String,
}

/// What they make.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(in crate::desk) struct FormatsAnswer {
    /// Some people.
    names: Vec<NameRow>,
    /// Some classes.
    titles: Vec<TitleRow>,
    /// What is wrong with a format, by its key.
    errors: BTreeMap<&'static str, String>,
}

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
struct NameRow {
    person: String,
    /// The username they have, which stays.
    username: String,
    /// What the format would make.
    made: String,
    /// Whether somebody would have to look at it.
    doubtful: bool,
}

/// A class.
#[derive(Debug, Serialize, JsonSchema)]
struct TitleRow {
    /// Its title as the stored format makes it.
    before: String,
    /// Its title as the typed format makes it.
    after: String,
}

/// Says what formats make of some people and classes.
pub(in crate::desk::api) async fn formats(
    State(desk): State<Arc<Desk>>,
    asker: TenantUser,
    Body(wanted): Body<WantedFormats>,
) -> Result<Json<FormatsAnswer>, ApiError> {
    require_operator(&asker)?;
    let configuration = stored(&desk, &asker).await?;
    let sample = match desk.examinations.of(&desk.pool, &asker.tenant_id).await {
        Ok(examination) => examination.sample.clone(),
        // Nothing was imported yet.
        Err(publication::Error::Projection(_)) => Sample::default(),
        Err(error) => return Err(error.into()),
    };
    Ok(Json(answer(
        asker.user.language,
        &configuration,
        &sample,
        &wanted,
    )))
}

fn answer(
    language: Language,
    stored: &Configuration,
    sample: &Sample,
    wanted: &WantedFormats,
) -> FormatsAnswer {
    let mut answer = FormatsAnswer::default();
    match wanted.username_format.parse::<UsernameFormat>() {
        Ok(username_format) => {
            let wanted = Configuration {
                username_format,
                username_max_length: wanted.username_max_length,
                ..stored.clone()
            };
            let names = sample.names(&wanted).into_iter().map(|name| NameRow {
                person: name.person,
                username: name.username,
                made: name.made,
                doubtful: name.is_doubtful,
            });
            answer.names = names.collect();
        }
        Err(error) => {
            let words = username_error(language, &error);
            answer.errors.insert("username_format", words);
        }
    }
    match wanted.team_name_format.parse::<TeamNameFormat>() {
        Ok(team_name_format) => {
            let wanted = Configuration {
                team_name_format,
                ..stored.clone()
            };
            let before = sample.titles(stored).unwrap_or_default();
            let after = sample.titles(&wanted).unwrap_or_default();
            let titles = before.into_iter().zip(after).map(|(before, after)| TitleRow {
                before: before.title,
                after: after.title,
            });
            answer.titles = titles.collect();
        }
        Err(error) => {
            let words = team_name_error(language, &error);
            answer.errors.insert("team_name_format", words);
        }
    }
    answer
}

fn username_error(language: Language, error: &UsernameFormatError) -> String {
    match error {
        UsernameFormatError::Brace(position) => brace(language, *position),
        UsernameFormatError::Placeholder { word, position } => {
            placeholder(language, "settings-format-username-placeholder", word, *position)
        }
        UsernameFormatError::Character { character, position } => {
            let arguments = [
                ("character", character.to_string().into()),
                ("position", (*position).into()),
            ];
            text_with(language, "settings-format-character", arguments)
        }
        UsernameFormatError::NoPlaceholder => text(language, "settings-format-no-name"),
    }
}

fn team_name_error(language: Language, error: &TeamNameFormatError) -> String {
    match error {
        TeamNameFormatError::Brace(position) => brace(language, *position),
        TeamNameFormatError::Placeholder { word, position } => {
            placeholder(language, "settings-format-team-placeholder", word, *position)
        }
        TeamNameFormatError::Control(position) => text_with(
            language,
            "settings-format-control",
            [("position", (*position).into())],
        ),
        TeamNameFormatError::NoClass => text(language, "settings-format-no-class"),
    }
}

fn brace(language: Language, position: usize) -> String {
    text_with(language, "settings-format-brace", [("position", position.into())])
}

fn placeholder(language: Language, key: &str, word: &str, position: usize) -> String {
    let arguments = [("word", word.into()), ("position", position.into())];
    text_with(language, key, arguments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r7_r11_what_is_wrong_with_a_format_is_said_where_it_stands() {
        let said = |username_format: &str, team_name_format: &str| {
            let username = username_format.parse::<UsernameFormat>();
            let team = team_name_format.parse::<TeamNameFormat>();
            let username = username
                .err()
                .map(|error| username_error(Language::Dutch, &error));
            let team = team.err().map(|error| team_name_error(Language::Dutch, &error));
            (username.unwrap_or_default(), team.unwrap_or_default())
        };
        for (username, team, words) in [
            ("{voornaam", "{klas", "teken"),
            ("{voornaam}{roepnaam}", "{klas}{lokaal}", "teken"),
        ] {
            let (of_username, of_team) = said(username, team);
            assert!(
                of_username.contains(words) && of_team.contains(words),
                "{of_username} {of_team}"
            );
        }
        assert!(said("{voornaam}{roepnaam}", "").0.contains("{roepnaam}"));
        assert!(said("a", "x").1.contains("{klas}"));
        assert!(said("{voornaam} {familienaam}", "").0.contains("11"));
    }
}
