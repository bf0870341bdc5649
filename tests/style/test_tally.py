# SPDX-License-Identifier: LGPL-2.1-or-later
"""The count at the end of script/test is what people and machines believe: it has tests itself."""
import json
import pathlib
import subprocess
import sys

import pytest

TALLY = pathlib.Path(__file__).resolve().parents[1] / "common" / "tally.py"


def tally(directory):
    run = subprocess.run(
        [sys.executable, str(TALLY), str(directory)], capture_output=True, text=True, check=False
    )
    return run.stdout.splitlines()[-1], run.returncode


def told(directory):
    return subprocess.run(
        [sys.executable, str(TALLY), str(directory)], capture_output=True, text=True, check=False
    ).stdout


def write_step(directory, name, status, cases="", programs=()):
    (directory / f"{name}.status").write_text(f"{status}\n")
    if cases:
        (directory / f"{name}.xml").write_text(f"<testsuites>{cases}</testsuites>")
    if programs:
        (directory / f"{name}.json").write_text("\n".join(map(json.dumps, programs)))


PASSED = '<testcase name="a"/>'
FAILED = '<testcase name="b"><failure/></testcase>'
ERROR = '<testcase name="c"><error/></testcase>'
SKIPPED = '<testcase name="d"><skipped/></testcase>'


def test_steps_are_added_up(tmp_path):
    write_step(tmp_path, "unit", 0, f'<testsuite name="x.e">{PASSED}{PASSED}</testsuite>')
    write_step(tmp_path, "flow", 0, f'<testsuite name="pytest">{PASSED}</testsuite>')
    assert tally(tmp_path) == ("3 passed, 0 failed", 0)


def test_failures_and_errors_are_failed(tmp_path):
    write_step(tmp_path, "flow", 1, f'<testsuite name="pytest">{PASSED}{FAILED}{ERROR}</testsuite>')
    assert tally(tmp_path) == ("1 passed, 2 failed", 1)


SUITE = '<testsuite name="pytest">{}</testsuite>'


def test_what_passes_when_it_is_run_again_has_passed_and_is_named(tmp_path):
    write_step(tmp_path, "flow", 1, SUITE.format(PASSED + FAILED))
    (tmp_path / "flow-again.xml").write_text(SUITE.format('<testcase name="b"/>'))
    assert tally(tmp_path) == ("2 passed, 0 failed", 0)
    assert "passed only when it was run again, alone: ::b" in told(tmp_path)


def test_what_fails_again_has_failed(tmp_path):
    write_step(tmp_path, "flow", 1, SUITE.format(PASSED + FAILED + ERROR))
    (tmp_path / "flow-again.xml").write_text(SUITE.format(FAILED + '<testcase name="c"/>' + ERROR))
    assert tally(tmp_path) == ("1 passed, 2 failed", 1)


@pytest.mark.parametrize("fault", [
    "==1==ERROR: AddressSanitizer: heap-use-after-free", "SUMMARY: LeakSanitizer: 8 byte(s)",
    "x.c:1:2: runtime error: null pointer", "complaints in the log: (porthole:1): GLib-CRITICAL",
    "it had ended with -11:", "exit status 1:"])
def test_a_fault_that_was_seen_once_is_there(tmp_path, fault):
    write_step(tmp_path, "flow", 1, SUITE.format(
        PASSED + f'<testcase name="b"/><testcase name="b"><error>{fault}</error></testcase>'))
    (tmp_path / "flow-again.xml").write_text(SUITE.format('<testcase name="b"/>'))
    assert tally(tmp_path) == ("2 passed, 1 failed", 1)


def test_a_runner_that_died_is_not_made_good_by_another(tmp_path):
    write_step(tmp_path, "flow", 124)
    (tmp_path / "flow-again.xml").write_text(SUITE.format(PASSED))
    assert tally(tmp_path) == ("0 passed, 1 failed", 1)


def test_skipped_tests_are_told(tmp_path):
    write_step(tmp_path, "flow", 0, f'<testsuite name="pytest">{PASSED}{SKIPPED}</testsuite>')
    assert tally(tmp_path) == ("1 passed, 0 failed, 1 skipped", 0)


def test_nothing_run_is_no_success(tmp_path):
    assert tally(tmp_path) == ("0 passed, 0 failed", 1)


def test_only_skipped_tests_are_no_success(tmp_path):
    write_step(tmp_path, "vm", 0, f'<testsuite name="pytest">{SKIPPED}</testsuite>')
    assert tally(tmp_path)[1] == 1


def test_a_step_that_left_no_results_is_one_failure(tmp_path):
    write_step(tmp_path, "style", 0, f'<testsuite name="pytest">{PASSED}</testsuite>')
    write_step(tmp_path, "build", 1)
    assert tally(tmp_path) == ("1 passed, 1 failed", 1)


def test_a_runner_that_died_after_good_tests_is_one_failure(tmp_path):
    write_step(tmp_path, "flow", 124, f'<testsuite name="pytest">{PASSED}</testsuite>')
    assert tally(tmp_path) == ("1 passed, 1 failed", 1)


def test_a_program_that_crashed_after_good_tests_is_one_failure(tmp_path):
    suites = f'<testsuite name="porthole.porthole:unit+base / e">{PASSED}</testsuite>'
    suites += f'<testsuite name="porthole.porthole:unit+base / m">{PASSED}{FAILED}</testsuite>'
    programs = [
        {"name": "porthole:unit+base / e", "result": "ERROR"},
        {"name": "porthole:unit+base / m", "result": "FAIL"},
    ]
    write_step(tmp_path, "unit", 2, suites, programs)
    assert tally(tmp_path) == ("2 passed, 2 failed", 1)
