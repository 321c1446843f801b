//! The accounts of a demo: an operator, a secretary who writes at the school where names wait to be released, and somebody who reads there.

use anyhow::Context;
use sqlx::{Connection, PgPool};

use crate::access::account::{self, Change};
use crate::access::grants::{self, Given, Place};
use crate::access::{NewAccount, Passwords, generate_password};
use crate::db::scope;
use crate::report::demo::DeskValues;

/// Who gives them their rights, in the audit trail.
const BY: &str = "demo";

/// An account of the demo.
struct Role {
    name: &'static str,
    display_name: &'static str,
    /// `None` for the operator, who has all rights.
    informat: Option<&'static str>,
}

const SECRETARY: Role = Role {
    name: "secretariaat",
    display_name: "Secretariaat",
    informat: Some("iLeerlingen: Alles schrijven"),
};

const OPERATOR: Role = Role {
    name: "operator",
    display_name: "Operator",
    informat: None,
};

const READER: Role = Role {
    name: "lezer",
    display_name: "Lezer",
    informat: Some("iLeerlingen: Alles lezen"),
};

/// Makes the accounts, as far as they are not there, and returns what to sign in with. Passwords of an earlier start stay.
pub(super) async fn prepare(
    desk: &PgPool,
    tenant_id: &str,
    (base_url, kept): (&str, Option<DeskValues>),
) -> anyhow::Result<DeskValues> {
    let kept = kept.unwrap_or_default();
    Ok(DeskValues {
        admin_url: format!("{base_url}/desk"),
        admin_password: one(desk, tenant_id, &SECRETARY, kept.admin_password).await?,
        operator_password: one(desk, tenant_id, &OPERATOR, kept.operator_password).await?,
        reader_password: one(desk, tenant_id, &READER, kept.reader_password).await?,
        admin_user: SECRETARY.name.to_owned(),
        operator_user: OPERATOR.name.to_owned(),
        reader_user: READER.name.to_owned(),
    })
}

async fn one(desk: &PgPool, tenant_id: &str, role: &Role, kept: String) -> anyhow::Result<String> {
    let passwords = Passwords::default();
    let stored = account::credentials(desk, role.name).await?;
    if !kept.is_empty()
        && passwords
            .verify(&kept, stored.as_ref().map(|(_, hashed)| hashed))
            .await?
    {
        return Ok(kept);
    }
    let password = generate_password()?;
    let hashed = passwords.hash(role.name, &password).await?;
    let mut connection = desk.acquire().await?;
    if let Some(account) = account::by_name(&mut connection, role.name).await? {
        account::change(desk, &account, &Change::Password(hashed), BY).await?;
        return Ok(password);
    }
    let mut transaction = connection.begin().await?;
    let new = NewAccount {
        login_name: role.name,
        display_name: role.display_name,
        is_operator: role.informat.is_none(),
        password: &hashed,
    };
    let account = account::create(&mut transaction, &new, BY).await?;
    if let Some(role) = role.informat {
        scope::enter(&mut transaction, tenant_id).await?;
        let school = grants::waiting_school(&mut transaction, tenant_id).await?;
        let place = Place {
            school: school.context("the school group has no pupils")?,
            site: None,
        };
        grants::give(
            &mut transaction,
            tenant_id,
            &account,
            (&place, &Given::standard(role)?),
            BY,
        )
        .await?;
    }
    transaction.commit().await?;
    Ok(password)
}
