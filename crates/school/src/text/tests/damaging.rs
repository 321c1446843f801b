//! The five ways in which exports spoil text.

use super::ENTITIES;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Spoil {
    Windows1252,
    Latin1,
    Replacement,
    QuestionMark,
    Entity,
}

impl Spoil {
    pub(super) const ALL: [Self; 5] = [
        Self::Windows1252,
        Self::Latin1,
        Self::Replacement,
        Self::QuestionMark,
        Self::Entity,
    ];

    pub(super) fn apply(self, text: &str) -> String {
        match self {
            Self::Windows1252 => text.bytes().map(windows_1252).collect(),
            Self::Latin1 => text.bytes().map(char::from).collect(),
            Self::Replacement => replace(text, "\u{FFFD}"),
            Self::QuestionMark => replace(text, "?"),
            Self::Entity => text.chars().map(entity).collect(),
        }
    }

    /// With what some programs do differently: a sign for each byte, numbers for entities.
    pub(super) fn apply_otherwise(self, text: &str) -> String {
        match self {
            // Undefined bytes become question marks.
            Self::Windows1252 => self.apply(text).replace(|c: char| c.is_control(), "?"),
            Self::Latin1 => self.apply(text),
            Self::Replacement | Self::QuestionMark => {
                let sign = self.apply("é");
                text.chars()
                    .map(|c| {
                        if c.is_ascii() {
                            c.to_string()
                        } else {
                            sign.repeat(c.len_utf8())
                        }
                    })
                    .collect()
            }
            Self::Entity => text
                .chars()
                .map(|c| {
                    if c.is_ascii() {
                        c.to_string()
                    } else {
                        format!("&#x{:x};", u32::from(c))
                    }
                })
                .collect(),
        }
    }
}

fn replace(text: &str, sign: &str) -> String {
    text.replace(|character: char| !character.is_ascii(), sign)
}

/// As browsers do it: the five undefined bytes are C1 controls.
fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
        '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

fn entity(character: char) -> String {
    match character {
        '&' => "&amp;".to_owned(),
        ascii if ascii.is_ascii() => ascii.to_string(),
        other => ENTITIES
            .get(&other)
            .map_or_else(|| format!("&#{};", u32::from(other)), |name| format!("&{name};")),
    }
}
