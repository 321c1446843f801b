//! The report of `oneroster check`: the verdict about a provider.

pub use oneroster_check::Verdict;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use oneroster_check::RuleResult;
    use oneroster_standard::Kind;

    use super::*;
    use crate::report::snapshot;

    #[test]
    fn a_verdict_has_its_ticks_and_rules() {
        let rule = |id, passed| RuleResult {
            id,
            passed,
            detail: "as seen".to_owned(),
        };
        let verdict = Verdict {
            url: "ok".to_owned(),
            credentials: "ok".to_owned(),
            data_access: "failed: 403".to_owned(),
            rules: vec![rule("http-200", true), rule("paging-total", false)],
            base: Some("https://roster.example/ims/oneroster/v1p1".to_owned()),
            rows: vec![(Kind::Orgs, 1), (Kind::Users, 200)],
            requests: 12,
            elapsed: Duration::from_millis(3456),
        };
        snapshot::assert("check", &verdict);
    }
}
