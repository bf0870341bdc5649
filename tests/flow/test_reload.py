# SPDX-License-Identifier: LGPL-2.1-or-later
"""Settings that change while somebody looks: what is the same goes on without missing a frame.

PORTHOLE_RELOADS=1000 makes the long run as long as it is promised to hold."""
import copy
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import urllib.error
import urllib.request

import hls
import pytest
from porthole import free_ports, test_camera, wait_until
from rtsp_client import RtspClient

RELOADS = int(os.environ.get("PORTHOLE_RELOADS", "25"))
FRAME = 90000 // 15  # of test_camera, in RTP time


class Settings:
    """The settings file of a server, as a person would edit it."""

    def __init__(self, server):
        self.server = server
        self.values = json.loads(server.settings_file.read_text())

    def write(self, text=None):
        """Whole or not at all, as editors do."""
        new = self.server.settings_file.with_suffix(".new")
        new.write_text(json.dumps(self.values) if text is None else text)
        new.chmod(0o600)
        new.replace(self.server.settings_file)

    def camera(self, name):
        return next(c for c in self.values["cameras"] if c["name"] == name)

    def apply(self):
        """Writes them, and returns when they are in use, or refused."""
        before = n_answers(self.server)
        self.write()
        self.server.process.send_signal(signal.SIGHUP)
        wait_until(lambda: n_answers(self.server) > before, 20, "the settings are read")


def n_answers(server):
    return server.log.count("the settings were read anew") \
        + server.log.count("the settings were not taken")


class Watcher(threading.Thread):
    """Watches by RTSP until stop(), and notes what a frame that is missing leaves behind."""

    def __init__(self, url, **options):
        super().__init__()
        self.client = RtspClient(url).start(**options)
        self.stamps = []
        self.n_bytes = 0
        self.is_over = False
        self.has_ended = False
        self.start()

    def run(self):
        try:
            while not self.is_over:
                for unit in self.client.units(duration=0.5):
                    self.stamps.append(unit.timestamp)
                    self.n_bytes += sum(len(nal) for nal in unit.nals)
        except ConnectionError:
            self.has_ended = True

    def stop(self):
        self.is_over = True
        self.join()
        self.client.close()
        return self

    def gaps(self):
        steps = [(b - a) & 0xFFFFFFFF for a, b in zip(self.stamps, self.stamps[1:])]
        return [step for step in steps if abs(step - FRAME) > 2]

    def kbit_per_s(self, seconds=4):
        """Over the next seconds."""
        before = len(self.stamps), self.n_bytes
        wait_until(lambda: len(self.stamps) >= before[0] + seconds * 15, 30, "frames go on coming")
        return (self.n_bytes - before[1]) * 8 / 1000 / seconds


@pytest.fixture
def server(servers):
    noise = {"source": {"pattern": "snow"}, "linger": 0}
    return servers.start(test_camera("front", width=320, height=180, **noise),
                         test_camera("back", width=320, height=180, **copy.deepcopy(noise)))


def names(server):
    return [camera["name"] for camera in server.api()["cameras"]]


def test_viewers_of_unchanged_cameras_miss_nothing_however_often(server):
    settings = Settings(server)
    tcp, udp = Watcher(f"{server.rtsp}/front"), Watcher(f"{server.rtsp}/front", udp=True)
    back = Watcher(f"{server.rtsp}/back")
    answer = urllib.request.urlopen(f"{server.http}/front/live.mp4", timeout=20)
    reader = threading.Thread(target=lambda: [None for _ in iter(lambda: answer.read(4096), b"")])
    reader.start()
    wait_until(lambda: tcp.stamps and udp.stamps and back.stamps, 20, "everybody sees something")
    for i in range(RELOADS):
        settings.camera("back")["streams"][0]["bitrate"] = 300 + 100 * (i % 3)
        settings.camera("back")["title"] = f"Back door {i}"
        settings.camera("front")["title"] = f"Front door {i}"
        if i % 2 == 0:
            settings.values["cameras"].append(test_camera("guest"))
        else:
            settings.values["cameras"].pop()
        if i % 5 == 0:
            settings.values["access"] = {"failures": 5 + i % 7}
        settings.apply()
    assert server.log.count("read anew") >= RELOADS
    assert "not taken" not in server.log
    wait_until(lambda: server.api("front")["title"] == f"Front door {RELOADS - 1}", 10,
               "the last settings are taken too")
    assert server.api("front")["viewers"]["mp4"] == 1 and reader.is_alive()
    answer.fp.raw._sock.shutdown(2)  # pylint: disable=protected-access
    reader.join()
    for watcher in (tcp.stop(), udp.stop(), back.stop()):
        assert not watcher.has_ended
        assert watcher.client.n_lost == 0
        assert not watcher.gaps()


def test_a_new_bitrate_is_seen_without_a_break(server):
    settings = Settings(server)
    watcher = Watcher(f"{server.rtsp}/back")
    wait_until(lambda: len(watcher.stamps) > 30, 20, "pictures come")
    before = watcher.kbit_per_s()
    settings.camera("back")["streams"][0]["bitrate"] = 250
    settings.apply()
    wait_until(lambda: watcher.kbit_per_s(2) < before / 2, 30, "they are smaller")
    assert server.stream("back", "main")["bitrate"] == 250
    watcher.stop()
    assert watcher.client.n_lost == 0 and not watcher.gaps()


def test_a_faulty_set_changes_nothing_at_all(server):
    settings = Settings(server)
    watcher = Watcher(f"{server.rtsp}/front")
    with_faults = copy.deepcopy(settings.values)
    with_faults["cameras"][1]["streams"][0]["bitrat"] = 1
    with_faults["cameras"].append(test_camera("third"))
    with_faults["http"]["port"] = 0
    settings.write(json.dumps(with_faults))
    wait_until(lambda: "the settings were not taken: 2 problems" in server.log, 20, "it is said")
    assert 'did you mean "bitrate"?' in server.log
    assert names(server) == ["front", "back"]
    settings.values["http"]["port"], = free_ports(1)
    settings.values["rtsp"]["port"] = settings.values["http"]["port"]
    settings.apply()
    assert "a port of its own" in server.log
    # a port that somebody else has is found out before anything is done
    with free_port_taken() as taken:
        settings = Settings(server)
        settings.values = with_faults
        del with_faults["cameras"][1]["streams"][0]["bitrat"]
        with_faults["http"]["port"] = taken
        settings.apply()
        assert f"port {taken} is in use" in server.log
    assert names(server) == ["front", "back"]
    watcher.stop()
    assert not watcher.has_ended and not watcher.gaps()


class free_port_taken:  # pylint: disable=invalid-name
    def __enter__(self):
        port, = free_ports(1)
        self.socket = socket.create_server(("127.0.0.1", port))
        return port

    def __exit__(self, *_):
        self.socket.close()


def test_cameras_come_and_go_with_their_viewers(server):
    settings = Settings(server)
    watcher, stays = Watcher(f"{server.rtsp}/back"), Watcher(f"{server.rtsp}/front")
    mjpeg = urllib.request.urlopen(f"{server.http}/back/mjpeg", timeout=20)
    playlist = f"{server.http}/back/index.m3u8"
    urllib.request.urlopen(playlist, timeout=20).close()
    mjpeg.read(1000)
    settings.values["cameras"] = [test_camera("new"), settings.camera("front")]
    settings.write()  # and nobody says so
    wait_until(lambda: names(server) == ["new", "front"], 10, "it is noticed")
    while mjpeg.read(65536):
        pass  # to its end, which comes
    wait_until(lambda: watcher.has_ended, 10, "who watched is sent away")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(playlist, timeout=20)
    assert RtspClient(f"{server.rtsp}/back").describe().status == 404
    with RtspClient(f"{server.rtsp}/new").start() as client:
        client.wait_for_keyframe()
    stays.stop()
    watcher.stop()
    assert not stays.has_ended and not stays.gaps()


def test_players_of_a_removed_camera_are_told_that_it_is_over(servers):
    """With EXT-X-ENDLIST (RFC 8216, 4.3.3.4): they play what they have, and end. Then it is gone."""
    stream = [{"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0}]
    server = servers.start(test_camera("front", 320, 180), test_camera("back", 320, 180, streams=stream),
                           http={"segment_duration": 1, "playlist_segments": 3})
    settings = Settings(server)
    url = f"{server.http}/back/index.m3u8"
    before = hls.parse(get_text(url), url)
    player = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-nostdin", "-i", url, "-c", "copy", "-f", "null", "-"],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: server.api("back")["viewers"]["hls"] == 2, 20, "the player has begun")
        settings.values["cameras"] = [settings.camera("front")]
        settings.apply()
        text = get_text(url)
        assert text.endswith("#EXT-X-ENDLIST\n") and "PRELOAD-HINT" not in text
        last = hls.parse(text, url)
        hls.check_media_playlist(last)
        assert last.is_ended and last.media_sequence >= before.media_sequence
        beyond = last.media_sequence + len(last.segments) + 1
        assert get_text(f"{url}?_HLS_msn={beyond}") == text, "nothing to wait for"
        for segment in last.segments:
            with urllib.request.urlopen(segment.uri, timeout=20) as answer:
                assert len(answer.read()) > 1000
        complaints = player.communicate(timeout=60)[1]
        assert player.returncode == 0 and not complaints, complaints
    finally:
        player.kill()
        player.wait()
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.http}/back/", timeout=20)

    def is_gone():
        try:
            return not get_text(url)
        except urllib.error.HTTPError as error:
            return error.code == 404

    wait_until(is_gone, 30, "the playlist is gone")


def get_text(url):
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()


def test_another_size_keeps_viewers_and_another_codec_does_not(server):
    settings = Settings(server)
    main, sub = Watcher(f"{server.rtsp}/back"), Watcher(f"{server.rtsp}/back/sub")
    wait_until(lambda: main.stamps and sub.stamps, 20, "both see something")
    settings.camera("back")["streams"][0].update(width=160, height=90)
    settings.camera("back")["streams"][1] = {"name": "sub", "codec": "jpeg"}
    settings.apply()
    n_before = len(main.stamps)
    wait_until(lambda: len(main.stamps) > n_before + 15, 20, "pictures go on")
    wait_until(lambda: sub.has_ended, 10, "the other ends")
    main.stop()
    sub.stop()
    assert not main.has_ended
    assert server.stream("back", "main")["width"] == 160


def test_users_and_ports_change_under_those_who_look(servers):
    server = servers.start(test_camera())
    settings = Settings(server)
    old_http = server.http
    watcher = Watcher(f"{server.rtsp}/front")
    connection = urllib.request.urlopen(f"{server.http}/front/mjpeg", timeout=20)
    connection.read(1000)
    http, rtsp = free_ports(2)
    settings.values["http"]["port"], settings.values["rtsp"]["port"] = http, rtsp
    settings.apply()
    server.http, server.rtsp = f"http://127.0.0.1:{http}", f"rtsp://127.0.0.1:{rtsp}"
    assert server.api("front")["urls"]["rtsp"] == f"{server.rtsp}/front"
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{old_http}/healthz", timeout=20)
    n_before = len(watcher.stamps)
    wait_until(lambda: len(watcher.stamps) > n_before + 5, 10, "who is in stays in")
    connection.read(20000)
    # the same ports the other way round, and on another address
    settings.values["http"].update(port=rtsp, listen="127.0.0.1")
    settings.values["rtsp"].update(port=http, listen="127.0.0.1")
    settings.apply()
    assert "not taken" not in server.log, server.log
    server.http, server.rtsp = f"http://127.0.0.1:{rtsp}", f"rtsp://127.0.0.1:{http}"
    assert names(server) == ["front"]
    with RtspClient(f"{server.rtsp}/front").start() as client:
        client.wait_for_keyframe()
    watcher.stop()
    assert not watcher.has_ended and not watcher.gaps()
    settings.values["access"] = {"users": [{"name": "anna", "password": "secret"}]}
    settings.apply()
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{server.http}/front/snapshot.jpg", timeout=20)
    assert RtspClient(f"{server.rtsp}/front").describe().status == 401
    context = ssl._create_unverified_context()  # pylint: disable=protected-access
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(
            f"https://127.0.0.1:{server.https_port}/front/snapshot.jpg", timeout=20, context=context)
    password = server.directory / "password"
    password.write_text("other")
    password.chmod(0o600)
    settings.values["access"]["users"][0] = {"name": "anna", "password_file": "password"}
    settings.apply()
    assert log_in(server, "secret") == 401 and log_in(server, "other") == 200
    password.write_text("third")
    wait_until(lambda: log_in(server, "third") == 200, 10, "the file is read again")


def log_in(server, password):
    manager = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    manager.add_password(None, server.http, "anna", password)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(manager))
    try:
        with opener.open(f"{server.http}/api/v1/cameras", timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_a_folder_is_read_again_when_a_file_comes_into_it(servers):
    folder = servers.directory / "server1" / "cameras"
    folder.mkdir(parents=True)
    server = servers.start("cameras/*.json", test_camera())
    (folder / "garden.json").write_text(json.dumps(test_camera("garden")))
    wait_until(lambda: names(server) == ["garden", "front"], 10, "it is noticed")
    (folder / "garden.json").unlink()
    wait_until(lambda: names(server) == ["front"], 10, "that as well")
