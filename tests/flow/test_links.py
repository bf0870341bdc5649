# SPDX-License-Identifier: LGPL-2.1-or-later
"""Signed links show one camera to who has no password, until they end."""
import base64
import contextlib
import http.cookiejar
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request

import hls
import media
import pytest
import webdriver
from porthole import Porthole, free_ports, test_camera, wait_until
from selenium.webdriver.common.by import By
from webdriver import wait_for

USERS = [
    {"name": "anna", "password": "secret a", "cameras": ["front"]},
    {"name": "bert", "password": "secret b", "cameras": ["front"]},
    {"name": "root", "password": "secret r", "role": "admin"},
]
PASSWORDS = {user["name"]: user["password"] for user in USERS}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(tmp_path_factory.mktemp("server"), [test_camera("front"), test_camera("back")],
                      access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def of(name):
    plain = f"{name}:{PASSWORDS[name]}".encode()
    return {"Authorization": "Basic " + base64.b64encode(plain).decode()}


def ask(server, method, path, headers, body=None):
    """Status, headers and body."""
    request = urllib.request.Request(
        server.http + path, method=method, headers=headers, data=body)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.status, error.headers, error.read()


def make(server, user="anna", camera="front", **order):
    status, _, body = ask(server, "POST", f"/api/v1/cameras/{camera}/links", {**of(user), **JSON},
                          json.dumps(order if "until" in order else {"duration": 600, **order}).encode())
    assert status == 201, body
    return json.loads(body)


def links(server, user):
    status, _, body = ask(server, "GET", "/api/v1/cameras/front/links", of(user))
    assert status == 200
    return {link["id"]: link for link in json.loads(body)["links"]}


def revoke(server, link, user="anna"):
    return ask(server, "DELETE", f"/api/v1/cameras/front/links/{link['id']}", of(user))[0]


def status_of(server, path):
    return media.fetch(server.http + path)[0]


def token_of(link):
    return link["urls"]["mjpeg"].split("/")[3]


def test_a_link_shows_its_camera_in_every_way(server):
    urls = make(server)["urls"]
    status, headers, picture = media.fetch(server.http + urls["snapshot"])
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    assert media.jpeg_size(picture) == (640, 360)
    for kind in ("hls", "mp4", "mjpeg"):
        media.decode(server.http + urls[kind], 5)


def test_all_that_a_playlist_names_is_shown(server):
    """Also the parts of low-latency HLS, and the part that is hinted at."""
    top = server.http + make(server)["urls"]["hls"]

    def read(url):
        status, _, body = media.fetch(url)
        assert status == 200, url
        return hls.parse(body.decode(), url)

    variants = read(top).variants
    assert len(variants) == 2
    read(variants[0][1])
    playlist = wait_until(
        lambda: (lambda p: p if p.parts and p.segments else None)(read(variants[0][1])), 15,
        "a segment and its parts")
    uris = [playlist.map_uri, playlist.segments[-1].uri, playlist.parts[-1].uri,
            playlist.next_part_uri]
    for uri in uris:
        url = urllib.parse.urljoin(playlist.url, uri)
        assert "/link/" in url
        assert media.fetch(url)[0] == 200, url
        assert media.fetch(url.replace("/link/", "/"))[0] != 200


def test_a_link_shows_nothing_else(server):
    link = make(server)
    token = token_of(link)
    last = "A" if token[-1] != "A" else "B"
    for path in (f"/back/link/{token}/snapshot.jpg", f"/front/link/{token}/", f"/front/link/{token}",
                 f"/front/link/{token[:-1]}{last}/snapshot.jpg", f"/front/link/{token}/../../back/",
                 f"/front/link/{token}x/snapshot.jpg", "/front/link//snapshot.jpg",
                 f"/api/link/{token}/v1/cameras", f"/front/link/{token}/link/{token}/snapshot.jpg",
                 f"/front/link/{token}/..%2f..%2f..%2fback/snapshot.jpg"):
        assert status_of(server, path) in (400, 401, 404), path
    assert status_of(server, "/front/snapshot.jpg") == 401


def test_a_link_to_a_stream_shows_no_other(server):
    link = make(server, stream="sub")
    assert set(link["urls"]) == {"hls", "mp4"} and link["stream"] == "sub"
    url = link["urls"]["hls"]
    status, _, body = media.fetch(server.http + url)
    assert status == 200 and b"hls/sub/" in body and b"EXT-X-STREAM-INF" not in body
    assert status_of(server, f"{url}?stream=main") == 404
    assert status_of(server, f"{url}?stream=sub") == 200
    assert status_of(server, url.replace("index.m3u8", "snapshot.jpg")) == 404
    main = media.fetch(server.http + make(server)["urls"]["hls"] + "?stream=main")[2].decode()
    uri = hls.parse(main, "").map_uri
    assert status_of(server, url.replace("index.m3u8", uri)) == 404


@pytest.mark.parametrize("order,status,words", [
    ({}, 400, "neither duration nor until"),
    ({"duration": 5, "until": "2030-01-01T00:00:00Z"}, 400, "both"),
    ({"duration": 0}, 400, "from 1 to"),
    ({"duration": "5"}, 400, "duration"),
    ({"until": "2020-01-01T00:00:00Z"}, 400, "at least a second"),
    ({"until": "tomorrow"}, 400, "a time with its zone"),
    ({"until": "2999-01-01T00:00:00Z"}, 400, "366 days"),
    ({"duration": 5, "strem": "sub"}, 400, "stream"),
    ({"duration": 5, "stream": "other"}, 404, "no stream of this name"),
])
def test_what_cannot_be_made_is_said(server, order, status, words):
    answer = ask(server, "POST", "/api/v1/cameras/front/links", {**of("anna"), **JSON},
                 json.dumps(order).encode())
    assert answer[0] == status
    assert words in json.loads(answer[2])["error"]


def test_only_who_may_makes_links_and_no_other_site_does(server):
    def status(camera="front", headers=None, kind="application/json"):
        return ask(server, "POST", f"/api/v1/cameras/{camera}/links",
                   {"Content-Type": kind, **(headers or {})}, b'{"duration": 5}')[0]
    assert status() == 401
    assert status("back", of("anna")) == 404
    assert status("front", of("anna"), "text/plain") == 415
    assert status("front", {**of("anna"), "Origin": "http://evil.example"}) == 403
    assert status("front", {**of("anna"), "Origin": server.http}) == 201


def test_links_are_listed_without_their_tokens_and_revoked_by_their_makers(server):
    end = time.strftime("%Y-%m-%dT%H:%M:%S+02:00", time.gmtime(time.time() + 3 * 3600))
    link = make(server, until=end)
    assert links(server, "anna")[link["id"]] == {k: v for k, v in link.items() if k != "urls"}
    assert link["id"] not in links(server, "bert") and link["id"] in links(server, "root")
    assert revoke(server, link, "bert") == 404
    assert status_of(server, link["urls"]["snapshot"]) == 200
    assert revoke(server, link) == 204
    assert revoke(server, link) == 404
    assert status_of(server, link["urls"]["snapshot"]) == 404
    assert link["id"] not in links(server, "anna")


def watch(url, headers=None):
    """Begins to read an endless answer; set when that is over."""
    answer = urllib.request.urlopen(
        urllib.request.Request(url, headers=headers or {}), timeout=20)
    over = threading.Event()

    def read():
        with contextlib.suppress(OSError):
            while answer.read1(65536):
                pass
        over.set()
    threading.Thread(target=read, daemon=True).start()
    return over


@pytest.mark.parametrize("kind", ["mjpeg", "mp4"])
def test_what_runs_ends_with_its_link(server, kind):
    lasting, revoked, short = make(server), make(server), make(server, duration=3)
    runs = [watch(server.http + link["urls"][kind]) for link in (lasting, revoked, short)]
    assert not any(over.is_set() for over in runs)
    assert revoke(server, revoked) == 204
    assert runs[1].wait(2), "the revoked one ends"
    assert runs[2].wait(8), "the short one ends"
    assert status_of(server, short["urls"]["snapshot"]) == 404
    assert not runs[0].is_set(), "the other one goes on"
    revoke(server, lasting)


def test_log_out_ends_what_runs(server):
    def log_in():
        request = urllib.request.Request(f"{server.http}/login", b"name=anna&password=secret+a")
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        opener.open(request, timeout=20).close()
        cookie = next(iter(jar))
        return {"Cookie": f"{cookie.name}={cookie.value}"}
    mine, other = log_in(), log_in()
    runs = [watch(f"{server.http}/front/mjpeg", session) for session in (mine, other)]
    status = ask(server, "POST", "/logout", {**mine, "Origin": server.http}, b"")[0]
    assert status in (200, 303, 401)
    assert runs[0].wait(3)
    assert not runs[1].is_set()


def test_links_and_revocations_outlive_a_restart(tmp_path):
    def start():
        return Porthole(tmp_path, [test_camera("front")], access={"users": USERS})
    first = start()
    try:
        kept, revoked = make(first), make(first)
        revoke(first, revoked)
        first.stop()
    finally:
        first.kill()
    assert oct(os.stat(tmp_path / "state" / "link-key").st_mode & 0o777) == "0o600"
    second = start()
    try:
        assert status_of(second, kept["urls"]["snapshot"]) == 200
        assert status_of(second, revoked["urls"]["snapshot"]) == 404
        second.stop()
    finally:
        second.kill()


NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location /cams/ {{ proxy_pass {server}/; proxy_set_header Host $http_host; }}
  }}
}}
"""


def test_a_link_works_below_a_path_of_a_proxy(server, tmp_path):
    (port,) = free_ports(1)
    settings = tmp_path / "nginx.conf"
    settings.write_text(NGINX.format(folder=tmp_path, port=port, server=server.http))
    base = f"http://127.0.0.1:{port}/cams"
    with subprocess.Popen(["nginx", "-p", str(tmp_path), "-c", str(settings)]) as nginx:
        try:
            wait_until(lambda: port_answers(port), 10, "nginx")
            urls = make(server)["urls"]
            assert media.jpeg_size(media.fetch(base + urls["snapshot"])[2]) == (640, 360)
            media.decode(base + urls["hls"], 5)
        finally:
            nginx.terminate()


def port_answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Another site, whose page is put together by its query."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = urllib.parse.unquote(urllib.parse.urlsplit(self.path).query).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html>" + body)

        def log_message(self, *_):
            pass
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_port}/page?"
    site.shutdown()


def test_another_sites_page_shows_a_link_as_img_and_as_video(server, elsewhere, tmp_path):
    urls = make(server)["urls"]
    page = (f'<img id=i src="{server.http}{urls["mjpeg"]}">'
            f'<video id=v muted autoplay src="{server.http}{urls["hls"]}"></video>')
    with webdriver.browser(tmp_path / "profile") as browser:
        browser.get(elsewhere + urllib.parse.quote(page))
        wait_for(lambda: browser.execute_script(
            "return document.getElementById('i').naturalWidth") == 640, "the picture")
        wait_for(lambda: browser.execute_script(
            "const v = document.getElementById('v'); return v.videoWidth > 0 && v.currentTime > 0.5"),
            "the film", 25)


def test_the_page_makes_copies_lists_and_revokes(server, tmp_path):
    def part(name):
        return browser.find_element(By.CSS_SELECTOR, f"#share {name}")
    with webdriver.browser(tmp_path / "profile") as browser:
        browser.get(f"{server.http}/login?to=front")
        for field, text in (("name", "bert"), ("password", PASSWORDS["bert"])):
            browser.find_element(By.ID, field).send_keys(text)
        browser.find_element(By.ID, "submit").click()
        wait_for(lambda: part("form button").is_displayed(), "the card")
        part("option[value='3600']").click()
        part("form button").click()
        url = wait_for(lambda: part(".share-made input").get_property("value"), "an address")
        token = url.split("/")[5]
        assert url.startswith(f"{server.http}/front/link/")
        assert media.fetch(f"{server.http}/front/link/{token}/snapshot.jpg")[0] == 200
        (link,) = links(server, "bert").values()
        assert link["until"][:10] <= time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3700))
        wait_for(lambda: "by bert" in part(".share-list").text, "the list")
        part(".share-list button").click()
        wait_for(lambda: part(".share-list").text == "", "the link gone from the list")
        assert media.fetch(f"{server.http}/front/link/{token}/snapshot.jpg")[0] == 404
        assert not browser.find_elements(By.CSS_SELECTOR, ".share-made li")
        assert webdriver.complaints(browser) == []


def test_no_token_is_ever_logged(server):
    link = make(server)
    assert status_of(server, link["urls"]["snapshot"]) == 200
    assert status_of(server, link["urls"]["snapshot"].replace("/link/", "/li%6ek/")) == 200
    assert "/front/link/…/snapshot.jpg: 200" in server.log
    assert token_of(link) not in server.log
