//! Parses the parameter `filter` (`OneRoster` 1.1 §5.1).
//!
//! ```text
//! filter     = clause [ 1*SP ( "AND" / "OR" ) 1*SP clause ]
//! clause     = field *SP predicate *SP "'" value "'"
//! field      = name *( "." name )
//! name       = ALPHA *( ALPHA / DIGIT / "_" )        ; after "metadata." also "-" and ":"
//! predicate  = "!=" / ">=" / "<=" / "=" / ">" / "<" / "~"
//! ```
//!
//! Blanks before and after the whole are tolerated. Inside a value `''` stands for one quote, and a quote that does not
//! end the value is part of it (`familyName='O'Brien'`). A quote ends the value when nothing but blanks or a
//! connective follows. A single quote just after a predicate, or with a predicate just before the next quote, does not
//! stand for itself: `a='x' b='y'` is a second clause without a connective and refused, as is one in lower case.
//!
//! Limits: [`FILTER_CHARACTERS_MAX`] characters, two clauses.

use super::error::{QueryError, excerpt};
use super::field::{self, Shape};
use super::filter::{Clause, Connective, Filter, Path, Predicate};
use crate::ObjectType;

/// How many characters a filter may have.
pub const FILTER_CHARACTERS_MAX: usize = 2048;

/// Reads the filter of a collection of this type.
pub(super) fn parse(object_type: impl Into<ObjectType>, text: &str) -> Result<Filter, QueryError> {
    let length = text.chars().count();
    if length > FILTER_CHARACTERS_MAX {
        return Err(QueryError::FilterTooLong {
            length,
            max: FILTER_CHARACTERS_MAX,
        });
    }
    let mut reader = Reader {
        object_type: object_type.into(),
        text,
        rest: text,
    };
    let first = reader.clause()?;
    let Some(connective) = reader.connective()? else {
        return Ok(Filter { first, second: None });
    };
    let second = reader.clause()?;
    reader.skip_blanks();
    let position = reader.position();
    if reader.connective()?.is_some() {
        return Err(QueryError::FilterThirdClause { position });
    }
    Ok(Filter {
        first,
        second: Some((connective, second)),
    })
}

/// The text, and what of it is still to be read.
struct Reader<'a> {
    object_type: ObjectType,
    text: &'a str,
    rest: &'a str,
}

impl<'a> Reader<'a> {
    /// Returns which character comes next, from 1.
    fn position(&self) -> usize {
        self.text.chars().count() - self.rest.chars().count() + 1
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        head
    }

    fn unexpected(&self, expected: &'static str) -> QueryError {
        let found = match self.rest.chars().next() {
            None => "the end".to_owned(),
            Some(_) => format!("{:?}", excerpt(self.rest)),
        };
        QueryError::FilterSyntax {
            position: self.position(),
            found,
            expected,
        }
    }

    fn clause(&mut self) -> Result<Clause, QueryError> {
        self.skip_blanks();
        let (path, name) = self.path()?;
        self.skip_blanks();
        let position = self.position();
        let Some(predicate) = Predicate::ALL
            .into_iter()
            .find(|predicate| self.rest.starts_with(predicate.as_str()))
        else {
            return Err(self.unexpected("one of = != > >= < <= ~"));
        };
        if path.field.shape == Shape::TextList && predicate.is_order() {
            return Err(QueryError::FilterPredicate {
                position,
                field: name,
                predicate: predicate.as_str(),
            });
        }
        self.advance(predicate.as_str().len());
        self.skip_blanks();
        let position = self.position();
        let value = self.value()?;
        Clause::new(path, predicate, value.clone()).map_err(|wrong| QueryError::FilterValue {
            position,
            field: name,
            value: excerpt(&value),
            expected: wrong.0,
        })
    }

    /// Reads a field's name and resolves it; returns the name as written too.
    fn path(&mut self) -> Result<(Path, String), QueryError> {
        let position = self.position();
        if !self
            .rest
            .starts_with(|character: char| character.is_ascii_alphabetic())
        {
            return Err(self.unexpected("the name of a field"));
        }
        let of_name = |character: char| character.is_ascii_alphanumeric() || "_.".contains(character);
        let mut end = self
            .rest
            .find(|character| !of_name(character))
            .unwrap_or(self.rest.len());
        if self
            .rest
            .get(.."metadata.".len())
            .is_some_and(|head| head.eq_ignore_ascii_case("metadata."))
        {
            let of_key = |character: char| of_name(character) || "-:".contains(character);
            end = self
                .rest
                .find(|character| !of_key(character))
                .unwrap_or(self.rest.len());
        }
        let name = self.advance(end);
        let (head, member) = name
            .split_once('.')
            .map_or((name, None), |(head, member)| (head, Some(member)));
        let unknown = |expected: String| QueryError::FilterUnknownField {
            position,
            field: excerpt(name),
            expected,
        };
        let field =
            field::find(self.object_type, head).ok_or_else(|| unknown(field::names(self.object_type)))?;
        let members = field.shape.members();
        let known = |member: &str| members.iter().find(|known| known.eq_ignore_ascii_case(member));
        let dotted = || {
            members
                .iter()
                .map(|member| format!("{}.{member}", field.name))
                .collect::<Vec<_>>()
                .join(", ")
        };
        let member = match (field.shape, member) {
            (Shape::Reference | Shape::ReferenceList, None) => Some("sourcedId".to_owned()),
            (Shape::Reference | Shape::ReferenceList | Shape::UserIds, Some(member)) => {
                Some((*known(member).ok_or_else(|| unknown(dotted()))?).to_owned())
            }
            (Shape::Metadata, Some(key)) if !key.is_empty() => Some(key.to_owned()),
            (Shape::UserIds, None) => return Err(unknown(dotted())),
            (Shape::Metadata, _) => return Err(unknown("metadata. and the name of a member".to_owned())),
            (_, None) => None,
            (_, Some(_)) => return Err(unknown(format!("{}, which has no members", field.name))),
        };
        Ok((Path { field, member }, name.to_owned()))
    }

    /// Reads a value with its quotes.
    fn value(&mut self) -> Result<String, QueryError> {
        let Some(after) = self.rest.strip_prefix('\'') else {
            return Err(self.unexpected("a value in single quotes"));
        };
        let open = self.rest;
        self.rest = after;
        let mut value = String::new();
        loop {
            let Some(quote) = self.rest.find('\'') else {
                self.rest = open;
                return Err(self.unexpected("a value with a closing quote"));
            };
            value.push_str(self.advance(quote));
            self.advance(1);
            let paired = self.rest.strip_prefix('\'');
            if ends_value(self.rest) {
                return Ok(value);
            }
            if let Some(rest) = paired.filter(|rest| !rest.trim_start().is_empty()) {
                self.rest = rest;
            } else if begins_clause(self.rest) || ends_in_predicate(&value) {
                self.skip_blanks();
                return Err(self.unexpected("AND, OR or the end (a quote inside a value is written twice)"));
            }
            value.push('\'');
        }
    }

    /// Reads `AND` or `OR`, or sees the end.
    fn connective(&mut self) -> Result<Option<Connective>, QueryError> {
        self.skip_blanks();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let connective =
            leading_connective(self.rest).ok_or_else(|| self.unexpected("AND, OR or the end"))?;
        self.advance(connective.as_str().len());
        Ok(Some(connective))
    }
}

/// Recognises a connective that is a word of its own.
fn leading_connective(text: &str) -> Option<Connective> {
    [Connective::And, Connective::Or].into_iter().find(|connective| {
        text.strip_prefix(connective.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// Returns `true` if a quote before this text ends its value.
fn ends_value(text: &str) -> bool {
    let rest = text.trim_start();
    rest.is_empty() || (rest.len() < text.len() && leading_connective(rest).is_some())
}

/// Returns `true` if the text before the next quote ends in a predicate, as at the beginning of a clause.
fn begins_clause(text: &str) -> bool {
    text.split_once('\'')
        .is_some_and(|(before, _)| ends_in_predicate(before))
}

fn ends_in_predicate(text: &str) -> bool {
    text.trim_end().ends_with(['=', '>', '<', '~'])
}

#[cfg(test)]
mod tests;
