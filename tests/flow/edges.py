# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two edges, each in a network namespace of its own, and the Porthole behind them in the one this runs
in, with the viewers: started by test_edges.py, which makes that and takes what this prints."""
import base64
import collections
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common"))
from media import fetch, ffprobe  # noqa: E402
from porthole import ROOT, Porthole, test_camera, wait_until  # noqa: E402

PAGE = ROOT / "docs" / "many-viewers.md"
ADMIN = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
WATCH_S = 4
N_EDGES = 2
ORIGIN = "10.85.0.1"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, timeout=10)


class Edge:
    """nginx on a machine of its own, 10.85.0.10 and on."""

    def __init__(self, directory, number, origin_port):
        address = f"10.85.0.{10 + number}"
        self.name, self.url = f"edge{number}", f"http://{address}:8080"
        ip("netns", "add", self.name)
        ip("link", "add", self.name, "type", "veth", "peer", "eth0", "netns", self.name)
        ip("link", "set", self.name, "master", "switch", "up")
        ip("-n", self.name, "address", "add", f"{address}/24", "dev", "eth0")
        ip("-n", self.name, "link", "set", "eth0", "up")
        lines = re.search(r"```nginx\n(.*?)```", PAGE.read_text(), re.S).group(1)
        for ours, theirs in (("/var/cache/nginx/porthole", f"{directory}/cache"),
                             ("camera.lan:8081", f"{ORIGIN}:{origin_port}")):
            assert ours in lines
            lines = lines.replace(ours, theirs)
        directory.mkdir()
        temporary = "".join(f"{kind}_temp_path {directory}/{kind};"
                            for kind in ("proxy", "client_body", "fastcgi", "uwsgi", "scgi"))
        file = directory / "nginx.conf"
        file.write_text(f"daemon off; pid {directory}/pid; error_log {directory}/error.log;\n"
                        f"user root; events {{}}\nhttp {{ access_log off; {temporary}\n{lines}\n}}\n")
        self.process = subprocess.Popen(["ip", "netns", "exec", self.name, "nginx", "-c", str(file), "-e", f"{directory}/error.log"],
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


def check(server, edges):
    assert ffprobe(f"{edges[0].url}/front/index.m3u8")["codec_name"] == "h264"
    few, got_by_few = watch(server, edges, 4)
    many, got_by_many = watch(server, edges, 8)
    print(f"4 viewers on each of {N_EDGES} edges: Porthole sent {few / 1000:.0f} kB/s, viewers got "
          f"{got_by_few / 1000:.0f} kB/s\n8 viewers on each: {many / 1000:.0f} kB/s, "
          f"{got_by_many / 1000:.0f} kB/s")
    asked = collections.Counter(re.findall(r"GET (/front/hls/main/\S+\.m4s): 200", server.log))
    assert len(asked) >= WATCH_S and max(asked.values()) <= N_EDGES, asked
    # As much as a segment more or less makes in so short a time, and not twice as much.
    assert many < 1.6 * few, f"{few:.0f} B/s became {many:.0f} B/s"
    assert got_by_many > 1.6 * got_by_few
    assert few < got_by_few / 3


def main(folder):
    ip("link", "set", "lo", "up")
    ip("link", "add", "switch", "type", "bridge")
    ip("address", "add", f"{ORIGIN}/24", "dev", "switch")
    ip("link", "set", "switch", "up")
    server = Porthole(
        folder / "server",
        [test_camera(anonymous=True, source={"pattern": "snow"}, width=320, height=240)],
        http={"listen": "any", "segment_duration": 1.0, "part_duration": 0},
        access={"users": [{"name": "root", "password": "secret", "role": "admin"}]})
    edges = []
    try:
        for number in range(N_EDGES):
            edges.append(Edge(folder / f"edge{number}", number, server.http_port))
        check(server, edges)
        server.stop()
    finally:
        for edge in edges:
            edge.stop()
        server.kill()


main(pathlib.Path(sys.argv[1]))
