//! What `usernames export` and `import` do with files, and what they print.

use std::io::{Read, Write};
use std::path::Path;

use anyhow::Context;
use serde_json::json;

use crate::accounts::check_file::{BYTES_LIMIT, CheckFile, Corrected};
use crate::cli::faults::{fault_table, printable};
use crate::cli::{Outcome, output};

/// Saves a check file: whole, and readable by its owner only, since it holds names and birth dates.
pub(super) fn save(
    tenant_id: &str,
    check_file: &CheckFile,
    path: &Path,
    dry_run: bool,
    json: bool,
) -> anyhow::Result<Outcome> {
    if !dry_run {
        write(path, &check_file.bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    if json {
        output::json(&json!({
            "tenant": tenant_id, "file": path, "people": check_file.people, "dry_run": dry_run,
        }))?;
    } else {
        output::line(format_args!("{}: {} people", path.display(), check_file.people));
        if dry_run {
            output::line("dry run: nothing was written");
        }
    }
    Ok(Outcome::Done)
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    // A pipe or a device is written to; a file is replaced at once, so that nobody finds half of one.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return std::fs::write(path, bytes);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut draft = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    draft.write_all(bytes)?;
    draft.persist(path)?;
    Ok(())
}

/// Reads a file as far as one may be long; returns what faults call it, and its bytes.
pub(super) fn load(path: &Path) -> anyhow::Result<(String, Vec<u8>)> {
    let file = std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let mut bytes = Vec::new();
    let limit = u64::try_from(BYTES_LIMIT).unwrap_or(u64::MAX);
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let name = path
        .file_name()
        .map_or_else(|| ".".to_owned(), |name| name.to_string_lossy().into_owned());
    Ok((name, bytes))
}

/// Shows what reading a check file back came to.
pub(super) fn report(
    tenant_id: &str,
    corrected: &Corrected,
    dry_run: bool,
    json: bool,
) -> anyhow::Result<Outcome> {
    let accepted = corrected.faults.is_empty();
    let outcome = if accepted { Outcome::Done } else { Outcome::Refused };
    if json {
        let changes: Vec<_> = corrected
            .corrections
            .iter()
            .map(|correction| {
                let rename = &correction.rename;
                json!({
                    "line": correction.line, "sourced_id": rename.rowguid,
                    "from": rename.from.to_string(), "to": rename.to.to_string(),
                })
            })
            .collect();
        output::json(&json!({
            "tenant": tenant_id, "accepted": accepted, "dry_run": dry_run, "rows": corrected.rows,
            "changed": corrected.corrections.len(), "changes": changes, "reviewed": corrected.confirmed.len(),
            "warnings": corrected.remarks,
            "faults": corrected.faults.list(), "faults_left_off": corrected.faults.left_off(),
        }))?;
        return Ok(outcome);
    }
    for remark in &corrected.remarks {
        let place = remark
            .line
            .map_or_else(|| "the file".to_owned(), |line| format!("line {line}"));
        output::remark(format_args!("warning: {place}: {}", printable(&remark.message)));
    }
    if !accepted {
        fault_table(corrected.faults.list())
            .into_iter()
            .for_each(output::line);
        if corrected.faults.left_off() > 0 {
            output::line(format_args!("and {} more", corrected.faults.left_off()));
        }
        output::remark(format_args!("refused: {}; nothing was changed", corrected.faults));
        return Ok(outcome);
    }
    for correction in &corrected.corrections {
        let rename = &correction.rename;
        output::line(format_args!(
            "line {}\t{}\t{} → {}",
            correction.line, rename.rowguid, rename.from, rename.to
        ));
    }
    if !corrected.confirmed.is_empty() {
        output::line(format_args!(
            "{} usernames stay as they are, reviewed",
            corrected.confirmed.len()
        ));
    }
    let (rows, count) = (corrected.rows, corrected.corrections.len());
    if dry_run {
        output::line(format_args!(
            "{rows} people, {count} usernames would change; dry run: nothing was kept"
        ));
    } else {
        output::line(format_args!("{rows} people, {count} usernames changed"));
    }
    Ok(outcome)
}
