# SPDX-License-Identifier: LGPL-2.1-or-later
"""nginx in front, at a path below, with TLS ended there, set up by the lines that
docs/behind-a-proxy.md gives people to copy."""
import json
import re
import ssl
import subprocess
import textwrap
import time
import urllib.error
import urllib.request

import pytest
from porthole import ROOT, Porthole, free_ports, test_camera, wait_until
from rtsp_client import RtspClient

PAGE = (ROOT / "docs" / "behind-a-proxy.md").read_text()
VIEWER = "127.6.0.1"  # who looks, as nginx sees it


def lines_between(before, after):
    """The indented lines of the page there."""
    text = PAGE.split(before, 1)[1].split(after, 1)[0]
    lines = [line for line in text.splitlines() if line.startswith("    ")]
    return textwrap.dedent("\n".join(lines))


def locations(port):
    """The location blocks of the page, for Porthole's port of now."""
    blocks = [lines_between("these lines. -->", "They stand in"),
              lines_between("does not ask who looks:", "## Caddy")]
    assert all("127.0.0.1:8081" in block for block in blocks)
    return "\n".join(blocks).replace("127.0.0.1:8081", f"127.0.0.1:{port}")


def cache_path(folder):
    line = lines_between("segment never\nchanges", "and, only")
    assert "/var/cache/nginx/cameras" in line
    return line.replace("/var/cache/nginx/cameras", f"{folder}/cache")


def configuration(folder, port, porthole_port):
    return f"""
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
user root;
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {cache_path(folder)}
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name cam.example.org;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        {locations(porthole_port)}
    }}
}}
"""


class Nginx:
    def __init__(self, folder, porthole_port):
        self.port, = free_ports(1)
        self.url = f"https://127.0.0.1:{self.port}/cameras"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=cam.example.org", "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=True)
        (folder / "nginx.conf").write_text(configuration(folder, self.port, porthole_port))
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"),
             "-e", str(folder / "error.log")], stdin=subprocess.DEVNULL)
        wait_until(self.answers, 20, "nginx answers")

    def answers(self):
        try:
            return self.curl("/healthz")[0] == 200
        except subprocess.CalledProcessError:
            return False

    def curl(self, path, *options):
        """Status, headers and body, as somebody at VIEWER sees them."""
        done = subprocess.run(
            ["curl", "--silent", "--insecure", "--include", "--max-time", "20",
             "--interface", VIEWER, "--header", "Host: cam.example.org",
             *options, self.url + path],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True).stdout
        head, _, body = done.partition(b"\r\n\r\n")
        return int(head.split()[1]), head.decode(), body


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """Porthole, and nginx in front of it."""
    server = Porthole(
        tmp_path_factory.mktemp("server"), [test_camera("front", linger=0.5), test_camera("yard", anonymous=True)],
        http={"hostnames": ["cam.example.org"]},
        access={"users": [{"name": "anna", "password": "secret"}], "failures": 4, "ban": 60,
                "trusted_proxies": ["127.0.0.1"], "limits": {"viewers_per_peer": 1}})
    nginx = None
    try:
        nginx = Nginx(tmp_path_factory.mktemp("nginx"), server.http_port)
        yield server, nginx
        server.stop()
    finally:
        if nginx is not None:
            nginx.process.terminate()
            nginx.process.wait(10)
        server.kill()


@pytest.fixture(scope="module")
def cookie(behind):
    """Of a log-in by form, as a browser does it."""
    _, nginx = behind
    status, head, _ = nginx.curl(
        "/login", "--data", "name=anna&password=secret",
        "--header", "Origin: https://cam.example.org")
    assert status == 303, head
    assert re.search(r"^Location: \./?\r?$", head, re.MULTILINE), head
    name, value, attributes = re.search(r"^Set-Cookie: ([^=]+)=([^;]+)(.*?)\r?$", head,
                                        re.MULTILINE).groups()
    assert name == "__Secure-porthole" and "; Secure" in attributes and "HttpOnly" in attributes
    assert "Path=/;" not in attributes + ";", "it would be sent to the neighbours below other paths"
    return ("--cookie", f"{name}={value}")


def test_the_page_and_its_assets_are_found_below_the_path(behind, cookie):
    _, nginx = behind
    status, head, _ = nginx.curl("/front/", "--header", "Accept: text/html")
    assert status == 303 and "Location: ../login" in head, head
    for path in ("/login", "/", "/front/", "/assets/style.css"):
        status, _, body = nginx.curl(path, *cookie)
        assert status in (200, 303), path
        assert not re.search(rb'(?:href|src|action)="/', body), f"{path} leaves the path"


def test_a_segment_is_asked_for_once_however_often_it_is_seen(behind):
    server, nginx = behind
    status, _, playlist = nginx.curl("/yard/index.m3u8?stream=main")
    assert status == 200
    name = re.search(rb"^hls/\S+\.m4s", playlist, re.MULTILINE)[0].decode()
    (first, _, body), (second, _, again) = (nginx.curl(f"/yard/{name}") for _ in range(2))
    assert first == second == 200 and len(body) > 1000 and body == again
    assert server.log.count(f"GET /yard/{name}: 200") == 1


def test_the_api_and_a_picture_come_through(behind, cookie):
    _, nginx = behind
    status, _, body = nginx.curl("/api/v1/cameras", *cookie)
    assert status == 200 and b'"front"' in body
    status, _, body = nginx.curl("/front/snapshot.jpg", *cookie)
    assert status == 200 and body.startswith(b"\xff\xd8")
    assert nginx.curl("/front/snapshot.jpg")[0] == 401


def test_hls_plays_below_the_path(behind, cookie):
    _, nginx = behind
    status, _, body = nginx.curl("/front/index.m3u8", *cookie)
    assert status == 200, body
    names = [line for line in body.decode().splitlines() if line and not line.startswith("#")]
    assert names and not names[0].startswith("/")
    status, _, more = nginx.curl(f"/front/{names[0]}", *cookie)
    assert status == 200
    segments = [line for line in more.decode("latin-1").splitlines()
                if line and not line.startswith("#")]
    if more.startswith(b"#EXTM3U"):  # the first was a choice of streams
        folder = names[0].rsplit("/", 1)[0] + "/" if "/" in names[0] else ""
        status, _, segment = nginx.curl(f"/front/{folder}{segments[-1]}", *cookie)
        assert status == 200 and b"moof" in segment


def viewers(nginx, cookie):
    camera = json.loads(nginx.curl("/api/v1/cameras/front", *cookie)[2])
    return next(s for s in camera["streams"] if s["name"] == "jpeg")["viewers"]["mjpeg"]


def test_pictures_of_a_stream_come_as_they_are_taken(behind, cookie):
    """And the second viewer of the address that nginx names is one too many."""
    server, nginx = behind
    context = ssl._create_unverified_context()
    request = urllib.request.Request(
        f"{nginx.url}/front/mjpeg", headers={"Host": "cam.example.org", "Cookie": cookie[1]})
    with urllib.request.urlopen(request, timeout=20, context=context) as stream:
        times = []
        while len(times) < 12:
            line = stream.readline()
            assert line, "the stream ended"
            if line.startswith(b"Content-Length"):
                times.append(time.monotonic())
        gaps = [b - a for a, b in zip(times[2:], times[3:])]
        assert max(gaps) < 1 and times[-1] - times[2] > 0.4, "they came in heaps"
        # urllib's is 127.0.0.1, this machine, which has no limit; VIEWER has one.
        first = subprocess.Popen(
            ["curl", "--silent", "--insecure", "--no-buffer", "--interface", VIEWER, "--header",
             "Host: cam.example.org", *cookie, "--output", "/dev/null", f"{nginx.url}/front/mjpeg"],
            stdin=subprocess.DEVNULL)
        try:
            wait_until(lambda: viewers(nginx, cookie) == 2, 20, "two viewers")
            status, head, _ = nginx.curl("/front/mjpeg", *cookie)
            assert status == 429 and "Retry-After: " in head
        finally:
            first.kill()
            first.wait(10)


def test_rtsp_does_not_go_through_it(behind):
    server, nginx = behind
    with RtspClient(f"rtsp://127.0.0.1:{server.rtsp_port}/front") as client:
        assert client.describe().status == 401  # it has its own port
    status, _, _ = nginx.curl("/front", *["--request", "DESCRIBE"])
    assert status >= 400


def test_wrong_passwords_ban_who_looks_and_not_the_proxy(behind, cookie):
    server, nginx = behind
    for _ in range(8):
        status, head, _ = nginx.curl("/api/v1/cameras", "--user", "anna:wrong", "--basic")
        if status == 429:
            break
    assert status == 429 and "Retry-After" in head
    assert f"refused {VIEWER}: wrong password" in server.log
    assert "refused 127.0.0.1:" not in server.log
    other = ("--interface", "127.6.0.2", "--user", "anna:secret", "--basic")
    assert nginx.curl("/api/v1/cameras", *other)[0] == 200
