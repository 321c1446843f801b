//! The report of `oneroster sds-report` without a file: the runs that were told, and how many licences are needed.

use std::fmt::{Display, Formatter};

use chrono::NaiveDate;
use oneroster_school::projection::{HeadCount, Heads};
use oneroster_school::tenant::configuration::Licences;
use oneroster_standard::Moment;
use serde::Serialize;

use super::words::{lines, printable};
use crate::microsoft::KeptRun;
use crate::publication::LicenceNeed;

/// Runs of a tenant, and its licences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SdsRunsReport {
    /// The tenant.
    pub tenant: String,
    /// The newest first.
    pub runs: Vec<RunEntry>,
    /// What is needed, and what there is; `null` before the first import.
    pub licences: Option<LicenceReport>,
}

/// A run that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunEntry {
    /// When it was told.
    pub told_at: Moment,
    /// By whom.
    pub told_by: String,
    /// The newest generation then, by its number.
    pub generation: Option<i64>,
    /// What was counted.
    pub counts: Vec<CountEntry>,
}

/// A number of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountEntry {
    /// What is counted, as in the report of a run.
    pub of: String,
    /// How many were published then.
    pub published: Option<u64>,
    /// How many Microsoft counted.
    pub counted: u64,
}

/// How many licences are needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LicenceReport {
    /// What the tenant file says there is; a kind that it does not name is left out.
    pub available: Licences,
    /// Now.
    pub now: NeedReport,
    /// On the first day of the next school year; `null` as long as Informat's data do not have it.
    pub next_year: Option<NeedReport>,
    /// The day from now to that one with the most pupils, and that with the most staff, released or not.
    pub peak: PeakReport,
    /// The first day on which there are too few, for each kind.
    pub too_few: Vec<TooFew>,
}

/// What a day needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct NeedReport {
    /// The day.
    pub day: NaiveDate,
    /// Pupils who are published.
    pub pupils: usize,
    /// Staff who are published.
    pub staff: usize,
    /// Pupils who would be besides, once they are released.
    pub pupils_to_release: usize,
    /// Staff who would be besides.
    pub staff_to_release: usize,
}

/// The days with the most people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeakReport {
    /// Of pupils.
    pub pupils: NeedReport,
    /// Of staff.
    pub staff: NeedReport,
}

/// A kind of which there will be too few licences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TooFew {
    /// `pupils` or `staff`.
    pub kind: &'static str,
    /// The first such day.
    pub day: NaiveDate,
    /// How many are needed on it.
    pub needed: usize,
    /// How many there are.
    pub available: u32,
    /// Whether that is so only once everybody of that day is released.
    pub once_released: bool,
}

impl From<HeadCount> for NeedReport {
    fn from(count: HeadCount) -> Self {
        Self {
            day: count.day,
            pupils: count.published.pupils,
            staff: count.published.staff,
            pupils_to_release: count.to_release.pupils,
            staff_to_release: count.to_release.staff,
        }
    }
}

impl SdsRunsReport {
    /// Reports the runs that are kept, and what licences are needed.
    pub fn new(tenant_id: &str, runs: Vec<KeptRun>, need: Option<&LicenceNeed>) -> Self {
        let run = |run: KeptRun| RunEntry {
            told_at: run.told_at.into(),
            told_by: run.told_by,
            generation: run.generation_number,
            counts: run
                .counts
                .into_iter()
                .map(|count| CountEntry {
                    of: count.of,
                    published: count.published,
                    counted: count.counted,
                })
                .collect(),
        };
        Self {
            tenant: tenant_id.to_owned(),
            runs: runs.into_iter().map(run).collect(),
            licences: need.map(LicenceReport::from),
        }
    }
}

/// One of the numbers of people.
type OfHeads = fn(&Heads) -> usize;

impl From<&LicenceNeed> for LicenceReport {
    fn from(need: &LicenceNeed) -> Self {
        let most = |of: OfHeads| {
            // Of equal days the first.
            let days = need.days.iter().rev();
            let most = days.max_by_key(|count| of(&count.published) + of(&count.to_release));
            NeedReport::from(*most.unwrap_or(&need.now))
        };
        let kinds: [(_, _, OfHeads); 2] = [
            ("pupils", need.available.pupils, |heads| heads.pupils),
            ("staff", need.available.staff, |heads| heads.staff),
        ];
        let too_few = kinds.into_iter().filter_map(|(kind, available, of)| {
            let available = available?;
            let is_over = |needed: usize| needed > usize::try_from(available).unwrap_or(usize::MAX);
            let published = need.days.iter().find(|count| is_over(of(&count.published)));
            let released = || {
                need.days
                    .iter()
                    .find(|count| is_over(of(&count.published) + of(&count.to_release)))
            };
            let (count, once_released) = published
                .map(|count| (count, false))
                .or_else(|| Some((released()?, true)))?;
            let to_release = if once_released { of(&count.to_release) } else { 0 };
            Some(TooFew {
                kind,
                day: count.day,
                needed: of(&count.published) + to_release,
                available,
                once_released,
            })
        });
        Self {
            available: need.available,
            now: need.now.into(),
            next_year: need.next_year.map(NeedReport::from),
            peak: PeakReport {
                pupils: most(|heads| heads.pupils),
                staff: most(|heads| heads.staff),
            },
            too_few: too_few.collect(),
        }
    }
}

impl Display for SdsRunsReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        let mut texts = Vec::new();
        if self.runs.is_empty() {
            texts.push("no run was told yet: give sds-report a file with the counts of one".to_owned());
        }
        texts.extend(self.runs.iter().map(run_line));
        match &self.licences {
            Some(licences) => texts.extend(licence_lines(licences)),
            None => texts.push("licences: nothing is known before the first import".to_owned()),
        }
        lines(formatter, texts)
    }
}

fn run_line(run: &RunEntry) -> String {
    let counts = run.counts.iter().map(|count| match count.published {
        Some(published) => format!(
            "{} {published} published, {} counted",
            printable(&count.of),
            count.counted
        ),
        None => format!("{} {}", printable(&count.of), count.counted),
    });
    let counts: Vec<String> = counts.collect();
    format!(
        "{}  {}  {}",
        run.told_at,
        printable(&run.told_by),
        counts.join("; ")
    )
}

fn licence_lines(licences: &LicenceReport) -> Vec<String> {
    let need = |what: &str, need: &NeedReport| {
        let to_release = need.pupils_to_release + need.staff_to_release;
        let besides = if to_release == 0 {
            String::new()
        } else {
            format!(
                ", and once they are released {} and {} more",
                need.pupils_to_release, need.staff_to_release
            )
        };
        format!(
            "licences {what}, {}: pupils {}, staff {}{besides}",
            need.day, need.pupils, need.staff
        )
    };
    let peak = &licences.peak;
    let most = |need: &NeedReport, count: usize| format!("{count} on {}", need.day);
    let mut texts = vec![
        need("now", &licences.now),
        match &licences.next_year {
            Some(next_year) => need("at the beginning of the next year", next_year),
            None => "licences at the beginning of the next year: Informat's data do not have that year yet"
                .to_owned(),
        },
        format!(
            "licences at the most, with everybody released: pupils {}, staff {}",
            most(&peak.pupils, peak.pupils.pupils + peak.pupils.pupils_to_release),
            most(&peak.staff, peak.staff.staff + peak.staff.staff_to_release)
        ),
    ];
    if licences.available.is_empty() {
        texts.push(
            "how many there are is not known: write licences = { pupils = N, staff = N } in the tenant file"
                .to_owned(),
        );
    } else if licences.too_few.is_empty() {
        texts.push("there are enough of them".to_owned());
    }
    texts.extend(licences.too_few.iter().map(|few| {
        let TooFew {
            kind,
            day,
            needed,
            available,
            once_released,
        } = few;
        let once = if *once_released {
            ", once everybody is released"
        } else {
            ""
        };
        format!("TOO FEW for {kind} from {day} on: {needed} needed, {available} available{once}")
    }));
    texts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::microsoft::KeptCount;
    use crate::report::snapshot::{self, instant};

    fn count(day: &str, pupils: usize, staff: usize, to_release: usize) -> HeadCount {
        HeadCount {
            day: day.parse().unwrap(),
            published: Heads { pupils, staff },
            to_release: Heads {
                pupils: to_release,
                staff: 0,
            },
        }
    }

    fn need(pupils: Option<u32>, staff: Option<u32>) -> LicenceNeed {
        let (now, peak, next) = (
            count("2026-11-26", 480, 41, 0),
            count("2027-01-11", 484, 40, 2),
            count("2027-09-01", 470, 40, 30),
        );
        LicenceNeed {
            available: Licences { pupils, staff },
            now,
            next_year: Some(next),
            days: vec![now, peak, next],
        }
    }

    #[test]
    fn r143_runs_and_licences_are_told_with_the_first_day_on_which_there_are_too_few() {
        let of = |of: &str, published, counted| KeptCount {
            of: of.to_owned(),
            published,
            counted,
        };
        let run = KeptRun {
            told_at: instant(0),
            told_by: "Els".to_owned(),
            generation_number: Some(7),
            counts: vec![of("users", Some(521), 518), of("unmatched", None, 3)],
        };
        let need = need(Some(490), Some(40));
        snapshot::assert(
            "sds_runs",
            &SdsRunsReport::new("zandpoort", vec![run], Some(&need)),
        );
        snapshot::assert(
            "sds_runs_empty",
            &SdsRunsReport::new("zandpoort", Vec::new(), None),
        );
    }

    #[test]
    fn r143_a_peak_that_is_published_counts_before_one_that_waits_for_a_release() {
        let few = |pupils| LicenceReport::from(&need(Some(pupils), None)).too_few;
        assert_eq!(
            (few(500), few(480)[0].day.to_string()),
            (Vec::new(), "2027-01-11".to_owned())
        );
        let waiting = &few(485)[0];
        assert_eq!((waiting.once_released, waiting.needed), (true, 486));
        let report = LicenceReport::from(&need(None, None));
        assert!(report.too_few.is_empty());
        assert_eq!(report.peak.pupils.day.to_string(), "2027-09-01");
        assert_eq!(report.peak.staff.day.to_string(), "2026-11-26");
    }
}
