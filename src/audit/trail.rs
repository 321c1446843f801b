//! Follows the trail: writes to the folder what anybody entered, and sees when the database went back.

use std::collections::{BTreeSet, HashMap};
use std::time::SystemTime;

use sqlx::PgPool;
use uuid::Uuid;

use super::entry::{self, Head};
use super::entry_file::Last;
use super::erasure;
use super::lack::Missing;
use super::{Entry, Error, Folder, Lack, Sign, TenantLack, blocking};
use crate::db::scope;
use crate::roster::tickets::{self, Promised};

/// How many entries are read and written at a time.
const BATCH: i64 = 5_000;

/// A folder and what was last seen of its files.
#[derive(Debug)]
pub struct Trail {
    folder: Folder,
    /// Who follows: the command or server, and its host.
    origin: String,
    known: HashMap<String, Known>,
    /// Before which position somebody was erased last from the trail of each tenant.
    erased_before: HashMap<String, i64>,
    /// The tenants whose erasures nobody was told of yet.
    newly_erased: Vec<String>,
    /// What was last found to be missing, and of whom: it is found out once.
    told: Option<(BTreeSet<String>, Lack)>,
}

/// What was last seen of the files of a tenant.
#[derive(Debug, Clone, Default)]
struct Known {
    length: u64,
    last: Option<Last>,
    signed_at: Option<SystemTime>,
    sign: Option<Sign>,
    /// The sign and the newest generation for which the first was found to be kept.
    kept: Option<(Sign, Option<Uuid>)>,
}

impl Trail {
    /// Follows the trail with this folder.
    pub fn new(folder: Folder, origin: impl Into<String>) -> Self {
        Self {
            folder,
            origin: origin.into(),
            known: HashMap::new(),
            erased_before: HashMap::new(),
            newly_erased: Vec::new(),
            told: None,
        }
    }

    /// Returns its folder.
    pub const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Writes to the files what they lack, or returns what the database lacks of them: then nothing is written, and everybody
    /// who uses the database is told.
    ///
    /// `looking` is asked for little, `work` for the entries themselves.
    pub async fn follow(&mut self, looking: &PgPool, work: &PgPool) -> Result<Option<Lack>, Error> {
        let (heads, promised) = {
            let mut connection = looking.acquire().await?;
            let heads = entry::heads(&mut connection).await?;
            (heads, tickets::promised(&mut connection).await?)
        };
        for head in &heads {
            if let Some(position) = head.erased_before
                && self.erased_before.insert(head.tenant_id.clone(), position) != Some(position)
            {
                self.newly_erased.push(head.tenant_id.clone());
            }
        }
        let heads: HashMap<String, Head> = keyed(heads, |head| head.tenant_id.clone());
        let promised: HashMap<String, Promised> = keyed(promised, |head| head.tenant_id.clone());
        self.look_at_files(heads.keys().cloned()).await?;
        let tenants: BTreeSet<String> = self.known.keys().cloned().collect();
        let mut lacking = BTreeSet::new();
        for tenant_id in tenants {
            let head = heads.get(&tenant_id);
            let is_marked = head.is_some_and(|head| head.lacking_by.is_some());
            let is_behind = is_marked
                || !self
                    .keeps_promises(work, &tenant_id, promised.get(&tenant_id))
                    .await?
                || !self.write(work, &tenant_id, head).await?;
            if is_behind {
                lacking.insert(tenant_id);
            }
        }
        if lacking.is_empty() {
            self.told = None;
            return Ok(None);
        }
        if let Some((_, lack)) = self.told.as_ref().filter(|(of, _)| *of == lacking) {
            return Ok(Some(lack.clone()));
        }
        let lack = self.tell(work, &heads, &lacking).await?;
        if lack.tenants.is_empty() {
            return Ok(None);
        }
        self.told = Some((lacking, lack.clone()));
        Ok(Some(lack))
    }

    /// Returns the tenants of which somebody was erased since this was asked last, or may have been.
    pub fn take_newly_erased(&mut self) -> Vec<String> {
        std::mem::take(&mut self.newly_erased)
    }

    /// Does the same, and makes an error of what the database lacks.
    pub async fn follow_or_refuse(&mut self, pool: &PgPool) -> Result<(), Error> {
        self.follow(pool, pool)
            .await?
            .map_or(Ok(()), |lack| Err(Error::Behind(lack)))
    }

    /// Reads what is new of the files.
    async fn look_at_files(&mut self, tenants: impl Iterator<Item = String>) -> Result<(), Error> {
        let folder = self.folder.clone();
        let mut known = std::mem::take(&mut self.known);
        let tenants: Vec<String> = tenants.collect();
        self.known = blocking(move || {
            for tenant_id in folder.tenants()?.into_iter().chain(tenants) {
                let of_tenant = known.entry(tenant_id.clone()).or_default();
                let length = folder.length(&tenant_id);
                if length != of_tenant.length {
                    of_tenant.last = folder.last(&tenant_id)?;
                    of_tenant.length = length;
                }
                let signed_at = folder.signed_at(&tenant_id);
                if signed_at != of_tenant.signed_at {
                    of_tenant.sign = folder.sign(&tenant_id)?;
                    of_tenant.signed_at = signed_at;
                }
            }
            Ok(known)
        })
        .await?;
        Ok(())
    }

    /// Returns `true` if the database knows the tickets that were handed out and the generation they are for.
    async fn keeps_promises(
        &mut self,
        pool: &PgPool,
        tenant_id: &str,
        head: Option<&Promised>,
    ) -> Result<bool, Error> {
        let Some(known) = self.known.get_mut(tenant_id) else {
            return Ok(true);
        };
        let Some(sign) = known.sign else { return Ok(true) };
        let kept = Some((sign, head.and_then(|head| head.generation_id)));
        let is_known =
            head.is_some_and(|head| head.tickets_signed.is_some_and(|signed| signed >= sign.until));
        let is_newest = head.is_some_and(|head| head.generation_id == Some(sign.generation_id));
        if is_known && (is_newest || known.kept == kept) {
            return Ok(true);
        }
        // Another process may have raised the sign between the look at the database and the look at the file.
        let mut transaction = scope::begin(pool, tenant_id).await?;
        let signed = tickets::signed(&mut transaction, tenant_id).await?;
        let is_lost = tickets::is_lost(&mut transaction, tenant_id, sign.number, sign.generation_id).await?;
        // A tenant that was taken away promises nothing any more. Its sign goes when the entry that says so comes to the file.
        let written = known.last.map_or(0, |last| last.position);
        let is_removed = erasure::is_removed_after(&mut transaction, tenant_id, written).await?;
        transaction.commit().await?;
        if is_removed {
            return Ok(true);
        }
        let is_kept = !is_lost && signed.is_some_and(|signed| signed >= sign.until);
        if is_kept {
            known.kept = kept;
        }
        Ok(is_kept)
    }

    /// Writes what the file of a tenant lacks; returns `false` if it has what the database lacks.
    async fn write(&mut self, pool: &PgPool, tenant_id: &str, head: Option<&Head>) -> Result<bool, Error> {
        let Some(known) = self.known.get(tenant_id) else {
            return Ok(true);
        };
        let newest = head.and_then(|head| Some((head.position, head.entry_id?)));
        let Some(last) = known.last else {
            if newest.is_some() {
                return self.copy(pool, tenant_id).await;
            }
            return Ok(true);
        };
        if newest == Some((last.position, last.entry_id)) {
            return Ok(true);
        }
        // Another process may have written it between the look at the database and the look at the file.
        let may_be_gone = newest.is_none_or(|(position, _)| last.position >= position);
        if may_be_gone && !is_there(pool, tenant_id, last).await? {
            return Ok(false);
        }
        self.copy(pool, tenant_id).await
    }

    /// Copies the entries that the file of a tenant lacks; returns `false` if it has what the database lacks.
    async fn copy(&mut self, pool: &PgPool, tenant_id: &str) -> Result<bool, Error> {
        let Some(last) = copy(pool, &self.folder, tenant_id).await? else {
            return Ok(false);
        };
        let length = self.folder.length(tenant_id);
        if let Some(known) = self.known.get_mut(tenant_id) {
            known.last = last;
            known.length = length;
        }
        Ok(true)
    }

    /// Finds what is missing, and marks it in the database.
    async fn tell(
        &self,
        pool: &PgPool,
        heads: &HashMap<String, Head>,
        lacking: &BTreeSet<String>,
    ) -> Result<Lack, Error> {
        let mut tenants = Vec::new();
        for tenant_id in lacking {
            let noticed_by = heads.get(tenant_id).and_then(|head| head.lacking_by.clone());
            let mut transaction = scope::begin(pool, tenant_id).await?;
            let missing = Missing::find(&mut transaction, &self.folder, tenant_id).await?;
            if noticed_by.is_none() && missing.is_nothing() {
                // Brought forward by somebody who was cut off before the file was complete.
                transaction.commit().await?;
                complete(pool, &self.folder, tenant_id, missing.common).await?;
                continue;
            }
            if noticed_by.is_none() {
                let first = missing
                    .entries
                    .first()
                    .map_or(Uuid::nil(), |entry| entry.entry_id);
                let noticer = format!("{} in {}", self.origin, self.folder.path().display());
                entry::mark(&mut transaction, tenant_id, first, &noticer).await?;
            }
            transaction.commit().await?;
            let noticed_by = noticed_by.filter(|_| missing.is_nothing());
            tenants.push(TenantLack {
                noticed_by,
                ..TenantLack::of(tenant_id, &missing)
            });
        }
        Ok(Lack { tenants })
    }
}

fn keyed<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> HashMap<String, T> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

async fn is_there(pool: &PgPool, tenant_id: &str, last: Last) -> Result<bool, Error> {
    let mut transaction = scope::begin(pool, tenant_id).await?;
    let entry_id = entry::at(&mut transaction, tenant_id, last.position).await?;
    transaction.commit().await?;
    Ok(entry_id == Some(last.entry_id))
}

/// Appends to the file of a tenant what it lacks, and returns its last entry; `None` if it has what the database lacks.
async fn copy(pool: &PgPool, folder: &Folder, tenant_id: &str) -> Result<Option<Option<Last>>, Error> {
    let (opening, tenant) = (folder.clone(), tenant_id.to_owned());
    let mut locked = blocking(move || opening.lock(&tenant)).await?;
    if let Some(last) = locked.last
        && !is_there(pool, tenant_id, last).await?
    {
        return Ok(None);
    }
    loop {
        let position = locked.last.map_or(0, |last| last.position);
        let mut transaction = scope::begin(pool, tenant_id).await?;
        let entries = entry::after(&mut transaction, tenant_id, position, BATCH).await?;
        transaction.commit().await?;
        if entries.is_empty() {
            return Ok(Some(locked.last));
        }
        // First, so that a file that tells of an erasure has nothing of that person.
        locked = erasure::clean(pool, folder, tenant_id, (locked, &entries)).await?;
        locked = blocking(move || locked.append(&entries)).await?;
    }
}

/// Makes the end of the file of a tenant what the database has past a position: entries that were made again have new positions,
/// and others may have come between.
pub(super) async fn complete(
    pool: &PgPool,
    folder: &Folder,
    tenant_id: &str,
    common: i64,
) -> Result<(), Error> {
    let (opening, tenant) = (folder.clone(), tenant_id.to_owned());
    let mut locked = blocking(move || opening.lock(&tenant)).await?;
    let (reading, tenant) = (folder.clone(), tenant_id.to_owned());
    let written = blocking(move || reading.read(&tenant)).await?;
    let places = |entries: &[Entry]| -> Vec<(Uuid, i64)> {
        let past = entries.iter().filter(|entry| entry.position > common);
        past.map(|entry| (entry.entry_id, entry.position)).collect()
    };
    let mut entries = Vec::new();
    loop {
        let position = entries.last().map_or(common, |entry: &Entry| entry.position);
        let mut transaction = scope::begin(pool, tenant_id).await?;
        let batch = entry::after(&mut transaction, tenant_id, position, BATCH).await?;
        transaction.commit().await?;
        if batch.is_empty() {
            break;
        }
        entries.extend(batch);
    }
    if places(&written) != places(&entries) {
        locked = erasure::clean(pool, folder, tenant_id, (locked, &entries)).await?;
        locked = blocking(move || locked.append(&entries)).await?;
    }
    drop(locked);
    Ok(())
}
