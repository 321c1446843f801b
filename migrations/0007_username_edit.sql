-- Edits of usernames: whose name was handed on, and the changes that say so.

alter table username.record add column handed_to uuid;
comment on column username.record.handed_to is 'Who was handed this person''s name: the surviving record of someone merged in Informat. What this record holds since is a name nobody uses.';

alter table username.change drop constraint change_field;
alter table username.change add constraint change_field
    check (field in ('created', 'local_part', 'domain', 'sync', 'handed_to', 'handed_from'));
comment on column username.change.field is 'What changed; created for a new record; handed_to and handed_from name the other person of a transfer as the new value.';

create index retired_rowguid on username.retired (tenant_id, rowguid);
comment on index username.retired_rowguid is 'The former names of a person: they go along when his name is handed on.';
