# SPDX-License-Identifier: LGPL-2.1-or-later
"""Fails when man(1) has anything to say about a page, or a mark was left in it: check.py FILE…"""
import os
import pathlib
import subprocess
import sys


def complaints(page):
    run = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page],
        capture_output=True, text=True, check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANROFFSEQ": "", "MANWIDTH": "80"},
    )
    marks = [mark for mark in ("@COMMANDS@", "@OPTIONS@", "@SETTINGS@", "@VERSION@")
             if mark in pathlib.Path(page).read_text()]
    failure = [f"man ended with {run.returncode}"] if run.returncode else []
    return run.stderr.splitlines() + failure + [f"{mark} is still there" for mark in marks]


if __name__ == "__main__":
    found = [f"{page}: {line}" for page in sys.argv[1:] for line in complaints(page)]
    print("\n".join(found))
    sys.exit(1 if found else 0)
