//! Which questions the thread that was asked may answer itself.

use oneroster_standard::query::{Clause, Filter, ListQuery, ObjectForm, Predicate, Select};

/// The fields that stand in columns of every collection, or are looked up by them.
const COLUMNS: [&str; 4] = ["dateLastModified", "role", "sourcedId", "status"];

/// Those of them that hold few words: a text is looked for in each word once, not in every object.
const WORDS: [&str; 2] = ["role", "status"];

/// Up to so many documents of a page are edited by the thread that asks: to know how long the page is takes a look into each, half a
/// millisecond for 10,000.
const EDITED_AT_ONCE_MAX: usize = 1000;

/// Returns `true` if a question can be answered from columns alone: some tens of microseconds for 100,000 objects.
///
/// Any other may read, sort or rewrite every document, or edit many, which takes a thread of its own.
pub fn is_quick(query: &ListQuery) -> bool {
    let by_column = |clause: &Clause| {
        let name = clause.path.field.name;
        let columns: &[&str] = match clause.predicate {
            Predicate::Contains => &WORDS,
            Predicate::Equal
            | Predicate::NotEqual
            | Predicate::Greater
            | Predicate::GreaterOrEqual
            | Predicate::Less
            | Predicate::LessOrEqual => &COLUMNS,
        };
        columns.contains(&name)
    };
    let by_columns = |filter: &Filter| filter.clauses().all(by_column);
    query.sort.is_none()
        && query.select == Select::Everything
        && !query.form.native_booleans
        && !(query.limit() > EDITED_AT_ONCE_MAX && is_edited(query.form))
        && query.filter.as_ref().is_none_or(by_columns)
}

/// Returns `true` if clients of this form see many objects otherwise than they are kept.
const fn is_edited(form: ObjectForm) -> bool {
    form.email || form.enabled_users || form.ended_enrollments
}
