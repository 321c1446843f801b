//! What stands for a file and what was said of it, so that nothing else is applied than what somebody has seen. Pure.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Corrected;

/// Returns the fingerprint of a file alone.
pub(super) fn of_file(name: &str, bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    add(&mut digest, name.as_bytes());
    add(&mut digest, bytes);
    hexadecimal(digest)
}

/// Returns the fingerprint of a file with what is said of it: every change, answer, remark and fault.
pub(super) fn of(file: &str, corrected: &Corrected) -> String {
    let mut digest = Sha256::new();
    add(&mut digest, file.as_bytes());
    for correction in &corrected.corrections {
        let rename = &correction.rename;
        add(&mut digest, &correction.line.to_be_bytes());
        add(&mut digest, rename.rowguid.as_bytes());
        add(&mut digest, rename.from.to_string().as_bytes());
        add(&mut digest, rename.to.to_string().as_bytes());
    }
    add(&mut digest, b"confirmed");
    for rowguid in &corrected.confirmed {
        add(&mut digest, rowguid.as_bytes());
    }
    add(&mut digest, b"remarks");
    for remark in &corrected.remarks {
        add(&mut digest, remark.message.as_bytes());
    }
    add(&mut digest, b"faults");
    for fault in corrected.faults.list() {
        add(&mut digest, fault.message.as_bytes());
    }
    add(&mut digest, &corrected.faults.left_off().to_be_bytes());
    hexadecimal(digest)
}

/// Adds a part with its length, so that no two lists run together.
fn add(digest: &mut Sha256, part: &[u8]) {
    digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
    digest.update(part);
}

fn hexadecimal(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
