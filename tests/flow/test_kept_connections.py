# SPDX-License-Identifier: LGPL-2.1-or-later
"""HTTP/1.1 connections are kept, and what players ask for again and again on them is answered by a
short way: it must let in nobody more, and take for a repetition only what is one."""
import base64
import contextlib
import json
import re
import signal
import socket
import ssl
import struct

import pytest
from porthole import Porthole, test_camera, wait_until

USERS = [
    {"name": "anna", "password": "secret a", "cameras": ["front"]},
    {"name": "root", "password": "secret r", "role": "admin"},
]
PLAYLIST = "/front/index.m3u8"
AGAIN = "200, again"


def basic(name, password):
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


ANNA = basic("anna", "secret a")
ROOT = basic("root", "secret r")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    camera = test_camera(source={"pattern": "snow"}, linger=30, streams=[
        {"name": "main", "codec": "h264", "bitrate": 8000, "keyframe_interval": 1.0}])
    server = Porthole(tmp_path_factory.mktemp("server"), [camera], access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


class Line:
    """One connection, and what comes by it."""

    def __init__(self, server, scheme="http", receive_buffer=None, source="127.0.0.1"):
        port = server.http_port if scheme == "http" else server.https_port
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.bind((source, 0))
        self.socket.connect(("127.0.0.1", port))
        if scheme == "https":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self.port = port
        self.pending = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def head(self, target, *fields, start="GET {} HTTP/1.1"):
        return "\r\n".join([start.format(target), f"Host: localhost:{self.port}", *fields, "",
                            ""]).encode()

    def send(self, data):
        self.socket.sendall(data)

    def _read(self, is_enough):
        while not is_enough(self.pending):
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError(f"closed after {self.pending[:200]}")
            self.pending += more

    def read(self):
        """Status, headers (lower case) and body of the next answer."""
        self._read(lambda data: b"\r\n\r\n" in data)
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if first.startswith("HTTP/1.1 100 "):
            return self.read()
        length = int(headers["content-length"])
        self._read(lambda data: len(data) >= length)
        body, self.pending = self.pending[:length], self.pending[length:]
        return int(first.split()[1]), headers, body

    def ask(self, target, *fields, **options):
        self.send(self.head(target, *fields, **options))
        return self.read()

    def is_over(self):
        """Waits for the end, and takes whatever comes before it."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def segments(self, *fields, target=PLAYLIST):
        """The segments listed now, as targets."""
        status, _, playlist = self.ask(target, *fields)
        assert status == 200, playlist
        uris = re.findall(r"^[^#\n]+$", playlist.decode(), re.MULTILINE)
        return [target.rpartition("/")[0] + "/" + uri for uri in uris]


def count_again(server):
    return server.log.count(AGAIN)


def begin(server, *fields, target=PLAYLIST, **options):
    """A connection on which the playlist and a segment were asked for twice each, the second time by
    the short way; with the target of a segment."""
    line = Line(server, **options)
    line.ask(target, *fields)  # an idle camera's waits, and is no repetition of others
    line.segments(*fields, target=target)
    for _ in range(5):  # on a busy machine the stream may change between two of them
        before = count_again(server)
        segment = line.segments(*fields, target=target)[-1]
        assert line.ask(segment, *fields)[0] == 200
        assert line.ask(segment, *fields)[0] == 200
        if count_again(server) == before + 2:
            return line, segment
    raise AssertionError("nothing is answered by the short way")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_is_repeated_is_answered_as_the_first_time(server, scheme):
    line, segment = begin(server, ANNA, scheme=scheme)
    with line, Line(server, scheme) as other:
        before = count_again(server)
        for i, target in enumerate(line.segments(ANNA) * 2):
            _, by_short_way, body = line.ask(target, ANNA)
            _, headers, same = other.ask(target, f"X-Not: repeated {i}", ANNA)
            assert body == same
            assert b"moof" in body[:200], body[:200]
            del by_short_way["date"], headers["date"]
            assert by_short_way == headers
            assert headers["cache-control"].startswith("private"), headers
            assert headers["x-content-type-options"] == "nosniff"
        assert count_again(server) > before
        # What nothing is known of goes the long way on the same connection, and back.
        assert line.ask(segment.replace("main", "sub"), ANNA)[0] == 404
        assert line.ask(segment + "x", ANNA)[0] == 404
        assert line.ask("/healthz")[0] == 200
        assert line.ask("/metrics", ANNA)[0] == 403
        assert line.ask(PLAYLIST, ROOT)[0] == 200
        assert line.ask(PLAYLIST)[0] == 401
        assert line.ask(segment, ANNA)[0] == 200


def test_a_link_that_is_revoked_shows_nothing_on_a_kept_connection(server):
    with Line(server) as owner:
        order = json.dumps({"duration": 600})
        owner.send(owner.head(
            "/api/v1/cameras/front/links", ANNA, "Content-Type: application/json",
            f"Content-Length: {len(order)}", start="POST {} HTTP/1.1") + order.encode())
        status, _, body = owner.read()
        assert status == 201, body
    link = json.loads(body)
    target = link["urls"]["hls"]
    line, segment = begin(server, target=target)
    with line, Line(server) as owner:
        owner.send(owner.head(f"/api/v1/cameras/front/links/{link['id']}", ANNA,
                              start="DELETE {} HTTP/1.1"))
        wait_until(lambda: line.ask(target)[0] == 404, 20, "the link is revoked")
        assert line.ask(segment)[0] == 404
        assert target.split("/")[3] not in server.log


def test_a_session_that_is_over_shows_nothing_on_a_kept_connection(server):
    form = b"name=anna&password=secret+a"
    with Line(server) as line:
        line.send(line.head("/login", "Content-Type: application/x-www-form-urlencoded",
                            f"Content-Length: {len(form)}", start="POST {} HTTP/1.1") + form)
        _, headers, _ = line.read()
    cookie = "Cookie: " + headers["set-cookie"].partition(";")[0]
    line, segment = begin(server, cookie)
    with line, Line(server) as other:
        other.send(other.head("/logout", cookie, "Sec-Fetch-Site: same-origin", "Content-Length: 0",
                              start="POST {} HTTP/1.1"))
        assert other.read()[0] in (200, 204, 303)
        assert line.ask(segment, cookie)[0] == 401
        assert line.ask(PLAYLIST, cookie)[0] == 401


def test_who_is_sent_away_is_so_on_a_kept_connection(server):
    line, segment = begin(server, ANNA, source="127.8.0.1")
    with line, Line(server) as admin:
        _, _, body = admin.ask("/api/v1/viewers", ROOT)
        for viewer in json.loads(body)["viewers"]:
            if viewer["peer"] == "127.8.0.1":
                admin.send(admin.head(f"/api/v1/viewers/{viewer['id']}", ROOT,
                                      start="DELETE {} HTTP/1.1"))
                assert admin.socket.recv(65536).startswith(b"HTTP/1.1 204")
        assert line.ask(segment, ANNA)[0] == 403


def test_a_new_password_counts_on_a_kept_connection(server):
    line, segment = begin(server, ANNA)
    settings = json.loads(server.settings_file.read_text())
    try:
        changed = json.loads(json.dumps(settings).replace("secret a", "secret n"))
        server.settings_file.write_text(json.dumps(changed))
        server.process.send_signal(signal.SIGHUP)
        with line:
            wait_until(lambda: line.ask(segment, ANNA)[0] == 401, 20, "the new password counts")
            assert line.ask(PLAYLIST, ANNA)[0] == 401
    finally:
        server.settings_file.write_text(json.dumps(settings))
        server.process.send_signal(signal.SIGHUP)
        with Line(server) as line:
            wait_until(lambda: line.ask(PLAYLIST, ANNA)[0] == 200, 20, "the old one does again")


SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("fields", [
    [f"Content-Length: {len(SMUGGLED)}"], ["Content-Length: 0"], ["Transfer-Encoding: chunked"],
    [f"Content-Length: {len(SMUGGLED)}", "Transfer-Encoding: chunked"], ["Expect: 100-continue"],
    ["Transfer-Encoding: \tchunked", "Content-Length: 1"],
], ids=str)
def test_nobody_smuggles_a_request_in_another(server, fields):
    """As the body of one that is repeated but for what says that there is a body."""
    line, segment = begin(server, ANNA)
    with line, Line(server) as other:
        before = count_again(server)
        line.send(line.head(segment, ANNA, *fields))
        assert other.ask("/healthz")[0] == 200  # the head has come, and is one from end to end
        with contextlib.suppress(ConnectionError):  # it may have been hung up on by now
            line.send(SMUGGLED)
            assert line.read()[0] in (200, 400, 417)
        assert count_again(server) == before, "it is no repetition"


@pytest.mark.parametrize("what", ["pipelined", "pipelined with line feeds", "with half of the next"])
def test_requests_that_come_together_are_answered_in_order(server, what):
    line, segment = begin(server, ANNA)
    with line:
        head = line.head(segment, ANNA)
        line.send({"pipelined": head * 3, "pipelined with line feeds": head.replace(b"\r", b"") * 3,
                   "with half of the next": head + head[:30]}[what])
        sizes = set()
        try:
            for _ in range(3 if what != "with half of the next" else 1):
                status, headers, body = line.read()
                assert status == 200
                sizes.add(len(body))
        except ConnectionError:
            assert headers["connection"] == "close", "who is hung up on was told before"
        assert len(sizes) == 1


def test_a_request_in_pieces_is_one(server):
    line, segment = begin(server, ANNA)
    with line:
        head = line.head(segment, ANNA)
        for at in (1, 10, len(head) - 3, len(head) - 1):
            with Line(server) as other:
                other.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                other.ask("/healthz")
                other.send(head[:at])
                line.ask(segment, ANNA)  # it has come
                other.send(head[at:])
                assert other.read()[0] == 200


def test_http_1_0_is_hung_up_on(server):
    line, segment = begin(server, ANNA)
    with line:
        assert line.ask(segment, ANNA, start="GET {} HTTP/1.0")[0] == 200
        assert line.is_over()


def test_one_who_reads_slowly_gets_all_of_it(server):
    """More than the kernel takes at once, while others are served."""
    line, segment = begin(server, ANNA, receive_buffer=4096)
    with line, Line(server) as other:
        _, _, whole = other.ask(segment, ANNA)
        assert len(whole) > 200000
        before = count_again(server)
        for _ in range(3):
            line.send(line.head(segment, ANNA))
            for _ in range(3):
                assert other.ask(segment, ANNA)[2] == whole
            assert line.read()[2] == whole
        assert count_again(server) == before + 12


def test_connections_that_clients_close_are_let_go(server):
    """Between two requests, where libsoup before 3.3.0 does not look, and in the midst of one."""
    for scheme in ("http", "https"):
        lines = [Line(server, scheme) for _ in range(20)]
        for i, line in enumerate(lines):
            for _ in range(2):
                assert line.ask("/healthz")[0] == 200
            if i % 4 < 2:
                line.send(line.head("/healthz")[:10])
            if i % 2 == 0:  # by a reset
                line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with Line(server) as other:
            assert other.ask("/healthz")[0] == 200  # what was sent before is read as well
            files = len(server.open_files())
            for line in lines:
                line.socket.close()
            wait_until(lambda: len(server.open_files()) <= files - 20, 20, "their files are closed")
