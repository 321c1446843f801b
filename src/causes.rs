//! An error as a line of text.

use std::error::Error;
use std::iter;

/// Returns the message of an error with those of its causes, for a log line.
pub fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = of(error);
    if causes.is_empty() {
        error.to_string()
    } else {
        format!("{error}: {causes}")
    }
}

/// Returns the messages of the causes of an error; empty if it has none.
pub fn of(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(error.source(), |cause| Error::source(*cause));
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot {0}")]
    struct Failed(&'static str, #[source] Option<Box<Failed>>);

    #[test]
    fn a_message_is_followed_by_those_of_its_causes() {
        let read = Failed("read", None);
        assert_eq!(with_causes(&read), "cannot read");
        assert_eq!(of(&read), "");
        let begin = Failed("begin", Some(Box::new(Failed("open", Some(Box::new(read))))));
        assert_eq!(with_causes(&begin), "cannot begin: cannot open: cannot read");
        assert_eq!(of(&begin), "cannot open: cannot read");
    }
}
