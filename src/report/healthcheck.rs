//! The report of `oneroster healthcheck`: what a server answered.

use std::fmt::{Display, Formatter};

use serde::Serialize;

/// What a server answered when it was asked whether it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthcheckReport {
    /// Where it was asked.
    pub url: String,
    /// The HTTP status of the answer.
    pub status: u16,
}

impl Display for HealthcheckReport {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} answered with status {}", self.url, self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::snapshot;

    #[test]
    fn an_answer_is_reported_with_the_address_that_was_asked() {
        let report = HealthcheckReport {
            url: "http://127.0.0.1:8080/readyz".to_owned(),
            status: 503,
        };
        snapshot::assert("healthcheck", &report);
    }
}
