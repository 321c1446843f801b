"""A copy of a right export that can be made wrong, cell by cell or byte by byte."""
import os
import shutil

from faults import Faults
from formats import FORMATS, MANIFEST_FILE
from source import read_source
from table import NEEDS_QUOTES, read_table


class NotHere(Exception):
    """The export has no place for this fault, such as too few rows."""


class Copy:
    def __init__(self, source, folder, name):
        self.folder, self.format = folder, FORMATS[name]
        os.makedirs(folder, mode=0o700)
        for file, data in read_source(source, Faults()).items():
            self.write(file, data)

    def path(self, file):
        return os.path.join(self.folder, file)

    def files(self):
        return sorted(os.listdir(self.folder))

    def read(self, file):
        with open(self.path(file), "rb") as handle:
            return handle.read()

    def write(self, file, data):
        with open(self.path(file), "wb") as handle:
            handle.write(data)
        os.chmod(self.path(file), 0o600)

    def remove(self, file):
        os.remove(self.path(file))

    def rename(self, file, other):
        os.rename(self.path(file), self.path(other))

    def replace(self, file, old, new):
        data = self.read(file)
        if old not in data:
            raise NotHere(f"{file} does not hold {old!r}")
        self.write(file, data.replace(old, new, 1))

    def _spec(self, file):
        return self.format.files.get(file, MANIFEST_FILE)

    def table(self, file):
        return read_table(file, self.read(file), self._spec(file), Faults())

    def rows(self, file, at_least=1):
        """Data rows as lists of cells."""
        rows = [cells for _, cells in self.table(file).rows]
        if len(rows) < at_least:
            raise NotHere(f"{file} has fewer than {at_least} rows")
        return rows

    def put(self, file, rows):
        lines = [self._spec(file).header]
        lines += [",".join(map(quoted, cells)) for cells in rows]
        self.write(file, "".join(line + "\r\n" for line in lines).encode("utf-8"))

    def at(self, file, column):
        return self._spec(file).columns.index(column)

    def cell(self, file, column, value, row=0):
        """Sets one cell; a function gets the old value."""
        rows, at = self.rows(file, row + 1), self.at(file, column)
        old, rows[row][at] = rows[row][at], value(rows[row][at]) if callable(value) else value
        if rows[row][at] == old:
            raise NotHere(f"{column} of {file} is not changed by it")
        self.put(file, rows)

    def first_row(self, file, column, wanted):
        """Number of the first row whose cell fulfils the condition."""
        at = self.at(file, column)
        for number, cells in enumerate(self.rows(file)):
            if wanted(cells[at]):
                return number
        raise NotHere(f"no row of {file} fits")

    def rename_id(self, old, new):
        """Writes an id otherwise in every file, lists included."""
        for file in self.files():
            if file not in self.format.files:
                continue
            self.put(file, [[",".join(new if one == old else one for one in cell.split(","))
                             for cell in cells] for cells in self.rows(file, 0)])

    def clear(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def quoted(cell):
    return '"' + cell.replace('"', '""') + '"' if NEEDS_QUOTES.search(cell) else cell
