//! The rules: their ids, and how bad it is when one finds something. `docs/health.md` says what to do about each.

use serde::{Serialize, Serializer};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Microsoft refuses it, or somebody who should be published is not.
    Error,
    /// It is synchronised, but perhaps not as meant, or will soon not be.
    Warning,
    /// Often on purpose.
    Info,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Info];

    /// Returns its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $variant:ident, $id:literal, $severity:ident;)+) => {
        /// A rule. Ids do not change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Rule {
            /// Every rule: by severity, then by subject.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns its id.
            pub const fn id(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)+
                }
            }

            /// Returns how bad its findings are.
            pub const fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)+
                }
            }
        }
    };
}

/// Whose rows a finding about a person may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The person, wherever they are.
    Person,
    /// Any of the places where they are: it tells that they are there.
    Places,
    /// A class at a place where they need not be.
    Elsewhere,
}

impl Rule {
    /// Returns what a finding of it may tell about, beyond the person.
    pub const fn reach(self) -> Reach {
        if matches!(
            self,
            Self::PupilWithoutClass
                | Self::TwoClasses
                | Self::TwoRegistrations
                | Self::RegistrationGap
                | Self::ClassRowGap
                | Self::AssignmentGap
                | Self::RegistrationOutsideYear
                | Self::RegistrationBeyondYear
                | Self::ClassTeacherNotStaff
                | Self::PupilAndStaff
        ) {
            Reach::Places
        } else if matches!(self, Self::MembershipOutsideOrgs | Self::MembershipAtUnlinkedSite) {
            Reach::Elsewhere
        } else {
            Reach::Person
        }
    }
}

rules! {
    /// A username is longer than Entra takes.
    UsernameTooLong, "username-too-long", Error;
    /// A username holds what Entra does not take.
    UsernameCharacters, "username-characters", Error;
    /// Two people would be sent with one username (R139).
    UsernameDuplicate, "username-duplicate", Error;
    /// A pupil or member of staff has no username record (R46).
    UsernameMissing, "username-missing", Error;
    /// Staff whose domain we send have none (R39).
    TeacherDomainMissing, "teacher-domain-missing", Error;
    /// A pupil whose domain we send has none (R35).
    PupilDomainMissing, "pupil-domain-missing", Error;
    /// A given or family name is longer than Entra takes.
    NameTooLong, "name-too-long", Error;
    /// A class's title is longer than Microsoft takes for a group.
    ClassTitleTooLong, "class-title-too-long", Error;
    /// Pupils are registered at a site that is no longer in use.
    RegistrationAtInactiveSite, "registration-at-inactive-site", Error;
    /// An explicit domain is not one of the tenant's.
    DomainNotOwn, "domain-not-own", Warning;
    /// People have no address, and a client asks for addresses.
    EmailMissing, "email-missing", Warning;
    /// A domain that is sent is one of the other kind: pupils' for staff, or staff's for a pupil (R40).
    DomainOfOtherKind, "domain-of-other-kind", Warning;
    /// A text was damaged before it was imported: letters encoded twice, replaced, or written as in a web page.
    DamagedText, "damaged-text", Warning;
    /// A row of people that holds a place until somebody is known.
    PlaceholderPerson, "placeholder-person", Warning;
    /// Somebody who waits has the names and the birth date of somebody who left.
    ProbablyMerged, "probably-merged", Warning;
    /// A known person came with another id, and their username is still under the former one.
    PersonIdChanged, "person-id-changed", Warning;
    /// A username is also sent by another tenant of the same Entra tenant (R139).
    UsernameAlsoInTenant, "username-also-in-tenant", Warning;
    /// A part of a name could not be written in Latin letters.
    UsernameNeedsReview, "username-needs-review", Warning;
    /// Somebody waits for release whose username others' names make too (R137).
    NamesakesUnreleased, "namesakes-unreleased", Warning;
    /// A person has no name at all.
    NameMissing, "name-missing", Warning;
    /// Two people have the same names and the same birth date.
    PersonTwice, "person-twice", Warning;
    /// A pupil is in no class (R109).
    PupilWithoutClass, "pupil-without-class", Warning;
    /// A pupil is in two classes under one registration.
    TwoClasses, "two-classes", Warning;
    /// A pupil is registered twice at the same time (R45).
    TwoRegistrations, "two-registrations", Warning;
    /// A few days lie between two registrations of a pupil.
    RegistrationGap, "registration-gap", Warning;
    /// A few days lie between two classes of a pupil who is registered.
    ClassRowGap, "class-row-gap", Warning;
    /// A few days lie between two assignments of a member of staff.
    AssignmentGap, "assignment-gap", Warning;
    /// A registration begins or ends outside its school year.
    RegistrationOutsideYear, "registration-outside-year", Warning;
    /// A class has no class teacher.
    ClassWithoutTeacher, "class-without-teacher", Warning;
    /// The class teachers of a class are not published.
    ClassTeacherUnreleased, "class-teacher-unreleased", Warning;
    /// A class teacher has no assignment.
    ClassTeacherNotStaff, "class-teacher-not-staff", Warning;
    /// A class will soon be without its class teachers.
    ClassLosingTeacher, "class-losing-teacher", Warning;
    /// A class has no pupils.
    ClassWithoutPupils, "class-without-pupils", Warning;
    /// Two Teams would have one name.
    ClassTitleDuplicate, "class-title-duplicate", Warning;
    /// A class has the id of a class of another school year (R117).
    ClassIdReused, "class-id-reused", Warning;
    /// A class came with another id in the middle of its year.
    ClassIdChanged, "class-id-changed", Warning;
    /// Somebody is in a class of an org that is not among their own.
    MembershipOutsideOrgs, "membership-outside-orgs", Warning;
    /// A site in use that no entry of the tenant file names.
    SiteNotListed, "site-not-listed", Warning;
    /// An entry of the tenant file that names no site in use.
    SiteUnknown, "site-unknown", Warning;
    /// Released people are at a site whose link is off (R20).
    LinkInactive, "link-inactive", Warning;
    /// A published row of sites is no school (R44).
    NotASchool, "not-a-school", Warning;
    /// An institution is also published by another tenant of the same Entra tenant.
    InstitutionAlsoInTenant, "institution-also-in-tenant", Warning;
    /// New usernames are released by default before anything was read completely (R145).
    DefaultSyncTooEarly, "default-sync-too-early", Warning;
    /// A published site has no classes.
    OrgWithoutClasses, "org-without-classes", Warning;
    /// The newest state is dated far ahead of the clock.
    GenerationAhead, "generation-ahead", Warning;
    /// The active school year is over, and the next one should be active (R115).
    SchoolYearOver, "school-year-over", Warning;
    /// A person has one name only; the other is sent as `-`.
    NameOnePart, "name-one-part", Info;
    /// A person is pupil and staff at once (R41).
    PupilAndStaff, "pupil-and-staff", Info;
    /// The system would not make this username of the person any more.
    UsernameNotOfThisName, "username-not-of-this-name", Info;
    /// A key of a person is that of somebody else now.
    PersonKeyReused, "person-key-reused", Info;
    /// A registration ends after its school year where that is usual.
    RegistrationBeyondYear, "registration-beyond-year", Info;
    /// Somebody published is in a class that is not.
    MembershipAtUnlinkedSite, "membership-at-unlinked-site", Info;
    /// New usernames are released by default, but pupils are not published before their first day.
    DefaultSyncWithoutFuture, "default-sync-without-future", Info;
    /// People wait for release (R59).
    UnreleasedPeople, "unreleased-people", Info;
    /// A subgroup has no teacher.
    SubgroupWithoutTeacher, "subgroup-without-teacher", Info;
    /// A subgroup has no pupils.
    SubgroupWithoutPupils, "subgroup-without-pupils", Info;
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}
