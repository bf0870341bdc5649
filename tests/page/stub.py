# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server with the paths of Porthole that fails on request. Not Porthole's behaviour but the
page's is tested with it; tests/flow/ has both together."""

import collections
import contextlib
import http.server
import json
import re
import threading
import time
import urllib.parse

import recorded

# As the real server says it, and stricter: nothing in the page may turn text into markup.
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
          "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'self'; require-trusted-types-for 'script'")
TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
         "css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
KINDS = ("rtsp", "hls", "mp4", "mjpeg", "snapshot")


class Stub:
    """Tests set the fields; they may change while the server runs."""

    def __init__(self, web, media, extra):
        self.web, self.media, self.extra = web, media, extra
        self.prefix = ""
        self.cameras = ["front"]
        self.title = {}  # by camera
        self.codecs = ("h264", "h264", "jpeg")
        self.lost = {}  # camera: why
        self.reports = None  # what an admin sees of the outside: {path below /api/v1: answer}
        self.orders = []  # paths of all POST requests
        self.garbage = set()  # kinds ("mp4") answered with 200 and nonsense
        self.end_after = {}  # kind: seconds
        self.quiet_after = {}  # kind: seconds
        self.viewers = collections.Counter()  # (camera, kind), now
        self.requests = []  # (camera, kind, query), all
        self.peak = 0  # most stream requests at one time
        self.lock = threading.Lock()

    def __enter__(self):
        self.start(0)
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, port):
        stub = self

        class Handler(RequestHandler):
            server_of = stub

        self.httpd = Server(("127.0.0.1", port), Handler)
        self.port = self.httpd.server_address[1]
        self.closing = False
        threading.Thread(target=self.httpd.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        self.closing = True
        self.httpd.shutdown()
        self.httpd.server_close()

    @property
    def http(self):
        return f"http://127.0.0.1:{self.port}{self.prefix}/"

    def count(self, kind):
        return sum(number for (_, each), number in self.viewers.items() if each == kind)

    @contextlib.contextmanager
    def watching(self, camera, kind):
        with self.lock:
            self.viewers[camera, kind] += 1
            self.peak = max(self.peak, sum(self.viewers.values()))
        try:
            yield
        finally:
            with self.lock:
                self.viewers[camera, kind] -= 1

    def describe(self, name):
        viewers = {kind: self.viewers[name, kind] for kind in KINDS}
        names = iter(["main", "sub"])
        streams = []
        for codec in self.codecs:
            stream = "jpeg" if codec == "jpeg" else next(names)
            kinds = ({"mjpeg": "mjpeg", "snapshot": "snapshot.jpg"} if codec == "jpeg"
                     else {"hls": "index.m3u8", "mp4": "live.mp4"})
            urls = {kind: f"/{name}/{path}?stream={stream}" for kind, path in kinds.items()}
            if codec == "h264":
                urls["rtsp"] = f"rtsp://127.0.0.1:8554/{name}/{stream}"
            streams.append({
                "name": stream, "codec": codec, "width": 320, "height": 180, "framerate": 10,
                "bitrate": 400 if codec == "h264" else None, "encoder": "x264enc",
                "passthrough": False, "running": True, "viewers": viewers, "urls": urls,
                "measured": {"framerate": 10.0, "bitrate": 390.0, "dropped": 0}})
        urls = {kind: url.split("?")[0] for stream in streams for kind, url in
                stream["urls"].items()}
        error = self.lost.get(name)
        return {"name": name, "title": self.title.get(name, name.title()),
                "state": "lost" if error else "live", "last_error": error,
                "retry_in": 2.0 if error else 0.0, "viewers": viewers, "streams": streams,
                "source": {"type": "test", "width": 320, "height": 180, "framerate": 10},
                "urls": urls | {"page": f"/{name}/"}}


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # a browser that leaves is no news


class RequestHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of = None

    def log_message(self, *_):
        pass

    def do_GET(self):
        stub = self.server_of
        url = urllib.parse.urlsplit(self.path)
        if stub.closing:
            self.close_connection = True  # a kept connection must not outlive the server
            return None
        if not url.path.startswith(stub.prefix):
            return self.answer(404, "text/plain", b"outside")
        path = url.path[len(stub.prefix):]
        if path == "/":
            return self.send_file(stub.web / "index.html")
        if match := re.fullmatch(r"/(assets|modules)/([a-z0-9.-]+)", path):
            folder = stub.web / "assets" if match[1] == "assets" else stub.extra
            return self.send_file(folder / match[2])
        if path == "/api/v1/session":
            return self.answer_json({"user": None, "log_in": False, "log_out": False,
                                     "admin": stub.reports is not None})
        if path.removeprefix("/api/v1/") in (stub.reports or {}):
            return self.answer_json(stub.reports[path.removeprefix("/api/v1/")])
        if path == "/api/v1/cameras":
            return self.answer_json({"cameras": [stub.describe(name) for name in stub.cameras]})
        name = path.split("/")[-1 if path.startswith("/api/v1/cameras/") else 1]
        if name not in stub.cameras:
            return self.answer(404, "application/json", b'{"error":"no such camera"}')
        if path.startswith("/api/"):
            return self.answer_json(stub.describe(name))
        return self.camera(name, path.split("/", 2)[2], url.query)

    def do_POST(self):
        path = urllib.parse.urlsplit(self.path).path.removeprefix(self.server_of.prefix)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server_of.orders.append(path)
        self.answer(202, "application/json", b"{}")

    def camera(self, name, what, query):
        stub = self.server_of
        if what == "":
            return self.send_file(stub.web / "camera.html")
        kind = {"live.mp4": "mp4", "mjpeg": "mjpeg", "snapshot.jpg": "snapshot"}.get(what)
        stub.requests.append((name, kind or what, query))
        if kind is None:
            return self.answer(404, "text/plain", b"not made here")
        if name in stub.lost:
            return self.answer(503, "text/plain", stub.lost[name].encode(), ("Retry-After", "1"))
        if kind in stub.garbage:
            return self.answer(200, "video/mp4", b"\0\0\0\x10ftypnonsense" * 1000)
        with stub.watching(name, kind):
            if kind == "snapshot":
                time.sleep(0.03)
                jpegs = stub.media.jpegs
                number = int(time.monotonic() * recorded.FRAMERATE) % len(jpegs)
                return self.answer(200, "image/jpeg", jpegs[number])
            return self.stream(kind)

    def stream(self, kind):
        stub = self.server_of
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4" if kind == "mp4"
                         else "multipart/x-mixed-replace; boundary=frame")
        self.send_header("Connection", "close")
        self.end_headers()
        began = time.monotonic()
        for number, piece in enumerate(pieces(stub.media, kind)):
            age = time.monotonic() - began
            if stub.closing or age > stub.end_after.get(kind, 1e9):
                return
            while age > stub.quiet_after.get(kind, 1e9) and not stub.closing:
                time.sleep(0.1)
            self.wfile.write(piece)
            time.sleep(max(0, began + number / recorded.FRAMERATE - time.monotonic()))

    def send_file(self, path):
        if not path.is_file():
            return self.answer(404, "text/plain", b"no such file")
        return self.answer(200, TYPES[path.suffix[1:]], path.read_bytes(),
                           ("Content-Security-Policy", POLICY))

    def answer_json(self, value):
        return self.answer(200, "application/json", json.dumps(value).encode())

    def answer(self, status, content_type, body, *headers):
        self.send_response(status)
        for name, value in (("Content-Type", content_type), ("Content-Length", str(len(body))),
                            ("X-Content-Type-Options", "nosniff"), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def pieces(media, kind):
    if kind == "mp4":
        yield media.mp4_start
        yield from media.mp4_frames
        return
    for jpeg in media.jpegs * 20:
        yield (b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg)
               + jpeg + b"\r\n")
