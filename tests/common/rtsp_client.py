# SPDX-License-Identifier: LGPL-2.1-or-later
"""A small RTSP 1.0 client (RFC 2326) that takes RTP/H.264 (RFC 6184) over TCP interleaved or UDP,
for what ffmpeg and VLC do not tell: when a packet came, and whether one is missing."""
import collections
import re
import select
import socket
import time
import urllib.parse

Response = collections.namedtuple("Response", "status headers body")
Unit = collections.namedtuple("Unit", "time timestamp nal_types is_keyframe nals")


class RtspClient:
    def __init__(self, url, timeout=10, receive_buffer=None, context=None, source=None):
        parts = urllib.parse.urlsplit(url)
        self.url = url
        self.timeout = timeout
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source is not None:  # an address of this machine
            self.socket.bind((source, 0))
        self.socket.settimeout(timeout)
        self.socket.connect((parts.hostname, parts.port))
        if context is not None:  # an ssl.SSLContext
            self.socket = context.wrap_socket(self.socket, server_hostname=parts.hostname)
        self.buffer = b""
        self.packets = collections.deque()  # (time, channel, bytes) that came between answers
        self.cseq = 0
        self.session = None
        self.control = None
        self.udp = None  # the sockets for RTP and RTCP when not interleaved
        self.n_lost = 0
        self.last_sequence = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        self.socket.close()
        for one in self.udp or ():
            one.close()

    def _fill(self, deadline):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no data from the server")
        self.socket.settimeout(left)
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.buffer += data

    def _read_frame(self, deadline):
        while len(self.buffer) < 4:
            self._fill(deadline)
        length = 4 + int.from_bytes(self.buffer[2:4], "big")
        while len(self.buffer) < length:
            self._fill(deadline)
        frame, self.buffer = self.buffer[:length], self.buffer[length:]
        return time.monotonic(), frame[1], frame[4:]

    def _read_response(self, deadline):
        while True:
            while not self.buffer:
                self._fill(deadline)
            if self.buffer[:1] == b"$":
                self.packets.append(self._read_frame(deadline))
                continue
            while b"\r\n\r\n" not in self.buffer:
                self._fill(deadline)
            head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            headers = {}
            for name, value in (line.split(":", 1) for line in lines[1:]):
                name, value = name.strip().lower(), value.strip()
                headers[name] = f"{headers[name]}, {value}" if name in headers else value
            length = int(headers.get("content-length", 0))
            while len(self.buffer) < length:
                self._fill(deadline)
            body, self.buffer = self.buffer[:length], self.buffer[length:]
            return Response(int(lines[0].split()[1]), headers, body.decode())

    def request(self, method, url=None, headers=None):
        self.cseq += 1
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self.cseq}"]
        if self.session:
            lines.append(f"Session: {self.session}")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.settimeout(self.timeout)
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return self._read_response(time.monotonic() + self.timeout)

    def describe(self):
        response = self.request("DESCRIBE", headers={"Accept": "application/sdp"})
        if response.status == 200:
            base = response.headers.get("content-base", self.url).rstrip("/")
            media = response.body[response.body.index("m=video"):]
            control = re.search(r"a=control:(\S+)", media).group(1)
            self.control = control if control.startswith("rtsp") else f"{base}/{control}"
        return response

    def setup(self, transport="RTP/AVP/TCP;unicast;interleaved=0-1"):
        response = self.request("SETUP", self.control, {"Transport": transport})
        if response.status == 200:
            self.session = response.headers["session"].split(";")[0]
        return response

    def setup_udp(self, profile="RTP/AVP"):
        while True:
            rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            rtp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            rtp.bind(("127.0.0.1", 0))
            port = rtp.getsockname()[1]
            rtcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            try:
                if port % 2 == 0:
                    rtcp.bind(("127.0.0.1", port + 1))
                    break
            except OSError:
                pass
            rtp.close()
            rtcp.close()
        self.udp = (rtp, rtcp)
        return self.setup(f"{profile};unicast;client_port={port}-{port + 1}")

    def play(self):
        return self.request("PLAY", headers={"Range": "npt=now-"})

    def start(self, udp=False):
        """DESCRIBE, SETUP and PLAY; returns self, ready to read units."""
        for response in (self.describe(), self.setup_udp() if udp else self.setup(), self.play()):
            assert response.status == 200, response
        return self

    def read_packet(self, deadline):
        """The next RTP packet: (time of arrival, bytes)."""
        while True:
            if self.udp:
                rtp, rtcp = self.udp
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("no packet from the server")
                for ready in select.select([rtp, rtcp], [], [], left)[0]:
                    data = ready.recv(65536)
                    if ready is rtp:
                        return time.monotonic(), data
                continue
            if self.packets:
                when, channel, data = self.packets.popleft()
            else:
                while not self.buffer:
                    self._fill(deadline)
                if self.buffer[:1] != b"$":
                    self._read_response(deadline)
                    continue
                when, channel, data = self._read_frame(deadline)
            if channel == 0:
                return when, data

    def units(self, duration=None, count=None):
        """Yields access units as their last packet comes, for some seconds or a number of them.
        Counts missing packets in n_lost."""
        end = time.monotonic() + (duration if duration is not None else 30)
        nals = []
        n_yielded = 0
        while True:
            try:
                when, packet = self.read_packet(end)
            except TimeoutError:
                if duration is None:
                    raise
                return
            sequence = int.from_bytes(packet[2:4], "big")
            if self.last_sequence is not None:
                self.n_lost += (sequence - self.last_sequence - 1) & 0xFFFF
            self.last_sequence = sequence
            add_payload(nals, packet[12 + 4 * (packet[0] & 0x0F):])
            if packet[1] & 0x80:
                types = [nal[0] & 0x1F for nal in nals]
                yield Unit(when, int.from_bytes(packet[4:8], "big"), types, 5 in types, nals)
                nals = []
                n_yielded += 1
                if n_yielded == count:
                    return

    def wait_for_keyframe(self):
        for unit in self.units():
            if unit.is_keyframe:
                return unit
        raise AssertionError("no keyframe")


def add_payload(nals, payload):
    """Adds what an RTP payload (RFC 6184, 5.6 to 5.8) holds to the NAL units of its picture."""
    kind = payload[0] & 0x1F
    if kind == 28:  # FU-A
        if payload[1] & 0x80:
            nals.append(bytes([payload[0] & 0xE0 | payload[1] & 0x1F]))
        if nals:
            nals[-1] += payload[2:]
    elif kind == 24:  # STAP-A
        offset = 1
        while offset + 2 <= len(payload):
            size = int.from_bytes(payload[offset:offset + 2], "big")
            nals.append(payload[offset + 2:offset + 2 + size])
            offset += 2 + size
    else:
        nals.append(payload)
