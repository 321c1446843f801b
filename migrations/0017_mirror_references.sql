-- References within the mirror are proved set by set at the end of a load, no longer row by row: that was a fifth of a first import.
-- Whoever changes the mirror by hand is checked row by row at the end of the transaction, as before.

create function informat.check_reference() returns trigger
language plpgsql
as $$
declare
    referred text := tg_argv[0];
    -- The columns have the same names on both sides. One that is null refers to nothing.
    is_same text := (select string_agg(format('o.%1$I = $1.%1$I', c), ' and ') from unnest(array['tenant_id'] || tg_argv[1:]) c);
    is_filled text := (select string_agg(format('$1.%I is not null', c), ' and ') from unnest(tg_argv[1:]) c);
    dangles boolean;
begin
    -- The row itself may have been changed since.
    execute format(
        'select %1$s and not exists (select from %2$s o where %3$s) and exists (select from %4$I.%5$I o where %3$s)',
        is_filled, referred, is_same, tg_table_schema, tg_table_name)
    into dangles using new;
    if dangles then
        raise exception using errcode = 'foreign_key_violation', constraint = tg_name, message = format(
            'a row of %I.%I refers to a row of %s that is not there (%s)', tg_table_schema, tg_table_name, referred, tg_name);
    end if;
    return null;
end
$$;
comment on function informat.check_reference() is 'Refuses a row that refers to nothing. Arguments: the table referred to, and the columns but the tenant.';

create function informat.check_referred() returns trigger
language plpgsql
as $$
declare
    referring text := tg_argv[0];
    is_same text := (select string_agg(format('o.%1$I = $1.%1$I', c), ' and ') from unnest(array['tenant_id'] || tg_argv[1:]) c);
    dangles boolean;
begin
    execute format(
        'select not exists (select from %1$I.%2$I o where %3$s) and exists (select from %4$s o where %3$s)',
        tg_table_schema, tg_table_name, is_same, referring)
    into dangles using old;
    if dangles then
        raise exception using errcode = 'foreign_key_violation', constraint = tg_name, message = format(
            'a row of %s still refers to a row of %I.%I that is gone (%s)', referring, tg_table_schema, tg_table_name, tg_name);
    end if;
    return null;
end
$$;
comment on function informat.check_referred() is 'Refuses to take away a row that others refer to. Arguments: the table that refers, and the columns but the tenant.';

create function informat.prove_references(proved_tenant_id text, changed regclass[]) returns void
language plpgsql
-- A load proves tables that it filled a moment ago and nobody has analysed: without statistics a nested loop may look cheap.
set enable_nestloop = off
as $$
declare
    reference record;
    dangles boolean;
begin
    for reference in
        select t.tgname as name, t.tgrelid::regclass as child, split_part(arguments, '|', 1)::regclass as parent,
               (string_to_array(rtrim(arguments, '|'), '|'))[2:] as columns
        from pg_catalog.pg_trigger t
        cross join lateral (select replace(encode(t.tgargs, 'escape'), '\000', '|') as arguments) a
        where t.tgfoid = 'informat.check_reference'::regproc
        order by t.tgname
    loop
        continue when reference.child <> all (changed) and reference.parent <> all (changed);
        execute format(
            'select exists (
                 select from %1$s c where c.tenant_id = $1 and %2$s
                     and not exists (select from %3$s p where p.tenant_id = $1 and %4$s))',
            reference.child,
            (select string_agg(format('c.%I is not null', c), ' and ') from unnest(reference.columns) c),
            reference.parent,
            (select string_agg(format('p.%1$I = c.%1$I', c), ' and ') from unnest(reference.columns) c))
        into dangles using proved_tenant_id;
        if dangles then
            raise exception using errcode = 'foreign_key_violation', constraint = reference.name, message = format(
                'a row of %s refers to a row of %s that is not there (%s)', reference.child, reference.parent, reference.name);
        end if;
    end loop;
end
$$;
comment on function informat.prove_references(text, regclass[]) is 'Refuses a mirror in which a row of these tables, or one that refers to them, refers to nothing.';

create procedure informat.refer(child regclass, name text, parent regclass, variadic columns text[])
language plpgsql
as $$
declare
    arguments text := (select string_agg(quote_literal(c), ', ') from unnest(columns) c);
begin
    execute format('alter table %s drop constraint %I', child, name);
    execute format(
        'create constraint trigger %I after insert or update on %s deferrable initially deferred for each row
             when (current_setting(''oneroster.loading'', true) is distinct from ''on'')
             execute function informat.check_reference(%L, %s)', name, child, parent, arguments);
    execute format(
        'create constraint trigger %I after delete or update on %s deferrable initially deferred for each row
             when (current_setting(''oneroster.loading'', true) is distinct from ''on'')
             execute function informat.check_referred(%L, %s)', name, parent, child, arguments);
    execute format('comment on trigger %I on %s is ''Refers to %s. A load proves it itself.''', name, child, parent);
    execute format('comment on trigger %I on %s is ''Is referred to by %s. A load proves it itself.''', name, parent, child);
end
$$;
comment on procedure informat.refer(regclass, text, regclass, text[]) is 'Turns a foreign key within the mirror, with the same columns on both sides, into a reference that a load proves itself. For migrations.';
revoke execute on procedure informat.refer(regclass, text, regclass, text[]) from public;

call informat.refer('informat.schoolvest', 'schoolvest_school_fk', 'informat.school', 'instelnr');
call informat.refer('informat.inschrijving', 'inschrijving_persoon_fk', 'informat.persoon', 'p_persoon');
call informat.refer('informat.inschrijving', 'inschrijving_schooljaar_fk', 'informat.schooljaar', 'schooljaar');
call informat.refer('informat.inschrijving', 'inschrijving_schoolvest_fk', 'informat.schoolvest', 'instelnr', 'vestnrdiscimus', 'hfdstructuur');
call informat.refer('informat.klassen', 'klassen_schooljaar_fk', 'informat.schooljaar', 'schooljaar');
call informat.refer('informat.klassen', 'klassen_schoolvest_fk', 'informat.schoolvest', 'instelnr', 'vestnrdiscimus', 'hfdstructuur');
call informat.refer('informat.inschrklas', 'inschrklas_inschrijving_fk', 'informat.inschrijving', 'p_inschr');
call informat.refer('informat.inschrklas', 'inschrklas_klassen_fk', 'informat.klassen', 'p_klas');
call informat.refer('informat.opdracht', 'opdracht_persoon_fk', 'informat.persoon', 'p_persoon');
call informat.refer('informat.opdracht', 'opdracht_school_fk', 'informat.school', 'instelnr');
call informat.refer('informat.opdracht', 'opdracht_schoolvest_fk', 'informat.schoolvest', 'instelnr', 'vestnrdiscimus', 'hfdstructuur');
call informat.refer('informat.klasfunctiepersoon', 'klasfunctiepersoon_klassen_fk', 'informat.klassen', 'p_klas');
call informat.refer('informat.klasfunctiepersoon', 'klasfunctiepersoon_persoon_fk', 'informat.persoon', 'p_persoon');

-- A row belongs to an existing tenant because what it refers to does: schooljaar, school and persoon still refer to the tenant.
alter table informat.schoolvest drop constraint schoolvest_tenant_fk;
alter table informat.inschrijving drop constraint inschrijving_tenant_fk;
alter table informat.klassen drop constraint klassen_tenant_fk;
alter table informat.inschrklas drop constraint inschrklas_tenant_fk;
alter table informat.opdracht drop constraint opdracht_tenant_fk;
alter table informat.klasfunctiepersoon drop constraint klasfunctiepersoon_tenant_fk;

create function informat.forget_tenant() returns trigger
language plpgsql
as $$
begin
    delete from informat.klasfunctiepersoon where tenant_id = old.tenant_id;
    delete from informat.opdracht where tenant_id = old.tenant_id;
    delete from informat.inschrklas where tenant_id = old.tenant_id;
    delete from informat.klassen where tenant_id = old.tenant_id;
    delete from informat.inschrijving where tenant_id = old.tenant_id;
    delete from informat.schoolvest where tenant_id = old.tenant_id;
    return old;
end
$$;
comment on function informat.forget_tenant() is 'Takes away what a tenant has in tables that do not refer to it themselves.';
create trigger forget_mirror before delete on tenant.tenant for each row execute function informat.forget_tenant();
comment on trigger forget_mirror on tenant.tenant is 'The other tables of the mirror go by their foreign keys.';
