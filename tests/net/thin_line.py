# SPDX-License-Identifier: LGPL-2.1-or-later
"""Viewers behind lines of 300 kbit/s that lose one packet in twenty, in network namespaces of their
own, while the camera makes five times as much. The test pattern "clock" tells when each picture was
made, so whoever gets one knows how old it is."""
import base64
import contextlib
import ctypes
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

import clock
from porthole import Porthole, wait_until

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
# What is being sent, what the line holds, and what is lost and sent again: beside the age allowed.
ON_THE_WAY = 3.0
# Seconds, as the settings have it where they say nothing.
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
        os.environ["PATH"] += ":/usr/sbin:/sbin"
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


def why_not():
    """Why there can be no such lines on this machine; None: there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    for tool in ("ip", "tc", "nft"):
        if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
            return f"{tool} is not installed"
    probe = f"thin{os.getpid()}probe"
    made = subprocess.run(["ip", "netns", "add", probe], capture_output=True, text=True, check=False)
    subprocess.run(["ip", "netns", "del", probe], capture_output=True, check=False)
    return f"network namespaces are not to be had: {made.stderr.strip()}" if made.returncode else None


@dataclasses.dataclass
class Seen:
    """A picture."""

    when: float  # seconds since 1970
    age: float  # seconds


class Watcher(threading.Thread):
    """Notes how old each picture was that came."""

    def __init__(self, url, *options, namespace=None):
        super().__init__()
        self.seen = []
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
                now = time.time()
                if made is not None:
                    self.seen.append(Seen(now, now - made))

    def ages(self, since, until=float("inf")):
        return [seen.age for seen in list(self.seen) if since <= seen.when < until]


class Bed:
    """A server, a neighbour of it, and one far away for each way of watching."""

    def __init__(self, directory, lines, http=None, rtsp=None):
        """In the thread that is inside (lines.server)."""
        self.server = Porthole(directory, [CAMERA], http={"listen": "any", **(http or {})},
                               rtsp={"listen": "any", **(rtsp or {})}, access=ACCESS)
        self.watchers = []
        try:
            ports = {"rtsp": self.server.rtsp_port, "http": self.server.http_port}
            url, *options = WAYS["rtsp"]
            self.near = self._watch(url.format(host="127.0.0.1", **ports), *options)
            self.far = {}
            for number, (way, (url, *options)) in enumerate(WAYS.items()):
                namespace, host = lines.add(number)
                self.far[way] = self._watch(url.format(host=host, **ports), *options,
                                            namespace=namespace)
        except BaseException:
            self.leave()
            raise

    def _watch(self, *arguments, **options):
        self.watchers.append(Watcher(*arguments, **options))
        return self.watchers[-1]

    def ask(self, path):
        request = urllib.request.Request(f"{self.server.http}/{path}",
                                         headers={"Authorization": LOGIN})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def dropped(self):
        """What each viewer was not sent, as the API's list has it: {way: pictures}; the neighbour's
        way is "near"."""
        viewers = json.loads(self.ask("api/v1/viewers"))["viewers"]
        return {"near" if viewer["peer"] == "127.0.0.1" else viewer["kind"]: viewer["dropped"]
                for viewer in viewers}

    def counted(self, kind):
        """What viewers of a kind were not sent, as /metrics counts it."""
        return sum(float(line.rsplit(" ", 1)[1]) for line in self.ask("metrics").splitlines()
                   if line.startswith("porthole_viewer_dropped_frames_total")
                   and f'kind="{kind}"' in line)

    def change(self, room, **keys):
        """Puts other settings in place, while all look on."""
        settings = json.loads(self.server.settings_file.read_text())
        settings[room].update(keys)
        self.server.settings_file.write_text(json.dumps(settings))
        log = len(self.server.log)
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "settings were read anew" in self.server.log[log:], 10,
                   "the settings are in use")

    def resident(self):
        """KiB."""
        status = pathlib.Path(f"/proc/{self.server.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def leave(self):
        """Everybody goes, and the server ends as it should."""
        for watcher in self.watchers:
            watcher.is_over.set()
        for watcher in self.watchers:
            watcher.join(timeout=15)
        try:
            self.server.stop()
        finally:
            self.server.kill()
