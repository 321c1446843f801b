"""Where the files come from: a folder or a zip. Names, rights and shape of the container."""
import os
import stat
import zipfile

FOLDER_MODE = 0o700
FILE_MODE = 0o600


class Unreadable(Exception):
    """The path is neither a folder nor a zip."""


def read_source(path, faults):
    """All files by name, as bytes. Faults of the container itself are added."""
    if os.path.isdir(path):
        return _read_folder(path, faults)
    if os.path.isfile(path) and zipfile.is_zipfile(path):
        return _read_zip(path, faults)
    raise Unreadable(f"{path}: no folder and no zip")


def _mode_fault(faults, name, mode, wanted):
    if mode != wanted:
        faults.add(name, 0, "", "file-mode", f"rights are {mode:04o}, must be {wanted:04o}")


def _read_folder(path, faults):
    _mode_fault(faults, ".", stat.S_IMODE(os.stat(path).st_mode), FOLDER_MODE)
    files = {}
    for entry in sorted(os.scandir(path), key=lambda entry: entry.name):
        if entry.is_symlink() or not entry.is_file():
            faults.add(entry.name, 0, "", "extra-file", "not a regular file")
            continue
        _mode_fault(faults, entry.name, stat.S_IMODE(entry.stat().st_mode), FILE_MODE)
        with open(entry.path, "rb") as handle:
            files[entry.name] = handle.read()
    return files


def _read_zip(path, faults):
    files = {}
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        times = {entry.date_time for entry in entries}
        if len(times) > 1:
            faults.add(".", 0, "", "zip-times",
                       f"entries carry {len(times)} different times, must be one fixed time")
        for entry in entries:
            if "/" in entry.filename or "\\" in entry.filename or entry.is_dir():
                faults.add(entry.filename, 0, "", "zip-root", "not at the root of the zip")
            elif entry.filename in files:
                faults.add(entry.filename, 0, "", "zip-root", "stands twice in the zip")
            elif entry.flag_bits & 1:
                faults.add(entry.filename, 0, "", "zip-root", "is encrypted")
            else:
                try:
                    files[entry.filename] = archive.read(entry)
                except zipfile.BadZipFile as error:
                    faults.add(entry.filename, 0, "", "zip-root", f"damaged: {error}")
    return files


def check_file_set(files, expected, faults, reason=""):
    """Exactly the expected names, case included."""
    lower = {name.lower(): name for name in files}
    for name in expected:
        if name not in files:
            other = lower.get(name.lower())
            hint = f"; {other} is spelt otherwise" if other else ""
            faults.add(name, 0, "", "missing-file", f"is not there{reason}{hint}")
    for name in sorted(files):
        if name not in expected:
            faults.add(name, 0, "", "extra-file", f"does not belong to the format{reason}")
