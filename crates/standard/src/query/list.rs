//! The whole question, from the parameters of a request.

use super::error::QueryError;
use super::filter::Filter;
use super::filter_parser;
use super::form::ObjectForm;
use super::page::Page;
use super::select::Select;
use super::sort::Sort;
use crate::ObjectType;
use crate::status_info::StatusInfo;

/// The switches of a client: where consumers disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Whether a collection holds `tobedeleted` objects when nobody asked about them. If not, they are only in answers
    /// to a filter that names `status` or `dateLastModified`.
    pub include_tombstones_unfiltered: bool,
    /// Whether a filter on `dateLastModified` with neither `limit` nor `offset` gets everything.
    pub unpaged_delta: bool,
    /// Whether any question with neither `limit` nor `offset` gets everything.
    pub unpaged_full: bool,
    /// How objects are written.
    pub form: ObjectForm,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            include_tombstones_unfiltered: true,
            unpaged_delta: true,
            unpaged_full: false,
            form: ObjectForm::default(),
        }
    }
}

/// A question about a collection, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// Which objects; `None` is all.
    pub filter: Option<Filter>,
    /// In which order; `None` is by `sourcedId`.
    pub sort: Option<Sort>,
    /// Which fields of each object.
    pub select: Select,
    /// Which part of the result; `None` is everything.
    pub page: Option<Page>,
    /// Leave out objects with status `tobedeleted`.
    pub hide_tombstones: bool,
    /// How to write them; what is asked about is what is written.
    pub form: ObjectForm,
    /// What the answer has to warn about, such as an unknown field in `fields`.
    pub warnings: Vec<StatusInfo>,
}

impl ListQuery {
    /// Reads the decoded parameters of a request for a collection of this type (`OneRoster` 1.1 §3–§6).
    ///
    /// Names are trimmed, exact in case; unknown ones are ignored; one that is there twice is refused.
    pub fn parse(
        object_type: impl Into<ObjectType>,
        parameters: &[(String, String)],
        policy: &Policy,
    ) -> Result<Self, QueryError> {
        let object_type = object_type.into();
        let parameters = Given(parameters);
        let given = |name| parameters.one(name);
        let (limit, offset) = (given("limit")?, given("offset")?);
        let filter = given("filter")?
            .map(|text| filter_parser::parse(object_type, text))
            .transpose()?;
        let (sort, sort_warning) = Sort::parse(object_type, given("sort")?, given("orderBy")?)?;
        let (select, select_warning) = select(object_type, parameters)?;
        let page = Page::parse(limit, offset)?;
        let is_delta = filter
            .as_ref()
            .is_some_and(|filter| filter.names("dateLastModified"));
        let unpaged =
            limit.is_none() && offset.is_none() && (policy.unpaged_full || policy.unpaged_delta && is_delta);
        let hide_tombstones = !policy.include_tombstones_unfiltered
            && !filter
                .as_ref()
                .is_some_and(|filter| filter.names("status") || filter.names("dateLastModified"));
        Ok(Self {
            filter,
            sort,
            select,
            page: (!unpaged).then_some(page),
            hide_tombstones,
            form: policy.form,
            warnings: sort_warning.into_iter().chain(select_warning).collect(),
        })
    }

    /// Returns how many rows a page has; `usize::MAX` when the answer is not paged.
    pub fn limit(&self) -> usize {
        self.page.map_or(usize::MAX, |page| page.limit)
    }

    /// Returns how many rows come before the page.
    pub fn offset(&self) -> usize {
        self.page.map_or(0, |page| page.offset)
    }

    /// Returns `true` if the answer is everything, in one piece.
    pub fn is_unpaged(&self) -> bool {
        self.page.is_none()
    }

    /// Returns `true` if it asks by date: a delta.
    pub fn is_delta(&self) -> bool {
        self.filter
            .as_ref()
            .is_some_and(|filter| filter.names("dateLastModified"))
    }
}

/// A question about one object, checked: only `fields` has a meaning there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleQuery {
    /// Which fields of each object.
    pub select: Select,
    /// How to write it.
    pub form: ObjectForm,
    /// What the answer has to warn about, such as an unknown field in `fields`.
    pub warnings: Vec<StatusInfo>,
}

impl SingleQuery {
    /// Reads the decoded parameters of a request for one object of this type, as [`ListQuery::parse`] does.
    pub fn parse(
        object_type: impl Into<ObjectType>,
        parameters: &[(String, String)],
        policy: &Policy,
    ) -> Result<Self, QueryError> {
        let (select, warning) = select(object_type.into(), Given(parameters))?;
        Ok(Self {
            select,
            form: policy.form,
            warnings: warning.into_iter().collect(),
        })
    }
}

fn select(
    object_type: ObjectType,
    parameters: Given<'_>,
) -> Result<(Select, Option<StatusInfo>), QueryError> {
    parameters
        .one("fields")?
        .map_or(Ok((Select::Everything, None)), |text| {
            Select::parse(object_type, text)
        })
}

/// The decoded parameters of a request.
#[derive(Clone, Copy)]
struct Given<'a>(&'a [(String, String)]);

impl<'a> Given<'a> {
    /// Returns the value of a parameter, which must not be there twice: which of the two counts is anybody's guess. One whose
    /// name has blanks around it counts where the plain name is not there: one request of School Data Sync has `limit =100`.
    fn one(self, name: &'static str) -> Result<Option<&'a str>, QueryError> {
        let plain = self.single(name, |key| key == name)?;
        plain.map_or_else(
            || self.single(name, |key| key.trim() == name),
            |value| Ok(Some(value)),
        )
    }

    fn single(self, name: &'static str, is: impl Fn(&str) -> bool) -> Result<Option<&'a str>, QueryError> {
        let mut values = self.0.iter().filter(|(key, _)| is(key));
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(QueryError::Repeated(name)),
            (value, None) => Ok(value.map(|(_, value)| value.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Kind;

    fn parse(parameters: &[(&str, &str)], policy: Policy) -> Result<ListQuery, QueryError> {
        let owned: Vec<(String, String)> = parameters
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        ListQuery::parse(Kind::Users, &owned, &policy)
    }

    #[test]
    fn names_are_trimmed_and_unknown_ones_ignored() {
        let query = parse(
            &[("limit ", "7"), ("", ""), ("utm_source", "x")],
            Policy::default(),
        )
        .unwrap();
        assert_eq!((query.limit(), query.offset(), query.is_unpaged()), (7, 0, false));
    }

    #[test]
    fn a_parameter_that_is_there_twice_is_refused_by_name() {
        for name in ["limit", "offset", "sort", "orderBy", "filter", "fields"] {
            let twice = [(name, "5"), (name, "5")];
            assert_eq!(
                parse(&twice, Policy::default()),
                Err(QueryError::Repeated(name)),
                "{name}"
            );
        }
        let twice = [("limit ", "5"), (" limit", "5")];
        assert_eq!(
            parse(&twice, Policy::default()),
            Err(QueryError::Repeated("limit"))
        );
        assert!(
            parse(&[("x", "1"), ("x", "2")], Policy::default()).is_ok(),
            "an unknown one"
        );
        let with_a_stray_one = [("limit ", "100"), ("limit", "1")];
        assert_eq!(parse(&with_a_stray_one, Policy::default()).unwrap().limit(), 1);
    }

    #[test]
    fn a_delta_without_paging_gets_everything_unless_the_client_is_set_otherwise() {
        let delta = ("filter", "dateLastModified>'2026-01-01'");
        let unpaged = |parameters: &[(&str, &str)], policy| parse(parameters, policy).unwrap().is_unpaged();
        assert!(unpaged(&[delta], Policy::default()));
        assert!(unpaged(
            &[("filter", "role='student' AND dateLastModified>'2026-01-01'")],
            Policy::default()
        ));
        assert!(!unpaged(&[delta, ("limit", "100")], Policy::default()));
        assert!(!unpaged(&[delta, ("offset", "0")], Policy::default()));
        assert!(!unpaged(
            &[delta],
            Policy {
                unpaged_delta: false,
                ..Policy::default()
            }
        ));
        assert!(!unpaged(&[("filter", "role='student'")], Policy::default()));
    }

    #[test]
    fn whatever_is_asked_without_a_page_comes_whole_where_the_client_is_set_so() {
        let policy = Policy {
            unpaged_full: true,
            unpaged_delta: false,
            ..Policy::default()
        };
        let unpaged = |parameters: &[(&str, &str)]| parse(parameters, policy).unwrap().is_unpaged();
        assert!(unpaged(&[]) && unpaged(&[("filter", "role='student'")]));
        assert!(unpaged(&[("filter", "dateLastModified>'2026-01-01'")]));
        assert!(!unpaged(&[("limit", "100")]) && !unpaged(&[("offset", "0")]));
    }

    #[test]
    fn tombstones_are_hidden_only_when_the_client_is_set_so_and_did_not_ask_about_them() {
        let hidden = |filter: &str, include| {
            let policy = Policy {
                include_tombstones_unfiltered: include,
                ..Policy::default()
            };
            let parameters = if filter.is_empty() {
                vec![]
            } else {
                vec![("filter", filter)]
            };
            parse(&parameters, policy).unwrap().hide_tombstones
        };
        assert!(!hidden("", true));
        assert!(hidden("", false));
        assert!(hidden("email='a@b.example'", false));
        assert!(!hidden("status='tobedeleted'", false));
        assert!(!hidden("dateLastModified>'2026-01-01'", false));
    }

    #[test]
    fn each_bad_parameter_has_its_code() {
        use crate::status_info::CodeMinor;
        for (name, value, code) in [
            ("filter", "shoeSize='44'", CodeMinor::InvalidFilterField),
            ("filter", "", CodeMinor::InvalidData),
            ("filter", "familyName", CodeMinor::InvalidData),
            ("fields", "", CodeMinor::InvalidBlankSelectionField),
            ("limit", "0", CodeMinor::InvalidData),
            ("limit", "10001", CodeMinor::InvalidData),
            ("offset", "-1", CodeMinor::InvalidData),
            ("orderBy", "up", CodeMinor::InvalidData),
        ] {
            let refused = parse(&[(name, value)], Policy::default()).unwrap_err();
            assert_eq!(refused.code_minor(), code, "{name}={value}");
        }
    }
}
