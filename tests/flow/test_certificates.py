# SPDX-License-Identifier: LGPL-2.1-or-later
"""Challenges of certificate authorities (ACME), what is told of the certificate, and which other
sites' pages may read."""
import http.client
import json
import os
import ssl
import subprocess
import time

import pytest
from porthole import Porthole, test_camera, wait_until
from rtsp_client import RtspClient
from test_access import basic, fingerprint, make_certificate

TOKEN = "LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"
ANSWER = TOKEN + ".9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"
ACME = "/.well-known/acme-challenge/"
USERS = [{"name": "anna", "password": "secret"},
         {"name": "root", "password": "secret", "role": "admin"}]
HOME = "https://home.example:8123"


@pytest.fixture(scope="module")
def webroot(tmp_path_factory):
    """As certbot --webroot leaves it, and with what an attacker would like to see."""
    root = tmp_path_factory.mktemp("webroot")
    challenges = root / ".well-known" / "acme-challenge"
    (challenges / "folder").mkdir(parents=True)
    (challenges / TOKEN).write_text(ANSWER)
    (challenges / "with.dot").write_text("secret")
    (challenges / "large").write_text("secret" * 1000)
    (challenges / "link").symlink_to("/etc/passwd")
    (challenges / "near").symlink_to(challenges / TOKEN)
    (root / "secret").write_text("secret")
    os.mkfifo(challenges / "pipe")
    return root


@pytest.fixture(scope="module")
def server(tmp_path_factory, webroot):
    make_certificate(webroot)
    pem = str(webroot / "tls.pem")
    server = Porthole(tmp_path_factory.mktemp("server"), [test_camera("front")],
                      http={"listen": "any", "redirect": True, "acme_webroot": str(webroot),
                            "cors": [HOME, "http://other.example"]},
                      tls={"certificate": pem, "key": pem}, access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def ask(server, method, path, headers=None, host="127.0.0.1"):
    """Status, headers and body; path goes out as it is."""
    connection = http.client.HTTPConnection(host, server.http_port, timeout=10)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode(errors="replace")
    finally:
        connection.close()


def own_address():
    own = subprocess.run(["hostname", "--all-ip-addresses"], capture_output=True, text=True,
                         timeout=10, check=True).stdout.split()
    return own[0] if own else "127.0.0.1"


# ---- challenges ---------------------------------------------------------------------------------

def test_a_challenge_is_answered_whatever_the_name_and_without_redirect(server):
    status, headers, body = ask(server, "GET", ACME + TOKEN, {"Host": "cam.example.org"},
                                own_address())
    assert (status, body) == (200, ANSWER)
    assert headers["Content-Type"] == "application/octet-stream"
    assert ask(server, "HEAD", ACME + TOKEN)[0] == 200
    assert ask(server, "POST", ACME + TOKEN)[0] == 405


@pytest.mark.parametrize("path", [
    "", "other", "with.dot", "large", "link", "near", "pipe", "folder", "folder/", ".", "..",
    "../../secret", "..%2f..%2fsecret", "%2e%2e/%2e%2e/secret", "....//....//secret",
    "%2fetc%2fpasswd", "/etc/passwd", TOKEN + "%00", TOKEN + "/", TOKEN + "/.",
    "..\\..\\secret", "a" * 256, "%ff",
])
def test_nothing_but_a_challenge_is_told(server, path):
    done = subprocess.run(
        ["curl", "--silent", "--path-as-is", "--max-time", "10", "--write-out", "\n%{http_code}",
         f"{server.http}{ACME}{path}"], capture_output=True, timeout=20, check=True).stdout
    assert done.splitlines()[-1] in (b"400", b"404", b"401"), done
    assert b"secret" not in done and b"root:" not in done and ANSWER.encode() not in done


def test_only_challenges_are_open(server):
    assert ask(server, "GET", "/.well-known/other")[0] in (401, 404)
    assert ask(server, "GET", "/front/snapshot.jpg", {"Host": "cam.example.org"})[0] == 421
    host = own_address()
    if host != "127.0.0.1":
        assert ask(server, "GET", "/healthz", host=host)[0] == 307


# ---- the certificate ----------------------------------------------------------------------------

def test_an_admin_is_told_of_the_certificate(server):
    status, _, body = ask(server, "GET", "/api/v1/certificate", basic("root", "secret"))
    report = json.loads(body)
    assert status == 200 and report["self_signed"] is False
    assert report["fingerprint"] == fingerprint(server.https_port)
    assert report["days_left"] in (29, 30), "what openssl req gives"
    assert ask(server, "GET", "/api/v1/certificate", basic("anna", "secret"))[0] == 403
    metrics = ask(server, "GET", "/metrics", basic("root", "secret"))[2]
    end = next(float(line.split()[1]) for line in metrics.splitlines()
               if line.startswith("porthole_certificate_not_after_timestamp_seconds "))
    assert 28 < (end - time.time()) / 86400 < 31


def test_rtsp_over_tls_stands_among_the_addresses(server):
    camera = json.loads(ask(server, "GET", "/api/v1/cameras/front", basic("anna", "secret"))[2])
    rtsps = f"rtsps://127.0.0.1:{server.rtsps_port}/front"
    assert camera["urls"]["rtsps"] == rtsps
    assert camera["streams"][1]["urls"]["rtsps"] == rtsps + "/sub"


class OverTls(RtspClient):
    """anna, who trusts any certificate."""

    def __init__(self, server):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(f"rtsps://127.0.0.1:{server.rtsps_port}/front", context=context)

    def request(self, method, url=None, headers=None):
        return super().request(method, url, {**(headers or {}), **basic("anna", "secret")})


def test_a_new_certificate_drops_no_viewer(server, webroot, tmp_path):
    first = fingerprint(server.https_port)
    assert fingerprint(server.rtsps_port) == first
    picture = tmp_path / "pictures"
    with OverTls(server) as rtsps, subprocess.Popen(
            ["curl", "--silent", "--insecure", "--no-buffer", "--max-time", "30", "--user",
             "anna:secret", "--output", str(picture),
             f"https://127.0.0.1:{server.https_port}/front/mjpeg"]) as viewer:
        try:
            wait_until(lambda: picture.exists() and picture.stat().st_size > 0, 15, "a picture")
            rtsps.start()
            rtsps.wait_for_keyframe()
            make_certificate(webroot)
            wait_until(lambda: fingerprint(server.https_port) != first, 15, "the new certificate")
            assert fingerprint(server.rtsps_port) == fingerprint(server.https_port)
            before = picture.stat().st_size
            wait_until(lambda: picture.stat().st_size > before + 20000, 10, "more pictures")
            assert viewer.poll() is None
            units = list(rtsps.units(duration=2))
            assert units[-1].time - units[0].time > 1, "it goes on after what was under way"
        finally:
            viewer.kill()


# ---- other sites --------------------------------------------------------------------------------

def allowed(headers):
    return headers["Access-Control-Allow-Origin"], headers["Access-Control-Allow-Credentials"]


def test_only_listed_sites_read(server):
    path, credentials = "/api/v1/cameras", basic("anna", "secret")
    _, headers, _ = ask(server, "GET", path, {**credentials, "Origin": HOME})
    assert allowed(headers) == (HOME, "true") and headers["Vary"] == "Origin"
    for origin in ("https://home.example", "http://home.example:8123", "null", "*", HOME + ".evil.example",
                   "https://evil.example", HOME.upper()):
        _, headers, _ = ask(server, "GET", path, {**credentials, "Origin": origin})
        assert allowed(headers) == (None, None), origin
        assert headers["Vary"] == "Origin"
    assert allowed(ask(server, "GET", path, {"Origin": HOME})[1]) == (HOME, "true"), "also a 401"


def test_a_preflight_is_answered_without_credentials(server):
    question = {"Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization"}
    status, headers, _ = ask(server, "OPTIONS", "/front/index.m3u8", {**question, "Origin": HOME})
    assert status == 204 and allowed(headers) == (HOME, "true")
    assert headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    status, headers, _ = ask(server, "OPTIONS", "/front/index.m3u8",
                             {**question, "Origin": "https://evil.example"})
    assert status == 401 and allowed(headers) == (None, None)
    assert headers["Access-Control-Allow-Methods"] is None


def test_a_listed_site_changes_nothing(server):
    headers = {**basic("anna", "secret"), "Origin": HOME, "Content-Type": "application/json"}
    assert ask(server, "POST", "/api/v1/cameras/front/links", headers)[0] == 403


@pytest.mark.parametrize("cors,answer", [(["*"], ("*", None)), ([], (None, None))])
def test_any_site_reads_without_credentials_only(servers, cors, answer):
    server = servers.start(test_camera(), http={"cors": cors})
    _, headers, _ = ask(server, "GET", "/healthz", {"Origin": HOME})
    assert allowed(headers) == answer
    assert (headers["Vary"] == "Origin") == bool(cors)
