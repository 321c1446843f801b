//! What the desk says of a tenant's data: the findings of data quality with their places, who waits, what next year has.
//!
//! A large group takes seconds of CPU, so it is computed once for each state of the inputs and kept, for so many tenants.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use chrono::{Datelike, NaiveDate};
use oneroster_school::data_quality::Finding;
use oneroster_school::rights::{Whereabouts, YearAtSite, year_at_sites};
use oneroster_school::sample::Sample;
use oneroster_school::username::WaitReason;
use oneroster_standard::Kind;
use sqlx::PgPool;
use tokio::time::Instant;

use super::Error;
use super::examine::{findings, known_in_scope_of, neighbours};
use super::inputs::{self, Inputs};
use crate::roster::InputVersions;

/// How many tenants' examinations are kept.
const KEPT_MAX: usize = 64;

/// What was found in a tenant's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The findings, as [`super::examine()`] sorts them.
    pub findings: Vec<PlacedFinding>,
    /// Who waits for an answer: by what first, and at which sites.
    pub waiting: Vec<(WaitReason, Vec<String>)>,
    /// The names of sites, by their id.
    pub site_names: BTreeMap<String, String>,
    /// The school year that begins in this calendar year, and how much of it Informat has.
    pub coming_year: (String, Vec<YearAtSite>),
    /// The day in Brussels.
    pub today: NaiveDate,
    /// The active school year.
    pub school_year: String,
    /// Some people and classes, to show formats on.
    pub sample: Sample,
}

/// A finding, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedFinding {
    /// The finding.
    pub finding: Finding,
    /// What people call the object; `None` if it has no name.
    pub label: Option<String>,
    /// The sites of the object; none of what concerns the tenant as a whole, or is nowhere.
    pub sites: Vec<String>,
}

/// The examinations of a server, kept until an input of their tenant changes. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Examinations {
    slots: Arc<std::sync::Mutex<HashMap<String, Slot>>>,
}

#[derive(Debug)]
struct Slot {
    used_at: Instant,
    kept: Arc<tokio::sync::Mutex<Option<Kept>>>,
}

#[derive(Debug, Clone)]
struct Kept {
    versions: InputVersions,
    examination: Arc<Examination>,
}

impl Examinations {
    /// Returns the examination of a tenant's inputs as they are now. However many ask, it is computed once.
    pub async fn of(&self, pool: &PgPool, tenant_id: &str) -> Result<Arc<Examination>, Error> {
        let slot = self.slot(tenant_id);
        let mut kept = slot.lock().await;
        let versions = inputs::versions_of(pool, tenant_id).await?;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.versions == versions) {
            return Ok(Arc::clone(&kept.examination));
        }
        let (versions, examination) = examine_placed(pool, tenant_id).await?;
        let examination = Arc::new(examination);
        *kept = Some(Kept {
            versions,
            examination: Arc::clone(&examination),
        });
        Ok(examination)
    }

    /// Finds the place of a tenant, or makes it at the cost of the one that nobody used for the longest time.
    fn slot(&self, tenant_id: &str) -> Arc<tokio::sync::Mutex<Option<Kept>>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= KEPT_MAX && !slots.contains_key(tenant_id) {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used_at);
            let oldest = oldest.map(|(tenant_id, _)| tenant_id.clone());
            slots.retain(|tenant_id, _| Some(tenant_id) != oldest.as_ref());
        }
        let slot = slots.entry(tenant_id.to_owned()).or_insert_with(|| Slot {
            used_at: Instant::now(),
            kept: Arc::default(),
        });
        slot.used_at = Instant::now();
        Arc::clone(&slot.kept)
    }
}

async fn examine_placed(pool: &PgPool, tenant_id: &str) -> Result<(InputVersions, Examination), Error> {
    let mut connection = pool.acquire().await?;
    let Some(inputs) = inputs::read(&mut connection, tenant_id, true).await? else {
        return Err(Error::Interrupted);
    };
    let known = known_in_scope_of(&mut connection, tenant_id, &inputs.usernames).await?;
    let neighbours = neighbours(&mut connection, &inputs.configuration).await?;
    drop(connection);
    let versions = inputs.versions;
    // On a thread for blocking work: a large group takes seconds of CPU.
    let examined = tokio::task::spawn_blocking(move || {
        let findings = findings(&inputs, &known, &neighbours)?;
        examination(&inputs, findings)
    });
    Ok((versions, examined.await.map_err(|_| Error::Interrupted)??))
}

fn examination(inputs: &Inputs, findings: Vec<Finding>) -> Result<Examination, Error> {
    let Inputs {
        configuration,
        mirror,
        versions,
        ..
    } = inputs;
    let active = mirror.school_year(&configuration.active_school_year)?;
    let reference_date = active.reference_date(versions.today);
    let whereabouts = Whereabouts::new(mirror, reference_date);
    let placed = findings.into_iter().map(|finding| PlacedFinding {
        label: whereabouts.label(finding.kind, &finding.sourced_id),
        sites: whereabouts.sites(finding.kind, &finding.sourced_id),
        finding,
    });
    let waiting = inputs.usernames.values().filter_map(|record| {
        let reason = *record.waits_for.first()?;
        let id = record.rowguid.to_string();
        let sites = whereabouts.sites(Kind::Users, &id);
        // Who is nowhere any more needs no answer.
        (!sites.is_empty()).then_some((reason, sites))
    });
    let begins = versions.today.year();
    let coming = format!("{begins}-{:02}", (begins + 1).rem_euclid(100));
    Ok(Examination {
        findings: placed.collect(),
        waiting: waiting.collect(),
        coming_year: (coming.clone(), year_at_sites(mirror, &coming)),
        site_names: whereabouts.site_names().clone(),
        today: versions.today,
        school_year: configuration.active_school_year.to_string(),
        sample: Sample::of(mirror, &inputs.usernames, configuration),
    })
}
