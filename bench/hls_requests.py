# SPDX-License-Identifier: LGPL-2.1-or-later
"""Playlists and segments asked for over and over, beside a web server with the same files."""
import os
import pathlib
import re
import tempfile

from measure import measure, ratios
from scenario import Table, column
from systems import Floor, Nginx, Porthole, fetch, wait_until


def hls_files(porthole, directory):
    """Porthole's playlist and newest whole segment, as files for nginx; and the segment's URL."""
    playlist = fetch(porthole.hls).decode()
    segments = re.findall(r"^[^#\n].*$", playlist, re.MULTILINE)
    (directory / "index.m3u8").write_text(playlist)
    url = porthole.hls.rpartition("/")[0] + "/" + segments[-1]
    (directory / "segment.m4s").write_bytes(fetch(url))
    return url


def hls(bench):
    """HLS: playlists and segments per second of CPU, beside nginx with the same files in memory"""
    if Nginx.absent():
        return [Table("HLS", [], [], [Nginx.absent()])]
    rows, plot = [], []
    clip = bench.clip()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as files, \
            Floor(bench.run("hls"), clip) as floor, Porthole(bench.run("hls"), floor) as porthole, \
            Nginx(bench.run("hls/nginx"), files) as nginx:
        os.chmod(files, 0o755)
        directory = pathlib.Path(files)
        wait_until(lambda: fetch(porthole.hls).count(b"#EXTINF") >= 3, 20, "three segments")
        for what in ("playlist", "segment"):
            rounds = []
            for _ in range(bench.rounds):
                segment = hls_files(porthole, directory)
                urls = {"playlist": (porthole.hls, f"{nginx.http}/index.m3u8"),
                        "segment": (segment, f"{nginx.http}/segment.m4s")}[what]
                one = {}
                for system, url in zip((porthole, nginx), urls):
                    report = measure(system, "get", url, viewers=min(16, bench.most_viewers),
                                     seconds=min(bench.seconds, 3))
                    bench.note("hls", what, report)
                    one[system.name] = report
                rounds.append(one)
            for name in ("porthole", "nginx"):
                rows.append([f"{what}s", name,
                             f"{column(rounds, name, 'frames_per_second').median:.0f}",
                             f"{column(rounds, name, 'frames_per_cpu_second').median:.0f}",
                             "1" if name == "nginx" else
                             ratios(rounds, name, "nginx", "frames_per_cpu_second").text()])
            plot.append((f"HLS {what}s per CPU second", "porthole / nginx",
                         ratios(rounds, "porthole", "nginx", "frames_per_cpu_second")))
    return [Table("HLS", ["what", "server", "per second", "per second of CPU", "× nginx"], rows,
                  [f"The clip: {clip.what}. 16 connections, each asking again as soon as it is "
                   "answered; nginx: one worker, sendfile, a tmpfs."], plot)]
