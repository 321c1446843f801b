//! What is done with usernames once people have them: look up, edit, release, hand over, check by file.
//!
//! One operation, one function, one transaction of one tenant: commands and pages call the same ones. An operation
//! that edits first takes the lock under which names are given out, so that it sees all and nothing moves under it.
//! Everything it changes is entered in the record's history with who did it, and is published within seconds.

mod bulk;
pub mod check_file;
mod edit;
mod erase;
mod finality;
mod forget_name;
mod holder;
pub mod import;
mod list;
pub mod matching;
mod name_keys;
mod person;
mod places;
mod read_names;
mod reason;
pub mod records;
pub mod retention;
mod swap;
mod sync;
pub mod takeover;
mod transfer;
mod undo;
mod unserved;
mod whom;

use chrono::{DateTime, Utc};
use oneroster_school::informat::school_year::UnknownSchoolYear;
use oneroster_school::projection::{self, People, Person, PublishedAs};
use oneroster_school::tenant::Configuration;
use oneroster_school::tenant::configuration::DomainMode;
use oneroster_school::username::edit::{DomainRule, UsernameError};
use oneroster_standard::{Moment, RoleType};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use uuid::Uuid;

pub use bulk::{BulkDone, BulkOrder, bulk_sync};
pub use edit::{Edited, Terms, Warning, set, set_seen};
pub use erase::{Erased, erase};
pub use finality::final_usernames;
pub use forget_name::{ForgetRefusal, NameForgotten, forget_name, forget_names_again};
pub use holder::{Holder, KnownPerson};
pub use list::{Entry, State, folded, history, list};
pub use name_keys::change_encryption_key;
pub use person::find_person;
pub use places::{Whereabouts, places, whereabouts};
pub use read_names::ReadNames;
pub use reason::{Reason, ReasonError};
pub use swap::{Swap, SwapAction, SwapRefusal, SwapSide, SwapStep, find_swap, find_swap_of_two, swap};
pub use sync::{OneSwitch, PassedOver, Synced, sync, sync_one};
pub use transfer::{Transfer, Transferred, transfer};
pub use undo::{NotUndone, Operation, Undone, last_operations, operation_people, undo};
pub use unserved::{ChangeReason, UnservedChange, UnservedEdit, forget, regenerate};
pub use whom::Whom;

use crate::db::{locks, scope};
use crate::mirror;
use crate::roster;
use crate::tabular::WorkbookError;
use crate::tenants;

/// Longest name of who edits, in characters.
const AUTHOR_MAX_LENGTH: usize = 200;

/// How many orgs a message names.
const ORGS_SHOWN: usize = 20;

/// An operation did not succeed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The tenant cannot be read.
    #[error(transparent)]
    Tenant(#[from] tenants::Error),
    /// The records cannot be read.
    #[error("cannot read the usernames")]
    Usernames(#[from] records::Error),
    /// It cannot be read what was served.
    #[error("cannot tell what was served")]
    Served(#[from] roster::Error),
    /// It cannot be computed who is published.
    #[error("cannot tell who is published")]
    Projection(#[from] UnknownSchoolYear),
    /// The check file cannot be written.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    /// Work on a file broke off: a fault of this program, or the server is stopping.
    #[error("reading the file was interrupted")]
    Interrupted,
    /// It is against a rule.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Why an operation is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Somebody without a username.
    #[error("{0} has no username in this tenant; `oneroster usernames list` shows who has")]
    UnknownPerson(Uuid),
    /// A name that nobody has.
    #[error("nobody has the username {name:?}{}; `oneroster usernames list` shows who has which", last_holder.as_ref().map_or_else(String::new, |holder| format!(", which was once that of {holder}")))]
    UnknownUsername {
        /// The name.
        name: String,
        /// Who had it last, if anybody.
        last_holder: Option<Holder>,
    },
    /// A name with another domain than its holder's.
    #[error("nobody has the username {name:?}: {username} is that of {holder}")]
    OtherDomain {
        /// The name that was asked for.
        name: String,
        /// The name there is.
        username: String,
        /// Who has it.
        holder: Holder,
    },
    /// A text that is the id of one person and the username of another.
    #[error(
        "{id} is the sourcedId of one person and the username of {holder}; name the second by their sourcedId"
    )]
    AmbiguousPerson {
        /// The text.
        id: Uuid,
        /// Who has it as a username.
        holder: Holder,
    },
    /// What was typed is no username for this person.
    #[error("{0}")]
    Name(UsernameError),
    /// Somebody else has the name.
    #[error(
        "{name} is the username of {holder}; names are unique over pupils and staff, whatever the domain and the case"
    )]
    Held {
        /// The local part that was asked for.
        name: String,
        /// Who has it.
        holder: Holder,
    },
    /// Somebody who was erased had the name.
    #[error(
        "{name} was the username of somebody who was erased, or one that was forgotten; nobody else gets it"
    )]
    OfErased {
        /// The local part that was asked for.
        name: String,
    },
    /// A person is erased only once the source no longer has them: the next import would bring them back.
    #[error(
        "{0} is still in Informat's data: take them out there, and import a bundle that has everybody but them; then erase them"
    )]
    StillInSource(Uuid),
    /// A person is erased only once consumers were told that they are gone.
    #[error(
        "{0} is still published: publish first (`oneroster publish`), so that consumers are told that they are gone; then erase them"
    )]
    StillPublished(Uuid),
    /// A person is erased only once nobody reads them as active any more.
    #[error(
        "tokens that were handed out before {person} left still read them, until {} at the latest: erase them after that",
        Moment::from(*until)
    )]
    StillRead {
        /// Who.
        person: Uuid,
        /// When the last of these tokens has ended.
        until: DateTime<Utc>,
    },
    /// No published org has this id.
    #[error("{org:?} is no published org; these are: {known}")]
    UnknownOrg {
        /// The id that was asked for.
        org: String,
        /// Ids there are.
        known: String,
    },
    /// A name can only be taken from somebody who is nowhere any more.
    #[error(
        "{0} still has a registration or an assignment in Informat's data: a name is handed over only once the person it is \
         taken from has none, now or later"
    )]
    StillInMirror(Holder),
    /// A name can only be given to somebody who is there.
    #[error("{0} is not in Informat's data: a name is handed over to somebody who is")]
    NotInMirror(Uuid),
    /// Somebody else changed the record meanwhile.
    #[error("{0} was changed by somebody else meanwhile: look again")]
    ChangedMeanwhile(Uuid),
    /// The username was served, and a new name was not confirmed.
    #[error(
        "the username {name} has been served: another name renames the account and its primary address in Microsoft 365, and the \
         old one stays as an alias"
    )]
    Served {
        /// The username.
        name: String,
    },
    /// A name that is not forgotten yet.
    #[error("{0}")]
    Forget(ForgetRefusal),
    /// A step of a swap whose time has not come.
    #[error("{0}")]
    Swap(SwapRefusal),
    /// From and to are one person.
    #[error("--from and --to name the same person")]
    SamePerson,
    /// The name was handed over before.
    #[error("the name of {from} has been handed over to {to} already")]
    AlreadyHandedOver {
        /// Who had it.
        from: Uuid,
        /// Who has it.
        to: Uuid,
    },
    /// A name can only be given to the same person.
    #[error(
        "{from} and {to} differ in names and in birth date: they are two people, and whoever gets the username gets the \
         account with its mail and files. If they are one person all the same: \
         oneroster usernames transfer --tenant {tenant} --from {} --to {} --force",
        from.rowguid,
        to.rowguid
    )]
    SomebodyElse {
        /// The tenant.
        tenant: String,
        /// Who has the name.
        from: Box<KnownPerson>,
        /// Who was to get it.
        to: Box<KnownPerson>,
    },
}

impl Refusal {
    /// Returns the id of the rule that was broken, for programs.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::UnknownPerson(_) | Self::UnknownUsername { .. } | Self::OtherDomain { .. } => {
                "unknown-person"
            }
            Self::AmbiguousPerson { .. } => "ambiguous-person",
            Self::Name(error) => check_file::Rule::of_name(error).as_str(),
            Self::Held { .. } => "name-held",
            Self::UnknownOrg { .. } => "unknown-org",
            Self::StillInMirror(_) => "still-in-informat",
            Self::NotInMirror(_) => "not-in-informat",
            Self::ChangedMeanwhile(_) => "changed-meanwhile",
            Self::Served { .. } => "confirm-rename",
            Self::Forget(refusal) => refusal.rule(),
            Self::Swap(refusal) => refusal.rule(),
            Self::OfErased { .. } => "of-erased",
            Self::StillInSource(_) => "still-in-source",
            Self::StillPublished(_) => "still-published",
            Self::StillRead { .. } => "still-read",
            Self::SamePerson => "same-person",
            Self::AlreadyHandedOver { .. } => "already-handed-over",
            Self::SomebodyElse { .. } => "somebody-else",
        }
    }
}

/// Who edits or decides, as the history and the record of decisions say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author(String);

/// Somebody cannot be called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("whoever does it is named by 1 to 200 characters without control characters, and not \"system\"")]
pub struct AuthorError;

impl Author {
    /// Returns what stands for what nobody does by hand.
    pub(super) fn system() -> Self {
        Self("system".to_owned())
    }

    /// Checks the name of who edits. `system` stands for what nobody does by hand.
    pub fn new(name: &str) -> Result<Self, AuthorError> {
        let name = name.trim();
        let length = name.chars().count();
        if (1..=AUTHOR_MAX_LENGTH).contains(&length)
            && !name.chars().any(char::is_control)
            && name != "system"
        {
            Ok(Self(name.to_owned()))
        } else {
            Err(AuthorError)
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Begins an operation that edits: nobody else gives out or edits names of the tenant until it ends.
async fn begin_edit(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
) -> Result<(Transaction<'static, Postgres>, Configuration), Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    scope::act_as(&mut transaction, by.as_str()).await?;
    locks::usernames(&mut transaction, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    Ok((transaction, configuration))
}

/// Begins an operation that takes a person out of everything: nothing is loaded, published or edited of the tenant until it ends.
async fn begin_edit_of_everything(
    pool: &PgPool,
    tenant_id: &str,
    by: &Author,
) -> Result<Transaction<'static, Postgres>, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    scope::act_as(&mut transaction, by.as_str()).await?;
    tenants::lock_everything(&mut transaction, tenant_id).await?;
    Ok(transaction)
}

/// Begins an operation that only looks: it sees one state of everything.
async fn begin_look(
    pool: &PgPool,
    tenant_id: &str,
) -> Result<(Transaction<'static, Postgres>, Configuration), Error> {
    let mut transaction = scope::begin_look(pool, tenant_id).await?;
    let configuration = tenants::get(&mut transaction, tenant_id).await?;
    Ok((transaction, configuration))
}

/// Ends an operation that changed a name or a flag: the roster is computed again.
async fn commit_edit(mut transaction: Transaction<'static, Postgres>, tenant_id: &str) -> Result<(), Error> {
    tenants::raise_input_version(&mut transaction, tenant_id, tenants::Input::Usernames).await?;
    Ok(transaction.commit().await?)
}

/// Reads everyone in the mirror of a tenant.
async fn everyone(
    connection: &mut PgConnection,
    tenant_id: &str,
    configuration: &Configuration,
) -> Result<People, Error> {
    let source = mirror::read::read_people(connection, tenant_id).await?;
    let today = records::today(connection).await?;
    Ok(projection::people(&source, configuration, today)?)
}

/// Reads a few people; those who are not in the mirror are left out.
async fn some(
    connection: &mut PgConnection,
    tenant_id: &str,
    configuration: &Configuration,
    rowguids: &[Uuid],
) -> Result<Vec<Person>, Error> {
    let source = mirror::read::read_some_people(connection, tenant_id, rowguids).await?;
    let today = records::today(connection).await?;
    Ok(projection::people(&source, configuration, today)?.people)
}

/// Finds out whether a domain may, must or must not be typed for a person (R73).
fn domain_rule(configuration: &Configuration, published_as: Option<&PublishedAs>) -> DomainRule {
    let modes = configuration.domain_mode;
    match published_as.map(|published_as| &published_as.naming) {
        Some(naming) if naming.mode == DomainMode::Microsoft => DomainRule::Refused,
        Some(naming) if naming.role == RoleType::Student => DomainRule::Optional,
        Some(_) => DomainRule::Required,
        None if modes.pupils == DomainMode::Informat || modes.staff == DomainMode::Informat => {
            DomainRule::Unsettled
        }
        None => DomainRule::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_edits_is_named_and_is_not_the_system() {
        assert_eq!(Author::new(" os:root ").unwrap().as_str(), "os:root");
        let long = "a".repeat(201);
        for name in ["", "  ", "system", "a\nb", long.as_str()] {
            assert_eq!(Author::new(name), Err(AuthorError), "{name:?}");
        }
    }
}
