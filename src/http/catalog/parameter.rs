//! The query parameters of operations (OneRoster 1.1 §3 to §6).

use oneroster_standard::query::{FILTER_CHARACTERS_MAX, LIMIT_DEFAULT, LIMIT_MAX};

/// A query parameter. None is required; of one given twice the last counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub form: ParameterForm,
    /// What it does.
    pub description: &'static str,
}

/// What values a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterForm {
    /// A whole number.
    Number {
        /// The least.
        least: usize,
        /// The most; `None` where nothing bounds it.
        most: Option<usize>,
        /// Without the parameter.
        default: usize,
    },
    /// One of these, in any case; without the parameter the first.
    Word(&'static [&'static str]),
    /// The name of a field of the objects.
    Field,
    /// Names of fields, with commas between them.
    Fields,
    /// `field predicate 'value'`, or two of these joined by AND or OR.
    Filter {
        /// The longest it may be, in characters.
        characters_max: usize,
    },
}

const LIMIT: Parameter = Parameter {
    name: "limit",
    form: ParameterForm::Number {
        least: 1,
        most: Some(LIMIT_MAX),
        default: LIMIT_DEFAULT,
    },
    description: "How many objects a page has. A page has fewer only where no more exist. Where neither \
                  limit nor offset is there, a filter on dateLastModified gets everything, and for a client with the setting \
                  `unpaged_full` whatever is asked does.",
};

const OFFSET: Parameter = Parameter {
    name: "offset",
    form: ParameterForm::Number {
        least: 0,
        most: None,
        default: 0,
    },
    description: "How many objects come before the page.",
};

const SORT: Parameter = Parameter {
    name: "sort",
    form: ParameterForm::Field,
    description: "The field to order by, by code point; equal ones by sourcedId. An unknown field is a warning, and \
                  the order is by sourcedId.",
};

const ORDER_BY: Parameter = Parameter {
    name: "orderBy",
    form: ParameterForm::Word(&["asc", "desc"]),
    description: "The direction of the order.",
};

const FILTER: Parameter = Parameter {
    name: "filter",
    form: ParameterForm::Filter {
        characters_max: FILTER_CHARACTERS_MAX,
    },
    description: "Which objects: a field, one of = != > >= < <= ~, a value in single quotes; two of these may be \
                  joined by one AND or OR. A dotted field reaches into references. An unknown field is refused.",
};

const FIELDS: Parameter = Parameter {
    name: "fields",
    form: ParameterForm::Fields,
    description: "Which fields of each object, exactly. An unknown one is a warning, and all fields are given.",
};

pub(super) const OF_COLLECTION: &[Parameter] = &[LIMIT, OFFSET, SORT, ORDER_BY, FILTER, FIELDS];
pub(super) const OF_SINGLE: &[Parameter] = &[FIELDS];
