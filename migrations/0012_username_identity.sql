-- Usernames before they are final: who waits for an answer and why, who a person is apart from the lasting id, and who gave a domain.

alter table username.record
    add column domain_origin text,
    add column waits_for text[] not null default '{}',
    add column answered text[] not null default '{}',
    add column resembles uuid,
    add column p_persoon bigint,
    add column given_name text,
    add column family_name text,
    add column birth_date date;
comment on column username.record.needs_review is 'The name was made from letters without a Latin form, from a damaged text or for a placeholder person: an admin should look.';
comment on column username.record.domain_origin is 'Who gave the domain: the system to a member of staff (R38), or an admin. What the system gave never counts for a pupil (R147).';
comment on column username.record.waits_for is 'Why the person waits for somebody who names them; the Sync flag is off meanwhile. Empty for nearly everyone.';
comment on column username.record.answered is 'The reasons that somebody answered: the person never waits for these again.';
comment on column username.record.resembles is 'Who the person probably is: the record of somebody who left. Set while the person waits for an answer to that.';
comment on column username.record.p_persoon is 'Informat''s internal number of the person when the mirror last had them. With names and birth date it recognises a person who comes back under another id; nothing else uses it, and nothing of it is published.';
comment on column username.record.given_name is 'Given name then, in the form in which names are compared.';
comment on column username.record.family_name is 'Family name then, likewise.';
comment on column username.record.birth_date is 'Birth date then.';

alter table username.change drop constraint change_field;
alter table username.change add constraint change_field check (field in (
    'created', 'local_part', 'domain', 'domain_origin', 'sync', 'handed_to', 'handed_from', 'needs_review', 'waits_for'
));
comment on column username.change.field is 'What changed; created for a new record; handed_to and handed_from name the other person of a transfer as the new value; waits_for holds the reasons, with commas between.';

-- Who the people of the records are, while the mirror still has them.
update username.record r
set p_persoon = p.p_persoon, given_name = coalesce(p.voornaam, ''), family_name = coalesce(p.naam, ''),
    birth_date = p.geboortedatum
from informat.persoon p
where p.tenant_id = r.tenant_id and p.rowguid = r.rowguid;

-- Who gave the domains there are, by the history: the last change of it says so; one that came along with a name that was
-- handed over is whose the other person's was. Where nothing says so, an accepted edit must not be undone.
with recursive trace (tenant_id, owner, holder, before_id, author) as (
    select tenant_id, rowguid, rowguid, 9223372036854775807, null::text
    from username.record where domain is not null
    union all
    select t.tenant_id, t.owner, coalesce(h.other, t.holder), coalesce(h.before_id, 0),
           case when h.other is null then c.changed_by end
    from trace t
    cross join lateral (
        select change_id, changed_at, changed_by from username.change
        where tenant_id = t.tenant_id and rowguid = t.holder and change_id < t.before_id
          and (field = 'domain' or field = 'created' and new_value like '%@%')
        order by change_id desc limit 1
    ) c
    left join lateral (
        select g.new_value::uuid as other, least(g.change_id, (
                   select o.change_id from username.change o
                   where o.tenant_id = t.tenant_id and o.rowguid = g.new_value::uuid and o.field = 'handed_to'
                     and o.new_value = t.holder::text and o.change_id < g.change_id
                   order by o.change_id desc limit 1
               )) as before_id
        from username.change g
        where g.tenant_id = t.tenant_id and g.rowguid = t.holder and g.field in ('handed_to', 'handed_from')
          and g.change_id < c.change_id and g.changed_by = c.changed_by
          and g.changed_at > c.changed_at - interval '1 second'
        order by g.change_id desc limit 1
    ) h on true
    where t.author is null
)
update username.record r
set domain_origin = case when exists (
    select from trace t where t.tenant_id = r.tenant_id and t.owner = r.rowguid and t.author = 'system'
) then 'system' else 'admin' end
where r.domain is not null;

-- Names that ask for review and were not released wait for an answer; whoever is released stays so.
update username.record set waits_for = '{review}' where needs_review and not sync;

alter table username.record add constraint record_domain_origin check (domain_origin in ('system', 'admin'));
alter table username.record add constraint record_domain_has_origin check ((domain is null) = (domain_origin is null));
alter table username.record add constraint record_waits_for check (
    waits_for <@ '{person_id_changed,probably_merged,placeholder,damaged_text,review}'::text[]
);
alter table username.record add constraint record_answered check (
    answered <@ '{person_id_changed,probably_merged,placeholder,damaged_text,review}'::text[]
);
alter table username.record add constraint record_waiting_is_held_back check (not sync or waits_for = '{}');
alter table username.record add constraint record_identity_all_or_nothing check (
    (p_persoon is null) = (given_name is null) and (p_persoon is null) = (family_name is null)
    and (p_persoon is not null or birth_date is null)
);
