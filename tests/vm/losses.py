# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real camera drivers that lose their device, fall silent, or belong to somebody else. Viewers look
on all the while, over RTSP and as MJPEG, and none of them would come back once thrown out."""
import contextlib
import os
import pathlib
import subprocess
import threading
import time

from bed import check, preload_for_vimc, v4l2_camera

import media
from porthole import wait_until
from rtsp_client import RtspClient

VIVID = pathlib.Path("/sys/bus/platform/drivers/vivid")
BY_PATH = "/dev/v4l/by-path/platform-vivid.0-video-index0"


class Viewer(threading.Thread):
    """Takes what comes until it is stopped, or thrown out."""

    def __init__(self, watch):
        super().__init__(daemon=True)
        self.pictures = watch
        self.n_pictures = 0
        self.is_over = False
        self.start()

    def run(self):
        with contextlib.suppress(OSError, ValueError, KeyError):  # the last part is cut short
            for _ in self.pictures:
                self.n_pictures += 1
        self.is_over = True


class Audience:
    """One viewer over RTSP and one that takes MJPEG."""

    def __init__(self, server, camera):
        self.rtsp = RtspClient(f"{server.rtsp}/{camera}", timeout=40)
        self.mjpeg = media.Http(f"{server.http}/{camera}/mjpeg", timeout=40)
        self.rtsp.start().wait_for_keyframe()
        self.viewers = {"rtsp": Viewer(self.rtsp.units(duration=600)),
                        "mjpeg": Viewer(self.mjpeg.parts())}

    def wait_for_pictures(self, count=4, within=20):
        before = {name: viewer.n_pictures for name, viewer in self.viewers.items()}

        def all_see():
            gone = [name for name, viewer in self.viewers.items() if viewer.is_over]
            assert not gone, f"{gone} were thrown out"
            return all(self.viewers[name].n_pictures >= n + count for name, n in before.items())

        wait_until(all_see, within, "all see pictures")

    def __enter__(self):
        self.wait_for_pictures()
        return self

    def __exit__(self, *exception):
        self.rtsp.close()
        self.mjpeg.__exit__()


def control(**values):
    for name, value in values.items():
        done = media.run(["v4l2-ctl", "-d", "/dev/video0", "-c", f"{name}={value}"])
        assert done.returncode == 0, done.stderr


def wait_for_state(server, camera, state, within=20):
    wait_until(lambda: server.api(camera)["state"] == state, within, f"{camera} is {state}")


def wait_for_loss(server, camera, words):
    wait_until(lambda: words in (server.api(camera)["last_error"] or ""), 15, f"it says {words}")


def wait_for_placeholder(server, camera):
    wait_until(lambda: all(one["placeholder"] for one in server.api(camera)["streams"]), 10,
               "the streams carry a placeholder")


@check
def a_webcam_that_is_pulled_out_and_put_in_again(folder):
    """Off the bus for a moment; silent; and unplugged, to come back as another /dev/videoN, which is
    opened at once when it is there."""
    server = folder.start(
        v4l2_camera("raw", BY_PATH, format="raw", width=320, height=180, framerate=10))
    with Audience(server, "raw") as audience:
        control(disconnect=1)
        wait_for_loss(server, "raw", "has stopped delivering")
        wait_for_state(server, "raw", "live")
        audience.wait_for_pictures()

        control(percentage_of_dropped_buffers=100)
        wait_for_loss(server, "raw", "no picture came for")
        wait_for_placeholder(server, "raw")
        audience.wait_for_pictures()
        control(percentage_of_dropped_buffers=0)
        wait_for_state(server, "raw", "live")
        audience.wait_for_pictures()

        held = os.open("/dev/video0", os.O_RDWR)  # so that its number is taken
        try:
            (VIVID / "unbind").write_text("vivid.0")
            wait_for_loss(server, "raw", "is it plugged in?")
            wait_for_placeholder(server, "raw")
            audience.wait_for_pictures()
            wait_until(lambda: server.api("raw")["retry_in"] > 3, 15, "it is tried less often")
            (VIVID / "bind").write_text("vivid.0")
            bound = time.monotonic()
            wait_until(lambda: server.api("raw")["retry_in"] == 0, 2.9, "it need not wait for its turn")
            wait_for_state(server, "raw", "live")
            print(f"live {time.monotonic() - bound:.1f} s after it was put in")
        finally:
            os.close(held)
        assert os.path.realpath(BY_PATH) != "/dev/video0"
        assert os.path.realpath(BY_PATH) in server.open_files()
        audience.wait_for_pictures()
        assert server.api("raw")["restarts"] == 3
    wait_for_state(server, "raw", "idle")
    (VIVID / "unbind").write_text("vivid.0")
    (VIVID / "bind").write_text("vivid.0")
    wait_until(lambda: os.path.realpath(BY_PATH) == "/dev/video0", 10, "it has its old number")


@check
def a_webcam_that_another_program_uses(folder):
    server = folder.start(
        v4l2_camera("raw", "/dev/video0", format="raw", width=320, height=180, framerate=10))
    holder = subprocess.Popen(["v4l2-ctl", "-d", "/dev/video0", "--stream-mmap"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        holder.stderr.read(1)  # it says something of each picture it has
        status, _, body = media.fetch(f"{server.http}/raw/snapshot.jpg", timeout=30)
        says = f"/dev/video0 is in use by v4l2-ctl (process {holder.pid})"
        assert status == 503 and says in body.decode(), body
        assert server.api("raw")["last_error"] == says
    finally:
        holder.kill()
        holder.wait()
    wait_until(lambda: media.fetch(f"{server.http}/raw/snapshot.jpg", timeout=30)[0] == 200, 20,
               "it is there for Porthole again")


@check
def libcamera_brings_pictures_and_again_when_it_falls_silent(folder):
    """As libcamera 0.0.3 with vimc does by itself, mostly within some seconds: no picture comes any
    more, and no error."""
    server = folder.start({
        "name": "pi", "title": "Pi",
        "source": {"type": "libcamera", "width": 480, "height": 360, "framerate": 15},
        "streams": [{"name": "main", "codec": "h264", "width": 320, "height": 240, "bitrate": 300},
                    {"name": "jpeg", "codec": "jpeg", "framerate": 5}],
        "encoder": "x264enc", "linger": 1}, environment=preload_for_vimc(folder))
    with Audience(server, "pi") as audience:
        status, _, body = media.fetch(f"{server.http}/pi/snapshot.jpg", timeout=30)
        assert status == 200, body
        assert media.jpeg_size(body) == (480, 360)
        patience = time.monotonic() + 8
        wait_until(lambda: time.monotonic() > patience or server.api("pi")["restarts"] > 0, 30,
                   "it fell silent and came back, or did not fall silent")
        wait_for_state(server, "pi", "live")
        audience.wait_for_pictures()
        pi = server.api("pi")
        print(f"it fell silent {server.log.count('no picture came for')} times")
        assert pi["restarts"] == 0 or "no picture came for" in pi["last_error"], pi
