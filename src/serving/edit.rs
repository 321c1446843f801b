//! What some clients see otherwise than it is kept: where it stands in a document, and what is put there.
//!
//! Documents are kept once, as most clients see them. For a client that sees more, the difference is put in while they are
//! sent, at places that are known from the start.

use std::borrow::Cow;
use std::ops::Range;

use chrono::NaiveDate;
use oneroster_standard::query::ObjectForm;
use oneroster_standard::{Kind, StatusType};

use super::json;
use super::part::Part;

/// The members of a user that `email` stands after, as in the standard.
const BEFORE_EMAIL: [&str; 8] = [
    "username",
    "userIds",
    "enabledUser",
    "givenName",
    "familyName",
    "middleName",
    "role",
    "identifier",
];

/// The members of an enrollment that `endDate` stands after.
const BEFORE_END: [&str; 6] = ["user", "class", "school", "role", "primary", "beginDate"];

/// Returns `true` if clients of this form see a field otherwise than it is kept, in some objects at least.
pub(super) fn is_edited(kind: Kind, field: &str, form: ObjectForm) -> bool {
    match (kind, field) {
        (Kind::Users, "email") => form.email,
        (Kind::Users, "enabledUser") => form.enabled_users,
        (Kind::Enrollments, "endDate") => form.ended_enrollments,
        _ => false,
    }
}

/// Where things stand in the document of a user.
#[derive(Debug, Clone, Copy, Default)]
struct UserPlaces {
    /// The username without its quotes.
    username: Part,
    /// The value of `enabledUser`; empty where there is none.
    enabled: Part,
    /// Where `email` is put.
    email_at: u32,
    /// What makes the username an address, by its place among the endings plus one; 0 where nothing is known.
    ending: u16,
}

/// A removed enrollment.
#[derive(Debug, Clone, Copy)]
struct Ended {
    row: usize,
    /// The value of `endDate`; if empty, where the member is put.
    end: Part,
    /// The last day it was true, as `YYYY-MM-DD`.
    day: [u8; 10],
}

/// What some clients see otherwise in the documents of a collection.
#[derive(Debug, Default)]
pub(super) struct EditColumns {
    /// One for each user; empty in other collections.
    users: Vec<UserPlaces>,
    /// What follows usernames in addresses: `@` and a domain, or nothing where the username has one. JSON-escaped.
    endings: Vec<String>,
    /// By row.
    ended: Vec<Ended>,
}

/// Something to put into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit<'a> {
    /// What it replaces, in bytes from the beginning of the document.
    pub(super) at: Range<usize>,
    /// What is put there, one after the other.
    pub(super) text: [&'a [u8]; 4],
}

impl Edit<'_> {
    /// Returns how long what is put there is, in bytes.
    pub(super) fn length(&self) -> usize {
        self.text.iter().map(|text| text.len()).sum()
    }
}

impl Ended {
    fn day(&self) -> &str {
        std::str::from_utf8(&self.day).unwrap_or_default()
    }

    fn edit(&self) -> Edit<'_> {
        let (before, after): (&[u8], &[u8]) = if self.end.is_empty() {
            (b",\"endDate\":\"", b"\"")
        } else {
            (b"\"", b"\"")
        };
        Edit {
            at: self.end.range(),
            text: [before, &self.day, after, b""],
        }
    }
}

impl EditColumns {
    /// Notes the next user. `domain` is that of its email where the username has none.
    pub(super) fn push_user(&mut self, document: &str, domain: Option<&str>) -> Result<(), String> {
        let mut places = UserPlaces::default();
        let (mut email_at, mut has_email) = (0, false);
        for (name, value) in json::placed_members(document) {
            match name {
                "username" if value.len() >= 2 => {
                    places.username = Part::new(&(value.start + 1..value.end - 1))?;
                }
                "enabledUser" => places.enabled = Part::new(&value)?,
                "email" => has_email = true,
                _ => {}
            }
            if BEFORE_EMAIL.contains(&name) || email_at == 0 {
                email_at = value.end;
            } else if !places.username.is_empty() && !places.enabled.is_empty() {
                // The rest, in the order in which users are written, is of no interest here.
                break;
            }
        }
        places.email_at = Part::new(&(email_at..email_at))?.start;
        let username = places.username.of(document.as_bytes());
        if !has_email && !username.is_empty() {
            places.ending = match domain {
                _ if username.contains('@') => self.ending("")?,
                Some(domain) => self.ending(&ending_of(domain)?)?,
                None => 0,
            };
        }
        self.users.push(places);
        Ok(())
    }

    fn ending(&mut self, ending: &str) -> Result<u16, String> {
        let place = self.endings.iter().position(|known| known == ending);
        let place = place.unwrap_or_else(|| {
            self.endings.push(ending.to_owned());
            self.endings.len() - 1
        });
        u16::try_from(place + 1).map_err(|_| "there are too many domains".to_owned())
    }

    /// Notes that the enrollment of a row, which is removed, was true until a day. Its own end is kept where that is earlier.
    pub(super) fn push_ended(&mut self, row: usize, document: &str, day: NaiveDate) -> Result<(), String> {
        let mut put_at = 0;
        let mut end = None;
        for (name, value) in json::placed_members(document) {
            if BEFORE_END.contains(&name) || put_at == 0 {
                put_at = value.end;
            }
            if name == "endDate" {
                end = Some(Part::new(&value)?);
            }
        }
        let text = day.to_string();
        let day = text
            .as_bytes()
            .try_into()
            .map_err(|_| format!("no day: {text}"))?;
        let end = end.map_or_else(|| Part::new(&(put_at..put_at)), Ok)?;
        // Days in this form are in the order of their texts.
        if end.is_empty() || end.of(document.as_bytes()).trim_matches('"') > text.as_str() {
            self.ended.push(Ended { row, end, day });
        }
        Ok(())
    }

    /// Copies what is noted of rows of another collection, which follow the first `count` ones here.
    pub(super) fn copy(&mut self, from: &Self, rows: Range<usize>, count: usize) {
        let endings: Vec<u16> = from
            .endings
            .iter()
            .map(|ending| self.ending(ending).unwrap_or_default())
            .collect();
        let users = from.users.get(rows.clone()).unwrap_or_default();
        self.users.extend(users.iter().map(|places| {
            UserPlaces {
                ending: (places.ending.checked_sub(1))
                    .and_then(|place| endings.get(usize::from(place)).copied())
                    .unwrap_or_default(),
                ..*places
            }
        }));
        let ended = from.ended.iter().skip(from.ended_before(rows.start));
        self.ended
            .extend(ended.take_while(|ended| ended.row < rows.end).map(|ended| Ended {
                row: ended.row - rows.start + count,
                ..*ended
            }));
    }

    fn ended_before(&self, row: usize) -> usize {
        self.ended.partition_point(|ended| ended.row < row)
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.users.shrink_to_fit();
        self.ended.shrink_to_fit();
    }

    /// Returns `true` if any user has an address.
    pub(super) const fn has_addresses(&self) -> bool {
        !self.endings.is_empty()
    }

    /// Returns `true` if any enrollment ends otherwise than it is kept.
    pub(super) const fn has_ended(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Returns how much memory it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        size_of_val::<[UserPlaces]>(&self.users) + size_of_val::<[Ended]>(&self.ended)
    }

    /// Returns the removed enrollment of a row, where it was true until another day than the one that is kept.
    fn ended_at(&self, row: usize) -> Option<&Ended> {
        let ended = self.ended.get(self.ended_before(row))?;
        (ended.row == row).then_some(ended)
    }

    /// Returns what makes the username of a row an address.
    fn ending_of_row(&self, row: usize) -> Option<(&UserPlaces, &str)> {
        let places = self.users.get(row)?;
        let place = places.ending.checked_sub(1)?;
        let ending = self.endings.get(usize::from(place))?;
        Some((places, ending))
    }

    /// Returns what to put into the documents of rows that are removed enrollments, with its row, in order.
    pub(super) fn of_ended(&self, rows: Range<usize>) -> impl Iterator<Item = (usize, Edit<'_>)> {
        let among = self.ended_before(rows.start)..self.ended_before(rows.end);
        let ended = self.ended.get(among).unwrap_or_default();
        ended.iter().map(|ended| (ended.row, ended.edit()))
    }

    /// Returns what to put into the document of a user, in the order of places. `document` is theirs, and may go on.
    pub(super) fn of_user<'a>(
        &'a self,
        row: usize,
        (document, status): (&'a [u8], StatusType),
        form: ObjectForm,
    ) -> [Option<Edit<'a>>; 2] {
        let Some(places) = self.users.get(row) else {
            return [None, None];
        };
        let is_enabled = form.enabled_users && status == StatusType::Active && !places.enabled.is_empty();
        let enabled = is_enabled.then(|| Edit {
            at: places.enabled.range(),
            text: [b"\"true\"", b"", b"", b""],
        });
        let of_email = form.email.then(|| self.ending_of_row(row)).flatten();
        let email = of_email.map(|(places, ending)| Edit {
            at: places.email_at as usize..places.email_at as usize,
            text: [
                b",\"email\":\"",
                places.username.bytes_of(document),
                ending.as_bytes(),
                b"\"",
            ],
        });
        if places.email_at < places.enabled.start {
            [email, enabled]
        } else {
            [enabled, email]
        }
    }

    /// Returns the text of a member in the document of a row as clients for whom it is edited ([`is_edited`]) see it; `None` where they see what is
    /// kept.
    pub(super) fn text<'a>(
        &'a self,
        row: usize,
        field: &str,
        (document, status): (&'a [u8], StatusType),
    ) -> Option<Cow<'a, str>> {
        match field {
            "email" => {
                let (places, ending) = self.ending_of_row(row)?;
                let quoted = format!("\"{}{ending}\"", places.username.of(document));
                json::text(&quoted).map(|text| Cow::Owned(text.into_owned()))
            }
            "enabledUser" => {
                let places = self.users.get(row)?;
                let is_enabled = status == StatusType::Active && !places.enabled.is_empty();
                is_enabled.then_some(Cow::Borrowed("true"))
            }
            "endDate" if status == StatusType::ToBeDeleted => {
                self.ended_at(row).map(|ended| Cow::Borrowed(ended.day()))
            }
            _ => None,
        }
    }
}

/// Returns what follows a username in an address of this domain, JSON-escaped.
fn ending_of(domain: &str) -> Result<String, String> {
    let quoted = serde_json::to_string(domain).map_err(|error| error.to_string())?;
    Ok(format!("@{}", quoted.trim_matches('"')))
}
