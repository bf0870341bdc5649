# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the checks in the virtual machine have in common."""
import contextlib
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

import media  # noqa: E402
from porthole import Porthole, wait_until  # noqa: E402

CHECKS = {}


def check(function):
    CHECKS[function.__name__] = function
    return function


def v4l2_camera(name, device, **source):
    return {
        "name": name,
        "source": {"type": "v4l2", "device": device, **source},
        "streams": [
            {"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0},
            {"name": "jpeg", "codec": "jpeg", "quality": 60},
        ],
        "encoder": "x264enc",
        "linger": 1,
    }


class Folder:
    """Where a check's servers live; they are ended, and their end checked, with it."""

    def __init__(self, path):
        self.path = path
        self.running = []

    def start(self, *cameras, **options):
        server = Porthole(
            self.path / f"server{len(self.running)}", list(cameras), answers_within=60, **options
        )
        self.running.append(server)
        return server

    def stop_all(self):
        try:
            for server in self.running:
                server.stop(within=6)
        finally:
            for server in self.running:
                server.kill()


@contextlib.contextmanager
def webcam(kind, device):
    """What a webcam with an encoder of its own would send, into v4l2loopback."""
    options = {
        "mjpeg": ["-pix_fmt", "yuvj422p", "-c:v", "mjpeg"],
        "h264": ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-tune",
                 "zerolatency", "-g", "10"],
    }[kind]
    writer = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=10",
         *options, "-f", "v4l2", device],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        code = {"mjpeg": "MJPG", "h264": "H264"}[kind]

        def writes():
            done = media.run(["v4l2-ctl", "-d", device, "--get-fmt-video"])
            return code in done.stdout

        wait_until(writes, 15, f"the writer of {device} is at work")
        yield
    finally:
        writer.kill()
        writer.wait()


def preload_for_vimc(folder):
    """libcamera's vimc handler asks a request for its number after it has handed it back, so that it
    may be gone: the process crashes or the camera stalls (0.0.3). Nobody uses that number."""
    source, library = folder.path / "sequence.c", folder.path / "sequence.so"
    folder.path.mkdir(parents=True, exist_ok=True)
    source.write_text(
        "unsigned int _ZNK9libcamera7Request8sequenceEv (const void *self) { return 0; }\n"
    )
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    return {"LD_PRELOAD": str(library)}
