-- The door of the mirror: which guards were accepted for a load, and keys that came with another id.

alter table tenant.decision drop constraint decision_word;
alter table tenant.decision add constraint decision_word check (decision ~ '^[a-z_]+$');
comment on column tenant.decision.decision is 'What was decided, in a word: release, discard, activate_year, import_accepted …';

alter table informat.lading
    add column aanvaard text[] not null default '{}',
    add column spiegelversie bigint,
    add constraint lading_aanvaard_filled check (array_position(aanvaard, null) is null);
comment on column informat.lading.aanvaard is 'The guards of the door that spoke and were accepted, by their names, such as names-changed. The brake does not ask the same again.';
comment on column informat.lading.spiegelversie is 'Version of the mirror after the load, as tenant.input_version counts them; null = loaded before this was kept.';

create table informat.idwissel (
    tenant_id text collate "C" not null,
    p_lading bigint not null,
    tabel text collate "C" not null,
    sleutel bigint not null,
    oude_id uuid not null,
    nieuwe_id uuid not null,
    oordeel text collate "C" not null,
    constraint idwissel_pk primary key (tenant_id, p_lading, tabel, sleutel),
    constraint idwissel_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint idwissel_lading_fk foreign key (tenant_id, p_lading) references informat.lading (tenant_id, p_lading) on delete cascade,
    constraint idwissel_tabel check (tabel in ('persoon', 'klassen')),
    constraint idwissel_oordeel check (oordeel in ('person-id-changed', 'person-key-reused', 'class-id-changed')),
    constraint idwissel_oordeel_of_tabel check ((tabel = 'klassen') = (oordeel = 'class-id-changed')),
    constraint idwissel_another_id check (oude_id <> nieuwe_id)
);
create index idwissel_oude_id on informat.idwissel (tenant_id, oude_id);
create index idwissel_nieuwe_id on informat.idwissel (tenant_id, nieuwe_id);
comment on table informat.idwissel is 'Known keys that a load brought with an id nobody had before: one row per load and key. Ours, not Informat''s; only added to.';
comment on index informat.idwissel_oude_id is 'Ids that somebody had before.';
comment on index informat.idwissel_nieuwe_id is 'Where an id comes from.';
comment on column informat.idwissel.tenant_id is 'The tenant.';
comment on column informat.idwissel.p_lading is 'The load.';
comment on column informat.idwissel.tabel is 'Whose key it is: persoon or klassen.';
comment on column informat.idwissel.sleutel is 'The key: p_persoon or p_klas.';
comment on column informat.idwissel.oude_id is 'The id it had: a rowguid or a scoodle_id.';
comment on column informat.idwissel.nieuwe_id is 'The id it came with.';
comment on column informat.idwissel.oordeel is 'person-id-changed: as far as can be told the same person; person-key-reused: name and birth date both differ, so somebody else; class-id-changed: a class of the same school year.';
call tenant.protect('informat.idwissel');
