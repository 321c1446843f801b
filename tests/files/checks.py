"""Reads one export and runs every rule on it."""
from typing import NamedTuple

from cells import check_cells
from formats import FORMATS, MANIFEST
from oneroster import check_oneroster, expected_files, is_delta, read_manifest
from sets import check_sets
from source import check_file_set, read_source
from special import check_special
from table import read_table

MAX_ROWS = 500_000


class Export(NamedTuple):
    tables: dict           # file name -> Table
    rows: dict             # file name -> number of data rows, the manifest's included
    delta: bool


def read_export(path, name, faults):
    """The tables of an export; faults of container, file set and form are added."""
    format_ = FORMATS[name]
    files = read_source(path, faults)
    rows, delta = {}, False
    if name == "oneroster-csv":
        modes, manifest_rows = read_manifest(files, faults)
        expected, delta = expected_files(modes), is_delta(modes)
        check_file_set(files, expected, faults, " (by the manifest)" if modes else "")
        if MANIFEST in files:
            rows[MANIFEST] = manifest_rows
    else:
        check_file_set(files, list(format_.files), faults)
    tables = {}
    for file_name, file in format_.files.items():
        if file_name in files:
            tables[file_name] = read_table(file_name, files[file_name], file, faults)
            rows[file_name] = tables[file_name].data_rows
    if name == "oneroster-csv":
        check_oneroster(tables, modes, faults)
    return Export(tables, rows, delta)


def check_export(path, name, faults, passwords=False, max_rows=MAX_ROWS):
    format_ = FORMATS[name]
    export = read_export(path, name, faults)
    for table in export.tables.values():
        check_cells(table, format_, passwords and format_.passwords, faults)
    check_sets(export.tables, format_, not export.delta, max_rows, faults)
    check_special(name, export.tables, faults)
    return export
