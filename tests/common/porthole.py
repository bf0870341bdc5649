# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real binary, started with settings of its own on free ports, and ended as systemd would."""
import itertools
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("PORTHOLE_BIN", str(ROOT / "build" / "src" / "main" / "porthole"))
# The sanitizers slow everything about threefold, and look for leaks after the end.
IS_SANITIZED = "sanitized" in BINARY

COMPLAINT = re.compile(
    r"AddressSanitizer|LeakSanitizer|runtime error:|-CRITICAL|CRITICAL \*\*|GStreamer-WARNING"
    r"|(GLib|GStreamer|libsoup)[\w-]*: (error|critical|warning): "
)
# LeakSanitizer itself now and then falls over a thread that ends while it looks ("Tracer caught
# signal 11"). That is the last thing said, and no leak was found.
LEAK_SEARCH_FAILED = "LeakSanitizer has encountered a fatal error"


def wait_until(predicate, deadline, why):
    """Polls until predicate() is true and returns that; fails with `why` after deadline seconds,
    or three times as many with sanitizers."""
    deadline *= 3 if IS_SANITIZED else 1
    end = time.monotonic() + deadline
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {deadline} s still not: {why}")
        time.sleep(0.02)


def make_ports():
    """From below those that outgoing connections take for themselves (32768 and up), and for each
    lane of script/test and each worker of pytest-xdist from a stretch of its own: nobody takes one
    between a look and its use."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    start = int(os.environ.get("PORTHOLE_TEST_PORTS", "10000")) + 2500 * worker
    stretch = range(start, start + 2500)
    return itertools.cycle(random.sample(stretch, len(stretch)))


PORTS = make_ports()


def is_free(port):
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True


def free_ports(count):
    """Ports nobody listens on, each another than those before."""
    return list(itertools.islice(filter(is_free, PORTS), count))


def run(*arguments, timeout=20, **options):
    """Runs `porthole ARGUMENTS…` to its end."""
    return subprocess.run(
        [BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=timeout, check=False, **options,
    )


def plugin_environment(directory):
    """For GStreamer to find the plugins of the tests' own; its registry of them is new."""
    plugins = pathlib.Path(BINARY).resolve().parents[2] / "tests" / "plugins"
    assert list(plugins.glob("*.so")), f"no plugin in {plugins}"
    return {"GST_PLUGIN_PATH": str(plugins), "GST_REGISTRY": str(directory / "registry")}


class Porthole:
    """A running server. stop() must be called and is where its good behaviour is checked."""

    def __init__(self, directory, cameras, answers_within=20, environment=None, **sections):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.http_port, self.rtsp_port, self.https_port, self.rtsps_port = free_ports(4)
        self.http = f"http://127.0.0.1:{self.http_port}"
        self.rtsp = f"rtsp://127.0.0.1:{self.rtsp_port}"
        settings = {
            "http": {"listen": "loopback", "port": self.http_port, "tls_port": self.https_port,
                     **sections.pop("http", {})},
            "rtsp": {"listen": "loopback", "port": self.rtsp_port, "tls_port": self.rtsps_port,
                     **sections.pop("rtsp", {})},
            "cameras": cameras,
            **sections,
        }
        self.settings_file = self.directory / "porthole.json"
        self.settings_file.write_text(json.dumps(settings, indent=2))
        self.settings_file.chmod(0o600)  # they may hold passwords
        self.log_file = self.directory / "log"
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "--verbose", "--config", str(self.settings_file)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, "STATE_DIRECTORY": str(self.directory / "state"),
                     **(environment or {})},
            )
        try:
            wait_until(self._answers, answers_within, "the server answers on /healthz")
        except AssertionError:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not come up:\n{self.log}") from None

    def _answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log}")
        try:
            with urllib.request.urlopen(self.http + "/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    def api(self, path=""):
        """The API's answer below /api/v1/cameras, as Python values."""
        url = f"{self.http}/api/v1/cameras{'/' + path if path else ''}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)

    def stream(self, camera, name):
        return next(s for s in self.api(camera)["streams"] if s["name"] == name)

    def measured(self, camera, name):
        return self.stream(camera, name)["measured"]

    def cpu_seconds(self):
        """User and system time used so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def threads(self):
        """Names of its threads, as the kernel has them (15 letters)."""
        names = []
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            try:
                names.append((task / "comm").read_text().strip())
            except OSError:
                pass  # it ended meanwhile
        return names

    def open_files(self):
        links = []
        for link in pathlib.Path(f"/proc/{self.pid}/fd").iterdir():
            try:
                links.append(os.readlink(link))
            except OSError:
                pass  # closed meanwhile
        return links

    def stop(self, number=signal.SIGTERM, within=6 if IS_SANITIZED else 2):
        """Ends it and checks that it went cleanly. Returns the seconds that took."""
        if self.process.poll() is not None:
            raise AssertionError(f"it had ended with {self.process.returncode}:\n{self.log}")
        started = time.monotonic()
        self.process.send_signal(number)
        try:
            status = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"it did not end within 30 s:\n{self.log}") from None
        took = time.monotonic() - started
        said, search_failed, _ = self.log.partition(LEAK_SEARCH_FAILED)
        complaints = [line for line in said.splitlines() if COMPLAINT.search(line)]
        assert not complaints, f"complaints in the log:\n{self.log}"
        assert status == 0 or search_failed, f"exit status {status}:\n{self.log}"
        assert took < within, f"the end took {took:.1f} s:\n{self.log}"
        return took

    def kill(self):
        """For a fixture's end when the test has failed already."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def test_camera(name="front", width=640, height=360, framerate=15, streams=None, **keys):
    """A small camera that costs a test machine little."""
    camera = {
        "name": name,
        "source": {
            "type": "test", "width": width, "height": height, "framerate": framerate,
            **keys.pop("source", {}),
        },
        "streams": streams
        or [
            {"name": "main", "codec": "h264", "bitrate": 1000, "keyframe_interval": 2.0},
            {"name": "sub", "codec": "h264", "width": 320, "height": 180, "bitrate": 200,
             "framerate": 5, "keyframe_interval": 1.0},
            {"name": "jpeg", "codec": "jpeg", "framerate": 10, "quality": 70},
        ],
        "linger": 2,
    }
    camera.update(keys)
    return camera


test_camera.__test__ = False  # not a test, whatever its name says
