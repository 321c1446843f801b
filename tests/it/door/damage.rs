//! The five ways in which exports spoil text.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        let beyond_ascii = |sign: &str| text.replace(|character: char| !character.is_ascii(), sign);
        match self {
            Self::Windows1252 => text.bytes().map(windows_1252).collect(),
            Self::Latin1 => text.bytes().map(char::from).collect(),
            Self::Replacement => beyond_ascii("\u{FFFD}"),
            Self::QuestionMark => beyond_ascii("?"),
            Self::Entity => text
                .replace('&', "&amp;")
                .chars()
                .map(|character| match character {
                    ascii if ascii.is_ascii() => ascii.to_string(),
                    'é' => "&eacute;".to_owned(),
                    other => format!("&#{};", u32::from(other)),
                })
                .collect(),
        }
    }
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
