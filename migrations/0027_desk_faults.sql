-- What the desk keeps beside: which switches can be taken back, and from where sign-ins are begun.

-- A switch of one person's flag is an operation too: it can be taken back, and then the flag counts as never switched.

alter table username.change
    add column is_single boolean,
    add constraint change_single_in_operation check (is_single is null or is_single and operation is not null);
comment on column username.change.is_single is 'True for an operation that switched the flag of one person by name; null for one on many, and without operation.';
comment on column username.change.operation is 'The operation that this change belongs to; null where it cannot be taken back.';

-- Whoever begins very many sign-ins at the provider pushes out their own.
alter table desk.pending_sign_in
    add column whom bytea,
    add constraint pending_sign_in_whom_length check (length(whom) = 32);
create index pending_sign_in_whom on desk.pending_sign_in (whom, begun_at);
comment on column desk.pending_sign_in.whom is 'SHA-256 of the network it was begun from; null where that is not known.';
comment on index desk.pending_sign_in_whom is 'The sign-ins that were begun from one network, by age.';
