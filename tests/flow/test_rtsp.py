# SPDX-License-Identifier: LGPL-2.1-or-later
"""RTSP as VLC, NVRs, ffmpeg and GStreamer see it."""
import base64
import concurrent.futures
import os
import re
import subprocess
import time

import media
import pytest
from porthole import IS_SANITIZED, test_camera, wait_until
from rtsp_client import RtspClient

FRAMERATE = 15


@pytest.fixture(scope="module")
def long_interval(tmp_path_factory):
    """A camera with ten seconds between keyframes, so that no viewer gets one by luck."""
    from conftest import Servers

    servers = Servers(tmp_path_factory.mktemp("long"))
    yield servers.start(
        test_camera(
            streams=[
                {"name": "main", "codec": "h264", "bitrate": 500, "keyframe_interval": 10.0},
            ]
        )
    )
    servers.stop_all()


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_decodes_without_a_complaint(server, transport):
    complaints = media.decode(f"{server.rtsp}/front", 30, "-rtsp_transport", transport)
    assert "error" not in complaints.lower() and "missed" not in complaints, complaints


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffprobe_sees_the_stream(server, transport):
    stream = media.ffprobe(f"{server.rtsp}/front", "-rtsp_transport", transport)
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 640, 360)
    assert stream["has_b_frames"] == 0
    assert stream["profile"] == "Constrained Baseline"


def test_a_stream_is_found_by_its_name(server):
    stream = media.ffprobe(f"{server.rtsp}/front/sub", "-rtsp_transport", "tcp")
    assert (stream["width"], stream["height"]) == (320, 180)
    main = media.ffprobe(f"{server.rtsp}/front/main", "-rtsp_transport", "tcp")
    assert (main["width"], main["height"]) == (640, 360)


def test_the_sdp_of_an_idle_camera_has_parameter_sets(servers):
    server = servers.start(test_camera())
    assert server.api("front")["state"] == "idle"
    with RtspClient(f"{server.rtsp}/front") as client:
        answer = client.describe()
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/sdp"
    sets = re.search(r"sprop-parameter-sets=([^;\s]+)", answer.body).group(1).split(",")
    kinds = [base64.b64decode(one)[0] & 0x1F for one in sets]
    assert 7 in kinds and 8 in kinds  # SPS and PPS
    assert "packetization-mode=1" in answer.body


@pytest.mark.parametrize("path", ["/back", "/front/nothing", "/front/jpeg", "/", "/../etc/passwd"])
def test_an_unknown_path_is_not_found(server, path):
    with RtspClient(server.rtsp + path) as client:
        assert client.describe().status == 404


def test_what_makes_no_sense_is_refused_and_the_server_lives(server):
    with RtspClient(f"{server.rtsp}/front") as client:
        assert client.request("BREW").status in (400, 405, 501)
    with RtspClient(f"{server.rtsp}/front") as client:
        client.socket.sendall(b"\0\xff" * 5000)
    with RtspClient(f"{server.rtsp}/front") as client:
        client.session = "no-such-session"
        assert client.request("PLAY").status in (454, 455)
    with RtspClient(f"{server.rtsp}/front") as client:
        options = client.request("OPTIONS")
        assert options.status == 200
        assert {"DESCRIBE", "SETUP", "PLAY", "TEARDOWN", "GET_PARAMETER"} <= {
            word.strip() for word in options.headers["public"].split(",")
        }


def test_vlc_would_be_served(server):
    """Debian builds VLC without live555 and so without RTSP; this says what live555 says."""
    agent = {"User-Agent": "LibVLC/3.0.21 (LIVE555 Streaming Media v2016.11.28)"}
    with RtspClient(f"{server.rtsp}/front") as client:
        assert client.request("OPTIONS", headers=agent).status == 200
        assert client.describe().status == 200
        answer = client.setup_udp()
        assert answer.status == 200 and "server_port=" in answer.headers["transport"]
        aggregate = client.url + "/"
        answer = client.request("PLAY", aggregate, {**agent, "Range": "npt=0.000-"})
        assert answer.status == 200
        assert client.wait_for_keyframe()
        assert client.request("GET_PARAMETER", aggregate, agent).status == 200
        assert client.request("TEARDOWN", aggregate, agent).status == 200


@pytest.mark.parametrize("protocol", ["tcp", "udp", "http"])
def test_rtspsrc_takes_it(server, tmp_path, protocol):
    scheme = "rtsph" if protocol == "http" else "rtsp"
    url = f"{server.rtsp}/front".replace("rtsp", scheme, 1)
    protocols = [] if protocol == "http" else [f"protocols={protocol}"]
    n_pictures, output = media.pictures_by_rtspsrc(url, tmp_path, 20, *protocols)
    assert n_pictures == 20, output


def test_who_joins_a_running_stream_has_a_keyframe_within_three_frame_times(long_interval):
    delays = []
    url = f"{long_interval.rtsp}/front"
    with RtspClient(url) as first:
        first.start().wait_for_keyframe()
        for _ in range(8):
            for _ in first.units(count=5):  # so that the last joiner's keyframe is no help
                pass
            with RtspClient(url) as client:
                client.describe()
                client.setup()
                assert client.play().status == 200
                joined = time.monotonic()
                delays.append((client.wait_for_keyframe().time - joined) * FRAMERATE)
    told = [f"{delay:.1f}" for delay in delays]
    assert sorted(delays)[-2] < 3 * (3 if IS_SANITIZED else 1), f"frame times: {told}"


def test_the_first_picture_of_each_viewer_is_a_keyframe(long_interval):
    with RtspClient(f"{long_interval.rtsp}/front") as first:
        first.start()
        assert next(first.units()).is_keyframe
        with RtspClient(f"{long_interval.rtsp}/front") as second:
            second.start()
            unit = next(second.units())
            assert 7 in unit.nal_types and 8 in unit.nal_types and 5 in unit.nal_types


def test_twenty_viewers_at_once_do_not_make_twenty_keyframes(long_interval):
    def join():
        with RtspClient(f"{long_interval.rtsp}/front") as client:
            client.start().wait_for_keyframe()

    with RtspClient(f"{long_interval.rtsp}/front") as first:
        first.start().wait_for_keyframe()
        before = long_interval.measured("front", "main")["keyframes_forced"]
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            for joined in [pool.submit(join) for _ in range(20)]:
                joined.result()
        forced = long_interval.measured("front", "main")["keyframes_forced"] - before
    assert 1 <= forced <= 10


def count_units(url, seconds, udp=False):
    """(pictures, missing packets) of one viewer over some seconds."""
    with RtspClient(url) as client:
        client.start(udp).wait_for_keyframe()
        return sum(1 for _ in client.units(duration=seconds)), client.n_lost


def test_who_stops_reading_costs_the_others_nothing(servers):
    server = servers.start(
        test_camera(
            source={"pattern": "snow"},
            streams=[
                {"name": "main", "codec": "h264", "bitrate": 8000, "keyframe_interval": 1.0}
            ],
        )
    )
    url = f"{server.rtsp}/front"
    with RtspClient(url, receive_buffer=4096) as stuck:
        stuck.start().wait_for_keyframe()
        n_units, n_lost = count_units(url, 8)
        assert n_lost == 0
        assert n_units >= (7 if IS_SANITIZED else 7.7) * FRAMERATE


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
def test_nothing_is_missing_at_full_rate(server, udp):
    n_units, n_lost = count_units(f"{server.rtsp}/front", 3, udp)
    assert n_lost == 0
    assert 2.7 * FRAMERATE <= n_units <= 3.3 * FRAMERATE


def test_timestamps_run_at_the_frame_rate(server):
    with RtspClient(f"{server.rtsp}/front") as client:
        stamps = [unit.timestamp for unit in client.start().units(count=30)]
    steps = [(b - a) & 0xFFFFFFFF for a, b in zip(stamps, stamps[1:])]
    assert all(0 < step < 90000 for step in steps), steps
    assert abs(sum(steps) / len(steps) - 90000 / FRAMERATE) < 90000 / FRAMERATE * 0.1


def test_sender_reports_come_over_udp(server):
    """By them a player knows when a picture was taken (RFC 3550, 6.4.1)."""
    with RtspClient(f"{server.rtsp}/front") as client:
        client.start(udp=True)
        client.udp[1].settimeout(20)
        assert client.udp[1].recv(65536)[1] == 200


def test_parameter_sets_repeat_at_each_keyframe(server):
    with RtspClient(f"{server.rtsp}/front/sub") as client:
        keyframes = [unit for unit in client.start().units(duration=3.5) if unit.is_keyframe]
    assert len(keyframes) >= 3
    assert all(7 in unit.nal_types and 8 in unit.nal_types for unit in keyframes)


def test_get_parameter_keeps_a_session(server):
    with RtspClient(f"{server.rtsp}/front") as client:
        client.start().wait_for_keyframe()
        assert client.request("GET_PARAMETER").status == 200
        assert sum(1 for _ in client.units(duration=1)) > FRAMERATE / 2
        assert client.request("TEARDOWN").status == 200


def test_viewers_are_counted_and_forgotten(server):
    with RtspClient(f"{server.rtsp}/front") as one, RtspClient(f"{server.rtsp}/front/sub") as two:
        one.start().wait_for_keyframe()
        two.start().wait_for_keyframe()
        assert server.stream("front", "main")["viewers"]["rtsp"] == 1
        assert server.stream("front", "sub")["viewers"]["rtsp"] == 1
        assert server.api("front")["viewers"]["rtsp"] == 2
    wait_until(
        lambda: server.api("front")["viewers"]["rtsp"] == 0, 5, "closed connections are no viewers"
    )


def test_multicast_is_off_unless_set(server):
    with RtspClient(f"{server.rtsp}/front") as client:
        client.describe()
        assert client.setup("RTP/AVP;multicast").status == 461


IN_A_NETWORK_OF_ITS_OWN = """
ip link set lo up multicast on && ip route add 224.0.0.0/4 dev lo && exec "$@"
"""


@pytest.mark.skipif(
    subprocess.run(
        ["unshare", "--net", "sh", "-c", IN_A_NETWORK_OF_ITS_OWN, "sh", "true"],
        capture_output=True, check=False,
    ).returncode != 0,
    reason="may not make a network namespace",
)
def test_multicast_is_sent_once_for_two_viewers(tmp_path):
    """Both in a network namespace: real multicast packets, and none on the machine's network."""
    here = os.path.dirname(os.path.abspath(__file__))
    done = media.run(
        ["unshare", "--net", "sh", "-c", IN_A_NETWORK_OF_ITS_OWN, "sh",
         "/usr/bin/python3", os.path.join(here, "multicast.py"), str(tmp_path)],
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
