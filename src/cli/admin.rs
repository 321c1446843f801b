//! `oneroster admin`: who signs in to the desk, and what they may do there.

use std::io::Read;

use anyhow::Context;
use oneroster_school::tenant::TenantId;
use sqlx::{Connection, PgConnection};

use super::opened::Opened;
use super::{Global, Outcome, Purpose, account as system_account, output, usage};
use crate::access::account::{self, Account, Change};
use crate::access::grants::{self, Given, Place};
use crate::access::{self, Identity, NewAccount, Passwords, generate_password};
use crate::audit::{self, ACCOUNTS};
use crate::db::scope;
use crate::report::access::{AccountReport, AccountsReport, ChangedAccountReport, RightsReport};
use crate::report::account_history::AccountHistoryReport;

/// Longest password that is read, in bytes, with the end of its line.
const PASSWORD_BYTES_MAX: u64 = 2_048;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  oneroster admin list")]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Make an account for the desk; its password is read from stdin, or made and shown once.
    #[command(
        after_help = "Example:\n  oneroster admin create-user mia.peeters --tenant zandpoort --school 001507 --manager"
    )]
    CreateUser(CreateUser),
    /// List the accounts and what they were given.
    #[command(after_help = "Example:\n  oneroster admin list")]
    List,
    /// Show what was done with accounts: who, when, from where.
    #[command(after_help = "Example:\n  oneroster admin history")]
    History,
    /// Give rights at schools of a tenant.
    #[command(
        after_help = "Example:\n  oneroster admin give an.maes --tenant zandpoort --school 001507 --manager"
    )]
    Give(Rights),
    /// Take rights at schools of a tenant; without --role and --manager all that were given there.
    #[command(after_help = "Example:\n  oneroster admin take an.maes --tenant zandpoort --school 001507")]
    Take(Rights),
    /// Set another password, read from stdin, or made and shown once; ends all sessions.
    #[command(after_help = "Example:\n  oneroster admin set-password an.maes")]
    SetPassword {
        /// The account.
        name: String,
        /// Read the password from stdin instead of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let an account sign in no more; ends all its sessions.
    #[command(after_help = "Example:\n  oneroster admin disable an.maes")]
    Disable {
        /// The account.
        name: String,
    },
    /// Let a disabled account sign in again.
    #[command(after_help = "Example:\n  oneroster admin enable an.maes")]
    Enable {
        /// The account.
        name: String,
    },
}

#[derive(Debug, clap::Args)]
struct CreateUser {
    /// What it signs in with; the audit trail names it so, and it never changes.
    name: String,
    /// What it is called on pages; its name if not given.
    #[arg(long, value_name = "N")]
    display_name: Option<String>,
    /// The vendor's operator: all rights, in every tenant.
    #[arg(long, conflicts_with = "entra")]
    operator: bool,
    /// Read the password from stdin instead of making one.
    #[arg(long, conflicts_with = "entra")]
    password_stdin: bool,
    /// Signs in by Entra, as this object (oid) of this tenant (tid), and has no password here.
    #[arg(long, value_name = "TID/OID")]
    entra: Option<String>,
    #[command(flatten)]
    rights: GivenRights,
}

#[derive(Debug, clap::Args)]
struct Rights {
    /// The account.
    name: String,
    #[command(flatten)]
    rights: GivenRights,
}

#[derive(Debug, clap::Args)]
struct GivenRights {
    /// The tenant of the schools.
    #[arg(long, id = "tenant", value_name = "ID", requires = "school")]
    tenant: Option<TenantId>,
    /// A school, by its number; more than one may be given.
    #[arg(long, value_name = "NUMBER", requires = "tenant")]
    school: Vec<String>,
    /// One site of the school, by its number; without it every site.
    #[arg(long, value_name = "NUMBER", requires = "school", conflicts_with = "manager")]
    site: Option<i32>,
    /// A role as Informat writes it, such as "iLeerlingen: Alles schrijven"; more than one may be given.
    #[arg(long, value_name = "ROLE", requires = "school")]
    role: Vec<String>,
    /// Manager of the schools: writes, and gives and takes rights there.
    #[arg(long, requires = "school")]
    manager: bool,
}

impl GivenRights {
    fn places(&self) -> Vec<Place> {
        let places = self.school.iter().map(|school| Place {
            school: school.clone(),
            site: self.site,
        });
        places.collect()
    }

    fn given(&self) -> Result<Vec<Given>, access::Error> {
        let mut given: Vec<Given> = self
            .role
            .iter()
            .map(|role| Given::standard(role))
            .collect::<Result<_, _>>()?;
        given.extend(self.manager.then_some(Given::Manager));
        Ok(given)
    }
}

/// Does what is asked with accounts.
pub(crate) async fn run(args: Args, global: &Global) -> anyhow::Result<Outcome> {
    let purpose = if matches!(args.action, Action::List | Action::History) {
        Purpose::Read
    } else {
        Purpose::Change
    };
    let database = global.open(purpose).await?;
    let outcome = act(args.action, &database, global.json).await;
    database.close().await;
    outcome.map(|()| Outcome::Done)
}

async fn act(action: Action, database: &Opened, json: bool) -> anyhow::Result<()> {
    let by = system_account::of_system();
    match action {
        Action::CreateUser(new) => create(&new, database, &by, json).await,
        Action::List => {
            let mut connection = database.desk().acquire().await?;
            let accounts = account::list(database.desk()).await?;
            let mut listed = Vec::with_capacity(accounts.len());
            for account in accounts {
                let given = grants::of_account(&mut connection, account.account_id).await?;
                listed.push((account, given));
            }
            output::report(&AccountsReport::from(listed), json)
        }
        Action::History => {
            let mut transaction = scope::begin(database.desk(), ACCOUNTS).await?;
            let trail = audit::listed(&mut transaction, ACCOUNTS).await?;
            transaction.commit().await?;
            output::report(&AccountHistoryReport::new(trail), json)
        }
        Action::Give(asked) => {
            let mut connection = database.desk().acquire().await?;
            let account = existing(&mut connection, &asked.name).await?;
            let given = asked.rights.given()?;
            if given.is_empty() {
                usage("say what to give: --role or --manager, with --tenant and --school");
            }
            give(&mut connection, &account, &asked.rights, &given, &by).await?;
            show_rights(&mut connection, &account, database, json).await
        }
        Action::Take(asked) => {
            let mut connection = database.desk().acquire().await?;
            let account = existing(&mut connection, &asked.name).await?;
            take(&mut connection, &account, &asked.rights, &by).await?;
            show_rights(&mut connection, &account, database, json).await
        }
        Action::SetPassword { name, password_stdin } => {
            set_password(&name, password_stdin, database, &by, json).await
        }
        Action::Disable { name } => change(&name, Change::Disable, database, &by, json).await,
        Action::Enable { name } => change(&name, Change::Enable, database, &by, json).await,
    }
}

async fn existing(connection: &mut PgConnection, name: &str) -> Result<Account, access::Error> {
    let account = account::by_name(connection, name).await?;
    account.ok_or_else(|| access::Error::Unknown(name.to_owned()))
}

async fn create(new: &CreateUser, database: &Opened, by: &str, json: bool) -> anyhow::Result<()> {
    let given = new.rights.given()?;
    if given.is_empty() && !new.rights.school.is_empty() {
        usage("say what to give there: --role or --manager");
    }
    let display_name = new.display_name.as_deref().unwrap_or(&new.name);
    let mut connection = database.desk().acquire().await?;
    let mut transaction = connection.begin().await?;
    let (account, password) = if let Some(entra) = &new.entra {
        let (tid, oid) = entra.split_once('/').context("--entra takes TID/OID")?;
        let identity = Identity::of_entra(tid, oid);
        let account =
            account::by_identity_or_new(&mut transaction, &identity, &new.name, display_name).await?;
        (account, None)
    } else {
        let password = password(new.password_stdin)?;
        let hashed = Passwords::default().hash(&new.name, password.as_str()).await?;
        let asked = NewAccount {
            login_name: &new.name,
            display_name,
            is_operator: new.operator,
            password: &hashed,
        };
        let account = account::create(&mut transaction, &asked, by).await?;
        (account, password.made())
    };
    // Together: a name with a school that does not exist makes no account.
    give(&mut transaction, &account, &new.rights, &given, by).await?;
    transaction.commit().await?;
    let rights = grants::of_account(&mut connection, account.account_id).await?;
    let recorded = database.record().await;
    output::report(&AccountReport::new(&account, &rights, password), json)?;
    recorded
}

/// A password, and whether somebody else knows it already.
enum Password {
    Read(String),
    Made(String),
}

impl Password {
    fn as_str(&self) -> &str {
        let (Self::Read(text) | Self::Made(text)) = self;
        text
    }

    fn made(self) -> Option<String> {
        match self {
            Self::Read(_) => None,
            Self::Made(text) => Some(text),
        }
    }
}

fn password(from_stdin: bool) -> anyhow::Result<Password> {
    if !from_stdin {
        return Ok(Password::Made(generate_password()?));
    }
    let read = output::said_if_long("the password on stdin", || {
        let mut text = String::new();
        std::io::stdin()
            .take(PASSWORD_BYTES_MAX)
            .read_to_string(&mut text)
            .map(|_| text)
    });
    let text = read.context("cannot read the password from stdin")?;
    Ok(Password::Read(text.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn give(
    connection: &mut PgConnection,
    account: &Account,
    asked: &GivenRights,
    given: &[Given],
    by: &str,
) -> anyhow::Result<()> {
    let Some(tenant) = &asked.tenant else {
        return Ok(());
    };
    let tenant_id = tenant.as_str();
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    for place in asked.places() {
        for given in given {
            grants::give(&mut transaction, tenant_id, account, (&place, given), by).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

async fn take(
    connection: &mut PgConnection,
    account: &Account,
    asked: &GivenRights,
    by: &str,
) -> anyhow::Result<()> {
    let Some(tenant) = &asked.tenant else {
        usage("say where to take rights: --tenant and --school");
    };
    let tenant_id = tenant.as_str();
    let (places, given) = (asked.places(), asked.given()?);
    let all = grants::of_account(connection, account.account_id).await?;
    let mut transaction = connection.begin().await?;
    scope::enter(&mut transaction, tenant_id).await?;
    scope::act_as(&mut transaction, by).await?;
    for grant in all.iter().filter(|grant| grant.tenant_id == tenant_id) {
        let is_there = places.iter().any(|place| {
            place.school == grant.place.school && (place.site.is_none() || place.site == grant.place.site)
        });
        let is_meant = given.is_empty() || grant.given.as_ref().is_some_and(|meant| given.contains(meant));
        if is_there && is_meant {
            grants::take(&mut transaction, tenant_id, grant.grant_id).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

async fn show_rights(
    connection: &mut PgConnection,
    account: &Account,
    database: &Opened,
    json: bool,
) -> anyhow::Result<()> {
    let given = grants::of_account(connection, account.account_id).await?;
    database.record().await?;
    output::report(&RightsReport::new(account, &given), json)
}

async fn set_password(
    name: &str,
    from_stdin: bool,
    database: &Opened,
    by: &str,
    json: bool,
) -> anyhow::Result<()> {
    let mut connection = database.desk().acquire().await?;
    let account = existing(&mut connection, name).await?;
    drop(connection);
    let password = password(from_stdin)?;
    let hashed = Passwords::default()
        .hash(&account.login_name, password.as_str())
        .await?;
    let done = Change::Password(hashed);
    account::change(database.desk(), &account, &done, by).await?;
    let recorded = database.record().await;
    output::report(&ChangedAccountReport::new(&account, &done, password.made()), json)?;
    recorded
}

async fn change(name: &str, change: Change, database: &Opened, by: &str, json: bool) -> anyhow::Result<()> {
    let mut connection = database.desk().acquire().await?;
    let account = existing(&mut connection, name).await?;
    drop(connection);
    account::change(database.desk(), &account, &change, by).await?;
    database.record().await?;
    output::report(&ChangedAccountReport::new(&account, &change, None), json)
}
