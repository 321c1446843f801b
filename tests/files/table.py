"""Bytes of one file to rows, with every fault of its form: encoding, line ends, header, quoting."""
import re

from faults import shown

BOM = b"\xef\xbb\xbf"
FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
# The characters with the Unicode property White_Space.
WHITE = ("\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
         "\u2009\u200a\u2028\u2029\u202f\u205f\u3000")
LINE_END = re.compile("\r\n|\n|\r")
BARE_END = re.compile("(?<!\r)\n|\r(?!\n)")
CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(,|\Z)')
NEEDS_QUOTES = re.compile('[",\r\n]')


class Table:
    """Rows of one file as (line, cells); rows with a wrong number of cells are left out."""

    def __init__(self, name, file):
        self.name, self.file = name, file
        self.rows = []
        self.data_rows = 0
        self.index = {column: at for at, column in enumerate(file.columns)}
        self.headers = file.header.split(",")

    def values(self, *columns):
        """(line, value, ...) of every row."""
        places = [self.index[column] for column in columns]
        for line, cells in self.rows:
            yield (line, *(cells[at] for at in places))

    def dicts(self):
        columns = self.file.columns
        for _, cells in self.rows:
            yield dict(zip(columns, cells))

    def ids(self):
        """Values of the first key column."""
        return {value for _, value in self.values(self.file.key[0])}

    def label(self, column):
        """The column's name as it stands in the file."""
        return self.headers[self.index[column]]


def read_table(name, data, file, faults):
    table = Table(name, file)
    text = _decode(name, data, faults)
    for match in BARE_END.finditer(text):
        line = len(LINE_END.findall(text, 0, match.start())) + 1
        faults.add(name, line, "", "line-end", "the line does not end with CR LF")
        break
    if text and not text.endswith(("\r\n", "\n", "\r")):
        faults.add(name, 0, "", "line-end", "the last line has no end")
    lines = LINE_END.split(text)
    if lines and lines[-1] == "":
        lines.pop()
    if not lines or lines[0] != file.header:
        found = shown(lines[0]) if lines else "nothing"
        faults.add(name, 1, "", "header", f"the header row is {found}")
    for line, record in _records(name, lines, faults):
        table.data_rows += 1
        cells = _cells(table, line, record, faults)
        if cells is None:
            continue
        if len(cells) != len(table.headers):
            faults.add(name, line, "", "cell-count",
                       f"{len(cells)} cells, the header has {len(table.headers)}")
            continue
        _check_characters(table, line, record, cells, faults)
        table.rows.append((line, cells))
    return table


def _decode(name, data, faults):
    if data.startswith(BOM):
        faults.add(name, 1, "", "bom", "begins with a byte order mark")
        data = data[len(BOM):]
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(name, line, "", "utf-8", f"byte {data[error.start]:02x} is not UTF-8")
        return data.decode("utf-8", "replace")


def _records(name, lines, faults):
    """(line, record); a quoted cell that runs over a line end is a fault and is joined."""
    at = 1
    while at < len(lines):
        start, record = at, lines[at]
        while record.count('"') % 2 and at + 1 < len(lines):
            at += 1
            record += "\n" + lines[at]
        if at > start and record.count('"') % 2 == 0:
            faults.add(name, start + 1, "", "line-break", "a value holds a line break")
        elif at > start:                       # a quote that never closes: one line only
            at, record = start, lines[start]
        yield start + 1, record
        at += 1


def _cells(table, line, record, faults):
    if '"' not in record:
        return record.split(",")
    cells, at = [], 0
    while True:
        match = CELL.match(record, at)
        if match is None:
            faults.add(table.name, line, "", "quoting", f"quotes are wrong at {shown(record[at:])}")
            return None
        quoted, plain, stop = match.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        if quoted is not None and not NEEDS_QUOTES.search(quoted):
            place = len(cells) - 1
            column = table.file.columns[place] if place < len(table.headers) else ""
            if column not in table.file.lists or not quoted:
                label = table.headers[place] if column else ""
                faults.add(table.name, line, label, "quoting", "quotes that are not needed")
        at = match.end()
        if stop != ",":
            return cells


def _check_characters(table, line, record, cells, faults):
    if FORBIDDEN.search(record):
        for label, cell in zip(table.headers, cells):
            match = FORBIDDEN.search(cell)
            if match:
                faults.add(table.name, line, label, "control-character",
                           f"holds U+{ord(match.group()):04X}")
    for label, cell in zip(table.headers, cells):
        if cell and (cell[0] in WHITE or cell[-1] in WHITE):
            faults.add(table.name, line, label, "trimmed", f"{shown(cell)} is not trimmed")
