//! Reads the accounts from a file, whatever of the known forms it has.

use std::borrow::Cow;
use std::collections::HashSet;

use oneroster_delimited::{QuoteFault, Rows, separator_among, without_byte_order_mark};
use oneroster_school::text::{TextUse, judge};

use crate::account::Account;
use crate::columns::{ColumnChoice, ColumnUse, Columns, HeaderFault};
use crate::dates::{self, Reading};
use crate::decode::decode;
use crate::error::{ACCOUNTS_LIMIT, BYTES_LIMIT, ReadError};
use crate::field::{Field, folded};
use crate::graph;
use crate::value::{addresses, answer, is_blocked};

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
    /// Birth dates that can be read day first and month first, and no other date of the file says which; not used.
    DateOrder,
    /// Cells that should say yes or no and say something else.
    Answer,
    /// Rows that repeat the header, left out.
    Header,
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
            Self::DateOrder => "date-order",
            Self::Answer => "yes-or-no",
            Self::Header => "header-again",
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
    /// The columns that are used, and as what; empty for JSON.
    pub columns: Vec<ColumnUse>,
    /// The names of the columns that are not.
    pub unused_columns: Vec<String>,
}

/// Reads a file: delimited text by `,`, `;` or tab with a header in any order, or JSON of Microsoft Graph. `choices` go before what
/// the header says by itself.
pub fn read(bytes: &[u8], choices: &[ColumnChoice]) -> Result<AccountFile, ReadError> {
    if bytes.len() > BYTES_LIMIT {
        return Err(ReadError::TooLarge);
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
    if reader.file.accounts.is_empty() {
        return Err(ReadError::NoAccounts);
    }
    reader.settle_dates();
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
            self.account(place, cells)?;
        }
        for _ in 0..others {
            self.remark(RemarkRule::NoUsername, 0);
        }
        Ok(())
    }

    fn table(&mut self, text: &str, choices: &[ColumnChoice]) -> Result<(), ReadError> {
        let (text, skipped, said) = without_preamble(text);
        let separator = said.unwrap_or_else(|| separator_among(text, [b',', b';', b'\t']));
        let mut rows = Rows::new(text, separator);
        let mut cells = Vec::new();
        let refuse = |line: u64, fault: QuoteFault| ReadError::Quotes {
            line: line + skipped,
            message: fault.message(),
        };
        let header: Vec<String> = match rows.next_row(&mut cells) {
            None => return Err(ReadError::Empty),
            Some((line, Err(fault))) => return Err(refuse(line, fault)),
            Some((_, Ok(()))) => cells.iter().map(|cell| cell.trim().to_owned()).collect(),
        };
        let columns = columns(&cells, choices)?;
        self.file.columns.clone_from(&columns.used);
        self.file.unused_columns.clone_from(&columns.unused);
        rows.keep_cells(columns.count + EMPTY_CELLS);
        let mut has_short_rows = false;
        while let Some((line, quotes)) = rows.next_row(&mut cells) {
            let place = line + skipped;
            match quotes {
                // Such a quote takes the rows after it along: nobody could tell who was lost.
                Err(fault) if fault == QuoteFault::NeverClosed || rows.line() > line => {
                    return Err(refuse(line, QuoteFault::NeverClosed));
                }
                Err(_) => self.remark(RemarkRule::Quotes, place),
                Ok(()) if has_text_past(&cells, &rows, columns.count) => {
                    self.remark(RemarkRule::CellCount, place);
                }
                Ok(()) => {
                    let count = cells.len();
                    let is_last = rows.unread().is_empty() && !text.ends_with(['\n', '\r']);
                    if is_last && count < columns.count && !has_short_rows {
                        return Err(ReadError::CutOff {
                            line: place,
                            cells: count,
                            columns: columns.count,
                        });
                    }
                    has_short_rows |= count < columns.count;
                    self.row(place, &columns, &header, &cells)?;
                }
            }
        }
        Ok(())
    }

    fn row(
        &mut self,
        place: u64,
        columns: &Columns,
        header: &[String],
        cells: &[Cow<'_, str>],
    ) -> Result<(), ReadError> {
        let cell = |place: usize| cells.get(place).map_or("", |cell| cell.trim());
        let is_header = columns.places.iter().all(|(_, place)| {
            header
                .get(*place)
                .is_some_and(|name| folded(name) == folded(cell(*place)))
        });
        if is_header {
            self.remark(RemarkRule::Header, place);
            return Ok(());
        }
        let named = columns.places.iter();
        let named = named
            .map(|(field, place)| (*field, cell(*place).to_owned()))
            .collect();
        self.account(place, named)
    }

    fn account(&mut self, place: u64, cells: graph::Cells) -> Result<(), ReadError> {
        let mut account = Account {
            place,
            ..Account::default()
        };
        for (field, text) in cells {
            if !set(&mut account, field, text.trim()) {
                self.remark(RemarkRule::Answer, place);
            }
        }
        if !account.username.contains('@') {
            self.remark(RemarkRule::NoUsername, place);
            return Ok(());
        }
        if !self.usernames.insert(account.username.to_lowercase()) {
            self.remark(RemarkRule::Duplicate, place);
            return Ok(());
        }
        for name in [&mut account.display_name, &mut account.given, &mut account.family] {
            if judge(name, TextUse::PersonName).is_some() || name.contains('\u{FFFD}') {
                name.clear();
                self.remark(RemarkRule::DamagedName, place);
            }
        }
        if self.file.accounts.len() == ACCOUNTS_LIMIT {
            return Err(ReadError::TooMany);
        }
        self.file.accounts.push(account);
        Ok(())
    }

    /// Reads the birth dates in the order that the file as a whole shows.
    fn settle_dates(&mut self) {
        let texts = self.file.accounts.iter();
        let order = dates::order_of(texts.filter_map(|account| account.birth_date.as_deref()));
        let mut not_used = Vec::new();
        for account in &mut self.file.accounts {
            account.birth_date = account
                .birth_date
                .take()
                .and_then(|text| match dates::read(&text, order) {
                    Reading::Day(day) => Some(day),
                    Reading::Either => {
                        not_used.push(account.place);
                        None
                    }
                    Reading::None => None,
                });
        }
        for place in not_used {
            self.remark(RemarkRule::DateOrder, place);
        }
    }
}

/// Returns a text without the lines that Excel and PowerShell write above a header, how many these are, and the separator that one of
/// them says.
fn without_preamble(text: &str) -> (&str, u64, Option<u8>) {
    let (mut rest, mut skipped, mut separator) = (text, 0, None);
    while let Some((line, after)) = rest.split_once('\n') {
        let line = line.trim();
        let is_type = line.trim_start_matches('"').to_lowercase().starts_with("#type");
        let said = line.trim_matches('"').strip_prefix("sep=");
        if let Some(said) = said.filter(|said| said.len() <= 1) {
            // A tab was trimmed.
            separator = Some(said.bytes().next().unwrap_or(b'\t'));
        } else if !is_type {
            break;
        }
        rest = after;
        skipped += 1;
    }
    (rest, skipped, separator)
}

fn has_text_past(cells: &[Cow<'_, str>], rows: &Rows<'_>, columns: usize) -> bool {
    let past = cells.iter().skip(columns);
    rows.cell_count() > columns + EMPTY_CELLS || past.clone().any(|cell| !cell.trim().is_empty())
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

/// Puts a cell into its place. Returns `false` if it should answer a question and does not.
fn set(account: &mut Account, field: Field, text: &str) -> bool {
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
        Field::ProxyAddresses => {
            account.aliases.extend(addresses(text));
            return true;
        }
        Field::SisId => {
            if account.sis_id.is_empty() {
                sis_id(text).clone_into(&mut account.sis_id);
            }
            return true;
        }
        Field::UserType => {
            account.is_guest |= matches!(text.to_lowercase().as_str(), "guest" | "gast");
            return true;
        }
        Field::Enabled => {
            let said = answer(text);
            account.is_enabled = stricter(account.is_enabled, said);
            return text.is_empty() || said.is_some();
        }
        Field::Blocked => {
            let said = is_blocked(text).map(|is_blocked| !is_blocked);
            account.is_enabled = stricter(account.is_enabled, said);
            return text.is_empty() || said.is_some();
        }
        Field::Synchronised => {
            account.is_synchronised = answer(text);
            return true;
        }
        Field::BirthDate => {
            // In which order its numbers stand, the whole file tells.
            if account.birth_date.is_none() {
                account.birth_date = Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
            }
            return true;
        }
        Field::Created => {
            account.created_year = account.created_year.or_else(|| dates::year(text));
            return true;
        }
    };
    // Of several columns for one field the best stands first.
    if target.is_empty() {
        text.clone_into(target);
    }
    true
}

/// Of two columns that say whether an account may sign in, the one that says no.
fn stricter(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    if one == Some(false) { one } else { other.or(one) }
}

/// Returns the id of a person. An anchor id of School Data Sync says the kind before it: `Student_…`.
fn sis_id(text: &str) -> &str {
    let is_kind = |kind: &str| ["student", "teacher", "user"].contains(&kind.to_lowercase().as_str());
    match text.split_once('_') {
        Some((kind, id)) if is_kind(kind) => id,
        _ => text,
    }
}
