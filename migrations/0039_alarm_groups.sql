-- The same of many school groups at once is told as one alarm of the service.

alter table alarm.alarm add column is_grouped boolean not null default false;
comment on column alarm.alarm.is_grouped is 'Whether the operator was told of it with others of its kind, by one alarm of the service.';
