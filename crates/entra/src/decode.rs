//! Bytes into text: UTF-8, UTF-16 with or without a mark, else Windows-1252.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::ReadError;

/// How many bytes are looked at to recognise UTF-16 without a byte order mark.
const LOOKED_AT: usize = 2000;

/// Returns the encoding of a file, and whether it is a guess.
pub(crate) fn encoding_of(bytes: &[u8]) -> Result<(&'static Encoding, bool), ReadError> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(ReadError::Workbook);
    }
    if bytes.starts_with(b"%PDF") {
        return Err(ReadError::Document("a PDF"));
    }
    let begin = bytes.trim_ascii_start();
    let begin = begin.get(..9).unwrap_or(begin).to_ascii_lowercase();
    if begin == b"<!doctype" || begin.starts_with(b"<html") {
        return Err(ReadError::Document("a web page"));
    }
    Ok(match Encoding::for_bom(bytes) {
        Some((encoding, _)) => (encoding, false),
        None => match utf_16_by_zeros(bytes) {
            Some(encoding) => (encoding, false),
            None if std::str::from_utf8(bytes).is_ok() => (UTF_8, false),
            None => (WINDOWS_1252, true),
        },
    })
}

/// Decodes a file. Returns the text, and whether its encoding was a guess.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, bool), ReadError> {
    let (encoding, is_guess) = encoding_of(bytes)?;
    let (text, _, _) = encoding.decode(bytes);
    if text.contains('\0') {
        return Err(ReadError::NotText);
    }
    Ok((text, is_guess))
}

/// Recognises UTF-16 by the zero bytes that Latin letters have in it.
fn utf_16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    let looked_at = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let (mut even, mut odd) = (0, 0);
    for pair in looked_at.chunks_exact(2) {
        even += usize::from(pair.first() == Some(&0));
        odd += usize::from(pair.last() == Some(&0));
    }
    let most = looked_at.len() / 4;
    if odd > most && even == 0 {
        Some(UTF_16LE)
    } else if even > most && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}
