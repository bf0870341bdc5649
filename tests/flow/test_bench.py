# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tools of script/bench, so that they still work when somebody wants figures."""
import json
import os
import pathlib
import subprocess
import sys
import xml.dom.minidom

from porthole import BINARY

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(BINARY).resolve().parents[2]


def test_a_short_bench_sees_every_picture_and_prints_ratios():
    run = subprocess.run(
        [sys.executable, str(ROOT / "bench/run.py"), "--rounds", "1", "--seconds", "1",
         "--viewers", "3", "rtsp-udp", "rtsp-tls", "mjpeg"],
        capture_output=True, text=True, timeout=90, check=False,
        env={**os.environ, "PORTHOLE_BENCH_BUILD": str(BUILD), "PATH": "/usr/bin:/bin"})
    assert run.returncode == 0, run.stdout + run.stderr
    assert "mediamtx is absent: mediamtx is not in PATH" in run.stdout
    results = BUILD / "bench-results"
    measured = json.loads((results / "benchmarks.json").read_text())["measured"]
    seen = {(one["scenario"], one["system"]): one for one in measured}
    for who in (("rtsp-udp", "floor"), ("rtsp-udp", "porthole"), ("rtsp-tls", "porthole"),
                ("mjpeg", "floor"), ("mjpeg", "porthole")):
        assert seen[who]["cpu"] > 0 and seen[who]["gaps"] == 0, seen[who]
        pictures = 10 if who[0] == "mjpeg" else 30
        assert seen[who]["slowest_per_second"] > pictures / 2, seen[who]
        assert "failure" not in seen[who], seen[who]
    # The authorities of the whole world, once for each connection, are 4 MiB of it.
    assert seen["rtsp-tls", "porthole"]["rss_per_viewer_kib"] < 1536
    lines = (results / "benchmarks.md").read_text().splitlines()
    assert sum(line.startswith(("| 3 | porthole |", "| 1 | porthole |")) for line in lines) == 3
    assert "MJPEG" in xml.dom.minidom.parse(str(results / "benchmarks.svg")).toxml()
