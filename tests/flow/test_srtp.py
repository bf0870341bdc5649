# SPDX-License-Identifier: LGPL-2.1-or-later
"""SRTP, for who asks for it: played by what people use, and looked at on its way."""
import base64
import re
import ssl
import struct
import time

import media
import pytest
from porthole import Porthole, test_camera, wait_until
from rtsp_client import RtspClient

RTCP_SENDER_REPORT = 200


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    cameras = [test_camera(name, linger=0.2) for name in ("front", "back", "yard")]
    cameras[2]["anonymous"] = True
    users = [{"name": "anna", "password": "secret", "cameras": ["front"]}]
    server = Porthole(tmp_path_factory.mktemp("server"), cameras, access={"users": users})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def no_check():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def encrypted(server, path="yard", **options):
    return RtspClient(
        f"rtsps://127.0.0.1:{server.rtsps_port}/{path}?srtp", context=no_check(), **options)


def plain(server, path="yard"):
    return RtspClient(f"rtsp://127.0.0.1:{server.rtsp_port}/{path}")


def key_in(description):
    return re.search(r"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:(\S{40})\s", description).group(1)


# ---- players ------------------------------------------------------------------------------------

@pytest.mark.parametrize("protocols", ["udp", "tcp"])
def test_rtspsrc_decrypts(server, tmp_path, protocols):
    """With a password, too: the camera sleeps, so the first answer to it has to wait."""
    n_pictures, output = media.pictures_by_rtspsrc(
        f"rtsps://anna:secret@127.0.0.1:{server.rtsps_port}/front/sub?srtp", tmp_path, 5,
        f"protocols={protocols}", "tls-validation-flags=0")
    assert n_pictures == 5, output
    assert f"watches front/sub over SRTP, {protocols.upper()}" in server.log


def test_ffmpeg_decrypts_by_the_other_form_of_the_key(server):
    done = media.run([
        "ffmpeg", "-v", "warning", "-nostdin", "-analyzeduration", "200000",
        "-i", f"rtsps://anna:secret@127.0.0.1:{server.rtsps_port}/front/sub?srtp",
        "-frames:v", "5", "-f", "null", "-"])
    assert done.returncode == 0 and "error" not in done.stderr, done.stderr


def test_a_camera_of_others_is_not_found_by_srtp_either(server):
    for path, status in (("back", 404), ("unknown", 404), ("front", 200)):
        with encrypted(server, path) as client:
            assert client.request("DESCRIBE").status == 401
            answer = client.request("DESCRIBE", headers={
                "Authorization": "Basic " + base64.b64encode(b"anna:secret").decode()})
            assert answer.status == status, path


# ---- on the way ---------------------------------------------------------------------------------

def parameter_sets(description):
    sets = re.search(r"sprop-parameter-sets=([^;\s]+)", description).group(1)
    return [base64.b64decode(one) for one in sets.split(",")]


def start(client):
    """By UDP. Returns what the SDP told, and the server's ports."""
    description = client.describe()
    assert description.status == 200, description
    answer = client.setup_udp("RTP/SAVP")
    assert answer.status == 200, answer
    assert answer.headers["transport"].startswith("RTP/SAVP;"), answer
    assert client.play().status == 200
    ports = re.search(r"server_port=(\d+)-(\d+)", answer.headers["transport"]).groups()
    return description.body, [int(port) for port in ports]


def read_until(clients, is_enough):
    """The RTP packets of each by their numbers, as soon as is_enough of them."""
    packets = [{} for _ in clients]
    end = time.monotonic() + 30
    while not is_enough(*packets):
        for client, into in zip(clients, packets):
            _, packet = client.read_packet(end)
            into[packet[2:4]] = packet
    return packets


def test_the_pictures_are_not_in_clear_and_encrypted_once_for_all(server):
    with encrypted(server) as one, encrypted(server) as two, plain(server) as neighbour:
        description, _ = start(one)
        start(two)
        neighbour.start(udp=True)
        secrets = parameter_sets(description)

        def are_found(packets):
            return all(any(secret in packet for packet in packets.values()) for secret in secrets)

        first, second, _ = read_until(
            [one, two, neighbour],
            lambda a, b, clear: len(a.keys() & b.keys()) > 50 and are_found(clear))
        for packet in [*first.values(), *second.values()]:
            assert not any(secret in packet for secret in secrets)
        for number in first.keys() & second.keys():
            assert first[number] == second[number]


def test_reports_are_encrypted(server):
    with encrypted(server) as client:
        description, _ = start(client)
        client.udp[1].settimeout(20)
        report = client.udp[1].recv(65536)
        assert report[1] == RTCP_SENDER_REPORT
        cname = re.search(r"a=ssrc:\d+ cname:(\S+)", description).group(1).encode()
        assert cname not in report
        assert report[-14] & 0x80, "the mark of what is encrypted (RFC 3711, 3.4)"


def test_what_a_viewer_sends_back_changes_nothing(server):
    """It has no key that would be listened to, and may send what it likes."""
    with encrypted(server) as client:
        _, ports = start(client)
        _, packet = client.read_packet(time.monotonic() + 20)
        for data in (b"", b"x", packet, struct.pack(">BBHI", 0x81, 203, 1, 1) + bytes(40),
                     bytes(1400), b"\x80\xc9\x00\x01" + bytes(2000)):
            for socket, port in zip(client.udp, ports):
                socket.sendto(data, ("127.0.0.1", port))
        read_until([client], lambda packets: len(packets) > 20)


# ---- the key ------------------------------------------------------------------------------------

def test_each_stream_has_a_key_of_its_own_and_a_new_one_each_time(server):
    keys = []
    for path in ("yard", "yard", "yard/sub"):
        with encrypted(server, path) as one, encrypted(server, path) as two:
            keys.append(key_in(one.describe().body))
            assert key_in(two.describe().body) == keys[-1], "shared by who watches at one time"
        wait_until(lambda: server.api("yard")["state"] == "idle", 10, "nobody is left")
    assert len(set(keys)) == 3
    assert len(set(base64.b64decode(keys[0]))) > 15, "random"
    for key in keys:
        assert key not in server.log
        assert key[2:-2] not in server.log, "as MIKEY has it, too"


def test_the_key_is_not_told_without_tls(server):
    told = "127.0.0.1 asks for SRTP over a connection without TLS"
    n_told = server.log.count(told)
    for address in ("yard?srtp", "yard/~srtp", "yard/main/~srtp/stream=0?srtp"):
        with plain(server, address) as client:
            answer = client.request("DESCRIBE")
            assert answer.status == 463 and not answer.body
            assert client.request("SETUP", headers={
                "Transport": "RTP/SAVP/TCP;unicast;interleaved=0-1"}).status == 463
    assert server.log.count(told) == n_told + 3, "once for each connection"


@pytest.mark.parametrize("profile", [
    "RTP/SAVP;unicast;client_port=50000-50001", "RTP/SAVP/TCP;unicast;interleaved=0-1",
    "RTP/SAVPF/UDP;unicast;client_port=50000-50001"])
def test_who_was_not_told_a_key_is_told_how_to_ask(server, profile):
    told = "127.0.0.1 asks for SRTP (RTP/SAVP) of a stream that was described without; to have " \
           "it, play rtsps://HOST/CAMERA?srtp"
    n_told = server.log.count(told)
    with plain(server) as client:
        assert client.describe().status == 200
        assert client.setup(profile).status == 461
        assert client.setup(profile).status == 461
        assert server.log.count(told) == n_told + 1, "once for each connection"
        answer = client.setup(f"{profile},RTP/AVP/TCP;unicast;interleaved=0-1")
        assert answer.status == 200, "the second choice"
        assert answer.headers["transport"].startswith("RTP/AVP/TCP;")


def test_who_does_not_ask_is_offered_what_everybody_plays(server):
    with RtspClient(f"rtsps://127.0.0.1:{server.rtsps_port}/yard", context=no_check()) as client:
        description = client.describe().body
        assert "m=video 0 RTP/AVP 96" in description
        assert "crypto" not in description and "key-mgmt" not in description


def mikey(payload_type):
    """A MIKEY message (RFC 3830, 6.1) whose first payload is of this type."""
    header = bytes([1, 0, payload_type, 0]) + struct.pack(">I", 1) + bytes([0, 0])
    return base64.b64encode(header + bytes(64)).decode()


def test_a_viewers_own_key_is_not_looked_at(server):
    """Before 1.26.2 GStreamer never comes to an end over these types."""
    with plain(server) as neighbour:
        neighbour.start()
        for payload_type in (3, 4, 6, 7, 8, 9, 12):
            with encrypted(server) as client:
                assert client.describe().status == 200
                answer = client.request("SETUP", client.control, {
                    "Transport": "RTP/SAVP/TCP;unicast;interleaved=0-1",
                    "KeyMgmt": f'prot=mikey;uri="{client.url}";data="{mikey(payload_type)}"'})
                assert answer.status == 200, payload_type
        assert len(list(neighbour.units(count=10))) == 10
