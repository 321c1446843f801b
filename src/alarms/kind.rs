//! What alarms there are, whom each is for, and what it says. Counts and ids only: a message leaves the program.

use std::fmt::{Display, Formatter};

use crate::desk::About;

/// What an alarm is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AlarmKind {
    /// The brake holds a publication.
    Held,
    /// Changes wait for a publication that does not come.
    Failing,
    /// Bundles no longer come.
    SilentFeed,
    /// The consumer no longer reads.
    SilentPoll,
    /// The door refused the last bundle.
    Refused,
    /// The earlier secret of a client ends soon.
    SecretEnds,
    /// No signing key follows the one that signs.
    KeyEnds,
    /// A disk is nearly full.
    Disk,
    /// Usernames wait for somebody to look at them; once a weekday.
    NamesWaiting,
    /// There are findings that Microsoft would refuse.
    Findings,
    /// The synchronisation ends with the school year.
    FlowEnds,
    /// The next school year has begun, or is about to, and is not active.
    NextYear,
}

impl AlarmKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Held,
        Self::Failing,
        Self::SilentFeed,
        Self::SilentPoll,
        Self::Refused,
        Self::SecretEnds,
        Self::KeyEnds,
        Self::Disk,
        Self::NamesWaiting,
        Self::Findings,
        Self::FlowEnds,
        Self::NextYear,
    ];

    /// Returns its name: in the database, in messages to programs, and the end of the address of its paragraph in the manual.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failing => "failing",
            Self::SilentFeed => "silent-feed",
            Self::SilentPoll => "silent-poll",
            Self::Refused => "refused",
            Self::SecretEnds => "secret-ends",
            Self::KeyEnds => "key-ends",
            Self::Disk => "disk",
            Self::NamesWaiting => "names-waiting",
            Self::Findings => "findings",
            Self::FlowEnds => "flow-ends",
            Self::NextYear => "next-year",
        }
    }

    /// Returns the kind of a name; `None` for one that this build does not know.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    /// Returns `true` for what the operator is told.
    pub(super) const fn is_for_operator(self) -> bool {
        match self {
            Self::Held
            | Self::Failing
            | Self::SilentFeed
            | Self::SilentPoll
            | Self::Refused
            | Self::SecretEnds
            | Self::KeyEnds
            | Self::Disk => true,
            Self::NamesWaiting | Self::Findings | Self::FlowEnds | Self::NextYear => false,
        }
    }

    /// Returns the letter about it, where a school is told.
    pub(super) const fn letter(self) -> Option<About> {
        match self {
            Self::Held => Some(About::Held),
            Self::NamesWaiting => Some(About::NamesWaiting),
            Self::Findings => Some(About::Findings),
            Self::FlowEnds => Some(About::FlowEnds),
            Self::NextYear => Some(About::NextYear),
            Self::Failing
            | Self::SilentFeed
            | Self::SilentPoll
            | Self::Refused
            | Self::SecretEnds
            | Self::KeyEnds
            | Self::Disk => None,
        }
    }

    /// Returns `true` for what is told again each weekday instead of once with its end.
    pub(super) const fn is_daily(self) -> bool {
        matches!(self, Self::NamesWaiting)
    }

    /// Returns `true` for what is told to be over. That a day has passed solves nothing.
    pub(super) const fn is_told_to_be_over(self) -> bool {
        !matches!(self, Self::NamesWaiting | Self::FlowEnds | Self::SecretEnds)
    }

    /// Returns the paragraph of the manual about it.
    pub fn paragraph(self) -> String {
        format!("docs/operations.md#alarm-{}", self.id())
    }

    /// Returns what it is called for the operator.
    const fn title(self) -> &'static str {
        match self {
            Self::Held => "a publication is held",
            Self::Failing => "changes are not published",
            Self::SilentFeed => "no bundles come any more",
            Self::SilentPoll => "nobody reads it any more",
            Self::Refused => "the last bundle was refused",
            Self::SecretEnds => "an earlier secret ends soon",
            Self::KeyEnds => "no signing key follows",
            Self::Disk => "a disk is nearly full",
            Self::NamesWaiting => "usernames wait",
            Self::Findings => "data that Microsoft would refuse",
            Self::FlowEnds => "the synchronisation ends",
            Self::NextYear => "the next school year is not active",
        }
    }
}

impl Display for AlarmKind {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.id())
    }
}

/// An alarm that should stand: what, of which of several, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) kind: AlarmKind,
    pub(super) subject: String,
    /// In a sentence or two, for the operator.
    pub(super) detail: String,
    /// How many, where it is about a number of things.
    pub(super) count: usize,
}

impl Standing {
    pub(super) const fn of(kind: AlarmKind, detail: String) -> Self {
        Self {
            kind,
            subject: String::new(),
            detail,
            count: 0,
        }
    }
}

/// Subject and text of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) subject: String,
    pub(super) body: String,
}

/// Returns what the operator is told: of a tenant by its id, of the service where that is empty.
pub(super) fn for_operator(tenant_id: &str, standing: &Standing, is_end: bool) -> Words {
    let about = if tenant_id.is_empty() {
        "service"
    } else {
        tenant_id
    };
    let title = standing.kind.title();
    let over = if is_end { "over: " } else { "" };
    let paragraph = standing.kind.paragraph();
    let detail = if is_end {
        "It is so no longer."
    } else {
        standing.detail.as_str()
    };
    let which = if standing.subject.is_empty() {
        String::new()
    } else {
        format!(" ({})", standing.subject)
    };
    Words {
        subject: format!("[oneroster] {about}: {over}{title}{which}"),
        body: format!("{about}: {over}{title}{which}.\n{detail}\nWhat to do: {paragraph}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alarm_has_its_paragraph_in_the_manual() {
        let manual = include_str!("../../docs/operations.md");
        for kind in AlarmKind::ALL {
            let heading = format!("### Alarm: {kind}\n");
            assert!(manual.contains(&heading), "docs/operations.md has no {heading:?}");
        }
    }

    #[test]
    fn an_alarm_and_its_end_say_of_whom_and_what_to_do() {
        let standing = Standing {
            subject: "zandpoort.k7".to_owned(),
            ..Standing::of(AlarmKind::SecretEnds, "It ends on 2026-12-01.".to_owned())
        };
        let began = for_operator("zandpoort", &standing, false);
        assert_eq!(
            began.subject,
            "[oneroster] zandpoort: an earlier secret ends soon (zandpoort.k7)"
        );
        assert_eq!(
            began.body,
            "zandpoort: an earlier secret ends soon (zandpoort.k7).\nIt ends on 2026-12-01.\n\
             What to do: docs/operations.md#alarm-secret-ends"
        );
        let disk = Standing::of(AlarmKind::Disk, String::new());
        assert_eq!(
            for_operator("", &disk, true).subject,
            "[oneroster] service: over: a disk is nearly full"
        );
    }
}
