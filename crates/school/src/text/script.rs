//! Which script a letter belongs to, by the blocks of Unicode.

/// A script, or several that one word mixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Hebrew,
    Arabic,
    Syriac,
    Thaana,
    Nko,
    Devanagari,
    Bengali,
    Gurmukhi,
    Gujarati,
    Oriya,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Thai,
    Lao,
    Tibetan,
    Myanmar,
    Georgian,
    Ethiopic,
    Khmer,
    Mongolian,
    Tifinagh,
    /// Han, kana, bopomofo and hangul.
    EastAsian,
}

/// First and last character of each range.
///
/// Of Latin, U+0180 to U+02AF is left out except Ə, Ơ, Ư, Ș and Ț with their small forms: in Windows-1252 the others are a
/// capital such as `É` before a quotation mark or dash, which is far more frequent.
const RANGES: [(char, char, Script); 65] = [
    ('A', 'Z', Script::Latin),
    ('a', 'z', Script::Latin),
    ('À', 'Ö', Script::Latin),
    ('Ø', 'ö', Script::Latin),
    ('ø', '\u{017F}', Script::Latin),
    ('Ə', 'Ə', Script::Latin),
    ('Ơ', 'ơ', Script::Latin),
    ('Ư', 'ư', Script::Latin),
    ('Ș', 'ț', Script::Latin),
    ('ə', 'ə', Script::Latin),
    ('\u{1E00}', '\u{1EFF}', Script::Latin),
    ('\u{0370}', '\u{03FF}', Script::Greek),
    ('\u{1F00}', '\u{1FFF}', Script::Greek),
    ('\u{0400}', '\u{052F}', Script::Cyrillic),
    ('\u{0531}', '\u{0587}', Script::Armenian),
    ('\u{0591}', '\u{05F4}', Script::Hebrew),
    ('\u{FB1D}', '\u{FB4F}', Script::Hebrew),
    ('\u{0610}', '\u{06FF}', Script::Arabic),
    ('\u{0750}', '\u{077F}', Script::Arabic),
    ('\u{0870}', '\u{08FF}', Script::Arabic),
    ('\u{FB50}', '\u{FDFF}', Script::Arabic),
    ('\u{FE70}', '\u{FEFC}', Script::Arabic),
    ('\u{0700}', '\u{074F}', Script::Syriac),
    ('\u{0780}', '\u{07BF}', Script::Thaana),
    ('\u{07C0}', '\u{07FF}', Script::Nko),
    ('\u{0900}', '\u{097F}', Script::Devanagari),
    ('\u{A8E0}', '\u{A8FF}', Script::Devanagari),
    ('\u{0980}', '\u{09FF}', Script::Bengali),
    ('\u{0A00}', '\u{0A7F}', Script::Gurmukhi),
    ('\u{0A80}', '\u{0AFF}', Script::Gujarati),
    ('\u{0B00}', '\u{0B7F}', Script::Oriya),
    ('\u{0B80}', '\u{0BFF}', Script::Tamil),
    ('\u{0C00}', '\u{0C7F}', Script::Telugu),
    ('\u{0C80}', '\u{0CFF}', Script::Kannada),
    ('\u{0D00}', '\u{0D7F}', Script::Malayalam),
    ('\u{0D80}', '\u{0DFF}', Script::Sinhala),
    ('\u{0E00}', '\u{0E7F}', Script::Thai),
    ('\u{0E80}', '\u{0EFF}', Script::Lao),
    ('\u{0F00}', '\u{0FFF}', Script::Tibetan),
    ('\u{1000}', '\u{109F}', Script::Myanmar),
    ('\u{AA60}', '\u{AA7F}', Script::Myanmar),
    ('\u{10A0}', '\u{10FF}', Script::Georgian),
    ('\u{1C90}', '\u{1CBF}', Script::Georgian),
    ('\u{2D00}', '\u{2D2F}', Script::Georgian),
    ('\u{1200}', '\u{139F}', Script::Ethiopic),
    ('\u{2D80}', '\u{2DDF}', Script::Ethiopic),
    ('\u{1780}', '\u{17FF}', Script::Khmer),
    ('\u{1800}', '\u{18AF}', Script::Mongolian),
    ('\u{2D30}', '\u{2D7F}', Script::Tifinagh),
    ('\u{1100}', '\u{11FF}', Script::EastAsian),
    ('\u{2E80}', '\u{2FDF}', Script::EastAsian),
    ('\u{3005}', '\u{3007}', Script::EastAsian),
    ('\u{3031}', '\u{3035}', Script::EastAsian),
    ('\u{3041}', '\u{30FA}', Script::EastAsian),
    ('\u{30FC}', '\u{31FF}', Script::EastAsian),
    ('\u{3400}', '\u{4DBF}', Script::EastAsian),
    ('\u{4E00}', '\u{9FFF}', Script::EastAsian),
    ('\u{A960}', '\u{A97F}', Script::EastAsian),
    ('\u{AC00}', '\u{D7FF}', Script::EastAsian),
    ('\u{F900}', '\u{FAFF}', Script::EastAsian),
    ('\u{FF21}', '\u{FF3A}', Script::EastAsian),
    ('\u{FF41}', '\u{FF5A}', Script::EastAsian),
    ('\u{FF66}', '\u{FFDC}', Script::EastAsian),
    ('\u{20000}', '\u{2FA1F}', Script::EastAsian),
    ('\u{30000}', '\u{323AF}', Script::EastAsian),
];

/// The script of a letter, or of a mark that belongs to one script.
pub(super) fn script_of(character: char) -> Option<Script> {
    RANGES
        .iter()
        .find(|(first, last, _)| (*first..=*last).contains(&character))
        .map(|(_, _, script)| *script)
}

/// Returns `true` for the combining accents that names use, in whatever script: grave to hook above, ring, double acute,
/// caron, horn, and those below. The others are rarer than their halves: `ÍŠ` is U+034A.
pub(super) const fn is_accent(character: char) -> bool {
    matches!(
        character,
        '\u{0300}'..='\u{0304}'
            | '\u{0306}'..='\u{030C}'
            | '\u{031B}'
            | '\u{0323}'..='\u{0328}'
            | '\u{032E}'
            | '\u{0330}'
            | '\u{0331}'
    )
}
