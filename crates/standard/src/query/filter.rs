//! A filter, read and typed, and whether a value meets it (`OneRoster` 1.1 §5.2).
//!
//! One law holds for every field: `!=` is true exactly when `=` is false. So a missing value meets `!=` and nothing
//! else, and a list of references meets `!=` when none of its elements is the one named.

use std::cmp::Ordering;
use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::field::{self, Field, Shape};
use super::instant::parse_instant;
use crate::ObjectType;

/// How a clause compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Predicate {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `~`: contains, without regard to case.
    Contains,
}

impl Predicate {
    /// Every predicate; those that begin with another one come before it.
    pub const ALL: [Self; 7] = [
        Self::NotEqual,
        Self::GreaterOrEqual,
        Self::LessOrEqual,
        Self::Equal,
        Self::Greater,
        Self::Less,
        Self::Contains,
    ];

    /// Returns the predicate as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Contains => "~",
        }
    }

    /// Returns `true` if the predicate asks for an order.
    pub(super) const fn is_order(self) -> bool {
        match self {
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual => true,
            Self::Equal | Self::NotEqual | Self::Contains => false,
        }
    }

    /// Returns `true` if values that compare so meet the predicate; `Contains` is not decided by an order.
    fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Contains => false,
        }
    }
}

/// How two clauses are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connective {
    /// Both must hold.
    And,
    /// At least one must hold.
    Or,
}

impl Connective {
    /// Returns the connective as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::And => "AND",
            Self::Or => "OR",
        }
    }
}

/// Which part of an object a clause looks at: a field, and perhaps a member of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The field.
    pub field: &'static Field,
    /// The member of it; always there for a reference (`sourcedId` when named bare), user ids and metadata.
    pub member: Option<String>,
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.field.name)?;
        self.member
            .as_ref()
            .map_or(Ok(()), |member| write!(formatter, ".{member}"))
    }
}

/// A clause's value, read as its field demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Compared with strings exactly, in code-point order.
    Text(String),
    /// Compared with strings in lower case; holds lower case itself.
    LowerText(String),
    /// Compared with instants, and with dates as the start of their day in Brussels.
    Instant(DateTime<Utc>),
    /// Compared with booleans; false comes before true.
    Boolean(bool),
    /// Compared with lists: all of these for `=`, any of these for `~` (in lower case then).
    List(Vec<String>),
}

/// `field predicate 'value'`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The field or member compared.
    pub path: Path,
    /// How it is compared.
    pub predicate: Predicate,
    /// With what.
    pub operand: Operand,
    /// The value as it was given.
    pub value: String,
}

/// What a field takes, when a value is not that.
pub(super) struct WrongValue(pub(super) &'static str);

impl Clause {
    /// Makes a clause, typing the value by the field.
    pub(super) fn new(path: Path, predicate: Predicate, value: String) -> Result<Self, WrongValue> {
        let operand = Self::operand(&path, predicate, &value)?;
        Ok(Self {
            path,
            predicate,
            operand,
            value,
        })
    }

    /// Makes the clause "this field is this", for a collection that is part of another one (`OneRoster` 1.1 §12).
    /// A field that is a reference or a list of references is compared by `sourcedId`. `None` for a field that
    /// the object does not have or that is no string.
    pub fn equal(object_type: impl Into<ObjectType>, field: &str, value: &str) -> Option<Self> {
        let field = field::find(object_type.into(), field)?;
        let member = field.shape.members().first().map(|&member| member.to_owned());
        Self::new(Path { field, member }, Predicate::Equal, value.to_owned()).ok()
    }

    fn operand(path: &Path, predicate: Predicate, value: &str) -> Result<Operand, WrongValue> {
        let contains = predicate == Predicate::Contains;
        match path.field.shape {
            Shape::TextList => {
                let parts = value.split(',').map(str::trim);
                let fold = |part: &str| {
                    if contains {
                        part.to_lowercase()
                    } else {
                        part.to_owned()
                    }
                };
                Ok(Operand::List(parts.map(fold).collect()))
            }
            _ if contains => Ok(Operand::LowerText(value.to_lowercase())),
            Shape::CaselessText => Ok(Operand::LowerText(value.to_lowercase())),
            Shape::Date | Shape::DateTime => parse_instant(value)
                .map(Operand::Instant)
                .ok_or(WrongValue("a date YYYY-MM-DD or a date and time")),
            Shape::Boolean if value.eq_ignore_ascii_case("true") => Ok(Operand::Boolean(true)),
            Shape::Boolean if value.eq_ignore_ascii_case("false") => Ok(Operand::Boolean(false)),
            Shape::Boolean => Err(WrongValue("true or false")),
            Shape::Text | Shape::Reference | Shape::ReferenceList | Shape::UserIds | Shape::Metadata => {
                Ok(Operand::Text(value.to_owned()))
            }
        }
    }

    /// Returns `true` if an object meets the clause; `value` is its member named [`Path::field`], if it has that.
    pub fn matches(&self, value: Option<&Value>) -> bool {
        if self.predicate == Predicate::NotEqual {
            !self.meets(Predicate::Equal, value)
        } else {
            self.meets(self.predicate, value)
        }
    }

    /// Returns `true` if an object meets the clause, its field being this string.
    pub fn matches_text(&self, text: &str) -> bool {
        if self.predicate == Predicate::NotEqual {
            !self.text_meets(Predicate::Equal, text)
        } else {
            self.text_meets(self.predicate, text)
        }
    }

    /// Returns `true` if an object meets the clause, its field being this instant.
    /// `None` when the clause does not compare instants.
    pub fn matches_instant(&self, instant: DateTime<Utc>) -> Option<bool> {
        match &self.operand {
            Operand::Instant(operand) => Some(self.predicate.admits(instant.cmp(operand))),
            Operand::Text(_) | Operand::LowerText(_) | Operand::Boolean(_) | Operand::List(_) => None,
        }
    }

    fn meets(&self, predicate: Predicate, value: Option<&Value>) -> bool {
        match (value, &self.path.member) {
            (None, _) => false,
            (Some(Value::Array(elements)), Some(member)) => elements
                .iter()
                .any(|element| self.scalar_meets(predicate, element.get(member))),
            (Some(Value::Array(elements)), None) => self.list_meets(predicate, elements),
            (Some(object), Some(member)) => self.scalar_meets(predicate, object.get(member)),
            (scalar, None) => self.scalar_meets(predicate, scalar),
        }
    }

    fn scalar_meets(&self, predicate: Predicate, value: Option<&Value>) -> bool {
        match value {
            Some(Value::String(text)) => self.text_meets(predicate, text),
            Some(Value::Bool(word)) => self.text_meets(predicate, if *word { "true" } else { "false" }),
            Some(Value::Number(number)) => self.text_meets(predicate, &number.to_string()),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        }
    }

    fn text_meets(&self, predicate: Predicate, text: &str) -> bool {
        match &self.operand {
            Operand::Text(operand) => predicate.admits(text.cmp(operand)),
            Operand::LowerText(operand) if predicate == Predicate::Contains => {
                text.to_lowercase().contains(operand.as_str())
            }
            Operand::LowerText(operand) => predicate.admits(text.to_lowercase().cmp(operand)),
            Operand::Instant(operand) => {
                parse_instant(text).is_some_and(|instant| predicate.admits(instant.cmp(operand)))
            }
            Operand::Boolean(operand) => predicate.admits((text == "true").cmp(operand)),
            Operand::List(_) => false,
        }
    }

    fn list_meets(&self, predicate: Predicate, elements: &[Value]) -> bool {
        let Operand::List(operand) = &self.operand else {
            return false;
        };
        let mut texts = elements.iter().filter_map(Value::as_str);
        if predicate == Predicate::Contains {
            texts.any(|text| operand.contains(&text.to_lowercase()))
        } else {
            operand
                .iter()
                .all(|wanted| texts.clone().any(|text| text == wanted))
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}{}'{}'",
            self.path,
            self.predicate.as_str(),
            self.value.replace('\'', "''")
        )
    }
}

/// One clause, or two joined (`OneRoster` 1.1 §5.1). `Display` writes it so that it reads back as the same filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The first clause.
    pub first: Clause,
    /// The second one, and how it is joined.
    pub second: Option<(Connective, Clause)>,
}

impl Filter {
    /// Returns the clauses.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        std::iter::once(&self.first).chain(self.second.iter().map(|(_, clause)| clause))
    }

    /// Returns `true` if a clause looks at this field.
    pub fn names(&self, field: &str) -> bool {
        self.clauses().any(|clause| clause.path.field.name == field)
    }

    /// Returns `true` if an object meets the filter, given whether it meets a clause.
    pub fn holds(&self, mut meets: impl FnMut(&Clause) -> bool) -> bool {
        match &self.second {
            None => meets(&self.first),
            Some((Connective::And, second)) => meets(&self.first) && meets(second),
            Some((Connective::Or, second)) => meets(&self.first) || meets(second),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.first)?;
        self.second.as_ref().map_or(Ok(()), |(connective, clause)| {
            write!(formatter, " {} {clause}", connective.as_str())
        })
    }
}
