//! How the formats of a tenant file are written: text with words in braces, such as `{klas} - {vestiging}`.

/// What a format consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word that stood in braces.
    Word(String),
    /// A character outside of braces.
    Character(char),
    /// A brace without its counterpart.
    Brace,
}

/// Reads a format: each token with the place where it begins, in characters, counted from 1.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = (usize, Token)> {
    let mut characters = (1..).zip(text.chars());
    std::iter::from_fn(move || {
        let (position, character) = characters.next()?;
        let token = match character {
            '{' => word(characters.by_ref().map(|(_, character)| character)),
            '}' => Token::Brace,
            other => Token::Character(other),
        };
        Some((position, token))
    })
}

/// Reads a word up to its closing brace.
fn word(characters: impl Iterator<Item = char>) -> Token {
    let mut word = String::new();
    for character in characters {
        if character == '}' {
            return Token::Word(word);
        }
        word.push(character);
    }
    Token::Brace
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_token_has_its_place_in_characters() {
        let read = |text| tokens(text).collect::<Vec<_>>();
        let word = |word: &str| Token::Word(word.to_owned());
        assert_eq!(
            read("é{a b}-{}"),
            [
                (1, Token::Character('é')),
                (2, word("a b")),
                (7, Token::Character('-')),
                (8, word(""))
            ]
        );
        assert_eq!(read("}{a"), [(1, Token::Brace), (2, Token::Brace)]);
        assert_eq!(read("{a{b}"), [(1, word("a{b"))]);
        assert_eq!(read(""), []);
    }
}
