# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the JSON Schemas as the tables in src/config have them: write.py [--check] PORTHOLE-PAPERS

With --check it writes nothing and fails when a file says something else than the tables.
"""
import json
import pathlib
import subprocess
import sys

FILES = {"schema": "porthole.schema.json", "camera-schema": "camera.schema.json"}


def main(papers, is_check):
    stale = 0
    for paper, name in FILES.items():
        run = subprocess.run([papers, paper], capture_output=True, text=True, check=True)
        schema = json.loads(run.stdout)
        file = pathlib.Path(__file__).with_name(name)
        if not is_check:
            file.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        elif json.loads(file.read_text()) != schema:
            print(f"{name} is not what the tables say; run: meson compile write-schemas")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[-1], "--check" in sys.argv[1:]))
