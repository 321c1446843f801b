//! The Link header of a page: `<url>; rel="next", …` (RFC 8288, OneRoster 1.1 §3).
//!
//! Strict readers take nothing but this form, split it at every comma, and follow the address as it is: so it is
//! absolute, percent-encoded, and carries every other query parameter.

use crate::edge::encode;

/// A page of a collection.
#[derive(Debug)]
pub(super) struct LinkedPage<'a> {
    /// Address of the collection, without a query.
    pub(super) address: &'a str,
    /// The query parameters, decoded.
    pub(super) parameters: &'a [(String, String)],
    /// Objects on a full page, at least 1.
    pub(super) limit: usize,
    /// Objects before the page.
    pub(super) offset: usize,
    /// Objects in all.
    pub(super) total: usize,
}

/// Returns `true` if a parameter asks for a page. Blanks around its name do not count: one suite writes `limit =100`.
pub(super) fn is_paging(name: &str) -> bool {
    matches!(name.trim(), "limit" | "offset")
}

/// Returns the header's value. There is no `prev` on the first page and no `next` on the last one.
pub(super) fn header(page: &LinkedPage<'_>) -> String {
    let limit = page.limit.max(1);
    let last = page.total.saturating_sub(1) / limit * limit;
    let next = page
        .offset
        .checked_add(limit)
        .filter(|offset| *offset < page.total);
    let prev = (page.offset > 0).then(|| page.offset.saturating_sub(limit).min(last));
    let mut carried = String::new();
    for (name, value) in page.parameters.iter().filter(|(name, _)| !is_paging(name)) {
        carried.extend([encode(name).as_str(), "=", encode(value).as_str(), "&"]);
    }
    [
        ("first", Some(0)),
        ("prev", prev),
        ("next", next),
        ("last", Some(last)),
    ]
    .into_iter()
    .filter_map(|(relation, offset)| {
        Some(format!(
            "<{}?{carried}limit={limit}&offset={}>; rel=\"{relation}\"",
            page.address, offset?
        ))
    })
    .collect::<Vec<_>>()
    .join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relations(limit: usize, offset: usize, total: usize) -> String {
        let header = header(&LinkedPage {
            address: "http://a/users",
            parameters: &[],
            limit,
            offset,
            total,
        });
        let short = |link: &str| {
            link.replace("<http://a/users?limit=", "")
                .replace(">; rel=", " ")
                .replace("&offset=", "@")
        };
        short(&header)
    }

    #[test]
    fn next_is_absent_on_the_last_page_and_prev_on_the_first() {
        assert_eq!(
            relations(10, 0, 25),
            r#"10@0 "first", 10@10 "next", 10@20 "last""#
        );
        assert_eq!(
            relations(10, 10, 25),
            r#"10@0 "first", 10@0 "prev", 10@20 "next", 10@20 "last""#
        );
        assert_eq!(
            relations(10, 20, 25),
            r#"10@0 "first", 10@10 "prev", 10@20 "last""#
        );
        assert_eq!(
            relations(10, 10, 20),
            r#"10@0 "first", 10@0 "prev", 10@10 "last""#
        );
        assert_eq!(relations(10, 0, 0), r#"10@0 "first", 10@0 "last""#);
    }

    #[test]
    fn past_the_end_prev_leads_to_the_last_page() {
        assert_eq!(
            relations(10, 500, 25),
            r#"10@0 "first", 10@20 "prev", 10@20 "last""#
        );
        assert_eq!(
            relations(10, usize::MAX, 25),
            r#"10@0 "first", 10@20 "prev", 10@20 "last""#
        );
    }

    #[test]
    fn other_parameters_are_carried_with_their_commas_encoded() {
        let parameters = [
            ("offset", "3"),
            ("fields", "a,b"),
            ("filter", "status='active'"),
            ("limit ", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let header = header(&LinkedPage {
            address: "http://a/users",
            parameters: &parameters,
            limit: 2,
            offset: 3,
            total: 3,
        });
        assert_eq!(
            header,
            "<http://a/users?fields=a%2Cb&filter=status%3D%27active%27&limit=2&offset=0>; rel=\"first\", \
             <http://a/users?fields=a%2Cb&filter=status%3D%27active%27&limit=2&offset=1>; rel=\"prev\", \
             <http://a/users?fields=a%2Cb&filter=status%3D%27active%27&limit=2&offset=2>; rel=\"last\""
        );
    }
}
