# SPDX-License-Identifier: LGPL-2.1-or-later
"""All dynamic DNS providers on one loopback port: an HTTPS proxy that, asked for any of them, is that
provider, with a certificate of a test's own authority."""
import base64
import pathlib
import socket
import ssl
import subprocess
import threading


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def make_certificates(directory, hosts):
    """Paths of an authority's certificate and of one PEM file with key and certificate for hosts."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    ca, ca_key = directory / "ca.pem", directory / "ca.key"
    both, request, names = (directory / n for n in ("server.pem", "server.csr", "names.ext"))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", ca_key, "-out", ca, "-days", "30", "-subj", "/CN=Test authority",
            "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
            directory / "server.key", "-out", request, "-subj", "/CN=providers")
    names.write_text("subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts))
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days",
            "30", "-extfile", names, "-out", directory / "server.crt")
    both.write_text((directory / "server.key").read_text() + (directory / "server.crt").read_text())
    return ca, both


class Request:
    """What a provider was sent."""

    def __init__(self, host, head, body):
        first, *lines = head.split("\r\n")
        self.method, self.target, self.version = first.split(" ")
        self.host = host
        self.headers = dict(line.split(": ", 1) for line in lines if line)
        self.body = body

    @property
    def basic(self):
        """USER:PASSWORD, or None."""
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        return base64.b64decode(value).decode() if scheme == "Basic" else None

    def __repr__(self):
        return f"{self.method} https://{self.host}{self.target} {self.body}"


class Providers:
    """answer is called with each Request and returns (STATUS, BODY) or (STATUS, BODY, HEADERS)."""

    def __init__(self, certificate, answer):
        self.requests = []
        self.answer = answer
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.settimeout(20)
        try:
            head, _ = read_head(connection)
            method, place, _ = head.split("\r\n")[0].split(" ")
            assert method == "CONNECT" and place.endswith(":443"), head
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            with self.context.wrap_socket(connection, server_side=True) as tls:
                self._answer(tls, place.removesuffix(":443"))
        except OSError:
            pass  # whoever refuses the certificate goes away
        finally:
            connection.close()

    def _answer(self, tls, host):
        head, body = read_head(tls)
        request = Request(host, head, "")
        length = int(request.headers.get("Content-Length", 0))
        while len(body) < length:
            body += tls.recv(65536)
        request.body = body.decode()
        self.requests.append(request)
        status, text, *headers = self.answer(request)
        lines = [f"HTTP/1.1 {status} Answer", "Connection: close"]
        lines += [f"{key}: {value}" for key, value in (headers[0] if headers else {}).items()]
        if status != 204:
            lines.append(f"Content-Length: {len(text.encode())}")
        tls.sendall(("\r\n".join(lines) + "\r\n\r\n" + text).encode())
        tls.unwrap()


def read_head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    return head.decode(), body
