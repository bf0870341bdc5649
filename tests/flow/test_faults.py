# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever breaks, who looked on before looks on after, and the picture comes back by itself."""
import glob
import os
import pathlib
import resource
import signal
import socket
import statistics
import subprocess
import time

import media
import pytest
from audience import SLOW, Audience, wait_for_state
from porthole import BINARY, IS_SANITIZED, plugin_environment, test_camera, wait_until

N_LOSSES = int(os.environ.get("PORTHOLE_LOSSES", "1" if IS_SANITIZED else "3"))


# What the allocator keeps varies by some MiB, the sanitizers' by more.
MEMORY_SLACK_KIB = (100 if IS_SANITIZED else 20) * 1024


class IpCamera:
    """Another Porthole, whose process is the camera that is switched off and on again."""

    def __init__(self, servers):
        self.server = servers.start(test_camera(
            "cam", 320, 180, 15,
            streams=[{"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0}]))
        self.url = f"{self.server.rtsp}/cam"

    def kill(self):
        self.server.process.kill()
        self.server.process.wait()

    def start(self):
        with open(self.server.log_file, "ab") as log:
            self.server.process = subprocess.Popen(
                [BINARY, "--config", str(self.server.settings_file)], stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, "STATE_DIRECTORY": str(self.server.directory / "state")})

    def signal(self, number):
        self.server.process.send_signal(number)


def relay(url, **keys):
    """Passes H.264 on and decodes it for JPEG."""
    return {
        "name": "front", "title": "Front door",
        "source": {"type": "rtsp", "url": url, "transport": "tcp"},
        "streams": [
            {"name": "main", "codec": "h264", "bitrate": 300},
            {"name": "jpeg", "codec": "jpeg", "framerate": 5},
        ],
        **keys,
    }


def resident_kib(server):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


@pytest.mark.timeout(60 + 20 * N_LOSSES * SLOW)
def test_nobody_is_thrown_out_when_an_ip_camera_reboots(servers, tmp_path):
    camera = IpCamera(servers)
    server = servers.start(relay(camera.url))
    took, memory = [], []
    with Audience(tmp_path, server, "front") as audience:
        audience.wait_for_pictures()
        for loss in range(N_LOSSES):
            camera.kill()
            wait_for_state(server, "front", "lost")
            wait_until(lambda: all(one["placeholder"] for one in server.api("front")["streams"]),
                       10 * SLOW, "the streams carry a placeholder")
            audience.assert_connected()
            camera.start()
            started = time.monotonic()
            wait_for_state(server, "front", "live", 30 * SLOW)
            took.append(time.monotonic() - started)
            audience.wait_for_pictures()
            memory.append(resident_kib(server))
            assert server.api("front")["restarts"] == loss + 1
        for viewer in audience.viewers[:2]:
            times = viewer.times()
            assert all(a < b for a, b in zip(times, times[1:])), f"{viewer.name}: time goes on"
    front = server.api("front")
    assert front["last_error"] and front["last_error_at"]
    print(f"\n{N_LOSSES} losses, {front['restarts']} recoveries, {len(audience.viewers)} viewers, "
          f"none thrown out; live again {statistics.median(took):.1f} s (median), "
          f"{max(took):.1f} s (longest) after the camera's start; "
          f"memory in KiB, from the first to the last: {memory[::max(1, len(memory) // 10)]}")
    # a loss that leaked its pipeline would be more
    assert memory[-1] - memory[0] < MEMORY_SLACK_KIB + 200 * N_LOSSES, memory


def test_a_camera_that_falls_silent_is_noticed(servers, tmp_path):
    """Its process is stopped: connections stay open, no error comes."""
    camera = IpCamera(servers)
    healthy = test_camera("other", 320, 180, 15)
    server = servers.start(relay(camera.url), healthy)
    with Audience(tmp_path, server, "front") as audience, media.Http(
            f"{server.http}/other/mjpeg") as other:
        audience.wait_for_pictures()
        camera.signal(signal.SIGSTOP)
        try:
            stopped = time.monotonic()
            wait_for_state(server, "front", "lost")
            assert time.monotonic() - stopped > 1.9, "a short silence is no loss"
            assert "no picture" in server.api("front")["last_error"]
            pictures = other.parts()
            next(pictures)
            started, n_others = time.monotonic(), 0
            while time.monotonic() - started < 3:
                next(pictures)
                n_others += 1
            assert n_others > 20 / SLOW, "another camera's viewers notice nothing"
            assert server.api("other")["restarts"] == 0
            status, headers, body = media.fetch(f"{server.http}/front/snapshot.jpg")
            assert status == 503 and int(headers["retry-after"]) >= 1
            assert 2 <= int(headers["x-last-picture-age"]) < 60
            assert b"the last one is" in body
            status, headers, body = media.fetch(f"{server.http}/front/snapshot.jpg?placeholder=1")
            assert status == 200 and media.jpeg_size(body) == (320, 180)
            audience.assert_connected()
        finally:
            camera.signal(signal.SIGCONT)
        wait_for_state(server, "front", "live", 30 * SLOW)
        audience.wait_for_pictures()
        assert media.fetch(f"{server.http}/front/snapshot.jpg")[0] == 200


def test_an_encoder_that_breaks_or_hangs_costs_nobody_the_connection(servers, tmp_path):
    """Nor does the placeholder depend on it. The encoder is a plugin of the tests' own."""
    fault = tmp_path / "fault"
    camera = test_camera(
        "front", 320, 180, 15, encoder="vah264lpenc",
        streams=[{"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0},
                 {"name": "jpeg", "codec": "jpeg", "framerate": 5}])
    server = servers.start(camera, answers_within=60, environment={
        **plugin_environment(tmp_path), "FAULTY_ENCODER": str(fault)})
    wait_until(lambda: media.fetch(f"{server.http}/front/snapshot.jpg")[0] == 200, 30 * SLOW,
               "the encoders are tried, with a registry of plugins that is new")
    with Audience(tmp_path, server, "front") as audience:
        audience.wait_for_pictures()
        assert server.stream("front", "main")["encoder"] == "vah264lpenc"
        for told, says in (("error", "the encoder vah264lpenc has failed"),
                           ("stall", "nothing came out of vah264lpenc")):
            fault.write_text(told)
            wait_for_state(server, "front", "lost")
            assert says in server.api("front")["last_error"]
            wait_until(lambda: server.stream("front", "main")["placeholder"], 20 * SLOW,
                       "another encoder makes the placeholder")
            audience.assert_connected()
            fault.unlink()
            wait_for_state(server, "front", "live", 30 * SLOW)
            audience.wait_for_pictures()


def open_many(port, count):
    return [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]


def test_when_no_descriptor_is_left_only_newcomers_wait(servers, tmp_path):
    server = servers.start(test_camera(
        "front", 320, 180, 15,
        streams=[{"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0},
                 {"name": "jpeg", "codec": "jpeg", "framerate": 5}]))
    with Audience(tmp_path, server, "front") as audience:
        audience.wait_for_pictures()
        audience.viewers[2].stop()  # HLS opens a connection for each segment: it is a newcomer
        del audience.viewers[2]
        used = max(int(one.name) for one in pathlib.Path(f"/proc/{server.pid}/fd").iterdir()) + 1
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (used + 4, 4096))
        memory = resident_kib(server)
        crowd = open_many(server.http_port, 12) + open_many(server.rtsp_port, 12)
        started, cpu = time.monotonic(), server.cpu_seconds()
        audience.wait_for_pictures(15)
        share = (server.cpu_seconds() - cpu) / (time.monotonic() - started)
        for one in crowd:
            one.close()
        audience.assert_connected()
        wait_until(lambda: server.api("front")["state"] == "live", 20, "newcomers are heard again")
        assert resident_kib(server) - memory < MEMORY_SLACK_KIB
        assert share < 0.7, f"{share:.0%} of a core while it cannot accept"
        audience.wait_for_pictures()


def test_the_clock_may_be_set_while_viewers_look_on(servers, tmp_path):
    """As NTP does on a Raspberry Pi without a clock of its own: years forward, or an hour back."""
    offset = tmp_path / "offset"
    offset.write_text("+0")
    library = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[0]
    server = servers.start(test_camera(
        "front", 320, 180, 15,
        streams=[{"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0},
                 {"name": "jpeg", "codec": "jpeg", "framerate": 5}]),
        environment={
            "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"})
    with Audience(tmp_path, server, "front") as audience:
        audience.wait_for_pictures()
        memory = resident_kib(server)
        for step in ("+400d", "-3600"):
            offset.write_text(step)
            audience.wait_for_pictures(12)
        assert server.api("front")["restarts"] == 0, "no picture was missed"
        assert server.api("front")["last_error"] is None
        assert resident_kib(server) - memory < MEMORY_SLACK_KIB
