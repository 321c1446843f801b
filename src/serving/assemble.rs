//! A generation from versions at hand, where `load` reads them from the database: for tests and measurements.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use uuid::Uuid;

use super::Error;
use super::district::District;
use super::merge::{GenerationMerge, dated, empty};
use super::snapshot::Snapshot;
use crate::roster::Version;

/// What a generation is, besides its objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// Its tenant.
    pub tenant_id: String,
    /// Its id.
    pub generation_id: Uuid,
    /// Its number.
    pub number: i64,
    /// The date of each generation that one of its objects began with, itself included, by number.
    pub dates: HashMap<i64, DateTime<Utc>>,
}

impl Snapshot {
    /// Makes a generation of versions, as loading it would: of those it consists of, or, built upon an earlier generation
    /// of the tenant, of those that began or ended since. They are sorted by kind (by its word) and id, bytewise.
    ///
    /// `root` is the absolute address that relative hrefs continue, JSON-escaped, without a slash at its end.
    pub fn assemble(
        generation: &Generation,
        versions: Vec<Version>,
        ancestor: Option<&Self>,
        root: &str,
    ) -> Result<Self, Error> {
        let number = generation.number;
        let published_at = *generation.dates.get(&number).ok_or(Error::NotFound)?;
        let merge = GenerationMerge {
            number,
            dates: generation
                .dates
                .iter()
                .map(|(number, date)| (*number, dated(*date)))
                .collect(),
            root,
            district: District {
                tenant_id: generation.tenant_id.clone(),
                name: generation.tenant_id.clone(),
                changed_at: published_at,
            },
            base: ancestor.map_or_else(empty, |ancestor| ancestor.collections.clone()),
            count: &|_| (),
        };
        // Every version is at hand, so that nothing is ever waited for.
        let merged = merge
            .run(futures_util::stream::iter(versions.into_iter().map(Ok)))
            .now_or_never()
            .ok_or(Error::NotFound)??;
        Ok(Self {
            tenant_id: generation.tenant_id.clone(),
            generation_id: generation.generation_id,
            number,
            published_at,
            collections: merged.collections,
            district_orgs: merged.district_orgs,
        })
    }
}
