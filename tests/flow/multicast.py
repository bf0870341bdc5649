# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run by test_rtsp.py in a network namespace: two viewers of one multicast stream, in clear and
encrypted.

The packets are read off the interface: the server holds the port on this machine for itself, so
that ffmpeg and rtspsrc can take part from other machines only.
"""
import pathlib
import re
import socket
import ssl
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

from porthole import Porthole, test_camera  # noqa: E402
from rtsp_client import RtspClient  # noqa: E402

GROUP = "239.1.2.3"
ETH_P_IP = 0x0800


def capture(seconds, port):
    """Sequence numbers of the RTP packets (IPv4, UDP) sent to the group meanwhile."""
    numbers = []
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP)) as tap:
        tap.bind(("lo", ETH_P_IP))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            tap.settimeout(left)
            try:
                packet = tap.recv(65536)
            except TimeoutError:
                break
            header = 4 * (packet[0] & 0x0F)
            udp = packet[header:]
            if (
                packet[16:20] == socket.inet_aton(GROUP)
                and int.from_bytes(udp[2:4], "big") == port
            ):
                numbers.append(int.from_bytes(udp[10:12], "big"))
    return numbers


def no_check():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def check(url, profile, context=None):
    with RtspClient(url, context=context) as one, RtspClient(url, context=context) as two:
        for client in (one, two):
            assert client.describe().status == 200
            answer = client.setup(f"{profile};multicast")
            assert answer.status == 200, answer
            assert f"destination={GROUP}" in answer.headers["transport"], answer
            port = int(re.search(r"port=(\d+)", answer.headers["transport"]).group(1))
            assert port >= 15000, answer
            assert client.play().status == 200
        numbers = capture(2, port)
    assert len(numbers) >= 20, numbers
    assert len(set(numbers)) == len(numbers), "each packet goes out once, for all viewers"
    assert (numbers[-1] - numbers[0]) % 65536 == len(numbers) - 1, "none is missing"


server = Porthole(
    sys.argv[1],
    [test_camera(anonymous=True)],
    access={"users": [{"name": "anna", "password": "secret"}]},
    rtsp={"multicast": True, "multicast_address": GROUP, "multicast_port": 15000},
)
try:
    check(f"{server.rtsp}/front", "RTP/AVP")
    check(f"rtsps://127.0.0.1:{server.rtsps_port}/front?srtp", "RTP/SAVP", no_check())
    server.stop()
finally:
    server.kill()
