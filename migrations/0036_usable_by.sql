-- Going back to the version before: a build that does not know the last migrations works on, if they took nothing away that it needs.

create table tenant.usable_by (
    oldest_migration bigint not null,
    constraint usable_by_pk primary key (oldest_migration),
    constraint usable_by_positive check (oldest_migration > 0)
);
create unique index usable_by_one_row on tenant.usable_by ((true));
comment on table tenant.usable_by is 'One row: which builds may use this database. A migration that takes away what the build before needs writes its own number here.';
comment on column tenant.usable_by.oldest_migration is 'A build whose last migration is this one, or a later one, may use the database.';
comment on index tenant.usable_by_one_row is 'One answer only.';
insert into tenant.usable_by (oldest_migration) values (36);
grant select on tenant.usable_by to oneroster_service, oneroster_desk;
