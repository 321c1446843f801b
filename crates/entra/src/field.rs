//! What a column may hold, and the names that Microsoft gives it in English and Dutch.

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
    /// When the account was made.
    Created,
}

impl Field {
    /// Returns how `--columns` calls it.
    pub fn name(self) -> &'static str {
        let known = NAMES.iter().find(|(field, ..)| *field == self);
        known.map_or("", |(_, name, _)| name)
    }
}

/// Every field: how `--columns` calls it, and the names of its columns, in letters and digits only. The first that is there counts.
pub(crate) const NAMES: [(Field, &str, &[&str]); 17] = [
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
            "aanmeldenblokkeren",
            "aanmeldingsreferentieblokkeren",
            "aanmeldingsreferentiesblokkeren",
            "aanmeldingsreferentiegeblokkeerd",
            "referentiegeblokkeerd",
            "accountgeblokkeerd",
            "credentialblocked",
            "blocked",
            "geblokkeerd",
            "signinstatus",
            "aanmeldingsstatus",
            "aanmeldstatus",
            "aanmeldstatusvangebruiker",
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
    (
        Field::Created,
        "created",
        &[
            "createddatetime",
            "whencreated",
            "created",
            "creationtime",
            "aanmaakdatum",
            "gemaaktop",
            "aangemaaktop",
            "aanmaakdatumentijd",
            "datumentijdvanmaken",
            "wanneergemaakt",
            "wanneeraangemaakt",
        ],
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
