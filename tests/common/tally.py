# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the tests that ran: tally.py DIRECTORY

The directory has, for every step NAME of script/test, NAME.status (the exit status of its runner),
NAME.xml (JUnit, one testcase for each test) and, where meson ran it, NAME.json (its log, one JSON
object for each test program). Prints one line for each step and then "N passed, N failed", with
", N skipped" when there are any. Exits with 1 when something failed or nothing ran.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

# The characters that XML 1.0, section 2.2, leaves out.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def outcome_of(testcase):
    for child in testcase:
        if child.tag in ("failure", "error"):
            return "failed"
        if child.tag == "skipped":
            # pytest reports an expected failure as a kind of skip; it is no test left out.
            return "passed" if child.get("type") == "pytest.xfail" else "skipped"
    return "passed"


def programs_failed_without_a_testcase(log, root):
    """Test programs that crashed or ended early: meson has only the testcases up to there."""
    failed_suites = {
        suite.get("name")
        for suite in root.iter("testsuite")
        if any(outcome_of(case) == "failed" for case in suite.iter("testcase"))
    }
    names = []
    for line in log.read_text().splitlines():
        program = json.loads(line)
        if program["result"] in ("OK", "SKIP", "EXPECTEDFAIL"):
            continue
        # Its suite is called PROJECT.PROGRAM, or PROJECT when it gave no results at all; a failed
        # testcase then bears the program's name.
        name = program["name"]
        if not any(suite.endswith("." + name) for suite in failed_suites) and not any(
            case.get("name") == name and outcome_of(case) == "failed"
            for case in root.iter("testcase")
        ):
            names.append(name)
    return names


def tally_step(directory, name, status):
    counts = Counter()
    junit = directory / f"{name}.xml"
    log = directory / f"{name}.json"
    try:
        # What a test printed may hold what no XML may: its outcome counts all the same.
        text = junit.read_text(encoding="utf-8", errors="replace")
        root = ElementTree.fromstring(NOT_IN_XML.sub("", text).encode())
    except (OSError, ElementTree.ParseError):
        root = None
    if root is not None:
        counts.update(outcome_of(case) for case in root.iter("testcase"))
        if log.exists():
            counts["failed"] += len(programs_failed_without_a_testcase(log, root))
    # What ended badly without naming a test (a build, a runner that died) is one failure.
    if status != 0 and counts["failed"] == 0:
        counts["failed"] = 1
    return counts


def describe(counts):
    text = f"{counts['passed']} passed, {counts['failed']} failed"
    return text + (f", {counts['skipped']} skipped" if counts["skipped"] else "")


def main(directory):
    total = Counter()
    for file in sorted(directory.glob("*.status"), key=lambda path: path.stat().st_mtime):
        counts = tally_step(directory, file.stem, int(file.read_text()))
        print(f"  {file.stem}: {describe(counts)}")
        total += counts
    print(describe(total))
    return 0 if total["failed"] == 0 and total["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
