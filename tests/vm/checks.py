# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run inside the virtual machine by test_cameras.py: Porthole on real camera drivers.

    /dev/video0    vivid: a webcam with raw pictures (320x180, 640x360, 640x480 … and their rates)
    /dev/video10   v4l2loopback: a webcam that sends JPEG, while webcam ("mjpeg") writes to it
    /dev/video11   v4l2loopback: a webcam that sends H.264, while webcam ("h264") writes to it
    libcamera      vimc: a camera with a media controller, as on a Raspberry Pi

The processor is emulated, so sizes and rates are small and the limits generous. Each check writes
one line of JSON to FOLDER/results as soon as it has ended.
"""
import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

import media  # noqa: E402
from porthole import Porthole, run, wait_until  # noqa: E402
from rtsp_client import RtspClient  # noqa: E402

CHECKS = {}
LIMIT = 45  # seconds for each check


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


def count_units(server, path, seconds):
    with RtspClient(f"{server.rtsp}/{path}", timeout=30) as client:
        client.start().wait_for_keyframe()
        return sum(1 for _ in client.units(duration=seconds)), client.n_lost


@check
def devices_lists_the_cameras_and_their_modes(folder):
    done = run("devices", "--json", timeout=40)
    assert done.returncode == 0, done.stderr
    cameras = json.loads(done.stdout)["cameras"]
    text = json.dumps(cameras)
    assert "/dev/video0" in text and "vivid" in text.lower(), text
    assert "320" in text and "180" in text, text
    assert "Sensor B" in text, text  # vimc, by libcamera


@check
def devices_tells_the_same_to_people(folder):
    done = run("devices", timeout=40)
    assert done.returncode == 0, done.stderr
    assert "/dev/video0" in done.stdout and "x264enc" in done.stdout, done.stdout


@check
def raw_pictures_are_encoded_at_the_asked_size_and_rate(folder):
    server = folder.start(
        v4l2_camera("raw", "/dev/video0", format="raw", width=320, height=180, framerate=15)
    )
    n_units, n_lost = count_units(server, "raw", 4)
    stream = server.stream("raw", "main")
    assert (stream["width"], stream["height"]) == (320, 180), stream
    assert stream["encoder"] == "x264enc" and stream["passthrough"] is False, stream
    assert n_lost == 0
    assert 48 <= n_units <= 72, f"{n_units} pictures in 4 s at 15 a second"
    assert "instead" not in server.log, server.log


@check
def a_size_and_rate_it_lacks_become_the_nearest_with_one_warning(folder):
    server = folder.start(
        v4l2_camera("raw", "/dev/video0", format="raw", width=330, height=190, framerate=14)
    )
    status, _, body = media.fetch(f"{server.http}/raw/snapshot.jpg", timeout=30)
    assert status == 200, body
    assert media.jpeg_size(body) == (320, 180)
    source = server.api("raw")["source"]
    assert (source["width"], source["height"]) == (320, 180), source
    assert source["framerate"] != 14, source
    warnings = [line for line in server.log.splitlines() if "330x190" in line]
    assert len(warnings) == 1 and "320x180" in warnings[0], server.log


@check
def many_viewers_open_the_device_once_and_nobody_closes_it(folder):
    server = folder.start(
        v4l2_camera("raw", "/dev/video0", format="raw", width=320, height=180, framerate=10)
    )
    for _ in range(3):
        with RtspClient(f"{server.rtsp}/raw", timeout=30) as one:
            one.start().wait_for_keyframe()
            n_open = server.open_files().count("/dev/video0")
            with RtspClient(f"{server.rtsp}/raw") as two:
                two.start().wait_for_keyframe()
                status, _, _ = media.fetch(f"{server.http}/raw/snapshot.jpg", timeout=20)
                assert status == 200
                assert server.open_files().count("/dev/video0") == n_open > 0
        wait_until(lambda: server.api("raw")["state"] == "idle", 10, "idle after linger")
        assert "/dev/video0" not in server.open_files(), "the device is closed"


@check
def auto_takes_raw_where_it_carries_the_rate(folder):
    server = folder.start(v4l2_camera("raw", "/dev/video0", width=320, height=180, framerate=15))
    status, _, _ = media.fetch(f"{server.http}/raw/snapshot.jpg", timeout=30)
    assert status == 200
    assert server.stream("raw", "jpeg")["passthrough"] is False


@check
def the_cameras_own_jpeg_is_passed_through(folder):
    with webcam("mjpeg", "/dev/video10"):
        server = folder.start(v4l2_camera("mjpeg", "/dev/video10"))
        with media.Http(f"{server.http}/mjpeg/mjpeg", timeout=30) as request:
            parts = request.parts()
            next(parts)  # v4l2loopback's first buffer is as long as the device, whatever is in it
            sizes = {media.jpeg_size(next(parts)[1]) for _ in range(10)}
            stream = server.stream("mjpeg", "jpeg")
        assert sizes == {(320, 240)}
        assert stream["passthrough"] is True and stream["encoder"] is None, stream
        n_units, _ = count_units(server, "mjpeg", 2)
        assert n_units >= 10, "and encoded for those who want H.264"
        folder.stop_all()
        folder.running.clear()


@check
def the_cameras_own_h264_is_passed_through(folder):
    with webcam("h264", "/dev/video11"):
        server = folder.start(v4l2_camera("h264", "/dev/video11"))
        with RtspClient(f"{server.rtsp}/h264", timeout=30) as client:
            client.start().wait_for_keyframe()
            n_units = sum(1 for _ in client.units(duration=3))
            stream = server.stream("h264", "main")
        assert stream["passthrough"] is True and stream["encoder"] is None, stream
        assert 22 <= n_units <= 38, f"{n_units} pictures in 3 s at 10 a second"
        folder.stop_all()
        folder.running.clear()


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


@check
def libcamera_brings_a_picture(folder):
    server = folder.start(
        {
            "name": "pi",
            "source": {"type": "libcamera", "width": 480, "height": 360, "framerate": 15},
            "streams": [
                {"name": "main", "codec": "h264", "width": 320, "height": 240, "bitrate": 300},
                {"name": "jpeg", "codec": "jpeg", "framerate": 5},
            ],
            "encoder": "x264enc",
            "linger": 1,
        },
        environment=preload_for_vimc(folder),
    )
    with RtspClient(f"{server.rtsp}/pi", timeout=30) as client:
        client.start().wait_for_keyframe()
        assert sum(1 for _ in client.units(duration=2)) > 0
    status, _, body = media.fetch(f"{server.http}/pi/snapshot.jpg", timeout=30)
    assert status == 200, body
    assert media.jpeg_size(body) == (480, 360)


@check
def a_camera_that_drops_off_the_bus_is_told_and_comes_back(folder):
    server = folder.start(
        v4l2_camera("raw", "/dev/video0", format="raw", width=320, height=180, framerate=10)
    )
    with media.Http(f"{server.http}/raw/mjpeg", timeout=40) as request:
        parts = request.parts()
        next(parts)
        assert media.run(["v4l2-ctl", "-d", "/dev/video0", "-c", "disconnect=1"]).returncode == 0
        wait_until(
            lambda: server.api("raw")["last_error"] is not None, 15, "the camera is known as lost"
        )
        wait_until(lambda: server.api("raw")["state"] == "live", 20, "it is live again")
        assert media.jpeg_size(next(parts)[1]) == (320, 180)


def on_alarm(number, frame):
    raise AssertionError(f"not done after {LIMIT} s")


def run_check(name, directory):
    folder = Folder(directory / name)
    started = time.monotonic()
    signal.alarm(LIMIT)
    failure = None
    try:
        try:
            CHECKS[name](folder)
        finally:
            folder.stop_all()
    except BaseException:  # noqa: B902 - whatever it is, it is this check's result
        failure = traceback.format_exc()
        for log in directory.glob(f"{name}/*/log"):
            lines = [one for one in log.read_text(errors="replace").splitlines() if "GET /api" not in one]
            failure += "\n".join(["", f"{log}:", *lines[-40:]])
    finally:
        signal.alarm(0)
    return {"name": name, "failure": failure, "seconds": round(time.monotonic() - started, 1)}


def main(directory, names):
    signal.signal(signal.SIGALRM, on_alarm)
    with open(directory / "results", "a", encoding="utf-8") as results:
        for name in names or CHECKS:
            result = run_check(name, pathlib.Path("/tmp/checks"))
            results.write(json.dumps(result) + "\n")
            results.flush()
            print(f"{name}: {'failed' if result['failure'] else 'ok'}, {result['seconds']} s", flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
