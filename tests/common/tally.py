# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts the tests that ran: tally.py DIRECTORY

The directory has, for every step NAME of script/test, NAME.status (the exit status of its runner),
NAME.xml (JUnit, one testcase for each test) and, where meson ran it, NAME.json (its log, one JSON
object for each test program); and NAME-again.xml (JUnit) if what failed was run once more, alone.
Prints one line for each step and then "N passed, N failed", with ", N skipped" when there are any.
A test that passed when it was run again has passed, and is named; but a fault that was seen once, a
crash or what a sanitizer found, is there, however often it does not show. Exits with 1 when
something failed or nothing ran.
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections import Counter

# The characters that XML 1.0, section 2.2, leaves out.
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What tests/common/porthole.py says of them.
FAULT = re.compile(
    "Sanitizer|runtime error:|complaints in the log|ended with -?[0-9]|exit status -?[0-9]")


def read_junit(file):
    """The root of it, or None where there is none or half of one."""
    try:
        # What a test printed may hold what no XML may: its outcome counts all the same.
        text = file.read_text(encoding="utf-8", errors="replace")
        return ElementTree.fromstring(NOT_IN_XML.sub("", text).encode())
    except (OSError, ElementTree.ParseError):
        return None


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


def name_of(testcase):
    return f"{testcase.get('classname', '')}::{testcase.get('name')}"


def passed_when_run_again(root, again):
    """Names of the tests that failed without a fault, and passed with the machine for themselves."""
    outcomes = {}
    for case in again.iter("testcase"):
        outcomes.setdefault(name_of(case), set()).add(outcome_of(case))
    faults = {
        name_of(case) for case in root.iter("testcase") if FAULT.search("".join(case.itertext()))
    }
    return {
        name_of(case)
        for case in root.iter("testcase")
        if outcome_of(case) == "failed"
        and outcomes.get(name_of(case)) == {"passed"}
        and name_of(case) not in faults
    }


def tally_step(directory, name, status):
    counts = Counter()
    log = directory / f"{name}.json"
    root = read_junit(directory / f"{name}.xml")
    again = read_junit(directory / f"{name}-again.xml")
    passed = passed_when_run_again(root, again) if None not in (root, again) else set()
    if root is not None:
        for case in root.iter("testcase"):
            counts["passed" if name_of(case) in passed else outcome_of(case)] += 1
        if log.exists():
            counts["failed"] += len(programs_failed_without_a_testcase(log, root))
    # What ended badly without naming a test (a build, a runner that died) is one failure.
    if status != 0 and counts["failed"] == 0 and not passed:
        counts["failed"] = 1
    return counts, sorted(passed)


def describe(counts):
    text = f"{counts['passed']} passed, {counts['failed']} failed"
    return text + (f", {counts['skipped']} skipped" if counts["skipped"] else "")


def main(directory):
    total = Counter()
    for file in sorted(directory.glob("*.status"), key=lambda path: path.stat().st_mtime):
        counts, passed_again = tally_step(directory, file.stem, int(file.read_text()))
        print(f"  {file.stem}: {describe(counts)}")
        for name in passed_again:
            print(f"    passed only when it was run again, alone: {name}")
        total += counts
    print(describe(total))
    return 0 if total["failed"] == 0 and total["passed"] > 0 else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
