-- The audit trail, and what refers to usernames, are kept by triggers that look at rows. `truncate` passes them by: names would go without an
-- entry, their history would stay behind, and the next import would think that everybody has a name.

create function audit.refuse_truncate() returns trigger
language plpgsql
as $$
begin
    raise exception using errcode = 'object_not_in_prerequisite_state', message = format(
        'table %I.%I is in the audit trail, which truncate passes by: use delete', tg_table_schema, tg_table_name);
end
$$;
comment on function audit.refuse_truncate() is 'Refuses to empty a table without looking at its rows.';

create procedure audit.keep_from_truncate(kept regclass)
language plpgsql
as $$
begin
    execute format('create trigger audit_truncate before truncate on %s for each statement execute function audit.refuse_truncate()', kept);
    execute format('comment on trigger audit_truncate on %s is ''What truncate takes away would not be in the audit trail.''', kept);
end
$$;
comment on procedure audit.keep_from_truncate(regclass) is 'Has a table of the audit trail refuse truncate. For migrations.';
revoke execute on procedure audit.keep_from_truncate(regclass) from public;

do $$
declare
    watched regclass;
begin
    for watched in
        select t.tgrelid::regclass from pg_catalog.pg_trigger t
        where t.tgname = 'audit_delete' and t.tgfoid = 'audit.capture()'::regprocedure order by 1
    loop
        call audit.keep_from_truncate(watched);
    end loop;
end
$$;
