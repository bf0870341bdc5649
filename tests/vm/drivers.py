# SPDX-License-Identifier: LGPL-2.1-or-later
"""What real camera drivers offer, and what Porthole makes of it."""
import json

from bed import check, v4l2_camera, webcam

import media
from porthole import run, wait_until
from rtsp_client import RtspClient


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
