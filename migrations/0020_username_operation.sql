-- Why a Sync flag was switched, and which changes were one operation on many people: it can be undone as one.

alter table username.change
    add column reason text,
    add column operation uuid,
    add column undoes uuid,
    add constraint change_reason_length check (length(reason) between 1 and 500),
    add constraint change_undoes_in_operation check (undoes is null or operation is not null);
comment on column username.change.reason is 'Why, in the words of who did it; null where they gave none.';
comment on column username.change.operation is 'The operation on many people that this change belongs to; null for a change of one.';
comment on column username.change.undoes is 'The operation that this one takes back.';

create index change_operation on username.change (tenant_id, operation, change_id) where operation is not null;
comment on index username.change_operation is 'The newest operations, and the people of one.';
