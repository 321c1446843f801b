//! Which column is what: by the names that Microsoft gives them in English and Dutch, or as the caller says.

use std::str::FromStr;

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// User principal name.
    Upn,
    /// Display name.
    DisplayName,
    /// Given name.
    GivenName,
    /// Surname.
    Surname,
    /// Mail address.
    Mail,
    /// Further addresses.
    ProxyAddresses,
    /// Object id.
    Id,
    /// `Member` or `Guest`.
    UserType,
    /// Whether signing in is allowed.
    Enabled,
    /// Whether it is not.
    Blocked,
    /// Whether it comes from an Active Directory.
    Synchronised,
    /// Department.
    Department,
    /// Job title.
    Title,
    /// Licences.
    Licences,
    /// Birth date.
    BirthDate,
    /// The id School Data Sync keeps.
    SisId,
}

/// Every field: how `--columns` calls it, and the names of its columns, in letters and digits only. The first that is there counts.
const NAMES: [(Field, &str, &[&str]); 16] = [
    (
        Field::Upn,
        "upn",
        &[
            "userprincipalname",
            "upn",
            "gebruikersprincipalnaam",
            "gebruikersprincipalname",
            "userprincipalnaam",
            "principalnaamvangebruiker",
            "principalname",
            "principalnaam",
            "username",
            "gebruikersnaam",
            "signinname",
            "aanmeldingsnaam",
        ],
    ),
    (
        Field::DisplayName,
        "displayname",
        &[
            "displayname",
            "weergavenaam",
            "weergegevennaam",
            "fullname",
            "volledigenaam",
            "name",
            "naam",
        ],
    ),
    (
        Field::GivenName,
        "givenname",
        &["givenname", "firstname", "voornaam", "roepnaam"],
    ),
    (
        Field::Surname,
        "surname",
        &["surname", "lastname", "familyname", "achternaam", "familienaam"],
    ),
    (
        Field::Mail,
        "mail",
        &[
            "mail",
            "email",
            "emailaddress",
            "emailadres",
            "primarysmtpaddress",
            "primairemailadres",
        ],
    ),
    (
        Field::ProxyAddresses,
        "proxyaddresses",
        &[
            "proxyaddresses",
            "proxyadressen",
            "emailaddresses",
            "emailadressen",
            "aliases",
            "aliassen",
        ],
    ),
    (Field::Id, "id", &["id", "objectid", "externaldirectoryobjectid"]),
    (
        Field::UserType,
        "usertype",
        &["usertype", "gebruikerstype", "typegebruiker"],
    ),
    (
        Field::Enabled,
        "enabled",
        &[
            "accountenabled",
            "accountingeschakeld",
            "accountisingeschakeld",
            "enabled",
            "ingeschakeld",
        ],
    ),
    (
        Field::Blocked,
        "blocked",
        &[
            "blockcredential",
            "signinblocked",
            "blocksignin",
            "aanmeldinggeblokkeerd",
            "aanmeldengeblokkeerd",
            "aanmeldingblokkeren",
            "referentieblokkeren",
            "referentiesblokkeren",
        ],
    ),
    (
        Field::Synchronised,
        "synchronised",
        &[
            "directorysynced",
            "dirsyncenabled",
            "onpremisessyncenabled",
            "adreslijstsynchronisatieingeschakeld",
            "adreslijstgesynchroniseerd",
            "directorygesynchroniseerd",
            "onpremisessynchronisatieingeschakeld",
            "synchronisatieingeschakeld",
        ],
    ),
    (
        Field::Department,
        "department",
        &["department", "afdeling", "klas", "class"],
    ),
    (
        Field::Title,
        "title",
        &["jobtitle", "title", "functie", "functietitel", "titel"],
    ),
    (
        Field::Licences,
        "licences",
        &[
            "licenses",
            "licences",
            "licenties",
            "assignedlicenses",
            "toegewezenlicenties",
        ],
    ),
    (
        Field::BirthDate,
        "birthdate",
        &[
            "birthday",
            "birthdate",
            "dateofbirth",
            "geboortedatum",
            "verjaardag",
        ],
    ),
    (
        Field::SisId,
        "sisid",
        &["sisid", "sourcedid", "externalid", "anchorid"],
    ),
];

/// What the attributes end with in which School Data Sync keeps the id; something that names its extension stands before it.
const SYNC_SOURCE: [&str; 3] = ["syncsourcestudentid", "syncsourceteacherid", "anchorid"];

/// Returns a name of a column in lower-case letters and digits.
pub(crate) fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Returns what a column of this name holds, and how good a name it is: 0 is the best.
pub(crate) fn field_of(name: &str) -> Option<(Field, usize)> {
    let name = folded(name);
    if SYNC_SOURCE.iter().any(|ending| name.ends_with(ending)) {
        return Some((Field::SisId, 0));
    }
    NAMES.iter().find_map(|(field, _, names)| {
        let rank = names.iter().position(|known| *known == name)?;
        Some((*field, rank))
    })
}

/// A column that the caller names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnChoice {
    /// What it holds.
    pub field: Field,
    /// Its name in the header.
    pub column: String,
}

/// A choice cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not of the form FIELD=COLUMN, with FIELD one of {fields}", fields = field_names())]
pub struct ColumnChoiceError(String);

fn field_names() -> String {
    let names: Vec<&str> = NAMES.iter().map(|(_, name, _)| *name).collect();
    names.join(", ")
}

impl FromStr for ColumnChoice {
    type Err = ColumnChoiceError;

    fn from_str(text: &str) -> Result<Self, ColumnChoiceError> {
        let choice = text.split_once('=').and_then(|(wanted, column)| {
            let wanted = folded(wanted);
            let (field, ..) = NAMES.iter().find(|(_, name, _)| *name == wanted)?;
            let column = column.trim();
            (!column.is_empty()).then(|| Self {
                field: *field,
                column: column.to_owned(),
            })
        });
        choice.ok_or_else(|| ColumnChoiceError(text.to_owned()))
    }
}

/// Where the fields stand in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Field and place.
    pub(crate) places: Vec<(Field, usize)>,
    /// How many columns the header has.
    pub(crate) count: usize,
}

/// Why a header cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HeaderFault {
    /// A column that the caller named is not there.
    NoSuchColumn(String),
    /// There is no user principal name.
    NoUsername,
}

impl Columns {
    /// Finds the columns of a header.
    pub(crate) fn find<T: AsRef<str>>(header: &[T], choices: &[ColumnChoice]) -> Result<Self, HeaderFault> {
        let mut places: Vec<(Field, usize)> = Vec::new();
        for choice in choices {
            let wanted = folded(&choice.column);
            let place = header.iter().position(|name| folded(name.as_ref()) == wanted);
            let place = place.ok_or_else(|| HeaderFault::NoSuchColumn(choice.column.clone()))?;
            places.push((choice.field, place));
        }
        let mut found: Vec<(Field, usize, usize)> = Vec::new();
        for (place, name) in header.iter().enumerate() {
            if let Some((field, rank)) = field_of(name.as_ref()) {
                found.push((field, rank, place));
            }
        }
        found.sort_by_key(|(_, rank, place)| (*rank, *place));
        for (field, _, place) in found {
            let is_used = places
                .iter()
                .any(|(known, at)| *at == place || (*known == field && field != Field::SisId));
            if !is_used {
                places.push((field, place));
            }
        }
        if !places.iter().any(|(field, _)| *field == Field::Upn) {
            return Err(HeaderFault::NoUsername);
        }
        let count = header.len();
        Ok(Self { places, count })
    }
}
