//! The tenant file beside the bundle.

use std::fmt::Write as _;

use super::Options;
use super::records::Records;
use super::schools::{Listing, School, Site};

/// How a generated tenant file begins: by this a generated bundle is distinguished from an export of Informat.
pub(super) const FIRST_LINE: &str = "# A generated school group: everybody in it is invented.";

/// Writes the tenant file of the group, with comments.
///
/// New names are released at once, except at one site: a demonstration that serves nobody shows nothing.
pub(super) fn text(records: &mut Records, options: &Options, schools: &[School]) -> String {
    let mut text = head(
        &options.tenant,
        &records.dice.uuid().to_string(),
        &options.school_year.label(),
    );
    for school in schools {
        let School {
            instelnr,
            teacher_domain,
            ..
        } = school;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[[schools]]\ninstelnr = \"{instelnr}\"\nteacher_domain = \"{teacher_domain}\"   # needed when we send the domain of staff\n"
        );
        for site in &school.sites {
            entries(&mut text, site);
        }
    }
    text
}

fn head(id: &str, entra_tenant_id: &str, school_year: &str) -> String {
    format!(
        r#"{FIRST_LINE}

id = "{id}"
name = "Scholengroep Zandpoort"
entra_tenant_id = "{entra_tenant_id}"   # made up, like all ids here
contact = "beheer.zandpoort"            # Informat login of the manager
active_school_year = "{school_year}"          # at creation only; later `oneroster tenant activate-year` moves it

team_name_format = "{{schoolyear}} {{klas}} - {{vestiging}}"
username_format = "{{voornaam}}.{{familienaam}}"
username_max_length = 64                # of generated names; more than 64 Entra does not take
future_pupils = "exclude"               # or "include": pupils who start later are published at once
domain_mode = "microsoft"               # or "informat" (we send the domain), or per kind:
                                        # {{ pupils = "informat", staff = "microsoft" }}
extra_domains = []                      # domains an admin may type besides those below
# email_domain = {{ pupils = "…", staff = "…" }}  # where Microsoft adds others than those below; for clients with `email`
org_id_with_hoofdstructuur = false
staff_grace_days = 0                    # days that an ended assignment still counts
brake_percent = 20                      # a publication that changes more than this is held
"#
    )
}

/// Adds the entries of one site: none if it is to stay unnamed, two if the pupils of a structure have a domain
/// of their own.
fn entries(text: &mut String, site: &Site) {
    let Site { vestnr, name, .. } = site;
    let (sync, sync_default, remark) = match site.listing {
        Listing::Released => (true, true, ""),
        Listing::Unreleased => (
            true,
            false,
            ": new usernames wait here until somebody releases them",
        ),
        Listing::Excluded => (false, false, ": excluded from the synchronisation"),
        Listing::Unnamed | Listing::Closed => return,
    };
    let part_time = site.structures.contains(&"312").then_some("312");
    for structure in std::iter::once(None).chain(part_time.map(Some)) {
        let _ = write!(
            text,
            "\n[[schools.sites]]                       # {name}{remark}\nvestnr = {vestnr}\n"
        );
        if let Some(structure) = structure {
            let _ = writeln!(
                text,
                "hoofdstructuur = \"{structure}\"                  # this structure of the site only"
            );
        }
        let _ = writeln!(text, "sync = {sync}\nsync_default = {sync_default}");
        let domain = if structure.is_some() {
            "deeltijds.zandpoort.example"
        } else {
            site.pupil_domain
        };
        let _ = writeln!(text, "pupil_domain = \"{domain}\"");
    }
}
