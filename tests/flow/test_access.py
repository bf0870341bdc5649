# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may look, asked with curl, from many addresses, and with a browser."""
import base64
import collections
import hashlib
import http.client
import json
import os
import pathlib
import re
import shlex
import socket
import ssl
import subprocess
import urllib.parse

import pytest
import webdriver
from porthole import BINARY, IS_SANITIZED, ROOT, Porthole, test_camera, wait_until
from rtsp_client import RtspClient
from selenium.webdriver.common.by import By
from webdriver import wait_for

PASSWORD = ":/@%\"é p"
USERS = [
    {"name": "anna", "password": PASSWORD, "cameras": ["front"]},
    {"name": "root", "password": "secret", "role": "admin"},
]
PASSWORDS = {"viewer": ("anna", PASSWORD), "admin": ("root", "secret")}
# The table in the source is the one that is served: a row that is added is asked for here too.
ROUTE = re.compile(r'^  \{ "(/[^"]*)", "([A-Z]+)", PH_PERMISSION_([A-Z]+),', re.MULTILINE)
ROUTES = ROUTE.findall((ROOT / "src" / "http" / "http.c").read_text())
NO_CAMERA = "There is no camera of this name"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(tmp_path_factory.mktemp("server"), [test_camera("front"), test_camera("back")],
                      access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def ask(server, method, path, headers=None, source="127.0.0.1", body=None):
    """Status, headers, and the body unless it is a stream."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.http_port, timeout=20, source_address=(source, 0))
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace") if "Content-Length" in answer.headers \
            and answer.headers.get_content_maintype() != "image" else ""
        return answer.status, answer.headers, text
    finally:
        connection.close()


def curl(*arguments):
    """Status and body."""
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "20", "--write-out", "\n%{http_code}", *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True)
    body, status = done.stdout.rsplit("\n", 1)
    return int(status), body


def addresses(port):
    """Where something listens on port."""
    listing = subprocess.run(["ss", "--no-header", "-ltn", f"sport = :{port}"],
                             capture_output=True, text=True, timeout=10, check=True).stdout
    return {line.split()[3].rsplit(":", 1)[0] for line in listing.splitlines()}


def names(body):
    return re.findall(r'"name":"(front|back)"', body)


def test_without_users_nobody_from_outside_is_heard(servers):
    server = servers.start(test_camera(), http={"listen": "any"})
    assert addresses(server.http_port) <= {"127.0.0.1", "[::1]"}
    assert server.log.count("porthole user NAME") == 1, "said once, not for each server"
    assert server.api()["cameras"], "this machine may look"


def test_what_the_warning_says_to_type_lets_others_in(servers):
    server = servers.start(test_camera(), http={"listen": "any"})
    typed = re.search(r"type: porthole (user NAME .*)", server.log).group(1)
    subprocess.run([BINARY, *shlex.split(typed.replace("NAME", "anna"))], input=PASSWORD, text=True,
                   capture_output=True, timeout=30, check=True)
    wait_until(lambda: {"0.0.0.0"} == addresses(server.http_port) - {"[::]"}, 20,
               "it listens for others, and no more for itself alone")
    assert ask(server, "GET", "/api/v1/cameras")[0] == 401, "they need the password"


def test_with_users_it_listens_where_it_was_told(servers):
    server = servers.start(test_camera(), http={"listen": "any"}, access={"users": USERS})
    assert "0.0.0.0" in addresses(server.http_port)


@pytest.mark.parametrize("listen,is_warned", [("any", True), ("loopback", False)])
def test_anonymous_viewing_by_others_is_warned_of(servers, listen, is_warned):
    server = servers.start(test_camera("front", anonymous=True), http={"listen": listen},
                           rtsp={"listen": listen}, access={"users": USERS})
    _, _, body = ask(server, "GET", "/api/v1/session")
    assert (json.loads(body)["anonymous"], "without a password" in server.log) \
        == (is_warned, is_warned)


def test_anonymous_viewing_is_viewing_only(servers):
    server = servers.start(test_camera("front", anonymous=True), test_camera("back"),
                           access={"users": USERS})
    status, _, body = ask(server, "GET", "/api/v1/cameras")
    assert (status, names(body)) == (200, ["front"])
    assert ask(server, "GET", "/back/snapshot.jpg")[0] == 401
    assert ask(server, "GET", "/front/")[0] == 200
    assert ask(server, "GET", "/api/v1/other")[0] == 401


def caching_of_a_segment(server, headers):
    _, _, playlist = ask(server, "GET", "/front/index.m3u8?stream=main", headers)
    segment = re.search(r"^hls/main/\S+", playlist, re.MULTILINE)[0]
    return ask(server, "GET", f"/front/{segment}", headers)[1]["Cache-Control"]


def test_no_shared_cache_keeps_what_a_password_shows(server, servers):
    open_to_all = servers.start(test_camera("front", anonymous=True), access={"users": USERS})
    assert caching_of_a_segment(server, basic("anna", PASSWORD)).startswith("private,")
    assert caching_of_a_segment(open_to_all, {}).startswith("public,")


@pytest.mark.parametrize("scheme", ["--digest", "--basic", "--anyauth"])
def test_curl_is_let_in_with_the_right_password_only(server, scheme):
    url = f"{server.http}/api/v1/cameras"
    status, body = curl(scheme, "--user", f"anna:{PASSWORD}", url)
    assert (status, names(body)) == (200, ["front"])
    assert curl(scheme, "--user", "anna:wrong", url)[0] == 401
    assert curl(scheme, "--user", f"nobody:{PASSWORD}", url)[0] == 401
    assert curl(url)[0] == 401


def test_a_form_gives_curl_a_session(server, tmp_path):
    jar = str(tmp_path / "jar")
    form = ["--data", "name=anna", "--data-urlencode", f"password={PASSWORD}"]
    assert curl("--cookie-jar", jar, *form, f"{server.http}/login")[0] == 303
    status, body = curl("--cookie", jar, f"{server.http}/api/v1/cameras")
    assert (status, names(body)) == (200, ["front"])
    forged = ["--cookie", jar, "--request", "POST", f"{server.http}/logout"]
    assert curl(*forged)[0] == 403
    assert curl("--header", "Origin: http://evil.example", *forged)[0] == 403
    assert curl("--cookie", jar, f"{server.http}/api/v1/cameras")[0] == 200
    assert curl("--header", f"Origin: {server.http}", *forged)[0] == 303
    assert curl("--cookie", jar, f"{server.http}/api/v1/cameras")[0] == 401


def test_who_logs_in_again_and_again_keeps_the_latest_sessions(server):
    """32 of each user: the one idle for longest ends, and nobody else's."""
    def log_in(name, password):
        body = urllib.parse.urlencode({"name": name, "password": password})
        status, headers, _ = ask(
            server, "POST", "/login", {"Content-Type": "application/x-www-form-urlencoded"}, body=body)
        assert status == 303
        return {"Cookie": headers["Set-Cookie"].split(";")[0]}

    def goes_on(session):
        return ask(server, "GET", "/api/v1/cameras", session)[0] == 200

    admins = log_in(*PASSWORDS["admin"])
    viewers = [log_in(*PASSWORDS["viewer"]) for _ in range(33)]
    assert [goes_on(session) for session in viewers] == [False] + [True] * 32
    assert goes_on(admins)


def test_a_camera_not_granted_looks_like_one_that_is_not_there(server):
    for headers, status in (({}, 401), (basic("anna", PASSWORD), 404)):
        hidden = ask(server, "GET", "/api/v1/cameras/back", headers)
        missing = ask(server, "GET", "/api/v1/cameras/nosuch", headers)
        assert hidden[0] == missing[0] == status
        assert hidden[2] == missing[2]


def printed():
    """What "porthole check --access" says: (method, route) to what each role may."""
    table = subprocess.run([BINARY, "check", "--access"], capture_output=True, text=True,
                           timeout=20, check=True, env={**os.environ, "XDG_CONFIG_HOME": "/nowhere"})
    rows = [line.split() for line in table.stdout.splitlines() if not line.startswith("#")]
    assert rows[0] == ["METHOD", "ROUTE", "ASKS", "ANONYMOUS", "LINK", "VIEWER", "ADMIN"]
    return {(method, route): {"none": anonymous, "link": link, "viewer": viewer, "admin": admin}
            for method, route, _, anonymous, link, viewer, admin in rows[1:]}


def expected(grants, role, camera):
    """What the table says: may pass (None), or the status of the refusal."""
    grant = grants[role]
    if grant == "yes" or (grant == "granted" and role != "none" and camera != "back"):
        return None
    if role in ("none", "link"):
        return 401
    return 404 if camera == "back" else 403


def what_takes_cameras_away_last(row):
    method, pattern = row
    return method == "DELETE", -len(pattern)


@pytest.mark.parametrize("role", ["none", "viewer", "admin"])
def test_every_route_asks_who_it_is(servers, role):
    server = servers.start(test_camera("front"), test_camera("back"), access={"users": USERS})
    table = printed()
    http_rows = {key for key in table if not key[1].startswith("rtsp:")}
    assert http_rows == {(method, route) for route, method, _ in ROUTES} and len(ROUTES) >= 19
    headers = basic(*PASSWORDS[role]) if role in PASSWORDS else {}
    for method, pattern in sorted(http_rows, key=what_takes_cameras_away_last):
        for camera in ["front", "back"] if "NAME" in pattern else [None]:
            path = pattern.replace("NAME", camera or "").replace("*", "x")
            status, _, text = ask(server, method, path, headers)
            refusal = expected(table[method, pattern], role, camera)
            if refusal is not None:
                assert status == refusal, f"{method} {path} as {role}: {text}"
            else:
                assert status not in (401, 403, 429), f"{method} {path} as {role}: {text}"
                assert NO_CAMERA not in text, f"{method} {path} as {role}"


def make_link(server, camera):
    """The token of one that an admin made: whoever has it may do no more for that."""
    status, _, text = ask(
        server, "POST", f"/api/v1/cameras/{camera}/links",
        {**basic(*PASSWORDS["admin"]), "Content-Type": "application/json"},
        body=b'{"duration": 600}')
    assert status == 201, text
    return re.search(r"/link/([^/\"]+)/", text).group(1)


def test_every_route_knows_what_a_link_leads_to(server):
    """Each with each method, at the camera of the link and at another one."""
    token = make_link(server, "front")
    table = printed()
    patterns = {route for _, route in table if not route.startswith("rtsp:")}
    n_shown = 0
    for pattern in patterns - {"/"}:
        for camera in ["front", "back"] if "NAME" in pattern else [None]:
            first, rest = re.fullmatch(
                "/([^/]+)(.*)", pattern.replace("NAME", camera or "").replace("*", "x")).groups()
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                status, _, text = ask(server, method, f"/{first}/link/{token}{rest}")
                is_its = table.get((method, pattern), {}).get("link") == "its"
                is_shown = "This link shows nothing" not in text
                assert is_shown == (is_its and camera == "front"), \
                    f"{method} {pattern} of {camera}: {status} {text}"
                assert is_shown or status == 404
                n_shown += is_shown
    assert n_shown == 5, "playlist, segments, MP4, MJPEG, snapshot"


def test_every_route_without_a_link_asks_for_a_password(server):
    """What is open to links is no more open without."""
    for (method, route), grants in printed().items():
        if grants["link"] == "its":
            assert ask(server, method, route.replace("NAME", "front").replace("*", "x"))[0] == 401
        elif not route.startswith("rtsp:"):
            assert grants["link"] == ("yes" if grants["none"] == "yes" else "no"), route


@pytest.mark.parametrize("role", ["none", "link", "viewer", "admin"])
def test_every_rtsp_method_asks_who_it_is(server, role):
    behind = f"/link/{make_link(server, 'front')}/" if role == "link" else ""
    rows = {method: grants for (method, route), grants in printed().items()
            if route.startswith("rtsp:")}
    assert len(rows) == 8
    headers = basic(*PASSWORDS[role]) if role in PASSWORDS else {}
    for method, grants in rows.items():
        for camera in ("front", "back"):
            with RtspClient(f"rtsp://127.0.0.1:{server.rtsp_port}/{camera}{behind}") as client:
                status = client.request(method, headers=headers).status
            refusal = expected(grants, role, camera)
            if refusal is not None:
                assert status == refusal, f"{method} {camera} as {role}"
            else:
                assert status not in (401, 403, 404, 503), f"{method} {camera} as {role}"


def memory(server):
    """Resident, in KiB."""
    status = (pathlib.Path("/proc") / str(server.pid) / "status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def guess(server, numbers):
    """A wrong password from an address of its own for each of numbers; the answers' first lines."""
    wrong = basic("anna", "wrong")["Authorization"]
    request = (f"GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nAuthorization: {wrong}\r\n"
               "\r\n").replace("/api/v1/session", "/api/v1/cameras").encode()
    answers = collections.Counter()
    for i in numbers:
        source = f"127.{16 + i // 60000}.{i // 250 % 240}.{i % 250 + 1}"
        with socket.create_connection(("127.0.0.1", server.http_port), timeout=20,
                                      source_address=(source, 0)) as stream:
            stream.sendall(request)
            answers[stream.recv(4096).split(b"\r\n", 1)[0]] += 1
    return answers


def test_guessing_from_many_addresses_locks_nobody_out(server):
    n_guesses = 1000 if IS_SANITIZED else 10000
    answers = guess(server, range(n_guesses // 2))
    before = memory(server)
    answers += guess(server, range(n_guesses // 2, n_guesses))
    assert answers == {b"HTTP/1.1 401 Unauthorized": n_guesses}
    # It remembers 4096 peers, whatever their number.
    if not IS_SANITIZED:
        assert memory(server) - before < 0.2 * n_guesses // 2, \
            f"{before} KiB after half of them, {memory(server)} after all"
    right = basic("anna", PASSWORD)
    for source in ("127.2.0.1", "127.0.0.1"):
        assert ask(server, "GET", "/api/v1/cameras", right, source)[0] == 200


def test_guessing_from_one_address_ends_soon(server):
    for _ in range(20):
        status, headers, _ = ask(server, "GET", "/", basic("root", "wrong"), "127.3.0.1")
        if status == 429:
            break
    assert status == 429
    assert int(headers["Retry-After"]) >= 1


def log_in(browser, name, password):
    browser.find_element(By.ID, "name").send_keys(name)
    browser.find_element(By.ID, "password").send_keys(password)
    browser.find_element(By.ID, "submit").click()


def test_a_browser_logs_in_sees_its_cameras_and_logs_out(server, tmp_path):
    with webdriver.browser(tmp_path / "profile") as browser:
        browser.get(f"{server.http}/front/")
        assert browser.current_url.endswith("/login?to=front")
        log_in(browser, "anna", "wrong")
        wait_for(lambda: "wrong" in browser.find_element(By.ID, "notice").text, "the refusal")
        log_in(browser, "anna", PASSWORD)
        wait_for(lambda: browser.current_url.endswith("/front/"), "the page asked for")
        browser.get(f"{server.http}/")
        wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, "#tiles .tile"), "the tile")
        titles = wait_for(
            lambda: [e.text for e in browser.find_elements(By.CSS_SELECTOR, ".tile-title")],
            "the titles")
        assert titles == ["front"]
        log_out = (By.CSS_SELECTOR, "#log-out button")
        wait_for(lambda: browser.find_element(*log_out).is_displayed(), "the button to log out")
        browser.find_element(*log_out).click()
        wait_for(lambda: browser.current_url.endswith("/login"), "the log-in page")
        browser.get(f"{server.http}/")
        assert "/login" in browser.current_url


def fingerprint(port):
    pem = ssl.get_server_certificate(("127.0.0.1", port), timeout=10)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()
    return ":".join(digest[i:i + 2] for i in range(0, 64, 2))


def test_https_shows_the_certificate_whose_fingerprint_is_told(server):
    assert f"fingerprint is {fingerprint(server.https_port)}" in server.log
    https = f"https://127.0.0.1:{server.https_port}"
    status, body = curl("--insecure", "--basic", "--user", f"anna:{PASSWORD}",
                        f"{https}/api/v1/cameras")
    assert (status, names(body)) == (200, ["front"])
    _, headers = curl("--insecure", "--include", "--data", "name=root", "--data",
                      "password=secret", f"{https}/login")
    assert "Set-Cookie: __Secure-porthole=" in headers and "; Secure" in headers


def cipher_of(port, *options):
    """What openssl and the server agree on; None: nothing."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20, check=False)
    cipher = re.search(r"Cipher is (\S+)", done.stdout)
    return None if cipher is None or cipher.group(1) == "(NONE)" else cipher.group(1)


@pytest.mark.parametrize("port", ["https_port", "rtsps_port"])
@pytest.mark.parametrize("version,is_spoken",
                         [("1", False), ("1_1", False), ("1_2", True), ("1_3", True)])
def test_old_tls_is_not_spoken(server, port, version, is_spoken):
    cipher = cipher_of(getattr(server, port), f"-tls{version}", "-cipher", "ALL:@SECLEVEL=0")
    assert (cipher is not None) == is_spoken, cipher


@pytest.mark.parametrize("port", ["https_port", "rtsps_port"])
@pytest.mark.parametrize("weak", ["NULL", "EXPORT", "RC4", "3DES", "MD5", "aNULL", "kRSA", "CBC"])
def test_weak_ciphers_are_not_spoken(server, port, weak):
    """kRSA has no forward secrecy; CBC is everything that is not AEAD."""
    ciphers = "ALL:!AESGCM:!CHACHA20:!AESCCM:!ARIAGCM" if weak == "CBC" else weak
    assert cipher_of(getattr(server, port), "-tls1_2", "-cipher",
                     f"{ciphers}:@SECLEVEL=0") is None


def make_certificate(folder):
    """New, and put in place of the old one at once."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-subj", "/CN=localhost", "-keyout", "new.pem", "-out", "new.crt"],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True)
    both = folder / "both"
    both.write_text((folder / "new.pem").read_text() + (folder / "new.crt").read_text())
    both.chmod(0o600)
    both.rename(folder / "tls.pem")


def test_it_answers_to_names_of_the_settings_only(servers):
    server = servers.start(test_camera(), http={"hostnames": ["cam.example.org"]},
                           access={"users": USERS})
    for name, status in (("cam.example.org", 200), ("evil.example.org", 421)):
        assert ask(server, "GET", "/healthz", {"Host": name})[0] == status


@pytest.mark.parametrize("trusted,peer", [(["127.0.0.1"], "192.0.2.9"), ([], "127.0.0.1")])
def test_only_a_trusted_proxy_says_who_is_behind_it(servers, trusted, peer):
    server = servers.start(test_camera(), access={"users": USERS, "trusted_proxies": trusted})
    through = {"X-Forwarded-For": "198.51.100.1, 192.0.2.9", "X-Forwarded-Proto": "https"}
    assert ask(server, "GET", "/", {**through, **basic("anna", "wrong")})[0] == 401
    assert f"refused {peer}: " in server.log
    form = {**through, "Content-Type": "application/x-www-form-urlencoded"}
    _, headers, _ = ask(server, "POST", "/login", form, body="name=root&password=secret")
    assert ("; Secure" in headers["Set-Cookie"]) == bool(trusted)


def test_http_sends_others_on_to_https(servers):
    server = servers.start(test_camera(), http={"listen": "any", "redirect": True},
                           access={"users": USERS})
    own = subprocess.run(["hostname", "--all-ip-addresses"], capture_output=True, text=True,
                         timeout=10, check=True).stdout.split()
    if not own:
        pytest.skip("this machine has no address but loopback")
    host = f"[{own[0]}]" if ":" in own[0] else own[0]
    done = subprocess.run(
        ["curl", "--silent", "--max-time", "10", "--output", "/dev/null", "--write-out",
         "%{http_code} %{redirect_url}", f"http://{host}:{server.http_port}/front/?a=b"],
        capture_output=True, text=True, timeout=20, check=True).stdout
    assert done == f"307 https://{host}:{server.https_port}/front/?a=b"
    assert ask(server, "GET", "/healthz")[0] == 200


def test_no_password_is_ever_logged(server):
    assert PASSWORD not in server.log
    assert "secret" not in server.log
