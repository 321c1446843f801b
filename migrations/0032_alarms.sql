-- Alarms: what somebody must know of, and the messages that tell them, written with the alarm and sent by whichever server takes them.

create schema alarm;
comment on schema alarm is 'Alarms, and the messages about them that wait to be sent.';

create table alarm.alarm (
    tenant_id text collate "C" not null,
    alarm_id uuid not null default gen_random_uuid(),
    kind text collate "C" not null,
    subject text collate "C" not null,
    began_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    constraint alarm_pk primary key (tenant_id, alarm_id),
    constraint alarm_order check (began_at <= ended_at)
);
comment on table alarm.alarm is 'What somebody must know of, from when to when. Ids and counts only.';
comment on column alarm.alarm.tenant_id is 'The tenant; empty for what is of the service.';
comment on column alarm.alarm.alarm_id is 'Its id: messages name it.';
comment on column alarm.alarm.kind is 'What it is about, such as held.';
comment on column alarm.alarm.subject is 'Which of several: a client, a machine, a day; empty where there is one.';
comment on column alarm.alarm.began_at is 'When it was seen first.';
comment on column alarm.alarm.seen_at is 'When the disk that it is about was last looked at.';
comment on column alarm.alarm.ended_at is 'When it was seen no longer; null while it stands.';
create unique index alarm_standing on alarm.alarm (tenant_id, kind, subject) where ended_at is null;
comment on index alarm.alarm_standing is 'Each stands once, however many servers look.';
call tenant.protect('alarm.alarm');

create table alarm.message (
    tenant_id text collate "C" not null,
    message_id uuid not null default gen_random_uuid(),
    alarm_id uuid not null,
    is_end boolean not null,
    channel text collate "C" not null,
    recipient text collate "C" not null,
    subject text not null,
    body text not null,
    written_at timestamptz not null default clock_timestamp(),
    next_try_at timestamptz default clock_timestamp(),
    tries integer not null default 0,
    last_error text not null default '',
    constraint message_pk primary key (tenant_id, message_id),
    constraint message_once unique (tenant_id, alarm_id, is_end, channel, recipient),
    constraint message_alarm_fk foreign key (tenant_id, alarm_id) references alarm.alarm (tenant_id, alarm_id) on delete cascade,
    constraint message_channel_known check (channel in ('mail', 'webhook')),
    constraint message_tries_not_negative check (tries >= 0)
);
comment on table alarm.message is 'Messages about alarms: the outbox.';
comment on column alarm.message.tenant_id is 'The tenant; empty for what is of the service.';
comment on column alarm.message.message_id is 'Its id, the same each time it is sent.';
comment on column alarm.message.alarm_id is 'The alarm.';
comment on column alarm.message.is_end is 'Whether it tells that the alarm is over.';
comment on column alarm.message.channel is 'How it is sent.';
comment on column alarm.message.recipient is 'An address of e-mail; empty for the webhook.';
comment on column alarm.message.subject is 'Its subject.';
comment on column alarm.message.body is 'Its text, without names of people.';
comment on column alarm.message.written_at is 'When it was written.';
comment on column alarm.message.next_try_at is 'When it is sent, or tried again; while a server has taken it, when another may; null once it was sent or given up.';
comment on column alarm.message.tries is 'How often it was taken.';
comment on column alarm.message.last_error is 'Why it could not be sent when last tried; empty once it was sent.';
create index message_waiting on alarm.message (tenant_id, next_try_at) where next_try_at is not null;
comment on index alarm.message_waiting is 'Finding what is to be sent.';
call tenant.protect('alarm.message');

create table alarm.daily (
    tenant_id text collate "C" not null,
    day date not null,
    is_done boolean not null default false,
    free_from timestamptz not null,
    constraint daily_pk primary key (tenant_id),
    constraint daily_tenant_fk foreign key (tenant_id) references tenant.tenant (tenant_id) on delete cascade
);
comment on table alarm.daily is 'What is looked for once a day in a tenant: which server does it, and whether it is done.';
comment on column alarm.daily.tenant_id is 'The tenant.';
comment on column alarm.daily.day is 'The last day on which a server took it.';
comment on column alarm.daily.is_done is 'Whether it was done that day.';
comment on column alarm.daily.free_from is 'When another server may take it that day, if it is not done.';
call tenant.protect('alarm.daily');

grant usage on schema alarm to oneroster_service;
grant select (tenant_id, next_try_at) on alarm.message to oneroster_service;
create policy all_tenants on alarm.message for select to oneroster_service using (true);
comment on policy all_tenants on alarm.message is 'Finding the tenants with messages to send.';

-- What is of the service has no tenant to refer to, so a tenant that goes takes its alarms away so.
create function alarm.forget_tenant() returns trigger
language plpgsql
as $$
begin
    delete from alarm.alarm where tenant_id = old.tenant_id;
    return old;
end
$$;
comment on function alarm.forget_tenant() is 'Takes away the alarms of a tenant that goes.';
create trigger forget_alarms before delete on tenant.tenant for each row execute function alarm.forget_tenant();
comment on trigger forget_alarms on tenant.tenant is 'The alarms of a tenant go with it.';
