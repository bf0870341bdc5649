# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run by test_rtsp.py in a network namespace: two viewers of one multicast stream."""
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "common"))

from porthole import Porthole, test_camera  # noqa: E402
from rtsp_client import RtspClient  # noqa: E402

server = Porthole(
    sys.argv[1],
    [test_camera()],
    rtsp={"multicast": True, "multicast_address": "239.1.2.3", "multicast_port": 15000},
)
try:
    with RtspClient(f"{server.rtsp}/front") as client:
        client.describe()
        answer = client.setup("RTP/AVP;multicast")
        assert answer.status == 200, answer
        assert "destination=239.1.2.3" in answer.headers["transport"], answer
        port = int(re.search(r"port=(\d+)", answer.headers["transport"]).group(1))
        assert port >= 15000, answer
    command = [
        "ffmpeg", "-v", "error", "-nostdin", "-rtsp_transport", "udp_multicast",
        "-i", f"{server.rtsp}/front", "-frames:v", "30", "-f", "null", "-",
    ]
    viewers = [subprocess.Popen(command) for _ in range(2)]
    statuses = [viewer.wait(timeout=30) for viewer in viewers]
    assert statuses == [0, 0], statuses
    server.stop()
finally:
    server.kill()
