# SPDX-License-Identifier: LGPL-2.1-or-later
"""A line that is paid by the gigabyte: what goes outside is counted, and when most of the month's
allowance is spent viewers outside get the smallest stream, whatever way they ask. Whoever is at home
notices nothing. Outside is what a trusted proxy says, and in RTSP where the connection comes from."""
import base64
import datetime
import json
import os
import re
import urllib.request

import media
import pytest
import webdriver
from events import Events
from media import Http, fetch, find_box, jpeg_size
from porthole import test_camera
from selenium.webdriver.common.by import By
from webdriver import wait_for

ADMIN = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
OUTSIDE, HOME = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "192.168.1.20"}
JPEG_ONLY = [{"name": "big", "codec": "jpeg", "framerate": 5},
             {"name": "small", "codec": "jpeg", "framerate": 5, "width": 320, "height": 180}]


class Place:
    """A server behind a trusted proxy, whose state outlives it."""

    def __init__(self, servers, folder, gigabytes=0.00005):
        self.servers = servers
        self.folder = folder
        self.gigabytes = gigabytes
        self.server = None
        self.start()

    def start(self):
        self.server = self.servers.start(
            test_camera(anonymous=True),
            test_camera("gate", anonymous=True, streams=JPEG_ONLY),
            environment={"STATE_DIRECTORY": str(self.folder)},
            access={"trusted_proxies": ["127.0.0.1"],
                    "users": [{"name": "root", "password": "secret", "role": "admin"}]},
            remote={"allowance": self.gigabytes})

    def restart(self):
        self.servers.stop(self.server)
        self.start()

    def get(self, path, headers):
        return fetch(f"{self.server.http}/{path}", headers=headers)

    def status(self, path, headers):
        with Http(f"{self.server.http}/{path}", headers=headers) as viewer:
            return viewer.status

    def allowance(self):
        return json.loads(self.get("api/v1/data-use", ADMIN)[2])

    def metrics(self):
        return self.get("metrics", ADMIN)[2].decode()

    def settle(self, gigabytes):
        """Reads the settings anew with another allowance."""
        file = self.server.settings_file
        settings = json.loads(file.read_text())
        settings["remote"]["allowance"] = gigabytes
        file.write_text(json.dumps(settings))
        assert fetch(f"{self.server.http}/api/v1/reload", "POST", ADMIN)[0] == 200


@pytest.fixture
def place(servers, tmp_path):
    return Place(servers, tmp_path / "kept")


@pytest.fixture
def spent(servers, tmp_path):
    """The same, when 90 % of the month's allowance is spent."""
    folder = tmp_path / "kept"
    folder.mkdir(mode=0o700)
    month = datetime.date.today().strftime("%Y-%m")
    (folder / "data-use.json").write_text(json.dumps({"outside": {month: 9 * 10**8}}))
    (folder / "data-use.json").chmod(0o600)
    return Place(servers, folder, 1)


def check_larger_ones_are_refused(place, links):
    files = re.findall(r"hls/main/\S+\.m4s",
                       place.get("front/index.m3u8?stream=main", HOME)[2].decode())
    assert place.status(f"front/{files[-1]}", HOME) == 200
    for path in ("front/live.mp4?stream=main", "front/index.m3u8?stream=main", f"front/{files[-1]}",
                 "front/mjpeg", "gate/mjpeg?stream=big", "gate/snapshot.jpg?stream=big",
                 f"{links['main']}live.mp4", f"{links['all']}live.mp4?stream=main",
                 f"{links['all']}mjpeg"):
        status, _, body = place.get(path, OUTSIDE)
        assert status == 403 and b"outside this month" in body, (path, status, body)


def check_the_smallest_is_given(place, links):
    for path in ("front/live.mp4", "front/live.mp4?stream=sub", f"{links['all']}live.mp4"):
        with Http(f"{place.server.http}/{path}", headers=OUTSIDE) as viewer:
            assert find_box(viewer.read(4000), "moov", "trak", "tkhd")[-8:] == bytes.fromhex(
                "01400000" "00b40000"), (path, "320x180")
    playlist = place.get("front/index.m3u8", OUTSIDE)[2]
    file, = set(re.findall(rb'URI="(hls/sub/[^"]*\.mp4)"', playlist))
    assert b"hls/main/" not in playlist
    assert place.status(f"front/{file.decode()}", OUTSIDE) == 200
    for path in ("front/snapshot.jpg", "front/snapshot.jpg?width=640", "gate/snapshot.jpg",
                 f"{links['all']}snapshot.jpg"):
        assert jpeg_size(place.get(path, OUTSIDE)[2]) == (320, 180), path
    assert jpeg_size(place.get("front/snapshot.jpg?width=160", OUTSIDE)[2]) == (160, 90)
    assert place.status("gate/mjpeg", OUTSIDE) == 200


def check_the_page_learns_of_it(place):
    streams = {camera["name"]: ([stream["name"] for stream in camera["streams"]],
                                set(camera["urls"]) & {"mjpeg", "snapshot", "mp4"})
               for camera in json.loads(place.get("api/v1/cameras", OUTSIDE)[2])["cameras"]}
    assert streams == {"front": (["sub"], {"snapshot", "mp4"}),
                       "gate": (["small"], {"snapshot", "mjpeg"})}
    assert json.loads(place.get("api/v1/session", OUTSIDE)[2])["saving"] is True


def check_nothing_is_refused(place, headers):
    for path in ("front/live.mp4?stream=main", "front/mjpeg", "gate/mjpeg?stream=big"):
        assert place.status(path, headers) == 200, path
    assert b"stream=main" in place.get("front/index.m3u8", headers)[2]
    assert jpeg_size(place.get("front/snapshot.jpg", headers)[2]) == (640, 360)
    assert len(json.loads(place.get("api/v1/cameras/front", headers)[2])["streams"]) == 3
    assert json.loads(place.get("api/v1/session", headers)[2])["saving"] is False


def make_link(place, **order):
    request = urllib.request.Request(
        f"{place.server.http}/api/v1/cameras/front/links", method="POST",
        headers={**ADMIN, "Content-Type": "application/json"},
        data=json.dumps({"duration": 600, **order}).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)["urls"]["mp4"].lstrip("/").removesuffix("live.mp4")


def test_an_allowance_nearly_spent_leaves_the_smallest_stream_to_those_outside(place):
    events = Events(place.server)
    assert place.get("front/snapshot.jpg", HOME)[0] == 200
    assert place.allowance()["allowance"] == {"bytes": 50000, "state": "free", "sent": 0}
    with Http(f"{place.server.http}/front/live.mp4", headers=OUTSIDE) as viewer:
        assert viewer.status == 200 and viewer.read(50000)
        assert place.allowance()["allowance"]["state"] in ("saving", "exceeded")
        assert viewer.read(5000), "who watches already stays"
    _, warned = events.wait_for("allowance")
    assert warned["state"] in ("saving", "exceeded") and warned["sent"] >= 40000
    assert "remote.allowance" in place.server.log

    place.restart()
    spent, = place.allowance()["outside"].values()
    assert spent >= 50000
    assert {f"porthole_month_outside_bytes {spent}", "porthole_allowance_bytes 50000",
            'porthole_allowance_state{porthole_allowance_state="exceeded"} 1'} <= set(
                place.metrics().splitlines())
    links = {"main": make_link(place, stream="main"), "all": make_link(place)}
    check_larger_ones_are_refused(place, links)
    check_the_smallest_is_given(place, links)
    check_the_page_learns_of_it(place)
    check_nothing_is_refused(place, HOME)

    events = Events(place.server)
    place.settle(1)
    _, again = events.wait_for("allowance")
    assert (again["state"], again["bytes"]) == ("free", 10**9) and again["sent"] >= spent
    check_nothing_is_refused(place, OUTSIDE)


def send_with_each_request(browser, headers):
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": headers})


def test_the_page_shows_the_smallest_and_warns_the_admin(spent, tmp_path):
    with webdriver.browser(tmp_path / "profile") as browser:
        send_with_each_request(browser, OUTSIDE)
        browser.get(f"{spent.server.http}/front/")
        wait_for(lambda: browser.find_element(By.ID, "saving").is_displayed(), "the notice")
        wait_for(lambda: browser.find_element(By.ID, "picture-size").text == "320 × 180", "sub", 30)
        send_with_each_request(browser, ADMIN)
        browser.get(f"{spent.server.http}/")
        warning = wait_for(lambda: browser.find_element(
            By.CSS_SELECTOR, "#outside [data-part=allowance]").text, "the warning")
        assert warning.startswith("Most of remote.allowance is spent")
        assert not browser.find_element(By.ID, "saving").is_displayed()
        assert webdriver.complaints(browser) == []


IN_A_PUBLIC_PLACE = """
ip link set lo up && ip route add local 203.0.113.0/24 dev lo && exec "$@"
"""


@pytest.mark.skipif(os.getuid() != 0, reason="namespaces of its own take root")
def test_by_rtsp_too(tmp_path):
    here = os.path.dirname(os.path.abspath(__file__))
    done = media.run(
        ["unshare", "--net", "sh", "-c", IN_A_PUBLIC_PLACE, "sh",
         "/usr/bin/python3", os.path.join(here, "outside.py"), str(tmp_path)],
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
