# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a machine can say about taste: layout, includes, shell scripts, licence lines."""
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A room may include itself and these. rtsp, http and remote never know one another.
MAY_INCLUDE = {
    "base": set(),
    "config": {"base"},
    "access": {"base", "config"},
    "camera": {"base", "config"},
    "push": {"base", "config", "camera"},
    "rtsp": {"base", "config", "access", "camera"},
    "http": {"base", "config", "access", "camera"},
    "remote": {"base", "config"},
    "main": {"base", "config", "access", "camera", "push", "rtsp", "http", "remote"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([a-z0-9-]+)/', re.MULTILINE)


def tracked_files():
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others",
         "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


def sources():
    return [path for path in tracked_files() if path.suffix in (".c", ".h")]


def first_line(path):
    with open(path, "rb") as file:
        return file.readline().decode(errors="replace")


def shell_scripts():
    return [path for path in tracked_files() if re.match(r"#!/bin/(ba)?sh\b", first_line(path))]


def misformatted(paths):
    found = []
    for path in paths:
        wanted = subprocess.run(
            ["clang-format-14", "--style=file", str(path)], cwd=ROOT, capture_output=True, check=True
        ).stdout
        if wanted != path.read_bytes():
            found.append(str(path.relative_to(ROOT)))
    return found


def wrong_includes(room, text):
    return [
        other
        for other in INCLUDE.findall(text)
        if other in MAY_INCLUDE and other != room and other not in MAY_INCLUDE[room]
    ]


@pytest.mark.skipif(
    shutil.which("clang-format-14") is None, reason="the layout is that of clang-format 14"
)
def test_sources_are_laid_out_by_clang_format():
    assert sources()
    assert misformatted(sources()) == [], "run: clang-format-14 -i on these"


def test_shell_scripts_pass_shellcheck():
    scripts = [str(path) for path in shell_scripts()]
    assert scripts
    run = subprocess.run(["shellcheck", *scripts], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_rooms_include_only_rooms_above_them():
    wrong = {}
    for path in sources():
        parts = path.relative_to(ROOT).parts
        if parts[0] == "src" and (found := wrong_includes(parts[1], path.read_text())):
            wrong["/".join(parts)] = found
    assert wrong == {}


def test_a_wrong_include_is_noticed():
    assert wrong_includes("rtsp", '#include "camera/feed.h"\n#include "http/hls.h"\n') == ["http"]
    assert wrong_includes("camera", '#include "camera/feed.h"\n#include <glib.h>\n') == []


def test_sources_and_scripts_bear_the_licence():
    marked = sources() + shell_scripts() + [p for p in tracked_files() if p.suffix == ".py"]
    bare = [
        str(path.relative_to(ROOT))
        for path in marked
        if "SPDX-License-Identifier: LGPL-2.1-or-later" not in path.read_text()[:200]
    ]
    assert bare == []
