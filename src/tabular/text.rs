//! Turns the bytes of a delimited file into text, as spreadsheets save it.

use std::borrow::Cow;

use oneroster_delimited::without_byte_order_mark;

/// What Windows-1252 has at 0x80 to 0x9F; U+FFFD = nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
    '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// What is said of a file that is no UTF-8.
pub(crate) const READ_AS_WINDOWS_1252: &str = "is not UTF-8; it was read as Windows-1252";

/// The text of a file.
#[derive(Debug)]
pub(crate) struct Decoded<'b> {
    /// The text, without a byte order mark.
    pub(crate) text: Cow<'b, str>,
    /// Whether it is Windows-1252.
    pub(crate) is_windows_1252: bool,
}

/// Turns bytes into text: UTF-8, or Windows-1252, in which spreadsheets save where nobody asks for UTF-8. The error says what the file is, and
/// what to do.
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, String> {
    let no_text = |what: &str| Err(format!("{what}; save it as \"CSV UTF-8\""));
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(
            "this is a workbook, no CSV file: give it a name that ends with .xlsx, or save it as \"CSV UTF-8\"".to_owned(),
        );
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return no_text("this is an old workbook (.xls), no CSV file");
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return no_text("this is UTF-16");
    }
    if bytes.contains(&0) {
        return no_text("this is no text: it holds zero bytes");
    }
    let bytes = without_byte_order_mark(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Decoded {
            text: Cow::Borrowed(text),
            is_windows_1252: false,
        });
    }
    let text: String = bytes.iter().map(|byte| windows_1252(*byte)).collect();
    if text.contains('\u{fffd}') {
        return no_text("this is neither UTF-8 nor Windows-1252");
    }
    Ok(Decoded {
        text: Cow::Owned(text),
        is_windows_1252: true,
    })
}

fn windows_1252(byte: u8) -> char {
    let special = byte
        .checked_sub(0x80)
        .and_then(|place| WINDOWS_1252.get(usize::from(place)));
    special.copied().unwrap_or(char::from(byte))
}
