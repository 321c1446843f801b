//! The reasons history gives.

use chrono::{DateTime, NaiveDate, Utc};
use oneroster_school::projection::Cause;
use oneroster_standard::moment;
use serde::Serialize;

/// The account that did something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Author {
    /// `system`, or an account.
    pub by: String,
    /// When.
    #[serde(serialize_with = "moment::serialize")]
    pub at: DateTime<Utc>,
    /// Whether it was by handing a username over from one person to another.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub handed_over: bool,
}

/// Why a version of an object began. Ids stand for orgs and classes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// It is in the first generation.
    FirstPublication,
    /// It was not published before.
    New,
    /// Another school year became the active one.
    SchoolYearActivated {
        /// The active one since.
        school_year: String,
        /// By whom; `None` when it is not on record.
        #[serde(skip_serializing_if = "Option::is_none")]
        author: Option<Author>,
    },
    /// The person's Sync flag was switched on.
    SyncOn {
        /// By whom.
        author: Author,
    },
    /// The person's Sync flag was switched off.
    SyncOff {
        /// By whom; `None` when it is not on record.
        #[serde(skip_serializing_if = "Option::is_none")]
        author: Option<Author>,
    },
    /// The person got a username: they are new in the data.
    UsernameGiven {
        /// By whom.
        author: Author,
    },
    /// The site is published since this generation.
    SitePublished {
        /// The site.
        org: String,
    },
    /// The person is published since this generation.
    UserPublished,
    /// The username changed.
    Renamed {
        /// From.
        from: String,
        /// To.
        to: String,
        /// By whom; `None` when it is not on record.
        #[serde(skip_serializing_if = "Option::is_none")]
        author: Option<Author>,
    },
    /// The username kept its local part and got another domain, or gained or lost it.
    DomainChanged {
        /// From; none = it was not sent.
        from: Option<String>,
        /// To.
        to: Option<String>,
        /// By whom, where the record was edited.
        #[serde(skip_serializing_if = "Option::is_none")]
        author: Option<Author>,
        /// Whether the tenant file is the only thing that changed.
        by_configuration: bool,
    },
    /// The person's name changed.
    NameChanged {
        /// From.
        from: String,
        /// To.
        to: String,
    },
    /// The home org changed.
    Moved {
        /// From.
        from: String,
        /// To.
        to: String,
        /// First day there, if known.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<NaiveDate>,
    },
    /// The person also belongs to this org now.
    OrgJoined {
        /// The org.
        org: String,
    },
    /// The person no longer belongs to this org.
    OrgLeft {
        /// The org.
        org: String,
    },
    /// The person is in the class.
    Joined {
        /// The class.
        class: String,
        /// `student` or `teacher`.
        role: String,
        /// First day.
        first_day: Option<String>,
    },
    /// The pupil is in this class instead, since the same generation.
    WentTo {
        /// The class.
        class: String,
    },
    /// A class, course or org is called otherwise.
    Retitled {
        /// From.
        from: String,
        /// To.
        to: String,
        /// Whether the tenant file is the only thing that changed.
        by_configuration: bool,
    },
    /// Another field changed.
    FieldChanged {
        /// The field.
        field: String,
        /// From.
        from: Option<String>,
        /// To.
        to: Option<String>,
    },
    /// A newer version of this program computed the roster.
    NewerProgram,
    /// It got a new date, with everything (`publish --redate`) or by itself (`publish --touch`).
    Redated,
    /// The tombstone was removed after 400 days.
    TombstoneOver,
    /// It is no longer published; why is not on record.
    NoLongerPublished,
    /// What publication found in its inputs.
    #[serde(untagged)]
    Found(Cause),
}
