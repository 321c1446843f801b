//! What accounts were given: roles of Informat, custom roles, and being manager of a school (R4, R83, R85–R90).

use chrono::{DateTime, Utc};
use oneroster_school::rights::{Access, Grant, Rights, Role};
use oneroster_school::tenant::Configuration;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Account, Error};

/// Longest name of a custom role, in characters.
const CUSTOM_NAME_MAX: usize = 100;

/// A school, or one site of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The school, by Informat's number of it.
    pub school: String,
    /// The site, by its number; `None` = every site of the school.
    pub site: Option<i32>,
}

/// What is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A standard role.
    Standard(&'static Role),
    /// A role of the school group's own. It opens what it says, whatever it is based on (R88, R89).
    Custom {
        /// Its name.
        name: String,
        /// The standard role it is based on.
        based_on: Option<&'static Role>,
        /// What it opens.
        access: Access,
    },
    /// Gives and takes rights at the school, and writes (R4).
    Manager,
}

/// Something that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredGrant {
    /// The tenant.
    pub tenant_id: String,
    /// Its id.
    pub grant_id: Uuid,
    /// To whom.
    pub account_id: Uuid,
    /// Where.
    pub place: Place,
    /// What; `None` for a standard role that this version does not know. It opens nothing.
    pub given: Option<Given>,
    /// What it is called: a role as Informat writes it, or the name of a custom one; empty for a manager.
    pub role: String,
    /// When.
    pub given_at: DateTime<Utc>,
    /// By whom.
    pub given_by: String,
}

/// A row as it is stored.
struct Row {
    tenant_id: String,
    grant_id: Uuid,
    account_id: Uuid,
    school: String,
    site: Option<i32>,
    kind: String,
    role: Option<String>,
    based_on: Option<String>,
    access: Option<String>,
    given_at: DateTime<Utc>,
    given_by: String,
}

impl Given {
    /// Finds a standard role as Informat writes it, `iLeerlingen: Alles schrijven`.
    pub fn standard(text: &str) -> Result<Self, Error> {
        let role = Role::find(text).ok_or_else(|| Error::Role(text.to_owned()))?;
        Ok(Self::Standard(role))
    }

    /// Makes a custom role. It opens nothing unless that is said.
    pub fn custom(name: &str, based_on: Option<&str>, access: Access) -> Result<Self, Error> {
        let name = name.trim();
        let length = name.chars().count();
        if !(1..=CUSTOM_NAME_MAX).contains(&length) || name.chars().any(char::is_control) {
            return Err(Error::Role(name.to_owned()));
        }
        let based_on = based_on
            .map(|text| Role::find(text).ok_or_else(|| Error::Role(text.to_owned())))
            .transpose()?;
        Ok(Self::Custom {
            name: name.to_owned(),
            based_on,
            access,
        })
    }

    /// Returns what it opens.
    pub const fn access(&self) -> Access {
        match self {
            Self::Standard(role) => role.access,
            Self::Custom { access, .. } => *access,
            Self::Manager => Access::Write,
        }
    }

    /// Returns `true` for a manager.
    pub const fn is_manager(&self) -> bool {
        matches!(self, Self::Manager)
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Standard(_) => "standard",
            Self::Custom { .. } => "custom",
            Self::Manager => "manager",
        }
    }
}

/// Returns the word that stands for an access in the database and in JSON.
pub const fn access_word(access: Access) -> &'static str {
    match access {
        Access::None => "none",
        Access::Read => "read",
        Access::Write => "write",
    }
}

/// Reads such a word.
pub fn access_of_word(word: &str) -> Option<Access> {
    [Access::None, Access::Read, Access::Write]
        .into_iter()
        .find(|access| access_word(*access) == word)
}

impl From<Row> for StoredGrant {
    fn from(row: Row) -> Self {
        let role = row.role.unwrap_or_default();
        let given = match row.kind.as_str() {
            "manager" => Some(Given::Manager),
            "custom" => Some(Given::Custom {
                name: role.clone(),
                based_on: row.based_on.as_deref().and_then(Role::find),
                access: row.access.as_deref().and_then(access_of_word).unwrap_or_default(),
            }),
            _ => Role::find(&role).map(Given::Standard),
        };
        Self {
            tenant_id: row.tenant_id,
            grant_id: row.grant_id,
            account_id: row.account_id,
            place: Place {
                school: row.school,
                site: row.site,
            },
            given,
            role,
            given_at: row.given_at,
            given_by: row.given_by,
        }
    }
}

/// Gives something to an account, in the scope of the tenant; returns whether it did not have it yet.
pub async fn give(
    transaction: &mut PgConnection,
    tenant_id: &str,
    account: &Account,
    (place, given): (&Place, &Given),
    by: &str,
) -> Result<bool, Error> {
    if given.is_manager() && place.site.is_some() {
        return Err(Error::ManagerOfSite);
    }
    require_place(transaction, tenant_id, place).await?;
    let (role, based_on, access) = match given {
        Given::Standard(role) => (Some(role.to_string()), None, None),
        Given::Custom {
            name,
            based_on,
            access,
        } => (
            Some(name.clone()),
            based_on.map(ToString::to_string),
            Some(access_word(*access)),
        ),
        Given::Manager => (None, None, None),
    };
    let done = sqlx::query!(
        "insert into desk.access_grant (tenant_id, account_id, login_name, display_name, issuer, subject,
                                        school, site, kind, role, based_on, access, given_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing",
        tenant_id,
        account.account_id,
        account.login_name,
        account.display_name,
        account.issuer,
        account.subject,
        place.school,
        place.site,
        given.kind(),
        role,
        based_on,
        access,
        by
    )
    .execute(transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn require_place(connection: &mut PgConnection, tenant_id: &str, place: &Place) -> Result<(), Error> {
    let is_there = sqlx::query_scalar!(
        r#"select exists (
               select from informat.school s
               where s.tenant_id = $1 and s.instelnr = $2
                 and ($3::integer is null or exists (
                     select from informat.schoolvest v where v.tenant_id = $1 and v.instelnr = $2 and v.vestnrdiscimus = $3))
           ) as "there!""#,
        tenant_id,
        place.school,
        place.site
    )
    .fetch_one(connection)
    .await?;
    if is_there {
        return Ok(());
    }
    Err(Error::Place {
        tenant_id: tenant_id.to_owned(),
        school: place.school.clone(),
        site: place.site,
    })
}

/// Takes something, in the scope of the tenant; returns whether it was there.
pub async fn take(transaction: &mut PgConnection, tenant_id: &str, grant_id: Uuid) -> Result<bool, Error> {
    let done = sqlx::query!(
        "delete from desk.access_grant where tenant_id = $1 and grant_id = $2",
        tenant_id,
        grant_id
    )
    .execute(transaction)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Returns all that an account was given, in every tenant, outside a scope.
pub async fn of_account(connection: &mut PgConnection, account_id: Uuid) -> Result<Vec<StoredGrant>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select tenant_id, grant_id, account_id, school, site, kind, role, based_on, access, given_at, given_by
         from desk.access_grant where account_id = $1 order by tenant_id, school, site nulls first, kind, role",
        account_id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(StoredGrant::from).collect())
}

/// Returns all that was given in a tenant, by account and place.
pub async fn of_tenant(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<StoredGrant>, Error> {
    let rows = sqlx::query_as!(
        Row,
        "select tenant_id, grant_id, account_id, school, site, kind, role, based_on, access, given_at, given_by
         from desk.access_grant where tenant_id = $1 order by account_id, school, site nulls first, kind, role",
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(StoredGrant::from).collect())
}

/// Returns the rights that what was given in one tenant comes to.
pub fn rights<'g>(grants: impl IntoIterator<Item = &'g StoredGrant>) -> Rights {
    Rights::of(opened(grants))
}

/// Returns `true` for who is manager of every school of a tenant, or operator.
pub fn manages_all(rights: &Rights, configuration: &Configuration) -> bool {
    let mut schools = configuration.schools.iter();
    schools.all(|school| rights.is_manager_of(&school.instelnr))
}

/// Returns what was given, as rights are computed from it; what this version does not know is left out.
pub fn opened<'g>(grants: impl IntoIterator<Item = &'g StoredGrant>) -> impl Iterator<Item = Grant> {
    grants.into_iter().filter_map(|grant| {
        let given = grant.given.as_ref()?;
        Some(Grant {
            instelnr: grant.place.school.clone(),
            vestnr: grant.place.site,
            access: given.access(),
            is_manager: given.is_manager(),
        })
    })
}

/// Returns the school of a tenant where the most names wait to be released, the largest of several, in its scope: whose secretary the demo
/// has.
pub async fn waiting_school(connection: &mut PgConnection, tenant_id: &str) -> Result<Option<String>, Error> {
    let school = sqlx::query_scalar!(
        "select i.instelnr from informat.inschrijving i
         join informat.persoon p on p.tenant_id = i.tenant_id and p.p_persoon = i.p_persoon
         left join username.record r on r.tenant_id = i.tenant_id and r.rowguid = p.rowguid
         where i.tenant_id = $1
         group by i.instelnr order by count(*) filter (where not r.sync) desc, count(*) desc, i.instelnr limit 1",
        tenant_id
    )
    .fetch_optional(connection)
    .await?;
    Ok(school)
}

/// A school of a tenant with its sites, as Informat names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct School {
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// Its sites: number and name, by number.
    pub sites: Vec<(i32, String)>,
}

/// Returns the schools of a tenant with their sites, by number, in its scope.
pub async fn schools(connection: &mut PgConnection, tenant_id: &str) -> Result<Vec<School>, Error> {
    let rows = sqlx::query!(
        r#"select s.instelnr as number, s.school as name, v.vestnrdiscimus as "site?", min(v.vestiging) as site_name
           from informat.school s
           left join informat.schoolvest v on v.tenant_id = s.tenant_id and v.instelnr = s.instelnr
           where s.tenant_id = $1
           group by s.instelnr, s.school, v.vestnrdiscimus order by s.instelnr, v.vestnrdiscimus"#,
        tenant_id
    )
    .fetch_all(connection)
    .await?;
    let mut schools: Vec<School> = Vec::new();
    for row in rows {
        if schools.last().is_none_or(|last| last.number != row.number) {
            schools.push(School {
                number: row.number,
                name: row.name,
                sites: Vec::new(),
            });
        }
        if let (Some(last), Some(site)) = (schools.last_mut(), row.site) {
            last.sites.push((site, row.site_name.unwrap_or_default()));
        }
    }
    Ok(schools)
}
