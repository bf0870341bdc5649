# SPDX-License-Identifier: LGPL-2.1-or-later
"""The programs that are compared: started with the same pictures, all fed by the floor server, and
asked what they have cost. Peers are taken from PATH."""
import functools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ.get("PORTHOLE_BENCH_BUILD", ROOT / "build-bench"))
USER, PASSWORD = "bench", "not a secret"


def free_port():
    """An even one that is free for TCP and UDP, with the one above it."""
    for _ in range(1000):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1] & ~1
        try:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                for number in (port, port + 1):
                    with socket.socket(type=kind) as probe:
                        probe.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise RuntimeError("no free ports")


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"gave up waiting for {what}")
        time.sleep(0.02)


def can_connect(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fetch(url, timeout=20):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read()


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return dict(line.split(":", 1) for line in file if ":" in line)


class System:
    """A process. rtsp, mjpeg, …: URLs of its streams, for as far as it has them."""

    name = program = None
    rtsp = rtsps = mjpeg = mp4 = hls = None
    has_low_latency_hls = False

    @classmethod
    def absent(cls):
        """Why it cannot take part; None: it can."""
        return None if shutil.which(cls.program) else f"{cls.program} is not in PATH"

    def start(self, command, port, directory, environment=None):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.log = directory / f"{self.name}.log"
        self.started = time.monotonic()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command], cwd=directory, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
        try:
            wait_until(lambda: self.is_listening(port), 20, f"{self.name} to listen, see {self.log}")
        except RuntimeError:
            self.stop()
            raise
        self.seconds_to_listen = time.monotonic() - self.started

    def is_listening(self, port):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}, see {self.log}")
        return can_connect(port)

    def pids(self):
        """Its own and its children's."""
        found = [self.process.pid]
        for pid in found:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                found += [int(child) for child in file.read().split()]
        return found

    def cpu_seconds(self):
        """User and system time so far, as the scheduler has it: by the nanosecond, where
        /proc/PID/stat counts hundredths of a second. Threads that ended are not in it."""
        total = 0
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                try:
                    total += int((task / "schedstat").read_text(encoding="ascii").split()[0])
                except OSError:
                    pass  # it ended meanwhile
        return total / 1e9

    def rss_kib(self):
        return sum(int(status_of(pid)["VmRSS"].split()[0]) for pid in self.pids())

    def n_sockets(self):
        n = 0
        for file in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                n += os.readlink(file).startswith("socket:")
            except OSError:
                pass  # it was closed meanwhile
        return n

    def n_threads(self):
        return sum(int(status_of(pid)["Threads"]) for pid in self.pids())

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Floor(System):
    name = "floor"

    @classmethod
    def absent(cls):
        return None

    def __init__(self, directory, clip=None, jpeg=None):
        port = free_port()
        command = [BUILD / "bench/porthole-floor", "--port", port]
        if clip:
            command += ["--rtp", clip.rtp, "--sdp", clip.sdp, "--framerate", clip.framerate]
            self.rtsp = f"rtsp://127.0.0.1:{port}/clip"
        if jpeg:
            command += ["--jpeg", jpeg.parts, "--jpeg-framerate", jpeg.framerate]
            self.mjpeg = f"http://127.0.0.1:{port}/mjpeg"
        self.start(command, port, directory)


@functools.cache
def user_entry(program):
    """A user of the settings, as "porthole user" makes it."""
    made = subprocess.run([str(program), "user", USER], input=f"{PASSWORD}\n", text=True, check=True,
                          capture_output=True)
    return json.loads(made.stdout)


class Porthole(System):
    name = "porthole"
    has_low_latency_hls = True
    program = BUILD / "src/main/porthole"

    @classmethod
    def absent(cls):
        return None

    def __init__(self, directory, feeder=None, jpeg=None, cameras=None, with_users=False, linger=600,
                 **rtsp_settings):
        http, rtsp, https, rtsps = (free_port() for _ in range(4))
        if cameras is None:
            cameras = []
        if feeder and feeder.rtsp:
            cameras.append({
                "name": "clip", "source": {"type": "rtsp", "url": feeder.rtsp, "transport": "tcp"},
                "streams": [{"name": "main", "codec": "h264"}], "linger": linger})
        if jpeg:
            cameras.append({"name": "jpeg", "source": {"type": "file", "path": str(jpeg.mkv)},
                            "streams": [{"name": "jpeg", "codec": "jpeg"}], "linger": linger})
        settings = {"http": {"listen": "loopback", "port": http, "tls_port": https},
                    "rtsp": {"listen": "loopback", "port": rtsp, "tls_port": rtsps,
                             **rtsp_settings},
                    "cameras": cameras}
        if with_users:
            settings["access"] = {"users": [user_entry(self.program)]}
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "porthole.json"
        file.touch(0o600)
        file.write_text(json.dumps(settings))
        self.http = f"http://127.0.0.1:{http}"
        self.rtsp = f"rtsp://127.0.0.1:{rtsp}/clip"
        self.rtsps = f"rtsps://127.0.0.1:{rtsps}/clip"
        self.mjpeg = f"{self.http}/jpeg/mjpeg"
        self.mp4 = f"{self.http}/clip/live.mp4"
        self.hls = f"{self.http}/clip/index.m3u8"
        self.start([self.program, "--config", file], http, directory,
                   {"STATE_DIRECTORY": str(directory / "state")})


def make_certificate(directory):
    """server.key and server.crt, as Porthole makes one for itself."""
    if not (directory / "server.crt").exists():
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=bench",
                        "-keyout", "server.key", "-out", "server.crt"],
                       cwd=directory, check=True, capture_output=True)


class MediaMtx(System):
    name = program = "mediamtx"
    has_low_latency_hls = True

    def __init__(self, directory, feeder, on_demand=False):
        rtsp, rtsps, udp, hls = (free_port() for _ in range(4))
        directory.mkdir(parents=True, exist_ok=True)
        make_certificate(directory)
        file = directory / "mediamtx.yml"
        off = "".join(f"{key}: no\n" for key in ("rtmp", "webrtc", "srt", "moq"))
        file.write_text(
            f"logLevel: warn\n{off}"
            f"rtspAddress: 127.0.0.1:{rtsp}\nrtspEncryption: optional\n"
            f"rtspsAddress: 127.0.0.1:{rtsps}\n"
            f"rtspServerKey: server.key\nrtspServerCert: server.crt\n"
            f"rtpAddress: 127.0.0.1:{udp}\nrtcpAddress: 127.0.0.1:{udp + 1}\n"
            f"rtspTransports: [tcp, udp]\n"
            f"hlsAddress: 127.0.0.1:{hls}\n"
            f"hlsAlwaysRemux: {'no' if on_demand else 'yes'}\n"
            f"paths:\n  clip:\n    source: {feeder.rtsp}\n    rtspTransport: tcp\n"
            + ("    sourceOnDemand: yes\n    sourceOnDemandCloseAfter: 1s\n" if on_demand else ""))
        self.rtsp = f"rtsp://127.0.0.1:{rtsp}/clip"
        self.rtsps = f"rtsps://127.0.0.1:{rtsps}/clip"
        self.hls = f"http://127.0.0.1:{hls}/clip/index.m3u8"
        self.start([shutil.which(self.program), file], rtsp, directory)


class Go2rtc(System):
    name = program = "go2rtc"

    def __init__(self, directory, feeder, on_demand=True):  # it knows no other way
        http, rtsp = free_port(), free_port()
        directory.mkdir(parents=True, exist_ok=True)
        file = directory / "go2rtc.yaml"
        streams = {}
        if feeder.rtsp:
            streams["clip"] = feeder.rtsp
        if feeder.mjpeg:
            streams["jpeg"] = feeder.mjpeg
        file.write_text(json.dumps({  # which is YAML, too
            "api": {"listen": f"127.0.0.1:{http}"}, "rtsp": {"listen": f"127.0.0.1:{rtsp}"},
            "webrtc": {"listen": ""}, "log": {"level": "warn"}, "streams": streams}))
        base = f"http://127.0.0.1:{http}/api"
        self.rtsp = f"rtsp://127.0.0.1:{rtsp}/clip"
        self.mjpeg = f"{base}/stream.mjpeg?src=jpeg"
        self.mp4 = f"{base}/stream.mp4?src=clip"
        self.hls = f"{base}/stream.m3u8?src=clip&mp4"
        self.start([shutil.which(self.program), "-config", file], http, directory)


class Nginx(System):
    """One worker, serving the files of a directory."""

    name = program = "nginx"

    @classmethod
    def absent(cls):
        found = shutil.which(cls.program) or shutil.which(cls.program, path="/usr/sbin:/usr/local/sbin")
        return None if found else f"{cls.program} is not in PATH"

    def __init__(self, directory, files):
        program = shutil.which(self.program) or shutil.which(self.program, path="/usr/sbin:/usr/local/sbin")
        port = free_port()
        directory.mkdir(parents=True, exist_ok=True)
        temporary = "".join(f"{kind}_temp_path {directory}/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        configuration = directory / "nginx.conf"
        configuration.write_text(
            f"daemon off;\nmaster_process off;\npid {directory}/nginx.pid;\n"
            f"error_log {directory}/error.log;\nevents {{ worker_connections 4096; }}\n"
            f"http {{\n{temporary}access_log off;\nsendfile on;\ntcp_nopush on;\n"
            f"types {{ video/mp4 m4s mp4; application/vnd.apple.mpegurl m3u8; }}\n"
            f"server {{ listen 127.0.0.1:{port}; root {files}; keepalive_requests 1000000; }}\n}}\n")
        self.http = f"http://127.0.0.1:{port}"
        self.start([program, "-p", directory, "-c", configuration, "-e", directory / "error.log"],
                   port, directory)


PEERS = [MediaMtx, Go2rtc]
# Those that need a camera device to serve anything at all.
NEED_DEVICE = ["ustreamer", "motion"]


def first_device():
    devices = sorted(pathlib.Path("/dev").glob("video*"))
    return str(devices[0]) if devices else None
