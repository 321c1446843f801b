//! The signs between letters: which are the same to a reader, and which are expected where.

/// Returns `true` for what people type as an apostrophe: `'`, `’`, `‘`, `ʼ`, `ʻ`, `` ` ``, `´`, `′`.
pub(crate) const fn is_apostrophe(character: char) -> bool {
    matches!(
        character,
        '\'' | '\u{2019}' | '\u{2018}' | '\u{02BC}' | '\u{02BB}' | '`' | '\u{00B4}' | '\u{2032}'
    )
}

/// Returns `true` for hyphens, dashes and the minus sign.
pub(crate) const fn is_dash(character: char) -> bool {
    matches!(
        character,
        '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'
    )
}

/// Returns `true` for signs that stand in names of people: apostrophes, dashes, dots of initials, brackets and quotation
/// marks round a calling name, and the half rings of transliterated Arabic.
pub(super) const fn is_name_punctuation(character: char) -> bool {
    is_apostrophe(character)
        || is_dash(character)
        || matches!(
            character,
            '.' | ','
                | '('
                | ')'
                | '/'
                | '&'
                | '"'
                | '“'
                | '”'
                | '„'
                | '«'
                | '»'
                | '·'
                | '・'
                | '\u{02B9}'
                | '\u{02BA}'
                | '\u{02BE}'
                | '\u{02BF}'
        )
}

/// Returns `true` for signs that stand in titles: those of names, everything printable of ASCII that is no letter, the signs
/// of Latin-1, typographic punctuation, currencies, fractions, arrows, pictograms.
pub(super) const fn is_title_punctuation(character: char) -> bool {
    is_name_punctuation(character)
        || matches!(
            character,
            '!'..='@'
                | '['..='`'
                | '{'..='~'
                | '\u{00A1}'..='\u{00BF}'
                | '×'
                | '÷'
                | '\u{2010}'..='\u{2027}'
                | '\u{2030}'..='\u{205E}'
                | '\u{2070}'..='\u{20CF}'
                | '\u{20E3}'
                | '\u{2100}'..='\u{2BFF}'
                | '\u{3001}'..='\u{3004}'
                | '\u{3008}'..='\u{3020}'
                | '\u{FE0F}'
                | '\u{1F000}'..='\u{1FAFF}'
        )
}
