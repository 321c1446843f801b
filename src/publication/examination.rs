//! What the desk says of a tenant's data: the findings of data quality with their places, who waits, what next year has.
//!
//! A large group takes seconds of CPU, so it is computed once for each state of the inputs and kept, for so many tenants.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use oneroster_school::data_quality::Finding;
use oneroster_school::rights::{Whereabouts, YearAtSite, year_at_sites};
use oneroster_school::sample::Sample;
use oneroster_school::username::WaitReason;
use oneroster_standard::Kind;
use sqlx::PgPool;

use super::Error;
use super::examine::{findings, known_in_scope_of, neighbours};
use super::inputs::{self, Inputs};
use super::keeper::Keeper;
use crate::roster::InputVersions;

/// How many tenants' examinations are kept.
const KEPT_MAX: usize = 64;

/// How much memory they may take together, in bytes.
const BYTES_MAX: usize = 64 << 20;

/// How much a finding takes with its texts, about, in bytes.
const FINDING_BYTES: usize = 512;

/// How much the name of a site takes, about, in bytes.
const SITE_BYTES: usize = 64;

/// What was found in a tenant's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// The findings, as [`super::examine()`] sorts them.
    pub findings: Vec<PlacedFinding>,
    /// Who waits for an answer: by what first, and at which sites.
    pub waiting: Vec<(WaitReason, Vec<String>)>,
    /// How many others there are whose username somebody must look at, though it is published.
    pub to_review: usize,
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
#[derive(Debug, Clone)]
pub struct Examinations {
    kept: Arc<Keeper<Kept>>,
}

#[derive(Debug)]
struct Kept {
    versions: InputVersions,
    examination: Arc<Examination>,
}

impl Default for Examinations {
    fn default() -> Self {
        Self {
            kept: Arc::new(Keeper::new(KEPT_MAX, BYTES_MAX, Kept::bytes)),
        }
    }
}

impl Kept {
    /// Returns about how much memory it takes, in bytes.
    fn bytes(&self) -> usize {
        let found = &self.examination;
        let sites: usize = found.waiting.iter().map(|(_, sites)| sites.len() + 1).sum();
        found.findings.len() * FINDING_BYTES + (sites + found.site_names.len()) * SITE_BYTES
    }
}

impl Examinations {
    /// Returns the examination of a tenant's inputs as they are now. However many ask, it is computed once.
    pub async fn of(&self, pool: &PgPool, tenant_id: &str) -> Result<Arc<Examination>, Error> {
        let (_, turn) = self.kept.find(tenant_id);
        let _one_at_a_time = turn.lock().await;
        let (kept, _) = self.kept.find(tenant_id);
        let versions = inputs::versions_of(pool, tenant_id).await?;
        if let Some(kept) = kept.filter(|kept| kept.versions == versions) {
            return Ok(Arc::clone(&kept.examination));
        }
        let (versions, examination) = examine_placed(pool, tenant_id).await?;
        let examination = Arc::new(examination);
        let kept = Kept {
            versions,
            examination: Arc::clone(&examination),
        };
        self.kept.keep(tenant_id, &Arc::new(kept));
        Ok(examination)
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
    let to_review = inputs.usernames.values().filter(|record| {
        let is_only_reviewed = record.needs_review && record.waits_for.is_empty();
        is_only_reviewed
            && !whereabouts
                .sites(Kind::Users, &record.rowguid.to_string())
                .is_empty()
    });
    let begins = versions.today.year();
    let coming = format!("{begins}-{:02}", (begins + 1).rem_euclid(100));
    Ok(Examination {
        findings: placed.collect(),
        waiting: waiting.collect(),
        to_review: to_review.count(),
        coming_year: (coming.clone(), year_at_sites(mirror, &coming)),
        site_names: whereabouts.site_names().clone(),
        today: versions.today,
        school_year: configuration.active_school_year.to_string(),
        sample: Sample::of(mirror, &inputs.usernames, configuration),
    })
}
