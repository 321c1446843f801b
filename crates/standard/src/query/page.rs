//! Which rows of the answer: `limit` and `offset` (`OneRoster` 1.1 §3).

use super::error::{QueryError, excerpt};

/// How many rows a page has when the consumer does not say.
pub const LIMIT_DEFAULT: usize = 100;

/// How many rows a consumer may ask for. More is refused, never cut: a short page means the end to many of them.
pub const LIMIT_MAX: usize = 10_000;

/// A page: rows `offset` to before `offset + limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many rows, 1 to [`LIMIT_MAX`].
    pub limit: usize,
    /// How many rows come before it.
    pub offset: usize,
}

impl Page {
    /// Reads the parameters; `None` is one that was not given.
    pub(super) fn parse(limit: Option<&str>, offset: Option<&str>) -> Result<Self, QueryError> {
        let limit = match limit {
            None => LIMIT_DEFAULT,
            Some(text) => number(text)
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| QueryError::Limit {
                    value: excerpt(text),
                    max: LIMIT_MAX,
                })?,
        };
        let offset = match offset {
            None => 0,
            Some(text) => number(text).ok_or_else(|| QueryError::Offset(excerpt(text)))?,
        };
        Ok(Self { limit, offset })
    }
}

/// Reads digits only: no sign, no blank inside, nothing too large to count.
fn number(text: &str) -> Option<usize> {
    let text = text.trim();
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_is_1_to_10000_and_offset_from_0() {
        let page = |limit, offset| Page::parse(limit, offset).map(|page| (page.limit, page.offset));
        assert_eq!(page(None, None), Ok((100, 0)));
        assert_eq!(page(Some("10000"), Some("0")), Ok((10_000, 0)));
        assert_eq!(page(Some(" 5 "), Some("007")), Ok((5, 7)));
        for bad in [
            "0",
            "-1",
            "10001",
            "+5",
            "1.5",
            "1e3",
            "abc",
            "",
            "99999999999999999999999",
            "٣",
        ] {
            let expected = QueryError::Limit {
                value: bad.to_owned(),
                max: LIMIT_MAX,
            };
            assert_eq!(page(Some(bad), None), Err(expected), "{bad}");
        }
        for bad in ["-1", "+1", "abc", "", "99999999999999999999999"] {
            assert_eq!(
                page(None, Some(bad)),
                Err(QueryError::Offset(bad.to_owned())),
                "{bad}"
            );
        }
    }
}
