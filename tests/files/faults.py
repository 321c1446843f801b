"""Faults: what was found, where, and against which rule."""
from collections import Counter

SHOWN_PER_RULE = 20


def shown(value, limit=60):
    """A value as it is printed in a message: escaped and cut."""
    text = ascii(value)
    return text if len(text) <= limit else text[:limit] + "…"


class Faults:
    def __init__(self):
        self.found = []            # (file, line, column, rule, message)
        self.counts = Counter()    # (file, rule) -> how many

    def add(self, file, line, column, rule, message):
        self.counts[(file, rule)] += 1
        if self.counts[(file, rule)] <= SHOWN_PER_RULE:
            self.found.append((file, line, column, rule, message))

    def has(self, rule, file=None):
        return any(r == rule and (file is None or f == file) for f, r in self.counts)

    def total(self):
        return sum(self.counts.values())

    def print(self, out):
        for file, line, column, rule, message in self.found:
            place = f"{file}:{line}" if line else file
            out.write(f"{place}: {column or '-'}: {rule}: {message}\n")
        for (file, rule), count in self.counts.items():
            if count > SHOWN_PER_RULE:
                out.write(f"{file}: -: {rule}: {count - SHOWN_PER_RULE} more of these\n")
