-- Which name of an erased person was theirs at the end: if they come back, they get that one, and not the former one with the lowest number.

alter table username.erased_name add column is_current boolean not null default false;
comment on column username.erased_name.is_current is 'Whether they had the name when they were erased; false for former ones.';
