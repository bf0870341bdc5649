# SPDX-License-Identifier: LGPL-2.1-or-later
"""Edge caches in front of HLS, by the very lines of docs/many-viewers.md: viewers double, and Porthole
sends no more."""
import base64
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import pytest
from media import fetch, ffprobe
from porthole import ROOT, free_ports, test_camera, wait_until

PAGE = ROOT / "docs" / "many-viewers.md"
ADMIN = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
WATCH_S = 4
N_EDGES = 2


class Edge:
    def __init__(self, directory, origin_port):
        self.port, = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        lines = re.search(r"```nginx\n(.*?)```", PAGE.read_text(), re.S).group(1)
        for ours, theirs in (("/var/cache/nginx/porthole", f"{directory}/cache"),
                             ("listen 8080", f"listen 127.0.0.1:{self.port}"),
                             ("camera.lan:8081", f"127.0.0.1:{origin_port}")):
            assert ours in lines
            lines = lines.replace(ours, theirs)
        directory.mkdir()
        temporary = "".join(f"{kind}_temp_path {directory}/{kind};"
                            for kind in ("proxy", "client_body", "fastcgi", "uwsgi", "scgi"))
        file = directory / "nginx.conf"
        file.write_text(f"daemon off; pid {directory}/pid; error_log {directory}/error.log;\n"
                        f"user root; events {{}}\nhttp {{ access_log off; {temporary}\n{lines}\n}}\n")
        self.process = subprocess.Popen(["nginx", "-c", str(file), "-e", f"{directory}/error.log"],
                                        stdin=subprocess.DEVNULL)
        wait_until(lambda: self.answers(), 10, "nginx answers")

    def answers(self):
        try:
            return fetch(self.url + "/")[0] == 404
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)


class Viewer(threading.Thread):
    """Polls a media playlist as players do and fetches each segment in it once."""

    def __init__(self, playlist, until):
        super().__init__()
        self.playlist, self.until = playlist, until
        self.n_bytes, self.seen, self.faults = 0, set(), []

    def get(self, url):
        with urllib.request.urlopen(url, timeout=15) as answer:
            body = answer.read()
        self.n_bytes += len(body)
        return body

    def run(self):
        try:
            while time.monotonic() < self.until:
                text = self.get(self.playlist).decode()
                for name in re.findall(r"^(?!#)\S+\.m4s$", text, re.M):
                    if name not in self.seen:
                        self.seen.add(name)
                        self.get(urllib.parse.urljoin(self.playlist, name))
                time.sleep(0.5)  # a player's own pace
        except OSError as fault:
            self.faults.append(fault)


def sent_by(server):
    status, _, text = fetch(server.http + "/metrics", headers=ADMIN)
    assert status == 200, text
    return sum(float(line.split()[-1]) for line in text.decode().splitlines()
               if line.startswith("porthole_sent_bytes_total") and 'kind="hls"' in line)


def watch(server, edges, n_each):
    """(bytes a second that Porthole sent, bytes a second that viewers got)"""
    before, started = sent_by(server), time.monotonic()
    viewers = [Viewer(f"{edge.url}/front/index.m3u8?stream=main", started + WATCH_S)
               for edge in edges for _ in range(n_each)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    faults = [fault for viewer in viewers for fault in viewer.faults]
    assert not faults and all(viewer.n_bytes for viewer in viewers), faults
    assert all(len(viewer.seen) >= 3 for viewer in viewers), "each saw several segments"
    took = time.monotonic() - started
    return (sent_by(server) - before) / took, sum(v.n_bytes for v in viewers) / took


@pytest.fixture
def edges(tmp_path, servers):
    """Two edges, and the Porthole behind them."""
    server = servers.start(
        test_camera(anonymous=True, source={"pattern": "snow"}, width=320, height=240),
        http={"segment_duration": 1.0, "part_duration": 0},
        access={"users": [{"name": "root", "password": "secret", "role": "admin"}]})
    edges = []
    try:
        for i in range(N_EDGES):
            edges.append(Edge(tmp_path / f"edge{i}", server.http_port))
        yield server, edges
    finally:
        for edge in edges:
            edge.stop()


def test_porthole_sends_no_more_when_viewers_of_edges_double(edges):
    server, nginxes = edges
    assert ffprobe(f"{nginxes[0].url}/front/index.m3u8")["codec_name"] == "h264"
    few, got_by_few = watch(server, nginxes, 4)
    many, got_by_many = watch(server, nginxes, 8)
    print(f"\n4 viewers on each of {N_EDGES} edges: Porthole sent {few / 1000:.0f} kB/s, viewers got "
          f"{got_by_few / 1000:.0f} kB/s\n8 viewers on each: {many / 1000:.0f} kB/s, "
          f"{got_by_many / 1000:.0f} kB/s")
    assert many < 1.3 * few, f"{few:.0f} B/s became {many:.0f} B/s"
    assert got_by_many > 1.6 * got_by_few
    assert few < got_by_few / 3
