# SPDX-License-Identifier: LGPL-2.1-or-later
"""What strangers send to hurt: each is answered or hung up on, and a viewer that plays meanwhile
misses no frame."""
import base64
import contextlib
import random
import select
import socket
import ssl
import struct
import threading
import time

import pytest
from porthole import IS_SANITIZED, Porthole, test_camera, wait_until
from rtsp_client import RtspClient

ACCEPT = "Accept: application/sdp"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Anybody may look, so that strangers get as far as they can."""
    server = Porthole(
        tmp_path_factory.mktemp("server"), [test_camera("front", linger=0.5)],
        access={"anonymous": True, "limits": {
            "request_time": 2, "connections_per_peer": 32, "connections": 600}})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


class GoodViewer(threading.Thread):
    """Plays over TCP as long as the block lasts, and counts what is missing."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client = RtspClient(f"rtsp://127.0.0.1:{server.rtsp_port}/front")
        self.client.start()
        self.times = []
        self.error = None
        self.is_over = threading.Event()

    def run(self):
        try:
            for unit in self.client.units(duration=3600):
                self.times.append((unit.time, unit.timestamp))
                if self.is_over.is_set():
                    return
        except (OSError, AssertionError) as error:
            self.error = error

    def __enter__(self):
        self.start()
        wait_until(lambda: len(self.times) > 5, 20, "pictures")
        return self

    def __exit__(self, kind, *rest):
        n_before = len(self.times)
        if kind is None:  # it plays on
            wait_until(lambda: len(self.times) > n_before + 5 or self.error, 20, "more pictures")
        self.is_over.set()
        self.join(20)
        self.client.close()
        if kind is None:
            assert self.error is None, self.error
            assert self.client.n_lost == 0
            stamps = [stamp for _, stamp in self.times]
            steps = [(b - a) & 0xFFFFFFFF for a, b in zip(stamps, stamps[1:])]
            assert max(steps) < 90000 / 2, "a frame is missing"


@pytest.fixture
def good_viewer(server):
    with GoodViewer(server) as viewer:
        yield viewer


def connect(port, source="127.4.0.1"):
    return socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))


def read_all(stream, seconds=10):
    """What comes until the other end closes. Fails if it does not."""
    end = time.monotonic() + seconds
    data = b""
    while True:
        stream.settimeout(max(0.01, end - time.monotonic()))
        try:
            more = stream.recv(65536)
        except ConnectionError:
            return data
        if not more:
            return data
        data += more


def send_and_read(port, data, source="127.4.0.1"):
    with connect(port, source) as stream:
        with contextlib.suppress(OSError):
            stream.sendall(data)
            stream.shutdown(socket.SHUT_WR)
        return read_all(stream)


def request(method, url, cseq, *headers):
    return "\r\n".join([f"{method} {url} RTSP/1.0", f"CSeq: {cseq}", *headers, "", ""]).encode()


def url(server, path="front"):
    return f"rtsp://127.0.0.1:{server.rtsp_port}/{path}"


@contextlib.contextmanager
def described(server):
    with RtspClient(url(server)) as client:
        assert client.describe().status == 200
        yield client


# ---- what has ended gst-rtsp-server ------------------------------------------------------------

def mikey(payload_type):
    """A MIKEY message (RFC 3830, 6.1) whose first payload is of this type."""
    header = bytes([1, 0, payload_type, 0]) + struct.pack(">I", 1) + bytes([0, 0])
    return base64.b64encode(header + bytes(64)).decode()


# Of the payloads for which gstmikey.c before 1.26.2 never advances, and data that is none.
KEY_MANAGEMENT = [mikey(t) for t in (3, 4, 6, 7, 8, 9, 12)] + ["", "A", "====", "AQAF" * 2000]


def test_key_management_nobody_asked_for_harms_nobody(server, good_viewer):
    for data in KEY_MANAGEMENT:
        with described(server) as client:
            answer = client.request("SETUP", client.control, {
                "Transport": "RTP/AVP/TCP;unicast;interleaved=0-1",
                "KeyMgmt": f'prot=mikey;uri="";data="{data}"'})
            assert answer.status == 200, data


@pytest.mark.parametrize("headers", [
    {"Scale": "0"}, {"Scale": "-1"}, {"Scale": "1e308"}, {"Scale": "nan"}, {"Scale": "x"},
    {"Speed": "0"}, {"Speed": "-2.0"}, {"Speed": "100"}, {"Speed": "inf"},
    {"Scale": "4", "Speed": "4"}, {"Range": "npt=10-5", "Speed": "2"}, {"Range": "npt=-1"},
    {"Range": "clock=99999999T999999Z-"}, {"Range": "smpte=99:99:99-"}, {"Range": "npt=1e400-"},
    {"Range": "npt=5-", "Seek-Style": "Next"}, {"Rate-Control": "no", "Scale": "-1"},
], ids=str)
def test_nobody_moves_a_live_picture_for_the_others(server, good_viewer, headers):
    """CVE-2024-44331: before 1.24.9 a rate could end the program."""
    with described(server) as client:
        assert client.setup().status == 200
        answer = client.request("PLAY", headers=headers)
        assert answer.status in (200, 400, 457), answer


# ---- torn, endless, nonsense -------------------------------------------------------------------

@pytest.mark.parametrize("start", [b"", b"5\r\naaaaa\r\n"])
def test_an_endless_body_ends(server, good_viewer, start):
    """Faster than it is read, so that there is always more to read."""
    with connect(server.http_port) as stream:
        stream.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n" + start + b"fffffffff\r\n")
        with pytest.raises(OSError):
            for _ in range(1000):
                stream.sendall(b"a" * 65536)


def test_endless_headers_end(server, good_viewer):
    """gst-rtsp-server keeps as many as come."""
    with connect(server.rtsp_port) as stream:
        stream.sendall(f"DESCRIBE {url(server)} RTSP/1.0\r\nCSeq: 1\r\n".encode())
        n_sent = 0
        with pytest.raises(OSError):
            while n_sent < 64 << 20:
                stream.sendall(b"X: y\r\n" * 1000)
                n_sent += 6000
    assert n_sent < 32 << 20


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_a_request_that_never_ends_is_given_up(server, good_viewer, scheme):
    port = server.http_port if scheme == "http" else server.rtsp_port
    begin = time.monotonic()
    with connect(port) as stream:
        stream.sendall(b"GET / HTTP/1.1\r\n" if scheme == "http" else b"OPTIONS * RTSP/1.0\r\n")
        while time.monotonic() < begin + 12:
            if select.select([stream], [], [], 0.3)[0]:
                with contextlib.suppress(ConnectionError):
                    assert stream.recv(100) == b""
                break
            with contextlib.suppress(OSError):
                stream.sendall(b"X")
    assert 1.5 < time.monotonic() - begin < 10


@pytest.mark.parametrize("port", ["https_port", "rtsps_port"])
def test_a_tls_handshake_that_never_ends_is_given_up(tls_server, port):
    with connect(getattr(tls_server, port)) as stream:
        stream.sendall(bytes.fromhex("1603010200010001fc0303"))
        assert read_all(stream, 12) == b""


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory):
    server = Porthole(
        tmp_path_factory.mktemp("tls"), [test_camera("front", linger=0.5)],
        access={"users": [{"name": "anna", "password": "secret"}],
                "limits": {"request_time": 2}})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


HTTP_NONSENSE = [
    b"", b"\r\n" * 5000, b"\0" * 5000, b"GET", b"GET / HTTP/9.9\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n",
    b"GET /" + b"a" * 100000 + b" HTTP/1.1\r\n\r\n",
    b"GET /?" + b"a=b&" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: " + b"a" * 70000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200000,
    b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"porthole=a; " * 4000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=" + b"0-,9-" * 5000 + b"\r\n\r\n",
    b"GET //../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /assets/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /front/hls/%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%ff%fe/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\n\r\n", b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"CONNECT localhost:1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\nx",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"fffffffffffffff\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"ffff\r\n" + b"a" * 0xffff + b"\r\n" + b"ffff\r\n" + b"a" * 0xffff + b"\r\n0\r\n\r\n",
    b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /back HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nUpgrade: websocket\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(100),
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600),
]


def test_nonsense_over_http_harms_nobody(server, good_viewer):
    for data in HTTP_NONSENSE:
        answer = send_and_read(server.http_port, data)
        assert not answer or answer.startswith(b"HTTP/1."), data[:60]
        assert b" 200 " not in answer.split(b"\r\n", 1)[0] or data.startswith(b"GET / "), data[:60]
        assert b"root:" not in answer


RTSP_NONSENSE = [
    b"", b"\r\n" * 5000, b"\0" * 5000, b"$", b"$\0\xff\xff", b"$\x07\0\4abcd" * 50, b"DESCRIBE",
    b"DESCRIBE rtsp://x RTSP/1.0\r\n\r\n", b"DESCRIBE  RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"DESCRIBE * RTSP/1.0\r\nCSeq: 1\r\n\r\n", b"OPTIONS rtsp:// RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"OPTIONS * RTSP/1.0\r\nCSeq: -1\r\n\r\n", b"OPTIONS * RTSP/1.0\r\nCSeq: 99999999999\r\n\r\n",
    b"OPTIONS * RTSP/7.7\r\nCSeq: 1\r\n\r\n", b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n",
    b"RTSP/1.0 999\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n",
    b"OPTIONS rtsp://h/" + b"a" * 100000 + b" RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    b"SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 99999999999\r\n\r\n",
    b"SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: -5\r\n\r\n",
    b"SET_PARAMETER * RTSP/1.0\r\nCSeq: 1\r\nContent-Length: 100\r\n\r\nabc",
    b"ANNOUNCE rtsp://h/front RTSP/1.0\r\nCSeq: 1\r\nContent-Type: application/sdp\r\n"
    b"Content-Length: 5\r\n\r\nv=0\r\n",
    b"GET / HTTP/1.0\r\nx-sessioncookie: " + b"a" * 3000 + b"\r\n\r\n",
    b"POST / HTTP/1.0\r\nx-sessioncookie: nobody\r\nContent-Length: 99999\r\n\r\n" + b"!" * 3000,
    b"GET / HTTP/1.0\r\n\r\n", b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Basic\r\n\r\n",
    b"DESCRIBE rtsp://h/front RTSP/1.0\r\nCSeq: 1\r\nAuthorization: Digest " + b"=," * 1500
    + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600),
]


def test_nonsense_over_rtsp_harms_nobody(server, good_viewer):
    for data in RTSP_NONSENSE:
        answer = send_and_read(server.rtsp_port, data)
        assert not answer or answer.startswith((b"RTSP/1.0 ", b"HTTP/1.")), data[:60]


TRANSPORTS = [
    "", ";", "RTP", "RTP/AVP", "RTP/AVP/TCP;unicast;interleaved=255-256", "RTP/SAVP;unicast",
    "RTP/AVP/TCP;unicast;interleaved=9-0", "RTP/AVP/TCP;unicast;interleaved=-1-1",
    "RTP/AVP;unicast;client_port=0-0", "RTP/AVP;unicast;client_port=99999-100000",
    "RTP/AVP;unicast;client_port=1-", "RTP/AVP;multicast;ttl=999;port=1-2",
    "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=zzzzzzzzzzzzzzz;mode=\"RECORD\"",
    "RTP/AVP/TCP;" * 2000, ",".join(["RTP/AVP;unicast;client_port=1-2"] * 300),
]
METHODS = ["OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "SET_PARAMETER",
           "TEARDOWN", "RECORD", "ANNOUNCE", "REDIRECT", "NOSUCH"]


def test_every_request_in_every_state_is_answered(server, good_viewer):
    for n_steps in range(4):
        for method in METHODS:
            with described(server) as client:
                steps = [client.setup, client.play, lambda: client.request("PAUSE")]
                for step in steps[:n_steps]:
                    assert step().status == 200
                for target in (client.url, client.control, "*", "/", "rtsp://h/nosuch"):
                    try:
                        answer = client.request(method, target, {"Transport": "RTP/AVP/TCP"})
                    except ConnectionError:
                        break  # hung up on, after TEARDOWN for one
                    assert 200 <= answer.status < 600


def test_odd_transports_are_answered(server, good_viewer):
    for transport in TRANSPORTS:
        with described(server) as client:
            with contextlib.suppress(ConnectionError):
                answer = client.request("SETUP", client.control, {"Transport": transport})
                assert 200 <= answer.status < 600


def mangle(choice, data):
    """Some bytes changed, doubled, or left out; always the same ones for the same seed."""
    data = bytearray(data)
    for _ in range(choice.randrange(1, 8)):
        at = choice.randrange(len(data))
        kind = choice.randrange(4)
        if kind == 0:
            data[at] = choice.randrange(256)
        elif kind == 1:
            del data[at:at + choice.randrange(1, 20)]
        elif kind == 2:
            data[at:at] = data[at:at + 30] * choice.randrange(1, 20)
        else:
            data[at:at] = choice.choice([b"\r\n", b"\0", b"$\0\0\4", b"%", b";", b"\xff" * 9])
        data = data or bytearray(b"\r\n")
    return bytes(data)


def test_mangled_conversations_harm_nobody(server, good_viewer):
    choice = random.Random(1)
    control = url(server) + "/stream=0"
    transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
    rtsp = b"".join([
        request("OPTIONS", url(server), 1), request("DESCRIBE", url(server), 2, ACCEPT),
        request("SETUP", control, 3, transport), request("PLAY", url(server), 4, "Session: 1"),
        b"$\1\0\x08" + bytes(8), request("GET_PARAMETER", url(server), 5, "Session: 1"),
        request("TEARDOWN", url(server), 6, "Session: 1")])
    http = (b"GET /front/snapshot.jpg?max_age=5&width=320 HTTP/1.1\r\nHost: localhost\r\n"
            b"Accept: */*\r\nAuthorization: Basic YTpi\r\nCookie: porthole=abc; a=b\r\n"
            b"X-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n")
    for _ in range(60 if IS_SANITIZED else 120):
        for port, data in ((server.rtsp_port, rtsp), (server.http_port, http)):
            with connect(port) as stream, contextlib.suppress(OSError):
                stream.sendall(mangle(choice, data))
                if choice.randrange(2):
                    stream.shutdown(socket.SHUT_WR)
                    stream.settimeout(10)
                    stream.recv(4096)
    assert server.api()["cameras"]


# ---- many --------------------------------------------------------------------------------------

def memory(server):
    """Resident, in KiB."""
    with open(f"/proc/{server.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def is_heard(server):
    health = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    try:
        with RtspClient(url(server)) as client:
            is_described = client.describe().status == 200
        return is_described and send_and_read(server.http_port, health).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


@pytest.mark.parametrize("scheme", ["http", "rtsp"])
def test_thousands_of_half_open_connections_leave_room_for_others(server, good_viewer, scheme):
    port = server.http_port if scheme == "http" else server.rtsp_port
    before = memory(server)
    opened = []
    try:
        for i in range(2000):  # from 40 addresses, and they would stay for ever
            stream = connect(port, f"127.5.{i % 40}.1")
            opened.append(stream)
            with contextlib.suppress(OSError):
                stream.sendall(b"OPT")
            if i % 500 == 499:
                n_files = len(server.open_files())
                assert n_files < 1400, n_files
        if not IS_SANITIZED:
            assert memory(server) - before < 64 * 1024
        # Those that came and ask for nothing are given up, and everybody is heard again: also after
        # those that still waited to be accepted.
        wait_until(lambda: len(server.open_files()) < 200, 15, "they are given up")
        wait_until(lambda: is_heard(server), 15, "everybody is heard again")
    finally:
        for stream in opened:
            stream.close()
