//! Of which orgs the people and classes are whose ids change.

use oneroster_school::door::{ORG_LEAST, OrgShare, Share};
use sqlx::PgConnection;

/// Counts, in each org with some of the people with `keys`, how many of its people they are, as the mirror has it.
///
/// The people of an org are those with a realised registration of the active school year or a later one, and those whose
/// assignment there does not end before that year.
pub(super) async fn of_people(
    transaction: &mut PgConnection,
    tenant_id: &str,
    keys: &[i64],
) -> Result<Vec<OrgShare>, sqlx::Error> {
    // A handful of changes needs no count of everybody's places.
    if (keys.len() as u64) < ORG_LEAST {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"with settings as (
             select coalesce(t.configuration ->> 'active_school_year', '') as year, s.begindatum as year_start,
                    coalesce((t.configuration ->> 'org_id_with_hoofdstructuur')::boolean, false) as with_structure
             from tenant.tenant t
             left join informat.schooljaar s
               on s.tenant_id = t.tenant_id and s.schooljaar = t.configuration ->> 'active_school_year'
             where t.tenant_id = $1
         ), place as (
             select i.p_persoon, i.instelnr, i.vestnrdiscimus, i.hfdstructuur
             from informat.inschrijving i, settings
             where i.tenant_id = $1 and i.status = 0 and i.schooljaar >= settings.year
             union all
             select o.p_persoon, v.instelnr, v.vestnrdiscimus, v.hfdstructuur
             from settings, informat.opdracht o
             join informat.schoolvest v
               on v.tenant_id = o.tenant_id and v.instelnr = o.instelnr
              and (o.vestnrdiscimus is null or v.vestnrdiscimus = o.vestnrdiscimus)
              and (o.hfdstructuur is null or v.hfdstructuur = o.hfdstructuur)
             where o.tenant_id = $1
               and (o.einddatum is null or settings.year_start is null or o.einddatum >= settings.year_start)
         ), member as (
             select distinct p_persoon, instelnr || '-' || vestnrdiscimus
                 || case when with_structure then '-' || hfdstructuur else '' end as org
             from place, settings
         )
         select org as "org!", count(*) as "known!", count(*) filter (where p_persoon = any($2)) as "changed!"
         from member group by org having count(*) filter (where p_persoon = any($2)) > 0 order by org"#,
        tenant_id,
        keys
    )
    .fetch_all(transaction)
    .await?;
    let shares = rows.into_iter().map(|row| share(row.org, row.changed, row.known));
    Ok(shares.collect())
}

/// What classes are, of the whole and by org.
pub(super) struct OfClasses {
    pub(super) share: Share,
    pub(super) of_orgs: Vec<OrgShare>,
}

/// Counts, in the school years of the classes with `keys` and in each org with some of them, how many of its classes of one
/// year they are, as the mirror has it.
pub(super) async fn of_classes(
    transaction: &mut PgConnection,
    tenant_id: &str,
    keys: &[i64],
) -> Result<OfClasses, sqlx::Error> {
    let mut found = OfClasses {
        share: Share::default(),
        of_orgs: Vec::new(),
    };
    if keys.is_empty() {
        return Ok(found);
    }
    let rows = sqlx::query!(
        r#"with class as (
             select k.schooljaar, k.p_klas = any($2) as is_changed, k.instelnr || '-' || k.vestnrdiscimus
                 || case when (t.configuration ->> 'org_id_with_hoofdstructuur')::boolean
                         then '-' || k.hfdstructuur else '' end as org
             from informat.klassen k join tenant.tenant t using (tenant_id)
             where k.tenant_id = $1
               and k.schooljaar in (select schooljaar from informat.klassen where tenant_id = $1 and p_klas = any($2))
         )
         select org as "org!", count(*) as "known!", count(*) filter (where is_changed) as "changed!"
         from class group by org, schooljaar order by org, schooljaar"#,
        tenant_id,
        keys
    )
    .fetch_all(transaction)
    .await?;
    for row in rows {
        let of_org = share(row.org, row.changed, row.known);
        found.share.count += of_org.share.count;
        found.share.of += of_org.share.of;
        if of_org.share.count > 0 {
            found.of_orgs.push(of_org);
        }
    }
    Ok(found)
}

fn share(org: String, changed: i64, known: i64) -> OrgShare {
    OrgShare {
        org,
        share: Share {
            count: changed.unsigned_abs(),
            of: known.unsigned_abs(),
        },
    }
}
