# SPDX-License-Identifier: LGPL-2.1-or-later
"""What viewers run (ffprobe, ffmpeg, gst-launch, VLC) and just enough of the formats to look in."""
import hashlib
import http.client
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import urllib.parse


def run(command, timeout=30, **options):
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
        check=False, **options,
    )


def ffprobe(url, *options, timeout=30):
    """The first video stream as ffprobe has it."""
    done = run(
        ["ffprobe", "-v", "error", *options, "-select_streams", "v", "-show_streams",
         "-of", "json", url],
        timeout,
    )
    assert done.returncode == 0, done.stderr
    streams = json.loads(done.stdout)["streams"]
    assert streams, f"no video in {url}: {done.stderr}"
    return streams[0]


def pictures_by_rtspsrc(url, directory, count, *properties):
    """How many of count pictures GStreamer decoded, and what it printed. Its exit status tells less:
    that is an error too when its goodbye, the PAUSE after the last picture, is not taken any more."""
    done = run(
        ["gst-launch-1.0", "-q", "rtspsrc", f"location={url}", "latency=0", *properties, "!",
         "rtph264depay", "!", "h264parse", "!", "avdec_h264", "!", "identity",
         f"eos-after={count + 1}", "!", "jpegenc", "!", "multifilesink",
         f"location={directory}/%d.jpg"])
    return len(list(directory.glob("*.jpg"))), done.stdout + done.stderr


def decode(url, n_frames, *options, timeout=30):
    """Decodes n_frames pictures with ffmpeg; returns its complaints, which should be none."""
    done = run(
        ["ffmpeg", "-v", "warning", "-nostdin", *options, "-i", url, "-frames:v", str(n_frames),
         "-fps_mode", "passthrough", "-f", "framemd5", "-"],
        timeout,
    )
    assert done.returncode == 0, done.stderr
    pictures = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    assert len(pictures) == n_frames, f"{len(pictures)} of {n_frames} pictures: {done.stderr}"
    return done.stderr


def decoded_pictures(data, *options):
    """How many pictures ffmpeg decodes out of these bytes, and what it complains about."""
    done = subprocess.run(
        ["ffmpeg", "-v", "warning", *options, "-i", "-", "-fps_mode", "passthrough",
         "-f", "framemd5", "-"],
        input=data, capture_output=True, timeout=30, check=False,
    )
    lines = done.stdout.decode().splitlines()
    return sum(not line.startswith("#") for line in lines), done.stderr.decode()


def vlc_pictures(url, seconds):
    """How many different pictures VLC shows, judged by what its scene filter writes."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o777)
        command = [
            "timeout", "--kill-after=5", str(seconds),  # a live stream has no end of its own
            "cvlc", "--intf", "dummy", "--vout", "dummy", "--no-audio", "-vv",
            "--video-filter=scene", "--scene-format=png", "--scene-ratio=1",
            f"--scene-path={directory}", url,
        ]
        if os.getuid() == 0:  # VLC refuses root
            command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        done = run(command, timeout=seconds + 20, env={**os.environ, "HOME": directory})
        pictures = {
            hashlib.md5(path.read_bytes()).digest() for path in pathlib.Path(directory).glob("*.png")
        }
    return len(pictures), done.stderr


def jpeg_size(data):
    """(width, height) out of the frame header of a JPEG; fails on anything else."""
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9", "not one whole JPEG"
    offset = 2
    while True:
        marker, length = struct.unpack(">HH", data[offset:offset + 4])
        if marker in (0xFFC0, 0xFFC1, 0xFFC2):
            height, width = struct.unpack(">HH", data[offset + 5:offset + 9])
            return width, height
        offset += 2 + length


class Http:
    """One HTTP request whose answer may never end."""

    def __init__(self, url, method="GET", headers=None, timeout=15):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
        path = parts.path + ("?" + parts.query if parts.query else "")
        self.connection.request(method, path, headers=headers or {})
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.headers = {name.lower(): value for name, value in self.answer.getheaders()}

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.answer.close()  # it holds the socket as well
        self.connection.close()

    def read(self, size=None):
        return self.answer.read(size)

    def read_some(self):
        return self.answer.read1(65536)

    def parts(self):
        """Yields the (headers, body) of a multipart answer; each part must say its length."""
        kind, _, boundary = self.headers["content-type"].partition("boundary=")
        assert kind.startswith("multipart/x-mixed-replace"), kind
        marker = b"--" + boundary.strip('"').encode()
        stream = self.answer
        while True:
            line = stream.readline()
            if not line:
                return
            if line.strip() == b"":
                continue
            assert line.rstrip(b"\r\n") == marker, line
            headers = {}
            while (line := stream.readline().strip()):
                name, value = line.decode().split(":", 1)
                headers[name.strip().lower()] = value.strip()
            body = stream.read(int(headers["content-length"]))
            yield headers, body


def fetch(url, method="GET", headers=None, timeout=15):
    """(status, headers, body) of a request that ends."""
    with Http(url, method, headers, timeout) as request:
        return request.status, request.headers, request.read()


def boxes(data):
    """Yields (type, payload) of the whole ISO BMFF boxes at the start of data (ISO 14496-12, 4.2)."""
    offset = 0
    while offset + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[offset:offset + 8])
        assert size >= 8, f"box {kind} of {size} bytes"
        if offset + size > len(data):
            return
        yield kind.decode("latin-1"), data[offset + 8:offset + size]
        offset += size


def find_box(data, *path):
    """The payload of the first box at path, or None."""
    for kind, payload in boxes(data):
        if kind == path[0]:
            return payload if len(path) == 1 else find_box(payload, *path[1:])
    return None


def decode_time(moof):
    """baseMediaDecodeTime of a movie fragment (ISO 14496-12, 8.8.12)."""
    tfdt = find_box(moof, "traf", "tfdt")
    return int.from_bytes(tfdt[4:12] if tfdt[0] == 1 else tfdt[4:8], "big")
