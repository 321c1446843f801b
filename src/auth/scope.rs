//! The scopes of the standard that this provider knows (OneRoster 1.1 §9.1).

/// What every scope begins with.
const PREFIX: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/";

/// What a token may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The base endpoints.
    RosterCore,
    /// The association endpoints; opens the base endpoints too.
    Roster,
    /// Demographics.
    Demographics,
    /// Resources.
    Resource,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::RosterCore, Self::Roster, Self::Demographics, Self::Resource];

    /// Returns the URI.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::RosterCore => "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly",
            Self::Roster => "https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly",
            Self::Demographics => {
                "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-demographics.readonly"
            }
            Self::Resource => "https://purl.imsglobal.org/spec/or/v1p1/scope/resource.readonly",
        }
    }

    const fn bit(self) -> u8 {
        match self {
            Self::RosterCore => 1,
            Self::Roster => 2,
            Self::Demographics => 4,
            Self::Resource => 8,
        }
    }

    /// Reads a scope, as its URI or, since people type it into forms, as the last part of it.
    fn from_word(word: &str) -> Option<Self> {
        let name = word.strip_prefix(PREFIX).unwrap_or(word);
        Self::ALL
            .into_iter()
            .find(|scope| scope.uri().strip_prefix(PREFIX) == Some(name))
    }
}

/// A set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeSet(u8);

impl ScopeSet {
    /// All scopes: what a client gets that asks for none.
    pub const ALL: Self = Self(15);

    /// Reads a list with blanks between the words, or commas, as some consumers have it; words that name no scope known
    /// here are passed over.
    pub fn parse(text: &str) -> Self {
        Self(
            words(text)
                .filter_map(Scope::from_word)
                .fold(0, |bits, scope| bits | scope.bit()),
        )
    }

    /// Returns `true` if it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns `true` if it holds one of these.
    pub fn has_any(self, scopes: &[Scope]) -> bool {
        scopes.iter().any(|scope| self.0 & scope.bit() != 0)
    }
}

impl std::fmt::Display for ScopeSet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let uris: Vec<&str> = Scope::ALL
            .into_iter()
            .filter(|scope| self.has_any(&[*scope]))
            .map(Scope::uri)
            .collect();
        formatter.write_str(&uris.join(" "))
    }
}

/// Writes the scopes of a request that are known here as the request spelt them: some consumers end a login whose answer
/// spells them otherwise.
pub(super) fn granted_as_asked(asked: &str) -> String {
    if words(asked).all(|word| Scope::from_word(word).is_some()) {
        return asked.trim().to_owned();
    }
    let known: Vec<&str> = words(asked)
        .filter(|word| Scope::from_word(word).is_some())
        .collect();
    known.join(if asked.contains(',') { "," } else { " " })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| character.is_ascii_whitespace() || character == ',')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_scopes_are_passed_over() {
        let asked = format!("{PREFIX}roster.readonly {PREFIX}gradebook.readonly\thello");
        assert_eq!(ScopeSet::parse(&asked).to_string(), Scope::Roster.uri());
        assert!(ScopeSet::parse("gradebook.readonly nonsense").is_empty());
    }

    #[test]
    fn what_is_granted_is_spelt_as_it_was_asked() {
        let full = Scope::Roster.uri();
        for (asked, granted) in [
            ("roster.readonly", "roster.readonly"),
            (full, full),
            (
                " roster.readonly  resource.readonly ",
                "roster.readonly  resource.readonly",
            ),
            (
                "roster.readonly,resource.readonly",
                "roster.readonly,resource.readonly",
            ),
            ("openid roster.readonly", "roster.readonly"),
            (
                "roster.readonly,x, resource.readonly",
                "roster.readonly,resource.readonly",
            ),
        ] {
            assert_eq!(granted_as_asked(asked), granted, "{asked:?}");
            assert_eq!(
                ScopeSet::parse(granted),
                ScopeSet::parse(asked),
                "the same scopes: {asked:?}"
            );
        }
    }

    #[test]
    fn what_is_shown_reads_back_the_same() {
        for bits in 0..=15 {
            assert_eq!(ScopeSet::parse(&ScopeSet(bits).to_string()), ScopeSet(bits));
        }
        assert_eq!(ScopeSet::ALL.to_string().split(' ').count(), 4);
    }
}
