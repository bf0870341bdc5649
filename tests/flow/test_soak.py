# SPDX-License-Identifier: LGPL-2.1-or-later
"""A short run of script/soak: what it judges by is in there."""
import subprocess

from porthole import ROOT

MINUTES = 0.06


def test_viewers_and_cameras_that_come_and_go_leave_nothing_behind():
    done = subprocess.run(["/usr/bin/python3", str(ROOT / "script" / "soak"), str(MINUTES), "7"],
                          capture_output=True, text=True, timeout=170, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing grew" in done.stdout
