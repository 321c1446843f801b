//! A generation in memory.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use oneroster_standard::Kind;
use oneroster_standard::query::{ListQuery, ObjectForm, SingleQuery};
use uuid::Uuid;

use super::answer::{self, CollectionAnswer, SingleAnswer};
use super::cached_collection::CachedCollection;
use super::evaluate::{self, Referring, Restriction};

/// One generation of a tenant's roster. It never changes. Collections that did not change between two generations are
/// shared by their snapshots.
pub struct Snapshot {
    pub(super) tenant_id: String,
    pub(super) generation_id: Uuid,
    pub(super) number: i64,
    pub(super) published_at: DateTime<Utc>,
    /// In the order of [`Kind::ALL`].
    pub(super) collections: [Arc<CachedCollection>; Kind::ALL.len()],
    /// The orgs for clients that see the school group above them.
    pub(super) district_orgs: Arc<CachedCollection>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Snapshot")
            .field("tenant_id", &self.tenant_id)
            .field("generation_id", &self.generation_id)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Returns the generation's id.
    pub const fn generation_id(&self) -> Uuid {
        self.generation_id
    }

    /// Returns the generation's number.
    pub const fn number(&self) -> i64 {
        self.number
    }

    /// Returns the generation's date: the latest `dateLastModified` in it.
    pub const fn published_at(&self) -> DateTime<Utc> {
        self.published_at
    }

    /// Returns how many objects of a kind it holds, tombstones included.
    pub fn count(&self, kind: Kind) -> usize {
        self.collection(kind).data.len()
    }

    /// Answers a question about a collection. `request_id` stands in warnings.
    ///
    /// The first question that looks at a field other than `sourcedId`, `status`, `dateLastModified` and `role` reads
    /// every document (some 0.1 s for 100,000); the next pages of the same answer do not, nor do other questions
    /// whether that field equals something.
    pub fn list(&self, kind: Kind, query: &ListQuery, request_id: &str) -> CollectionAnswer {
        self.list_within(kind, &Restriction::default(), query, request_id)
    }

    /// Answers a question about a part of a collection, such as the students of a class.
    pub fn list_within(
        &self,
        kind: Kind,
        restriction: &Restriction,
        query: &ListQuery,
        request_id: &str,
    ) -> CollectionAnswer {
        answer::list(self.seen(kind, query.form), restriction, query, request_id)
    }

    /// Answers a question about one object, tombstones included; `None` when it is not there.
    pub fn single(
        &self,
        kind: Kind,
        sourced_id: &str,
        query: &SingleQuery,
        request_id: &str,
    ) -> Option<SingleAnswer> {
        self.single_within(kind, &Restriction::default(), sourced_id, query, request_id)
    }

    /// Answers a question about one object of a part of a collection; `None` when it is not in that part.
    pub fn single_within(
        &self,
        kind: Kind,
        restriction: &Restriction,
        sourced_id: &str,
        query: &SingleQuery,
        request_id: &str,
    ) -> Option<SingleAnswer> {
        answer::single(
            self.seen(kind, query.form),
            restriction,
            sourced_id,
            query,
            request_id,
        )
    }

    /// Returns `true` if a part of a collection holds this object, be it a tombstone.
    pub fn holds(&self, kind: Kind, restriction: &Restriction, sourced_id: &str) -> bool {
        let collection = &self.collection(kind).data;
        collection
            .search(sourced_id)
            .is_ok_and(|row| evaluate::belongs(collection, restriction, row))
    }

    /// Returns `true` if a part of a collection holds anything, be it a tombstone.
    pub fn holds_any(&self, kind: Kind, restriction: &Restriction) -> bool {
        evaluate::holds_any(self.collection(kind), restriction)
    }

    /// Returns the ids that objects of a part of a collection refer to by a field that is a reference: the
    /// `user`s of the enrollments of a class, for a [`Restriction`] of another collection.
    pub fn referred(
        &self,
        kind: Kind,
        restriction: &Restriction,
        field: &'static str,
        referring: Referring,
    ) -> BTreeSet<String> {
        evaluate::referred(self.collection(kind), restriction, field, referring)
    }

    /// Returns a collection as clients of this form see it, but for what is put into documents as they are sent.
    fn seen(&self, kind: Kind, form: ObjectForm) -> &Arc<CachedCollection> {
        if kind == Kind::Orgs && form.district_org {
            &self.district_orgs
        } else {
            self.collection(kind)
        }
    }

    /// Returns all collections, for counting what they take.
    pub(super) fn all_collections(&self) -> impl Iterator<Item = &Arc<CachedCollection>> {
        self.collections.iter().chain([&self.district_orgs])
    }

    pub(super) fn collection(&self, kind: Kind) -> &Arc<CachedCollection> {
        let [academic_sessions, orgs, courses, classes, users, enrollments] = &self.collections;
        match kind {
            Kind::AcademicSessions => academic_sessions,
            Kind::Orgs => orgs,
            Kind::Courses => courses,
            Kind::Classes => classes,
            Kind::Users => users,
            Kind::Enrollments => enrollments,
        }
    }
}
