# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files and IP cameras as the source. A second Porthole plays the IP camera."""
import hashlib
import subprocess
import time

import media
import pytest
from porthole import test_camera, wait_until
from rtsp_client import RtspClient

FRAMERATE = 15
SECONDS = 2
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "15", "-pix_fmt", "yuv420p"]
FILES = {
    "film.mp4": H264,
    "film.ts": H264,
    "film.mkv": H264,
    "bframes.mp4": ["-c:v", "libx264", "-bf", "2", "-g", "15", "-pix_fmt", "yuv420p"],
    "film.avi": ["-c:v", "mjpeg", "-q:v", "5"],
}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    directory = tmp_path_factory.mktemp("films")
    for name, options in FILES.items():
        subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
             f"testsrc=size=320x180:rate={FRAMERATE}", "-t", str(SECONDS), *options,
             str(directory / name)],
            check=True, stdin=subprocess.DEVNULL,
        )
    return directory


def file_camera(path, **keys):
    return {
        "name": "film",
        "source": {"type": "file", "path": str(path)},
        "streams": [
            {"name": "main", "codec": "h264", "bitrate": 500},
            {"name": "jpeg", "codec": "jpeg", "quality": 70},
        ],
        "linger": 2,
        **keys,
    }


def slices_of(path):
    """Digests of the coded pictures (NAL types 1 and 5) in a file, as ffmpeg unpacks them."""
    stream = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f",
         "h264", "-"],
        check=True, capture_output=True,
    ).stdout
    nals = stream.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return {digest(nal) for nal in nals if nal and nal[0] & 0x1F in (1, 5)}


def digest(nal):
    return hashlib.md5(nal.rstrip(b"\0")).digest()


@pytest.mark.parametrize("name", [name for name in FILES if name != "film.avi"])
def test_h264_in_a_file_is_passed_through_and_loops(servers, films, name):
    server = servers.start(file_camera(films / name))
    original = slices_of(films / name)
    with RtspClient(f"{server.rtsp}/film") as client:
        units = list(client.start().units(duration=2.6 * SECONDS))
        stream = server.stream("film", "main")
    assert stream["passthrough"] is True and stream["encoder"] is None
    sent = {digest(nal) for unit in units for nal in unit.nals if nal[0] & 0x1F in (1, 5)}
    assert sent <= original, "what is sent is what is in the file, bit for bit"
    assert len(sent) == len(original), "all of it, so it has looped"
    assert client.n_lost == 0
    n_expected = 2.6 * SECONDS * FRAMERATE
    assert 0.8 * n_expected <= len(units) <= 1.2 * n_expected, "at the speed of the film"
    stamps = [unit.timestamp for unit in units]
    steps = [(b - a + (1 << 31)) % (1 << 32) - (1 << 31) for a, b in zip(stamps, stamps[1:])]
    reorder = 3 * 90000 / FRAMERATE if name.startswith("bframes") else 0
    # The timestamp is when the picture is shown; only B-frames may take it back, by their depth.
    assert min(steps) > -reorder and max(steps) < 90000, steps


def test_mp4_of_a_looping_file_never_goes_back(servers, films):
    server = servers.start(file_camera(films / "film.mp4"))
    data = b""
    with media.Http(f"{server.http}/film/live.mp4") as request:
        end = time.monotonic() + 2.6 * SECONDS
        while time.monotonic() < end:
            data += request.read_some()
    times = [media.decode_time(body) for kind, body in media.boxes(data) if kind == "moof"]
    assert times == sorted(set(times)) and len(times) > SECONDS
    n_pictures, complaints = media.decoded_pictures(data)
    assert n_pictures >= 2 * SECONDS * FRAMERATE
    assert "non monoton" not in complaints.lower()


def test_jpeg_in_a_file_is_passed_through_to_mjpeg(servers, films):
    server = servers.start(file_camera(films / "film.avi"))
    with media.Http(f"{server.http}/film/mjpeg") as request:
        parts = request.parts()
        pictures = {next(parts)[1] for _ in range(FRAMERATE)}
        stream = server.stream("film", "jpeg")
    assert stream["passthrough"] is True and stream["encoder"] is None
    film = (films / "film.avi").read_bytes()
    assert all(picture in film for picture in pictures)


def test_jpeg_in_a_file_is_encoded_for_rtsp(servers, films):
    server = servers.start(file_camera(films / "film.avi"))
    media.decode(f"{server.rtsp}/film", 40, "-rtsp_transport", "tcp")
    assert server.stream("film", "main")["passthrough"] is False


def test_another_size_is_decoded_and_encoded(servers, films):
    streams = [
        {"name": "main", "codec": "h264"},
        {"name": "sub", "codec": "h264", "width": 160, "height": 90, "bitrate": 100},
    ]
    server = servers.start(file_camera(films / "film.mp4", streams=streams))
    sub = media.ffprobe(f"{server.rtsp}/film/sub", "-rtsp_transport", "tcp")
    assert (sub["width"], sub["height"]) == (160, 90)
    assert server.stream("film", "sub")["passthrough"] is False
    media.decode(f"{server.rtsp}/film/main", 20, "-rtsp_transport", "tcp")
    assert server.stream("film", "main")["passthrough"] is True


def relay_camera(url, **source):
    return {
        "name": "relay",
        "source": {"type": "rtsp", "url": url, **source},
        "streams": [
            {"name": "main", "codec": "h264"},
            {"name": "jpeg", "codec": "jpeg", "width": 320, "height": 180, "quality": 70},
        ],
        "linger": 1,
    }


@pytest.mark.parametrize("transport", ["tcp", "udp", "auto"])
def test_an_ip_camera_is_relayed_as_it_is(servers, transport):
    camera = servers.start(test_camera())
    relay = servers.start(relay_camera(f"{camera.rtsp}/front", transport=transport))
    with RtspClient(f"{camera.rtsp}/front") as direct, RtspClient(f"{relay.rtsp}/relay") as client:
        client.start().wait_for_keyframe()
        units = list(client.units(duration=3))
        direct.start().wait_for_keyframe()
        sent = {digest(nal) for unit in direct.units(duration=2) for nal in unit.nals
                if nal[0] & 0x1F in (1, 5)}
        relayed = {digest(nal) for unit in client.units(duration=1) for nal in unit.nals
                   if nal[0] & 0x1F in (1, 5)}
        stream = relay.stream("relay", "main")
        assert camera.stream("front", "main")["viewers"]["rtsp"] == 2
    assert stream["passthrough"] is True and stream["encoder"] is None
    assert len(units) >= 2.5 * FRAMERATE and client.n_lost == 0
    assert len(sent & relayed) >= FRAMERATE, "the very slices the camera sent"


def test_an_ip_camera_is_read_once_and_decoded_only_for_jpeg(servers):
    camera = servers.start(test_camera())
    relay = servers.start(relay_camera(f"{camera.rtsp}/front", transport="tcp"))
    with RtspClient(f"{relay.rtsp}/relay") as one, RtspClient(f"{relay.rtsp}/relay") as two:
        one.start().wait_for_keyframe()
        two.start().wait_for_keyframe()
        assert camera.api("front")["viewers"]["rtsp"] == 1
        assert not relay.stream("relay", "jpeg")["running"]
        with media.Http(f"{relay.http}/relay/mjpeg") as request:
            assert media.jpeg_size(next(request.parts())[1]) == (320, 180)
            assert camera.api("front")["viewers"]["rtsp"] == 1
            assert relay.stream("relay", "jpeg")["running"]
    wait_until(
        lambda: camera.api("front")["viewers"]["rtsp"] == 0, 10, "the relay lets go of the camera"
    )


def test_an_ip_camera_that_is_not_there_is_told(servers):
    relay = servers.start(relay_camera("rtsp://127.0.0.1:1/none", transport="tcp"))
    status, headers, body = media.fetch(f"{relay.http}/relay/snapshot.jpg", timeout=30)
    assert status == 503 and "retry-after" in headers
    assert "127.0.0.1" in body.decode()


def test_a_launch_line_is_a_source(servers):
    line = "videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=15/1"
    server = servers.start(
        {"name": "line", "source": {"type": "launch", "launch": line}, "linger": 1}
    )
    media.decode(f"{server.rtsp}/line", 15, "-rtsp_transport", "tcp")
    status, _, body = media.fetch(f"{server.http}/line/snapshot.jpg")
    assert status == 200 and media.jpeg_size(body) == (320, 180)


def test_a_file_that_is_not_there_is_told(servers, tmp_path):
    server = servers.start(file_camera(tmp_path / "nothing.mp4"))
    status, _, body = media.fetch(f"{server.http}/film/snapshot.jpg", timeout=30)
    assert status == 503 and "nothing.mp4" in body.decode()
