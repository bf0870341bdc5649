# SPDX-License-Identifier: LGPL-2.1-or-later
"""Viewers behind a line of 300 kbit/s that loses one packet in twenty, while the camera makes five
times as much: they get fewer pictures, but fresh ones, and nobody else notices. The test pattern
"clock" tells when each picture was made."""
import base64
import contextlib
import ctypes
import os
import pathlib
import shutil
import subprocess
import threading
import time
import urllib.request

import clock
import pytest
from porthole import Porthole

CLONE_NEWNET = 0x40000000
WIDTH, HEIGHT = 640, 360
FRAMERATE = 30
CAMERA = {
    "name": "clock",
    "source": {"type": "test", "pattern": "clock", "width": WIDTH, "height": HEIGHT,
               "framerate": FRAMERATE},
    "streams": [
        {"name": "main", "codec": "h264", "bitrate": 1500, "keyframe_interval": 0.25},
        {"name": "jpeg", "codec": "jpeg", "framerate": 15},
    ],
}
PASSWORD = "a password for tests"
LOGIN = "Basic " + base64.b64encode(f"anna:{PASSWORD}".encode()).decode()
ACCESS = {"anonymous": True, "basic_over_plain": True,
          "users": [{"name": "anna", "password": PASSWORD, "role": "admin"}]}
SECONDS = 14
# What is being sent, what the line holds, and what is lost and sent again: beside the age allowed.
ON_THE_WAY = 3.0
MAX_AGE = {"rtsp": 1.0, "mp4": 2.0, "mjpeg": 0.5}
WAYS = {
    "rtsp": ("rtsp://{host}:{rtsp}/clock", "-rtsp_transport", "tcp"),
    "mp4": ("http://{host}:{http}/clock/live.mp4",),
    "mjpeg": ("http://{host}:{http}/clock/mjpeg", "-f", "mpjpeg"),
}
# 200 ms of what waits is the line's own; what is beyond, it loses.
LINE = ("rate", "300kbit", "burst", "3000", "latency", "200ms")
LOSS = "add table inet line; add chain inet line in { type filter hook input priority 0; }; " \
       "add rule inet line in meta l4proto tcp numgen random mod 100 < 5 drop"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True)


class Lines:
    """A namespace for the server, and one behind a thin line for each way of watching."""

    def __init__(self):
        self.server = f"thin{os.getpid()}"
        self.names = [self.server]
        run("ip", "netns", "add", self.server)
        run("ip", "-n", self.server, "link", "set", "lo", "up")

    def add(self, number):
        """Gives the namespace of the far end, and the server's address there."""
        name, near, far = f"{self.server}-{number}", f"line{number}", "eth0"
        run("ip", "netns", "add", name)
        self.names.append(name)
        run("ip", "link", "add", near, "netns", self.server, "type", "veth", "peer", "name", far,
            "netns", name)
        for namespace, device, host in ((self.server, near, 1), (name, far, 2)):
            run("ip", "-n", namespace, "addr", "add", f"10.77.{number}.{host}/24", "dev", device)
            run("ip", "-n", namespace, "link", "set", device, "up")
        run("ip", "netns", "exec", self.server, "tc", "qdisc", "add", "dev", near, "root", "tbf",
            *LINE)
        run("ip", "netns", "exec", name, "nft", LOSS)
        return name, f"10.77.{number}.1"

    def down(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


@contextlib.contextmanager
def inside(namespace):
    """This thread, and what it starts, in a network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", "rb") as outside, \
            open(f"/run/netns/{namespace}", "rb") as there:
        def enter(file):
            if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        enter(there)
        try:
            yield
        finally:
            enter(outside)


@pytest.fixture
def lines():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    for tool in ("ip", "tc", "nft"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    try:
        whole = Lines()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces are not to be had: {error.stderr.strip()}")
    yield whole
    whole.down()


class Watcher(threading.Thread):
    """Notes how old each picture was that came."""

    def __init__(self, url, *options, namespace=None):
        super().__init__()
        self.ages = []
        self.is_over = threading.Event()
        self.prefix = ("ip", "netns", "exec", namespace) if namespace else ()
        self.url, self.options = url, options
        self.start()

    def run(self):
        with contextlib.closing(clock.of_viewer(
                self.url, WIDTH, HEIGHT, *self.options, prefix=self.prefix)) as times:
            for made in times:
                if self.is_over.is_set():
                    break
                if made is not None:
                    self.ages.append(time.time() - made)


def resident(server):
    """KiB."""
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def dropped(server, kind):
    """What viewers of a kind were not sent, as /metrics counts it."""
    request = urllib.request.Request(f"{server.http}/metrics", headers={"Authorization": LOGIN})
    with urllib.request.urlopen(request, timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines
               if line.startswith("porthole_viewer_dropped_frames_total")
               and f'kind="{kind}"' in line)


def watch(server, lines):
    """How old what a neighbour and those far away saw was, and by how many KiB the server grew."""
    ports = {"rtsp": server.rtsp_port, "http": server.http_port}
    url, *options = WAYS["rtsp"]
    near = Watcher(url.format(host="127.0.0.1", **ports), *options)
    far = {}
    for number, (way, (url, *options)) in enumerate(WAYS.items()):
        namespace, host = lines.add(number)
        far[way] = Watcher(url.format(host=host, **ports), *options, namespace=namespace)
    time.sleep(SECONDS / 2)
    memory = resident(server)
    time.sleep(SECONDS / 2)
    grown = resident(server) - memory
    for watcher in (near, *far.values()):
        watcher.is_over.set()
    for watcher in (near, *far.values()):
        watcher.join(timeout=15)
    return near.ages, {way: watcher.ages for way, watcher in far.items()}, grown


def check_far(server, way, ages):
    said = f"{way}: {[round(age, 1) for age in ages]}"
    print(said)
    assert 3 <= len(ages) < 0.7 * SECONDS * FRAMERATE, said
    assert max(ages[len(ages) // 2:]) < MAX_AGE[way] + ON_THE_WAY, said
    assert dropped(server, way) > 0, way


def test_who_is_on_a_thin_line_sees_fewer_pictures_but_fresh_ones(lines, tmp_path):
    with inside(lines.server):
        server = Porthole(tmp_path, [CAMERA], http={"listen": "any"}, rtsp={"listen": "any"},
                          access=ACCESS)
        try:
            near, far, grown = watch(server, lines)
            print(len(near), "pictures near by; grown by", grown, "KiB")
            for way, ages in far.items():
                check_far(server, way, ages)
            assert len(near) > 0.8 * SECONDS * FRAMERATE
            assert grown < 8 * 1024
            server.stop()
        finally:
            server.kill()
