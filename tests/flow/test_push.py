# SPDX-License-Identifier: LGPL-2.1-or-later
"""A camera is pushed to a media server: GStreamer's own, which takes RECORD and decodes."""
import contextlib
import json
import pathlib
import socket
import socketserver
import subprocess
import threading
import urllib.request

import pytest
from porthole import BINARY, free_ports, run, test_camera, wait_until

RECORD_SERVER = pathlib.Path(BINARY).parents[2] / "tests" / "record-server"
PASSWORD = "sesame-street"
KEY = "secret-stream-key"
STREAM = [{"name": "main", "codec": "h264", "bitrate": 500, "keyframe_interval": 1.0}]


class RecordServer:
    def __init__(self, port, path, *credentials):
        self.lines = []
        self.process = subprocess.Popen(
            [str(RECORD_SERVER), str(port), path, *credentials], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        wait_until(lambda: "listening" in self.lines, 10, "the media server listens")

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.strip())

    def has_pictures(self):
        return any(line.startswith("pictures") for line in self.lines)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


@pytest.fixture
def record(request):
    """record (port, path, …) starts a media server; all are ended with the test."""
    running = []

    def start(*arguments):
        running.append(RecordServer(*arguments))
        return running[-1]

    yield start
    for server in running:
        server.stop()


class OneSidedHandler(socketserver.StreamRequestHandler):
    """Takes RECORD, and all that comes after it; sends no more once it is told to."""

    def handle(self):
        for line in self.rfile:
            words = line.split()
            if words[-1:] == [b"RTSP/1.0"]:
                fields = dict(self._read_fields())
                self.rfile.read(int(fields.get(b"content-length", 0)))
                self.wfile.write(self._answer(fields))
            if words[:1] == [b"RECORD"]:
                break
        threading.Thread(target=self._go_silent, daemon=True).start()
        while self.rfile.read1():
            pass

    def _read_fields(self):
        while (line := self.rfile.readline()).strip():
            name, value = line.split(b":", 1)
            yield name.lower(), value.strip()

    def _answer(self, fields):
        transport = fields.get(b"transport")
        return b"".join((
            b"RTSP/1.0 200 OK\r\nCSeq: ", fields[b"cseq"], b"\r\nSession: 1\r\n",
            b"Public: OPTIONS, ANNOUNCE, SETUP, RECORD, TEARDOWN\r\n",
            b"Transport: " + transport + b"\r\n" if transport else b"", b"\r\n"))

    def _go_silent(self):
        self.server.must_go_silent.wait()
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)


class OneSidedServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def one_sided_server():
    with OneSidedServer(("127.0.0.1", 0), OneSidedHandler) as server:
        server.must_go_silent = threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.must_go_silent.set()
        server.shutdown()
        thread.join()


def state(server):
    with urllib.request.urlopen(server.http + "/api/v1/push", timeout=10) as answer:
        push, = json.load(answer)["push"]
    return push


def test_a_camera_is_pushed_nobody_looks_at_and_again_after_the_server_was_away(servers, record):
    port, = free_ports(1)
    first = record(port, "/live")
    server = servers.start(test_camera(
        streams=STREAM, push=[{"url": f"rtsp://127.0.0.1:{port}/live"}]))
    wait_until(first.has_pictures, 20, "the media server decodes pictures")
    push = wait_until(lambda: (found := state(server))["state"] == "live" and found, 10, "live")
    assert push["camera"] == "front" and push["stream"] == "main" and push["last_error"] is None
    assert push["server"] == f"rtsp://127.0.0.1:{port}" and push["bytes"] > 0

    first.stop()
    push = wait_until(lambda: (found := state(server))["state"] == "lost" and found, 10, "lost")
    assert push["retry_in"] > 0 and f"127.0.0.1:{port}" in push["last_error"]
    again = record(port, "/live")
    wait_until(again.has_pictures, 20, "the media server decodes pictures again")
    wait_until(lambda: state(server)["state"] == "live", 10, "live again")
    metrics = urllib.request.urlopen(server.http + "/metrics", timeout=10).read().decode()
    assert 'porthole_push_state{camera="front",stream="main",push="0",' \
           'porthole_push_state="live"} 1' in metrics
    servers.stop(server)
    wait_until(lambda: "gone" in again.lines, 10, "the media server hears a goodbye")


def test_a_server_that_closes_the_connection_is_noticed_before_anything_is_sent_again(
        servers, one_sided_server):
    port = one_sided_server.server_address[1]
    server = servers.start(test_camera(
        streams=STREAM, push=[{"url": f"rtsp://127.0.0.1:{port}/live"}]))
    wait_until(lambda: state(server)["state"] == "live", 20, "live")
    one_sided_server.must_go_silent.set()
    push = wait_until(lambda: (found := state(server))["last_error"] and found, 10, "lost")
    assert push["last_error"] == f"rtsp://127.0.0.1:{port} has closed the connection", push


def test_the_password_is_taken_from_its_file_and_shown_nowhere(servers, record, tmp_path):
    port, = free_ports(1)
    record(port, "/" + KEY, "camera", PASSWORD)
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for file, text in (right, PASSWORD), (wrong, "open-" + PASSWORD):
        file.write_text(text + "\n")
        file.chmod(0o600)

    def camera(name, file):
        return test_camera(name, streams=STREAM, push=[{
            "url": f"rtsp://127.0.0.1:{port}/{KEY}", "username": "camera",
            "password_file": str(file)}])

    server = servers.start(camera("front", wrong), environment={"GST_DEBUG": "rtspclientsink:4"})
    push = wait_until(lambda: (found := state(server))["last_error"] and found, 20, "refused")
    assert "another user name and password" in push["last_error"], push
    shown = server.log + json.dumps(push)
    servers.stop(server)
    server = servers.start(camera("back", right))
    wait_until(lambda: state(server)["state"] == "live", 20, "let in with the right one")
    shown += server.log + json.dumps(state(server))
    assert PASSWORD not in shown
    assert KEY not in json.dumps(push) and KEY not in "".join(
        line for line in shown.splitlines(True) if " push: " in line)


def test_a_push_of_what_is_not_there_is_a_fault_of_the_settings(tmp_path):
    file = tmp_path / "camera.json"
    file.write_text(json.dumps(test_camera(
        push=[{"url": "rtsp://127.0.0.1/live", "stream": "none"},
              {"url": "rtsp://127.0.0.1/live", "stream": "jpeg"},
              {"url": "rtsp://me:secret@127.0.0.1/live"}])))
    done = run("check", str(file))
    assert done.returncode == 78
    assert "push[0].stream" in done.stderr and "push[1].stream" in done.stderr, done.stderr
    assert "push[2].url" in done.stderr and "secret" not in done.stderr, done.stderr
