//! Why somebody switched a Sync flag, in their words.

/// Longest reason, in characters.
const REASON_MAX_LENGTH: usize = 500;

/// A reason as it is kept. Personal: never logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

/// A text is no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a reason has at most {REASON_MAX_LENGTH} characters, on one line")]
pub struct ReasonError;

impl Reason {
    /// Checks a reason; `None` if nothing was given.
    pub fn new(text: Option<&str>) -> Result<Option<Self>, ReasonError> {
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let is_fine =
            |text: &&str| text.chars().count() <= REASON_MAX_LENGTH && !text.chars().any(char::is_control);
        match text {
            None => Ok(None),
            Some(text) if is_fine(&text) => Ok(Some(Self(text.to_owned()))),
            Some(_) => Err(ReasonError),
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_short_and_on_one_line() {
        assert_eq!(Reason::new(None), Ok(None));
        assert_eq!(Reason::new(Some("  ")), Ok(None));
        let reason = Reason::new(Some(" naar het buitenland ")).unwrap().unwrap();
        assert_eq!(reason.as_str(), "naar het buitenland");
        let long = "a".repeat(501);
        for text in [long.as_str(), "a\nb"] {
            assert_eq!(Reason::new(Some(text)), Err(ReasonError));
        }
    }
}
