"""Rules over whole files: unique ids, order, references, usernames, number of rows."""
from cells import read_date
from faults import shown

PERIODS = (("Term StartDate", "Term EndDate"), ("Term_start", "Term_end"),
           ("startDate", "endDate"), ("beginDate", "endDate"))


def check_sets(tables, format_, references, max_rows, faults):
    for table in tables.values():
        _check_key(table, faults)
        _check_order(table, faults)
        _check_periods(table, format_.dates, faults)
        if format_.row_limit and table.data_rows > max_rows:
            faults.add(table.name, 0, "", "row-limit",
                       f"{table.data_rows} rows, at most {max_rows} are allowed")
    if references:
        for table in tables.values():
            _check_references(table, tables, faults)
    _check_usernames(tables, format_, faults)


def _check_key(table, faults):
    first = {}
    label = table.label(table.file.key[0])
    for line, *key in table.values(*table.file.key):
        key = tuple(key)
        if key in first:
            faults.add(table.name, line, label, "unique-id",
                       f"{shown(' '.join(key))} also stands on line {first[key]}")
        else:
            first[key] = line


def _check_order(table, faults):
    """Rows stand in the order of their key columns, by code point."""
    broken = None
    for order in (table.file.key, *table.file.sorts):
        line = _first_out_of_order(table, order)
        if line is None:
            return
        broken = broken or line
    faults.add(table.name, broken, table.label(table.file.key[0]), "sorted",
               "stands after a row with a higher key")


def _first_out_of_order(table, columns):
    before = None
    for line, *key in table.values(*columns):
        if before is not None and key < before:
            return line
        before = key
    return None


def _check_periods(table, form, faults):
    for start, end in PERIODS:
        if start not in table.index or end not in table.index:
            continue
        for line, first, last in table.values(start, end):
            first, last = read_date(first, form), read_date(last, form)
            if first and last and last < first:
                faults.add(table.name, line, table.label(end), "period", "ends before it starts")


def _check_references(table, tables, faults):
    for column, kind in table.file.kinds.items():
        name, _, target = kind.partition(" ")
        if name.rstrip("!") not in ("ref", "refs") or target not in tables:
            continue
        known = tables[target].ids()
        several = name.startswith("refs")
        for line, value in table.values(column):
            wanted = value.split(",") if several else [value]
            for one in wanted if value else ():
                if one not in known:
                    faults.add(table.name, line, table.label(column), "reference",
                               f"{shown(one)} does not stand in {target}")
            if len(set(wanted)) < len(wanted):
                faults.add(table.name, line, table.label(column), "reference",
                           f"{shown(value)} names one id twice")


def _check_usernames(tables, format_, faults):
    """One name, one person, over all files of people; Entra does not tell the case apart."""
    owner = {}
    for name, id_column, username_column in format_.people:
        table = tables.get(name)
        if table is None:
            continue
        status = "status" if "status" in table.index else id_column
        for line, person, username, state in table.values(id_column, username_column, status):
            if not username or state == "tobedeleted":
                continue
            other = owner.setdefault(username.lower(), (person, name, line))
            if other[0] != person:
                faults.add(name, line, table.label(username_column), "unique-username",
                           f"{shown(username)} is also the name on line {other[2]} of {other[1]}")
