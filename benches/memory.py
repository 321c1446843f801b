#!/usr/bin/env python3
"""Peak memory of `import` and of the check file, for honest and for hostile input. Prints figures, asserts none.

    cargo build --release && python3 benches/memory.py [--pupils 50000]
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import zipfile

from spine import ONEROSTER, Postgres, key_file, oneroster


def peak(name, *arguments):
    """Runs a command and prints its peak resident memory, from the kernel's own account of the ended process."""
    begin = time.monotonic()
    process = subprocess.Popen([ONEROSTER, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = process.stdout.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    last = next((line for line in output.splitlines() if "error" in line or "✗" in line or ":" in line), "")[:140]
    print(f"{name}: {used.ru_maxrss / 1024:.0f} MB, {time.monotonic() - begin:.1f} s, code {os.waitstatus_to_exitcode(status)}  {last}")


def filled(file, begin, filling, mebibytes, end):
    """Writes piece by piece: a process begins with the peak of the one that starts it."""
    file.write(begin.encode())
    for _ in range(mebibytes):
        file.write(filling.encode() * (1 << 20))
    file.write(end.encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pupils", type=int, default=50_000)
    arguments = parser.parse_args()
    work = pathlib.Path(tempfile.mkdtemp(prefix="oneroster-memory-"))
    work.chmod(0o755)
    postgres = Postgres(work / "postgres")
    os.environ["DATABASE_URL"] = postgres.url
    os.environ["ONEROSTER_AUDIT_DIR"] = str(work / "audit")
    os.environ["ONEROSTER_ENCRYPTION_KEY_FILE"] = key_file(work / "encryption-key")
    try:
        bundle = work / "bundle"
        oneroster("generate", bundle, "--pupils", arguments.pupils, "--seed", 1)
        oneroster("migrate")
        oneroster("tenant", "apply", bundle / "tenant.toml")
        size = sum(file.stat().st_size for file in bundle.glob("*.csv"))
        peak(f"first import of {arguments.pupils} pupils, {size / 1e6:.0f} MB", "import", "--tenant", "demo", bundle)
        peak("the same again", "import", "--tenant", "demo", bundle)
        for form in ("csv", "xlsx"):
            file = work / f"check.{form}"
            peak(f"check file written, {form}", "usernames", "export", "--tenant", "demo", file)
            peak(f"check file read, {form}", "usernames", "import", "--tenant", "demo", file, "--dry-run")
        header = "instelnr,school,schoolcode\n"
        bomb = work / "bomb.zip"
        with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("school.csv", "w") as entry:
            filled(entry, header, ",", 400, "")
        peak(f"an archive of {bomb.stat().st_size >> 10} KB that unpacks to 400 MB", "import", "--tenant", "demo", bomb)
        wide = work / "wide"
        wide.mkdir()

        def hostile(filling, end, begin=""):
            with (wide / "school.csv").open("wb") as file:
                filled(file, header + begin, filling, 200, end)

        hostile(",", "\n")
        peak("a line of 200 MB of commas", "import", "--tenant", "demo", wide)
        hostile("x", ",\n", "001507,")
        peak("a cell of 200 MB", "import", "--tenant", "demo", wide)
        hostile("x", "", '001507,"')
        peak("a quote of 200 MB that is never closed", "import", "--tenant", "demo", wide)
    finally:
        postgres.stop()
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
