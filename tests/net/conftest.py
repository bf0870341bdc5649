# SPDX-License-Identifier: LGPL-2.1-or-later
import json
import os
import subprocess

import bed
import pytest
from porthole import BINARY, COMPLAINT, IS_SANITIZED, test_camera, wait_until

PASSWORD = "a password for tests"
ECHO = """
import http.server, socketserver, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments): pass
    def do_GET(self):
        body = self.client_address[0].encode() + b"\\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = socketserver.ThreadingTCPServer(("9.9.9.9", int(sys.argv[1])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
# A provider of dynamic DNS: what it is told stands in a hosts file.
PROVIDER = """
import http.server, socketserver, ssl, sys, urllib.parse
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments): pass
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        with open(sys.argv[3], "w") as hosts:
            hosts.write(query["myip"] + " " + query["hostname"] + "\\n")
        body = ("good " + query["myip"]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = socketserver.ThreadingTCPServer(("9.9.9.9", int(sys.argv[1])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""
DDNS = {"provider": "generic", "hostname": "cam.example.org", "username": "anna", "password": "x",
        "url": "https://9.9.9.9:446/update?hostname={host}&myip={ip}", "families": ["ipv4"]}
ECHOES = ["https://9.9.9.9:444/", "https://9.9.9.9:445/"]


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no binary to test at {BINARY}; PORTHOLE_BIN names another", 2)


class Server:
    """Porthole on the host "lan", with one user. stop() is where its good behaviour is checked."""

    def __init__(self, network, directory, port_mapping=None, users=True, hosts=None,
                 name_server=None, **sections):
        """hosts: what stands in its /etc/hosts; name_server in its /etc/resolv.conf."""
        self.network = network
        self.directory = directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = sections.get("http", {}).get("tls_port", 8443)
        settings = {
            "cameras": [test_camera(streams=[{"name": "jpeg", "codec": "jpeg", "framerate": 5}])],
            "access": {"users": [{"name": "anna", "password": PASSWORD, "role": "admin"}]
                       if users else []},
            "remote": {
                "port_mapping": {"enabled": True, **(port_mapping or {})},
                "public_address": {"sources": ["router", "interface", *ECHOES]},
                "ca_file": str(network.directory / "echo.pem"),
                **sections.pop("remote", {}),
            },
            **sections,
        }
        self.settings = directory / "porthole.json"
        self.settings.write_text(json.dumps(settings, indent=2))
        self.settings.chmod(0o600)
        self.prefix = []
        if hosts is not None:
            (directory / "hosts").write_text(f"127.0.0.1 localhost\n{hosts}")
            self.prefix = ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"',
                           directory / "hosts"]
        if name_server is not None:
            (directory / "resolv.conf").write_text(f"nameserver {name_server}\n")
            self.prefix += ["sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"',
                            directory / "resolv.conf"]
        self.process = None
        self.start()

    def start(self):
        self.log_file = self.directory / "log"
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen(
                self.network.command("lan", *self.prefix, BINARY, "--verbose", "--config", self.settings),
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, "STATE_DIRECTORY": str(self.directory / "state"),
                     "G_DEBUG": "fatal-criticals"},
            )

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    def fetch(self, name, url, *options):
        """What a host gets at url as the user, or None."""
        answer = subprocess.run(
            self.network.command(name, "curl", "-sfk", "-m", "3", "-u", f"anna:{PASSWORD}", *options,
                                 url), capture_output=True, check=False)
        return answer.stdout if answer.returncode == 0 else None

    def report(self):
        """/api/v1/remote, or None while it does not answer."""
        assert self.process.poll() is None, f"the server ended:\n{self.log}"
        body = self.fetch("lan", f"https://127.0.0.1:{self.port}/api/v1/remote")
        return json.loads(body) if body is not None else None

    def entry(self, ip_version=4):
        report = self.report()
        ports = report["port_mapping"]["ports"] if report else []
        return next((port for port in ports if port["ip_version"] == ip_version), None)

    def wait_for_state(self, state, ip_version=4, within=12):
        """Waits until the first port is "open" or "closed" and gives what is said of it."""
        def look():
            entry = self.entry(ip_version)
            return entry if entry is not None and entry["state"] == state else None
        try:
            return wait_until(look, within, f"the port is {state}")
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.entry(ip_version)}\n{self.log}") from None

    def wait_for_words(self, words, ip_version=4, within=25):
        """Waits until the first port is closed and words are said of it. A machine that is busy
        starting may find no router at first; it asks again after 10 seconds."""
        def look():
            entry = self.entry(ip_version)
            return entry is not None and entry["state"] == "closed" and words in entry["said"]
        try:
            wait_until(look, within, f"\"{words}\" is said")
        except AssertionError as error:
            raise AssertionError(f"{error}: {self.entry(ip_version)}\n{self.log}") from None

    def is_reached(self, address=bed.WAN, port=None):
        """Whether the host outside gets a picture at address over HTTPS."""
        body = self.fetch("wan", f"https://{address}:{port or self.port}/front/snapshot.jpg")
        return body is not None and body.startswith(b"\xff\xd8")

    def is_reached_by_name(self, name):
        """The same, where names are looked up at the provider of dynamic DNS."""
        url = f"https://{name}:{self.port}/front/snapshot.jpg"
        answer = subprocess.run(
            self.network.command(
                "wan", "unshare", "-m", "sh", "-c",
                'mount --bind "$1" /etc/hosts && exec curl -sfk -m 3 -u "$2" "$3"', "sh",
                self.network.directory / "hosts", f"anna:{PASSWORD}", url),
            capture_output=True, check=False)
        return answer.returncode == 0 and answer.stdout.startswith(b"\xff\xd8")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def stop(self):
        assert self.process.poll() is None, f"it had ended:\n{self.log}"
        self.process.terminate()
        try:
            status = self.process.wait(timeout=6 if IS_SANITIZED else 3)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"it did not end in time:\n{self.log}") from None
        assert status == 0, f"exit status {status}:\n{self.log}"
        assert not COMPLAINT.search(self.log), self.log


@pytest.fixture(scope="session")
def network(tmp_path_factory):
    """The network of bed.py, with two services outside that tell the caller's address."""
    if reason := bed.why_not():
        pytest.skip(reason)
    whole = bed.Bed(tmp_path_factory.mktemp("bed"))
    try:
        whole.up()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=echo", "-addext", "subjectAltName=IP:9.9.9.9",
             "-keyout", "echo.key", "-out", "echo.pem"],
            cwd=whole.directory, check=True, capture_output=True)
        both = whole.directory / "echo-both.pem"
        both.write_text((whole.directory / "echo.key").read_text() +
                        (whole.directory / "echo.pem").read_text())
        for port in (444, 445):
            whole.start("wan", "/usr/bin/python3", "-c", ECHO, port, both, log=f"echo{port}.log")
        (whole.directory / "hosts").touch()
        whole.start("wan", "/usr/bin/python3", "-c", PROVIDER, 446, both, whole.directory / "hosts",
                    log="provider.log")
        yield whole
    finally:
        whole.down()


@pytest.fixture
def servers(network, tmp_path):
    """servers (KEYS…) starts Porthole; whatever runs at the end is stopped."""
    started = []

    def start(**options):
        started.append(Server(network, tmp_path / f"server{len(started)}", **options))
        return started[-1]

    yield start
    running = [server for server in started if server.process.poll() is None]
    try:
        for server in running:
            server.stop()
    finally:
        for server in running:
            server.kill()
