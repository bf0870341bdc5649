# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may look over RTSP, asked with what people use."""
import base64
import hashlib
import re
import socket
import ssl
import subprocess
import urllib.parse

import media
import pytest
from porthole import Porthole, test_camera, wait_until
from rtsp_client import RtspClient

PASSWORD = ":/@%\"é p"
IN_URL = urllib.parse.quote(PASSWORD, safe="")
USERS = [
    {"name": "anna", "password": PASSWORD, "cameras": ["front"]},
    {"name": "root", "password": "secret", "role": "admin"},
]
CAMERAS = ("front", "back", "yard")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    cameras = [test_camera(name, linger=0.2) for name in CAMERAS]
    cameras[2]["anonymous"] = True
    server = Porthole(tmp_path_factory.mktemp("server"), cameras, access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def url(server, path, credentials=f"anna:{IN_URL}"):
    return f"rtsp://{credentials}{'@' if credentials else ''}127.0.0.1:{server.rtsp_port}/{path}"


def ffmpeg(address, *options):
    """Its return code and complaints."""
    done = media.run(
        ["ffmpeg", "-v", "warning", "-nostdin", "-rtsp_transport", "tcp",
         "-analyzeduration", "200000", *options,
         "-i", address, "-frames:v", "5", "-f", "null", "-"])
    return done.returncode, done.stderr


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def nonce_of(response):
    return re.search(r'nonce="([^"]+)"', response.headers["www-authenticate"]).group(1)


def digest(nonce, method, address, password=PASSWORD):
    """As cameras and recorders of the first days have it (RFC 2069)."""
    def md5(*parts):
        return hashlib.md5(":".join(parts).encode()).hexdigest()
    response = md5(md5("anna", "Porthole", password), nonce, md5(method, address))
    return {"Authorization": f'Digest username="anna", realm="Porthole", nonce="{nonce}", '
                             f'uri="{address}", response="{response}"'}


def no_check():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def is_idle(server, camera):
    _, _, body = media.fetch(
        f"{server.http}/api/v1/cameras/{camera}", headers=basic("root", "secret"))
    return b'"state":"idle"' in body


# ---- players ------------------------------------------------------------------------------------

@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_plays_with_the_right_password(server, transport):
    status, complaints = ffmpeg(url(server, "front/sub"), "-rtsp_transport", transport)
    assert status == 0, complaints


@pytest.mark.parametrize("credentials", ["", "anna:wrong", "nobody:wrong", f"{IN_URL}:anna"])
def test_ffmpeg_is_refused_with_any_other(server, credentials):
    status, complaints = ffmpeg(url(server, "front", credentials))
    assert status != 0 and "401" in complaints, complaints


def test_ffprobe_does_not_find_a_camera_of_others(server):
    for path in ("back", "unknown"):
        done = media.run(["ffprobe", "-v", "error", url(server, path)])
        assert done.returncode != 0 and "404" in done.stderr, done.stderr
    status, complaints = ffmpeg(url(server, "back/sub", "root:secret"))
    assert status == 0, complaints


def test_anybody_plays_an_anonymous_camera(server):
    status, complaints = ffmpeg(url(server, "yard/sub", ""))
    assert status == 0, complaints


@pytest.mark.parametrize("protocols", ["tcp", "udp", "http"])
def test_rtspsrc_plays_with_the_right_password(server, tmp_path, protocols):
    address = url(server, "front/sub")
    properties = [f"protocols={protocols}"]
    if protocols == "http":
        address, properties = address.replace("rtsp://", "rtsph://"), []
    n_pictures, output = media.pictures_by_rtspsrc(address, tmp_path, 5, *properties)
    assert n_pictures == 5, output


@pytest.mark.parametrize("credentials", ["", "anna:wrong"])
def test_rtspsrc_is_refused_with_any_other(server, tmp_path, credentials):
    address = url(server, "front", credentials)
    n_pictures, output = media.pictures_by_rtspsrc(address, tmp_path, 5)
    assert n_pictures == 0 and "nauthorized" in output, output


# ---- over TLS -----------------------------------------------------------------------------------

def tls_url(server, path, credentials=f"anna:{IN_URL}"):
    return f"rtsps://{credentials}{'@' if credentials else ''}127.0.0.1:{server.rtsps_port}/{path}"


def test_ffmpeg_plays_over_tls(server):
    status, complaints = ffmpeg(tls_url(server, "front/sub"))
    assert status == 0, complaints
    status, complaints = ffmpeg(tls_url(server, "front/sub", "anna:wrong"))
    assert status != 0 and "401" in complaints, complaints


@pytest.mark.parametrize("protocols", ["tcp", "tcp+udp"])
def test_rtspsrc_plays_over_tls(server, tmp_path, protocols):
    n_pictures, output = media.pictures_by_rtspsrc(
        tls_url(server, "front/sub"), tmp_path, 5, f"protocols={protocols}",
        "tls-validation-flags=0")
    assert n_pictures == 5, output


def openssl(server, *options):
    return media.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.rtsps_port}", *options])


@pytest.mark.parametrize("version, is_spoken",
                         [("1", False), ("1_1", False), ("1_2", True), ("1_3", True)])
def test_old_tls_is_not_spoken(server, version, is_spoken):
    done = openssl(server, f"-tls{version}", "-cipher", "DEFAULT@SECLEVEL=0")
    assert ("Cipher is (NONE)" not in done.stdout) == is_spoken, done.stdout + done.stderr


def test_the_certificate_is_that_of_https(server):
    prints = re.findall(r"fingerprint is (\S+)", server.log)
    assert prints
    shown = openssl(server).stdout
    done = subprocess.run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], input=shown,
                          capture_output=True, text=True, timeout=10, check=True)
    assert done.stdout.strip().split("=")[1] == prints[0]


def test_one_who_is_slow_to_shake_hands_holds_up_nobody(server):
    with socket.create_connection(("127.0.0.1", server.rtsps_port)) as slow:
        slow.sendall(b"\x16\x03\x01")
        status, complaints = ffmpeg(tls_url(server, "front/sub"))
        assert status == 0, complaints


def test_pictures_do_not_go_in_clear_beside_tls(server):
    with RtspClient(tls_url(server, "front", ""), context=no_check()) as client:
        headers = {"Transport": "RTP/AVP;unicast;client_port=50000-50001",
                   **basic("root", "secret")}
        assert client.request("SETUP", f"{client.url}/stream=0", headers).status == 461


def test_without_users_there_is_no_tls(servers):
    server = servers.start(test_camera())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.rtsps_port)).close()


# ---- on the wire --------------------------------------------------------------------------------

def test_a_stranger_does_not_wake_a_camera(server):
    wait_until(lambda: is_idle(server, "back"), 5, "the camera is idle")
    with RtspClient(url(server, "back", "")) as client:
        for method in ("DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER",
                       "SET_PARAMETER"):
            assert client.request(method).status == 401, method
        assert client.request("OPTIONS").status == 200
    assert is_idle(server, "back")


def test_what_is_not_granted_answers_as_what_is_not_there(server):
    answers = []
    with RtspClient(url(server, "front", "")) as client:
        for path in ("back", "none"):
            address = url(server, path, "")
            nonce = nonce_of(client.request("DESCRIBE", address))
            answer = client.request("DESCRIBE", address, digest(nonce, "DESCRIBE", address))
            del answer.headers["cseq"]
            answer.headers.pop("date", None)
            answers.append(answer)
        granted = client.request("DESCRIBE", url(server, "none", ""), basic("root", "secret"))
    assert answers[0] == answers[1] and answers[0].status == 404
    assert granted.status == 404 and granted.headers.keys() - {"cseq", "date"} == \
        answers[0].headers.keys()


def test_a_nonce_is_good_on_the_next_connection(server):
    address = url(server, "front", "")
    with RtspClient(address) as client:
        nonce = nonce_of(client.request("DESCRIBE"))
    with RtspClient(address) as client:
        assert client.request("DESCRIBE", headers=digest(nonce, "DESCRIBE", address)).status == 200
        client.control = f"{address}/stream=0"
        # live555 signs for the presentation, not for the stream in it
        headers = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1",
                   **digest(nonce, "SETUP", address)}
        answer = client.request("SETUP", client.control, headers)
        assert answer.status == 200, answer
        client.session = answer.headers["session"].split(";")[0]
        assert client.request("PLAY").status == 401
        assert client.request("PLAY", headers=digest(nonce, "PLAY", address)).status == 200
        client.wait_for_keyframe()
        assert client.request("OPTIONS").status == 200


def test_no_password_is_in_the_log(server):
    ffmpeg(url(server, "front", "anna:wrong-but-secret"))
    assert PASSWORD not in server.log and "wrong-but-secret" not in server.log
    assert re.search(r'refused 127\.0\.0\.1: wrong password for user "anna" \(RTSP\)', server.log)


# ---- from one Porthole to the next --------------------------------------------------------------

def test_a_second_server_relays_from_the_first(server, servers, tmp_path):
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    relay = servers.start({
        "name": "relayed",
        "source": {"type": "rtsp", "url": url(server, "front/sub", ""), "transport": "tcp",
                   "username": "anna", "password_file": str(secret)},
        "streams": [{"name": "main", "codec": "h264"}],
    })
    status, complaints = ffmpeg(f"{relay.rtsp}/relayed")
    assert status == 0, complaints + relay.log


# ---- what goes beside TLS -----------------------------------------------------------------------

def test_beside_tls_the_transport_that_is_not_in_clear_is_chosen(server):
    with RtspClient(f"rtsps://127.0.0.1:{server.rtsps_port}/yard", context=no_check()) as client:
        assert client.describe().status == 200
        assert client.setup("RTP/AVP;unicast;client_port=50000-50001").status == 461
        answer = client.setup("RTP/AVP;unicast;client_port=50000-50001, "
                              "RTP/AVP/TCP;unicast;interleaved=2-3")
        assert answer.status == 200
        assert "interleaved=2-3" in answer.headers["transport"]
