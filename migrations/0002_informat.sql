-- The mirror: Informat's tables as they are, loaded by bundle (docs/bundle.md) and never edited by us.

create schema informat;
comment on schema informat is 'Informat''s tables, in its own words: what the last bundles said.';

create table informat.schooljaar (
    tenant_id text collate "C" not null,
    schooljaar text collate "C" not null,
    begindatum date not null,
    einddatum date not null,
    constraint schooljaar_pk primary key (tenant_id, schooljaar),
    constraint schooljaar_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint schooljaar_form check (schooljaar ~ '^[0-9]{4}-[0-9]{2}$'),
    constraint schooljaar_period check (begindatum <= einddatum)
);
comment on table informat.schooljaar is 'School years.';
comment on column informat.schooljaar.tenant_id is 'The tenant.';
comment on column informat.schooljaar.schooljaar is 'Label, such as 2026-27.';
comment on column informat.schooljaar.begindatum is 'First day.';
comment on column informat.schooljaar.einddatum is 'Last day.';

create table informat.school (
    tenant_id text collate "C" not null,
    instelnr text collate "C" not null,
    school text not null,
    schoolcode text,
    constraint school_pk primary key (tenant_id, instelnr),
    constraint school_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint school_instelnr_form check (instelnr ~ '^[0-9]{6}$')
);
comment on table informat.school is 'Institutions.';
comment on column informat.school.tenant_id is 'The tenant.';
comment on column informat.school.instelnr is 'Institution number: six digits, leading zeros count.';
comment on column informat.school.school is 'Name.';
comment on column informat.school.schoolcode is 'The school''s own short code.';

create table informat.schoolvest (
    tenant_id text collate "C" not null,
    instelnr text collate "C" not null,
    vestnrdiscimus integer not null,
    hfdstructuur text collate "C" not null,
    vestiging text not null,
    vestcode text,
    actief boolean not null,
    changed timestamptz,
    constraint schoolvest_pk primary key (tenant_id, instelnr, vestnrdiscimus, hfdstructuur),
    constraint schoolvest_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint schoolvest_vestnrdiscimus_not_negative check (vestnrdiscimus >= 0),
    constraint schoolvest_hfdstructuur_form check (hfdstructuur ~ '^[0-9]{3}$'),
    constraint schoolvest_school_fk foreign key (tenant_id, instelnr) references informat.school (tenant_id, instelnr) deferrable initially deferred
);
comment on table informat.schoolvest is 'Sites of institutions, one row per main structure.';
comment on column informat.schoolvest.tenant_id is 'The tenant.';
comment on column informat.schoolvest.instelnr is 'The institution.';
comment on column informat.schoolvest.vestnrdiscimus is 'Number of the site in Discimus, the government''s registry of pupils.';
comment on column informat.schoolvest.hfdstructuur is 'Main structure: three digits, such as 111 (nursery), 211 (primary), 311 (secondary).';
comment on column informat.schoolvest.vestiging is 'Name of the site.';
comment on column informat.schoolvest.vestcode is 'The school''s own short code of the site.';
comment on column informat.schoolvest.actief is 'Whether the site is in use.';
comment on column informat.schoolvest.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.persoon (
    tenant_id text collate "C" not null,
    p_persoon bigint not null,
    rowguid uuid not null,
    naam text,
    voornaam text,
    geboortedatum date,
    changed timestamptz,
    constraint persoon_pk primary key (tenant_id, p_persoon),
    constraint persoon_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint persoon_rowguid_unique unique (tenant_id, rowguid) deferrable initially deferred
);
comment on table informat.persoon is 'Persons: pupils and staff.';
comment on column informat.persoon.tenant_id is 'The tenant.';
comment on column informat.persoon.p_persoon is 'Internal number; may change in a data migration, so never shown to the outside world.';
comment on column informat.persoon.rowguid is 'The lasting id of the person.';
comment on column informat.persoon.naam is 'Official family name.';
comment on column informat.persoon.voornaam is 'Official given name.';
comment on column informat.persoon.geboortedatum is 'Birth date: tells namesakes apart on the admin page, never published.';
comment on column informat.persoon.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.inschrijving (
    tenant_id text collate "C" not null,
    p_inschr bigint not null,
    p_persoon bigint not null,
    instelnr text collate "C" not null,
    vestnrdiscimus integer not null,
    hfdstructuur text collate "C" not null,
    schooljaar text collate "C" not null,
    begindatum date not null,
    einddatum date,
    status integer not null,
    changed timestamptz,
    constraint inschrijving_pk primary key (tenant_id, p_inschr),
    constraint inschrijving_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint inschrijving_period check (begindatum <= einddatum),
    constraint inschrijving_persoon_fk foreign key (tenant_id, p_persoon) references informat.persoon (tenant_id, p_persoon) deferrable initially deferred,
    constraint inschrijving_schoolvest_fk foreign key (tenant_id, instelnr, vestnrdiscimus, hfdstructuur) references informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur) deferrable initially deferred,
    constraint inschrijving_schooljaar_fk foreign key (tenant_id, schooljaar) references informat.schooljaar (tenant_id, schooljaar) deferrable initially deferred
);
create index inschrijving_p_persoon on informat.inschrijving (tenant_id, p_persoon);
comment on table informat.inschrijving is 'Registrations of pupils at a site. Periods include both ends.';
comment on index informat.inschrijving_p_persoon is 'The registrations of a person, read when one is deleted.';
comment on column informat.inschrijving.tenant_id is 'The tenant.';
comment on column informat.inschrijving.p_inschr is 'Key.';
comment on column informat.inschrijving.p_persoon is 'The pupil.';
comment on column informat.inschrijving.instelnr is 'The institution.';
comment on column informat.inschrijving.vestnrdiscimus is 'Number of the site.';
comment on column informat.inschrijving.hfdstructuur is 'Main structure.';
comment on column informat.inschrijving.schooljaar is 'The school year.';
comment on column informat.inschrijving.begindatum is 'First day.';
comment on column informat.inschrijving.einddatum is 'Last day; null = the last day of the school year.';
comment on column informat.inschrijving.status is '0 = realised; every other value does not count.';
comment on column informat.inschrijving.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.klassen (
    tenant_id text collate "C" not null,
    p_klas bigint not null,
    scoodle_id uuid not null,
    instelnr text collate "C" not null,
    vestnrdiscimus integer not null,
    hfdstructuur text collate "C" not null,
    schooljaar text collate "C" not null,
    klascode text not null,
    klas text,
    groeptype integer not null,
    changed timestamptz,
    constraint klassen_pk primary key (tenant_id, p_klas),
    constraint klassen_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint klassen_scoodle_id_unique unique (tenant_id, schooljaar, scoodle_id) deferrable initially deferred,
    constraint klassen_groeptype_not_negative check (groeptype >= 0),
    constraint klassen_schoolvest_fk foreign key (tenant_id, instelnr, vestnrdiscimus, hfdstructuur) references informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur) deferrable initially deferred,
    constraint klassen_schooljaar_fk foreign key (tenant_id, schooljaar) references informat.schooljaar (tenant_id, schooljaar) deferrable initially deferred
);
comment on table informat.klassen is 'Classes and subgroups of a school year.';
comment on column informat.klassen.tenant_id is 'The tenant.';
comment on column informat.klassen.p_klas is 'Key; part of the id of an enrollment.';
comment on column informat.klassen.scoodle_id is 'Id of the class in the outside world.';
comment on column informat.klassen.instelnr is 'The institution.';
comment on column informat.klassen.vestnrdiscimus is 'Number of the site.';
comment on column informat.klassen.hfdstructuur is 'Main structure.';
comment on column informat.klassen.schooljaar is 'The school year.';
comment on column informat.klassen.klascode is 'Short code.';
comment on column informat.klassen.klas is 'Name; null = the code.';
comment on column informat.klassen.groeptype is '0 = class, more = subgroup.';
comment on column informat.klassen.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.inschrklas (
    tenant_id text collate "C" not null,
    p_inschrklas bigint not null,
    p_inschr bigint not null,
    p_klas bigint not null,
    vandatum date not null,
    totdatum date,
    changed timestamptz,
    constraint inschrklas_pk primary key (tenant_id, p_inschrklas),
    constraint inschrklas_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint inschrklas_period check (vandatum <= totdatum),
    constraint inschrklas_inschrijving_fk foreign key (tenant_id, p_inschr) references informat.inschrijving (tenant_id, p_inschr) deferrable initially deferred,
    constraint inschrklas_klassen_fk foreign key (tenant_id, p_klas) references informat.klassen (tenant_id, p_klas) deferrable initially deferred
);
create index inschrklas_p_inschr on informat.inschrklas (tenant_id, p_inschr);
create index inschrklas_p_klas on informat.inschrklas (tenant_id, p_klas);
comment on table informat.inschrklas is 'Registrations in a class or subgroup. Periods include both ends.';
comment on index informat.inschrklas_p_inschr is 'The classes of a registration, read when one is deleted.';
comment on index informat.inschrklas_p_klas is 'The members of a class, read when one is deleted.';
comment on column informat.inschrklas.tenant_id is 'The tenant.';
comment on column informat.inschrklas.p_inschrklas is 'Key.';
comment on column informat.inschrklas.p_inschr is 'The registration it belongs to.';
comment on column informat.inschrklas.p_klas is 'The class.';
comment on column informat.inschrklas.vandatum is 'First day.';
comment on column informat.inschrklas.totdatum is 'Last day; null = the last day of the school year.';
comment on column informat.inschrklas.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.opdracht (
    tenant_id text collate "C" not null,
    p_opdracht bigint not null,
    p_persoon bigint not null,
    instelnr text collate "C" not null,
    vestnrdiscimus integer,
    hfdstructuur text collate "C",
    begindatum date,
    einddatum date,
    changed timestamptz,
    constraint opdracht_pk primary key (tenant_id, p_opdracht),
    constraint opdracht_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint opdracht_period check (begindatum <= einddatum),
    constraint opdracht_persoon_fk foreign key (tenant_id, p_persoon) references informat.persoon (tenant_id, p_persoon) deferrable initially deferred,
    constraint opdracht_school_fk foreign key (tenant_id, instelnr) references informat.school (tenant_id, instelnr) deferrable initially deferred,
    constraint opdracht_schoolvest_fk foreign key (tenant_id, instelnr, vestnrdiscimus, hfdstructuur) references informat.schoolvest (tenant_id, instelnr, vestnrdiscimus, hfdstructuur) deferrable initially deferred
);
create index opdracht_p_persoon on informat.opdracht (tenant_id, p_persoon);
comment on table informat.opdracht is 'Assignments: one unbroken period in which a person is in service of a school or site, both ends included.';
comment on index informat.opdracht_p_persoon is 'The assignments of a person, read when one is deleted.';
comment on column informat.opdracht.tenant_id is 'The tenant.';
comment on column informat.opdracht.p_opdracht is 'Key.';
comment on column informat.opdracht.p_persoon is 'The member of staff.';
comment on column informat.opdracht.instelnr is 'The institution.';
comment on column informat.opdracht.vestnrdiscimus is 'Number of the site; null = every site of the institution.';
comment on column informat.opdracht.hfdstructuur is 'Main structure; null = every structure.';
comment on column informat.opdracht.begindatum is 'First day; null = always.';
comment on column informat.opdracht.einddatum is 'Last day; null = unlimited.';
comment on column informat.opdracht.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.klasfunctiepersoon (
    tenant_id text collate "C" not null,
    p_klasfunctiepersoon bigint not null,
    p_persoon bigint not null,
    p_klas bigint not null,
    p_klasfunctie integer not null,
    begindatum date,
    einddatum date,
    changed timestamptz,
    constraint klasfunctiepersoon_pk primary key (tenant_id, p_klasfunctiepersoon),
    constraint klasfunctiepersoon_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade,
    constraint klasfunctiepersoon_period check (begindatum <= einddatum),
    constraint klasfunctiepersoon_persoon_fk foreign key (tenant_id, p_persoon) references informat.persoon (tenant_id, p_persoon) deferrable initially deferred,
    constraint klasfunctiepersoon_klassen_fk foreign key (tenant_id, p_klas) references informat.klassen (tenant_id, p_klas) deferrable initially deferred
);
create index klasfunctiepersoon_p_persoon on informat.klasfunctiepersoon (tenant_id, p_persoon);
create index klasfunctiepersoon_p_klas on informat.klasfunctiepersoon (tenant_id, p_klas);
comment on table informat.klasfunctiepersoon is 'Functions of persons in classes. Periods include both ends.';
comment on index informat.klasfunctiepersoon_p_persoon is 'The functions of a person, read when one is deleted.';
comment on index informat.klasfunctiepersoon_p_klas is 'The functions in a class, read when one is deleted.';
comment on column informat.klasfunctiepersoon.tenant_id is 'The tenant.';
comment on column informat.klasfunctiepersoon.p_klasfunctiepersoon is 'Key.';
comment on column informat.klasfunctiepersoon.p_persoon is 'The member of staff.';
comment on column informat.klasfunctiepersoon.p_klas is 'The class.';
comment on column informat.klasfunctiepersoon.p_klasfunctie is 'Which function: 2 = class teacher, the only one published.';
comment on column informat.klasfunctiepersoon.begindatum is 'First day; null = the first day of the school year.';
comment on column informat.klasfunctiepersoon.einddatum is 'Last day; null = the last day of the school year.';
comment on column informat.klasfunctiepersoon.changed is 'When Informat last changed the row. Shown to admins, never published.';

create table informat.lading (
    tenant_id text collate "C" not null,
    p_lading bigint generated always as identity,
    geladen_op timestamptz not null default clock_timestamp(),
    gemaakt_op timestamptz,
    delta boolean not null,
    gewijzigd boolean not null,
    rijen jsonb not null,
    constraint lading_pk primary key (tenant_id, p_lading),
    constraint lading_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade
);
comment on table informat.lading is 'Loads of bundles: what came in, and when. Ours, not Informat''s.';
comment on column informat.lading.tenant_id is 'The tenant.';
comment on column informat.lading.p_lading is 'Counts up.';
comment on column informat.lading.geladen_op is 'When it was loaded.';
comment on column informat.lading.gemaakt_op is 'When the bundle was extracted, as its manifest says; an older bundle is refused unless forced.';
comment on column informat.lading.delta is 'Whether the rows were upserts and deletes instead of the whole state.';
comment on column informat.lading.gewijzigd is 'Whether anything in the mirror changed.';
comment on column informat.lading.rijen is 'Number of rows per file of the bundle.';
