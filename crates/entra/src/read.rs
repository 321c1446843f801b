//! Reads the accounts from a file, whatever of the known forms it has.

use std::borrow::Cow;
use std::collections::HashSet;

use oneroster_delimited::{Rows, separator_among, without_byte_order_mark};
use oneroster_school::text::{TextUse, judge};

use crate::account::Account;
use crate::columns::{ColumnChoice, Columns, Field, HeaderFault};
use crate::decode::decode;
use crate::error::{BYTES_LIMIT, ReadError};
use crate::graph;

/// How many empty cells may follow the last column.
const EMPTY_CELLS: usize = 8;

/// How many column names a message shows.
const COLUMNS_SHOWN: usize = 30;

/// What is remarked on a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RemarkRule {
    /// It was read as Windows-1252.
    NotUtf8,
    /// Rows whose quotes do not fit, left out.
    Quotes,
    /// Rows with more cells than the header, left out.
    CellCount,
    /// Rows or entries without a user principal name, left out.
    NoUsername,
    /// Accounts that are there twice, the later left out.
    Duplicate,
    /// Display names that were damaged on their way; the username is compared instead.
    DamagedName,
}

impl RemarkRule {
    /// Returns its name, for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotUtf8 => "not-utf-8",
            Self::Quotes => "quote-form",
            Self::CellCount => "cell-count",
            Self::NoUsername => "no-username",
            Self::Duplicate => "duplicate-account",
            Self::DamagedName => "damaged-text",
        }
    }
}

/// A remark: how often, and where first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// What.
    pub rule: RemarkRule,
    /// How many rows.
    pub count: u64,
    /// The first line, or user of the JSON.
    pub first: u64,
}

/// The accounts of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFile {
    /// In the order of the file.
    pub accounts: Vec<Account>,
    /// What the administrator should know.
    pub remarks: Vec<Remark>,
}

/// Reads a file: delimited text by `,`, `;` or tab with a header in any order, or JSON of Microsoft Graph. `choices` go before what
/// the header says by itself.
pub fn read(bytes: &[u8], choices: &[ColumnChoice]) -> Result<AccountFile, ReadError> {
    if bytes.len() > BYTES_LIMIT {
        return Err(ReadError::TooLarge(bytes.len()));
    }
    let (text, is_guess) = decode(without_byte_order_mark(bytes))?;
    let mut reader = Reader::default();
    if is_guess {
        reader.remark(RemarkRule::NotUtf8, 1);
    }
    match text.trim_start().bytes().next() {
        None => return Err(ReadError::Empty),
        Some(b'{' | b'[') => reader.json(&text, choices)?,
        Some(_) => reader.table(&text, choices)?,
    }
    Ok(reader.file)
}

#[derive(Default)]
struct Reader {
    file: AccountFile,
    usernames: HashSet<String>,
}

impl Reader {
    fn remark(&mut self, rule: RemarkRule, place: u64) {
        match self.file.remarks.iter_mut().find(|remark| remark.rule == rule) {
            Some(remark) => remark.count += 1,
            None => self.file.remarks.push(Remark {
                rule,
                count: 1,
                first: place,
            }),
        }
    }

    fn json(&mut self, text: &str, choices: &[ColumnChoice]) -> Result<(), ReadError> {
        let (users, others) = graph::users(text, choices)?;
        for (place, cells) in (1..).zip(users) {
            self.account(place, cells);
        }
        for _ in 0..others {
            self.remark(RemarkRule::NoUsername, 0);
        }
        Ok(())
    }

    fn table(&mut self, text: &str, choices: &[ColumnChoice]) -> Result<(), ReadError> {
        let mut rows = Rows::new(text, separator_among(text, [b',', b';', b'\t']));
        let mut cells = Vec::new();
        let columns = match rows.next_row(&mut cells) {
            None => return Err(ReadError::Empty),
            Some((line, Err(fault))) => {
                let message = fault.message();
                return Err(ReadError::Quotes { line, message });
            }
            Some((_, Ok(()))) => columns(&cells, choices)?,
        };
        rows.keep_cells(columns.count + EMPTY_CELLS);
        while let Some((line, quotes)) = rows.next_row(&mut cells) {
            if quotes.is_err() {
                self.remark(RemarkRule::Quotes, line);
            } else if rows.cell_count() > columns.count + EMPTY_CELLS
                || cells
                    .iter()
                    .skip(columns.count)
                    .any(|cell| !cell.trim().is_empty())
            {
                self.remark(RemarkRule::CellCount, line);
            } else {
                let cell = |place: usize| cells.get(place).map_or("", |cell| cell.trim());
                let named = columns.places.iter();
                let named = named
                    .map(|(field, place)| (*field, cell(*place).to_owned()))
                    .collect();
                self.account(line, named);
            }
        }
        Ok(())
    }

    fn account(&mut self, place: u64, cells: graph::Cells) {
        let mut account = Account {
            place,
            ..Account::default()
        };
        for (field, text) in cells {
            set(&mut account, field, text.trim());
        }
        if account.username.is_empty() {
            self.remark(RemarkRule::NoUsername, place);
            return;
        }
        if !self.usernames.insert(account.username.to_lowercase()) {
            self.remark(RemarkRule::Duplicate, place);
            return;
        }
        for name in [&mut account.display_name, &mut account.given, &mut account.family] {
            if judge(name, TextUse::PersonName).is_some() || name.contains('\u{FFFD}') {
                name.clear();
                self.remark(RemarkRule::DamagedName, place);
            }
        }
        self.file.accounts.push(account);
    }
}

fn columns(header: &[Cow<'_, str>], choices: &[ColumnChoice]) -> Result<Columns, ReadError> {
    Columns::find(header, choices).map_err(|fault| {
        let shown: Vec<&str> = header
            .iter()
            .take(COLUMNS_SHOWN)
            .map(|name| name.trim())
            .collect();
        let shown = shown.join(", ");
        match fault {
            HeaderFault::NoSuchColumn(column) => ReadError::NoSuchColumn(column, shown),
            HeaderFault::NoUsername => ReadError::NoUsername(shown),
        }
    })
}

fn set(account: &mut Account, field: Field, text: &str) {
    let target = match field {
        Field::Upn => &mut account.username,
        Field::DisplayName => &mut account.display_name,
        Field::GivenName => &mut account.given,
        Field::Surname => &mut account.family,
        Field::Mail => &mut account.mail,
        Field::Id => &mut account.id,
        Field::Department => &mut account.department,
        Field::Title => &mut account.title,
        Field::Licences => &mut account.licences,
        Field::SisId => &mut account.sis_id,
        Field::ProxyAddresses => {
            account.aliases.extend(addresses(text));
            return;
        }
        Field::UserType => {
            account.is_guest = matches!(text.to_lowercase().as_str(), "guest" | "gast");
            return;
        }
        Field::Enabled => {
            account.is_enabled = answer(text);
            return;
        }
        Field::Blocked => {
            account.is_enabled = answer(text).map(|is_blocked| !is_blocked);
            return;
        }
        Field::Synchronised => {
            account.is_synchronised = answer(text);
            return;
        }
        Field::BirthDate => {
            account.birth_date = date(text);
            return;
        }
    };
    // Of several columns for one field the best stands first.
    if target.is_empty() {
        text.clone_into(target);
    }
}

/// Returns the mail addresses of a cell such as `SMTP:a@b.example+smtp:c@b.example`.
fn addresses(text: &str) -> impl Iterator<Item = String> {
    text.split(['+', ',', ';', ' ', '|']).filter_map(|address| {
        let mail = match address.split_once(':') {
            Some((kind, mail)) if kind.eq_ignore_ascii_case("smtp") => mail,
            Some(_) => return None,
            None => address,
        };
        mail.contains('@').then(|| mail.to_lowercase())
    })
}

fn answer(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "ja" | "waar" | "1" | "on" | "aan" | "ingeschakeld" | "enabled" => Some(true),
        "false" | "no" | "nee" | "onwaar" | "0" | "off" | "uit" | "uitgeschakeld" | "disabled" => Some(false),
        _ => None,
    }
}

/// Reads a day: `2012-03-02…` or `2/03/2012`.
fn date(text: &str) -> Option<String> {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split(['-', '/', '.']).collect();
    let [first, middle, last] = parts.as_slice() else {
        return None;
    };
    let (year, day) = if first.len() == 4 {
        (first, last)
    } else {
        (last, first)
    };
    let number = |text: &str| text.parse::<u16>().ok();
    let (year, month, day) = (number(year)?, number(middle)?, number(day)?);
    (year >= 1900 && (1..=12).contains(&month) && (1..=31).contains(&day))
        .then(|| format!("{year:04}-{month:02}-{day:02}"))
}
