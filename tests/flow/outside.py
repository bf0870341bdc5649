# SPDX-License-Identifier: LGPL-2.1-or-later
"""What somebody outside is offered by RTSP when the allowance of the month is spent: runs in a
network namespace of its own where connections may come from a public address. Started by test_allowance.py."""
import datetime
import json
import pathlib
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common"))
from porthole import Porthole, test_camera  # noqa: E402

PUBLIC = "203.0.113.7"


def ask(server, source, path):
    """The answer to DESCRIBE, from the address source."""
    with socket.create_connection(("127.0.0.1", server.rtsp_port), 15, (source, 0)) as connection:
        connection.sendall(f"DESCRIBE {server.rtsp}{path} RTSP/1.0\r\nCSeq: 1\r\n"
                           "Accept: application/sdp\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            head = "".join(iter(lambda: answer.readline().decode().strip() + "\n", "\n"))
            length = re.search(r"^Content-Length: (\d+)$", head, re.M)
            return head + (answer.read(int(length[1])).decode() if length else "")


def main(folder):
    kept = folder / "kept"
    kept.mkdir(mode=0o700)
    month = datetime.date.today().strftime("%Y-%m")
    (kept / "data-use.json").write_text(json.dumps({"outside": {month: 8 * 10**8}}))
    (kept / "data-use.json").chmod(0o600)
    server = Porthole(folder, [test_camera()], environment={"STATE_DIRECTORY": str(kept)},
                      remote={"allowance": 1})
    try:
        assert "remote.allowance" in server.log, server.log
        main_stream, smallest = (ask(server, "127.0.0.1", path) for path in ("/front", "/front/sub"))
        level = {path: next(line for line in ask(server, PUBLIC, path).splitlines()
                            if line.startswith("a=fmtp:")) for path in ("/front", "/front/sub")}
        assert level["/front"] == level["/front/sub"], "a name alone gives the smallest"
        assert level["/front"] in smallest and level["/front"] not in main_stream
        assert ask(server, PUBLIC, "/front/main").startswith("RTSP/1.0 404")
        assert ask(server, "127.0.0.1", "/front/main").startswith("RTSP/1.0 200")
    finally:
        server.stop()


main(pathlib.Path(sys.argv[1]))
