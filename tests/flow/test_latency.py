# SPDX-License-Identifier: LGPL-2.1-or-later
"""The test pattern "clock": what a viewer decodes tells when it was made, whatever the way."""
import itertools
import time

import clock
import pytest
from conftest import Servers

CAMERA = {
    "name": "clock",
    "source": {"type": "test", "pattern": "clock", "width": 640, "height": 360, "framerate": 15},
    "streams": [
        {"name": "main", "codec": "h264", "bitrate": 1500, "keyframe_interval": 1},
        {"name": "sub", "codec": "h264", "width": 320, "height": 180, "bitrate": 300},
        {"name": "jpeg", "codec": "jpeg", "framerate": 15},
    ],
}
PICTURES = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("clock"))
    yield servers.start(CAMERA)
    servers.stop_all()


@pytest.mark.parametrize(
    "way, width, height, options",
    [
        ("rtsp", 640, 360, ["-rtsp_transport", "tcp"]),
        ("rtsp/sub", 320, 180, ["-rtsp_transport", "tcp"]),
        ("live.mp4", 640, 360, []),
        ("mjpeg", 640, 360, []),
    ],
)
def test_a_viewer_reads_when_each_picture_was_made(server, way, width, height, options):
    if way.startswith("rtsp"):
        url = f"{server.rtsp}/clock{way.removeprefix('rtsp')}"
    else:
        url = f"{server.http}/clock/{way}"
    began = time.time()
    times = list(itertools.islice(clock.of_viewer(url, width, height, *options), PICTURES))
    assert len(times) == PICTURES
    assert None not in times
    assert times == sorted(set(times)), "each picture is younger than the one before"
    assert times[-1] > began, "they are of now"
    assert times[-1] < time.time()
