# SPDX-License-Identifier: LGPL-2.1-or-later
"""fail2ban finds the address in the lines that access/gate.c writes, and no other address."""
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILTERS = pathlib.Path("/etc/fail2ban/filter.d")

JOURNAL = "Nov 21 02:30:00 host porthole[123]: access: "
TERMINAL = "02:30:00 access: "
GUESSES = [
    (JOURNAL, "refused 192.0.2.7: wrong password for user \"anna\" (HTTP)", "192.0.2.7"),
    (JOURNAL, "refused 2001:db8::7: too many wrong passwords for user \"anna\" (RTSP); banned for 9 s",
     "2001:db8::7"),
    (TERMINAL, "refused 192.0.2.8: wrong password for user \"a\" (RTSP); not heard for 1 s", "192.0.2.8"),
]
OTHERS = [
    (JOURNAL, "refused 192.0.2.9: password in clear without TLS for user \"anna\" (RTSP)"),
    (JOURNAL, "refused 192.0.2.9: credentials of another request for user "
              "\"access: refused 192.0.2.1: wrong password for user \" (RTSP)"),
]


@pytest.mark.skipif(
    shutil.which("fail2ban-regex") is None or not FILTERS.is_dir(), reason="fail2ban is not here"
)
def test_fail2ban_finds_who_guesses(tmp_path):
    filters = tmp_path / "filter.d"
    filters.mkdir()
    shutil.copy(FILTERS / "common.conf", filters)
    shutil.copy(ROOT / "data" / "fail2ban" / "porthole.conf", filters)
    log = tmp_path / "log"
    log.write_text("".join(f"{prefix}{line}\n" for prefix, line, *_ in GUESSES + OTHERS))
    run = subprocess.run(
        ["fail2ban-regex", "-v", "-c", str(tmp_path), str(log), "porthole"],
        capture_output=True, text=True, timeout=60,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    found = re.findall(r"^\|      (\S+)  ", run.stdout, re.MULTILINE)
    assert sorted(found) == sorted(address for *_, address in GUESSES), run.stdout
