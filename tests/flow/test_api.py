# SPDX-License-Identifier: LGPL-2.1-or-later
"""What programs and the page may ask and do: /api/v1, held against its own description."""
import base64
import http.client
import json
import re
import urllib.request

import jsonschema
import pytest
import webdriver
from events import Events
from porthole import ROOT, Porthole, test_camera, wait_until
from rtsp_client import RtspClient
from selenium.webdriver.common.by import By
from webdriver import wait_for

USERS = [
    {"name": "anna", "password": "look", "cameras": ["front"]},
    {"name": "root", "password": "secret", "role": "admin"},
]
OPENAPI = json.loads((ROOT / "data" / "web" / "openapi.json").read_text())
# [("get" or "post", NAME)] of what other rooms show or are told at /api/v1/NAME.
REPORTS = sorted(
    ("get" if kind == "report" else "post", name) for path in (ROOT / "src").rglob("*.c")
    for kind, name in re.findall(r'\bph_api_add_(report|action) \([^"]*?"([a-z-]+)",',
                                 path.read_text()))
ROUTE = re.compile(r'^  \{ "(/api/v1/[^"]*)", "([A-Z]+)", PH_PERMISSION_([A-Z]+),', re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(tmp_path_factory.mktemp("server"),
                      [test_camera("front"), test_camera("back")], access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def ask(server, method, path, body=None, user="root:secret", **headers):
    """Status, headers and JSON (or None) of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=20)
    if user:
        headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, "/api/v1/" + path,
                           body if body is None or isinstance(body, str) else json.dumps(body),
                           headers)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, answer.headers, json.loads(text) if text else None
    finally:
        connection.close()


def viewers(server):
    return ask(server, "GET", "viewers")[2]["viewers"]


def check(path, method, status, value):
    """That value is what the description says of the answer."""
    answer = OPENAPI["paths"][path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = OPENAPI["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    schema = {**answer["content"]["application/json"]["schema"],
              "components": OPENAPI["components"]}
    jsonschema.validate(value, schema, cls=jsonschema.Draft202012Validator)


def test_every_route_is_described_and_nothing_else():
    served = set()
    for pattern, method, _ in ROUTE.findall((ROOT / "src" / "http" / "http.c").read_text()):
        if pattern != "/api/v1/*":
            served.add((pattern.replace("NAME", "{name}").replace("*", "{id}"), method.lower()))
    served |= {(f"/api/v1/{name}", method) for method, name in REPORTS}
    described = {(path, method) for path, item in OPENAPI["paths"].items()
                 for method in item if method != "parameters"}
    assert served == described
    ids = [item[method]["operationId"] for path, item in OPENAPI["paths"].items()
           for method in item if method != "parameters"]
    assert len(ids) == len(set(ids))


def test_the_description_is_sound_and_served(server):
    assert OPENAPI["openapi"].startswith("3.1.")
    for schema in OPENAPI["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    references = re.findall(r'"\$ref": "#/([^"]*)"', json.dumps(OPENAPI))
    for reference in references:
        place = OPENAPI
        for step in reference.split("/"):
            place = place[step]
    for path, item in OPENAPI["paths"].items():
        given = {p.get("name", "name") for p in item.get("parameters", [])}
        assert given == set(re.findall(r"\{(\w+)\}", path)), path
    assert ask(server, "GET", "openapi.json", user=None)[2] == OPENAPI


def test_answers_are_as_described(server):
    for path, url in (("/api/v1/cameras", "cameras"), ("/api/v1/cameras/{name}", "cameras/front"),
                      ("/api/v1/session", "session"), ("/api/v1/viewers", "viewers"),
                      *((f"/api/v1/{name}", name) for method, name in REPORTS if method == "get")):
        status, _, value = ask(server, "GET", url)
        assert status == 200
        check(path, "get", 200, value)
    status, _, value = ask(server, "GET", "cameras/nowhere")
    assert status == 404
    check("/api/v1/cameras/{name}", "get", 404, value)
    for body, status in (({"hostname": "nowhere.example"}, 404), ({"host": "x"}, 400)):
        found, _, value = ask(server, "POST", "ddns", body, Content_Type="application/json")
        assert found == status
        check("/api/v1/ddns", "post", status, value)


def test_only_an_admin_may(server):
    for method, path in (("POST", "reload"), ("GET", "settings"), ("PATCH", "settings"), ("GET", "viewers"),
                         ("DELETE", "viewers/1"),
                         *((method.upper(), name) for method, name in REPORTS)):
        assert ask(server, method, path, user=None)[0] == 401
        assert ask(server, method, path, user="anna:look")[0] == 403
    assert ask(server, "POST", "reload", Origin="http://elsewhere.example")[0] == 403
    assert ask(server, "POST", "cameras/front/restart", user="anna:look")[0] == 403
    assert ask(server, "POST", "cameras/back/restart", user="anna:look")[0] == 404


def test_settings_are_shown_without_secrets(server):
    status, _, settings = ask(server, "GET", "settings")
    assert status == 200
    assert settings["http"]["port"] == server.http_port
    assert settings["http"]["segment_duration"] == 2
    assert [user["name"] for user in settings["access"]["users"]] == ["anna", "root"]
    assert [camera["name"] for camera in settings["cameras"]] == ["front", "back"]
    assert "secret" not in json.dumps(settings) and "look" not in json.dumps(settings)


def test_reload_says_what_changed_or_what_is_wrong(server):
    before = server.settings_file.read_text()
    assert ask(server, "POST", "reload")[2] == \
        {"added": [], "removed": [], "changed": [], "sections": []}
    settings = json.loads(before)
    settings["cameras"][1]["title"] = "Back door"
    settings["access"]["ban"] = 60
    server.settings_file.write_text(json.dumps(settings))
    status, _, changes = ask(server, "POST", "reload")
    assert status == 200
    check("/api/v1/reload", "post", 200, changes)
    assert changes == {"added": [], "removed": [], "changed": ["back"], "sections": ["access"]}
    settings["cameras"][1]["titel"] = 3
    settings["access"]["ban"] = 0
    server.settings_file.write_text(json.dumps(settings))
    status, _, problems = ask(server, "POST", "reload")
    assert status == 422
    check("/api/v1/reload", "post", 422, problems)
    assert len(problems["problems"]) == 2
    assert any('did you mean "title"?' in problem for problem in problems["problems"])
    server.settings_file.write_text(before)
    assert ask(server, "POST", "reload")[0] == 200


def test_viewers_of_every_kind_are_listed_and_sent_away(server):
    rtsp = RtspClient(server.rtsp + "/front")
    rtsp_headers = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
    request = rtsp.request
    rtsp.request = lambda method, url=None, headers=None: request(
        method, url, {**(headers or {}), **rtsp_headers})
    rtsp.start()
    streams = {}
    for kind, path in (("mjpeg", "back/mjpeg"), ("mp4", "front/live.mp4?stream=sub"),
                       ("hls", "back/index.m3u8?stream=main")):
        streams[kind] = urllib.request.urlopen(urllib.request.Request(
            f"{server.http}/{path}", headers=rtsp_headers), timeout=20)
    streams["mjpeg"].read(1000)
    streams["mp4"].read(1000)
    rtsp.wait_for_keyframe()
    wait_until(lambda: len(viewers(server)) == 4, 10, "all are listed")
    listed = {viewer["kind"]: viewer for viewer in viewers(server)}
    check("/api/v1/viewers", "get", 200, {"viewers": list(listed.values())})
    assert {kind: (v["camera"], v["stream"], v["peer"], v["user"]) for kind, v in listed.items()} \
        == {"rtsp": ("front", "main", "127.0.0.1", "root"),
            "mjpeg": ("back", "jpeg", "127.0.0.1", "root"),
            "mp4": ("front", "sub", "127.0.0.1", "root"),
            "hls": ("back", "main", "127.0.0.1", "root")}
    assert all(viewer["bytes"] > 300 for viewer in listed.values())
    for viewer in listed.values():
        assert ask(server, "DELETE", f"viewers/{viewer['id']}")[0] == 204
    while streams["mjpeg"].read(65536) or streams["mp4"].read(65536):
        pass
    with pytest.raises(ConnectionError):
        for _ in rtsp.units(duration=10):
            pass
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(
            f"{server.http}/back/index.m3u8?stream=main", headers=rtsp_headers), timeout=20)
    wait_until(lambda: viewers(server) == [], 10, "nobody is left")
    assert ask(server, "DELETE", f"viewers/{listed['rtsp']['id']}")[0] == 404
    assert ask(server, "DELETE", "viewers/nonsense")[0] == 404


def test_a_camera_is_restarted_under_its_viewers(server):
    answer = urllib.request.urlopen(urllib.request.Request(
        f"{server.http}/front/mjpeg", headers={
            "Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}), timeout=20)
    answer.read(20000)
    n_live = server.log.count("front: live")
    assert ask(server, "POST", "cameras/front/restart")[0] == 204
    wait_until(lambda: server.log.count("front: live") == n_live + 1, 20, "it is live again")
    answer.read(20000)
    answer.close()
    assert ask(server, "POST", "cameras/nowhere/restart")[0] == 404


def open_page(browser, server, name, password):
    browser.get(f"{server.http}/login?to=front")
    for field, text in (("name", name), ("password", password)):
        browser.find_element(By.ID, field).send_keys(text)
    browser.find_element(By.ID, "submit").click()
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, "#streams li"), "the camera's page")


def test_the_page_lets_an_admin_restart_and_disconnect(server, tmp_path):
    def part(selector):
        return browser.find_element(By.CSS_SELECTOR, f"#admin {selector}")

    watching = [urllib.request.urlopen(urllib.request.Request(
        f"{server.http}/{name}/mjpeg", headers={
            "Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}), timeout=20)
        for name in ("front", "back")]
    for answer in watching:
        answer.read(1000)
    with webdriver.browser(tmp_path / "admin") as browser:
        open_page(browser, server, "root", "secret")
        button = wait_for(lambda: [each for each in browser.find_elements(
            By.CSS_SELECTOR, ".admin-viewers button")
            if "MJPEG, jpeg, 127.0.0.1, root" in each.get_attribute("aria-label")], "the viewer")
        assert len(button) == 1, "who watches another camera stands there"
        n_live = server.log.count("front: live")
        part(".admin-restart").click()
        wait_until(lambda: server.log.count("front: live") == n_live + 1, 20, "it is live again")
        button[0].click()
        while watching[0].read(65536):
            pass
        wait_for(lambda: "MJPEG" not in part(".admin-viewers").text, "the viewer gone from the list")
        assert watching[1].read(1000)
        assert part(".admin-error").text == ""
        assert webdriver.complaints(browser) == []
    with webdriver.browser(tmp_path / "viewer") as browser:
        open_page(browser, server, "anna", "look")
        assert not part(".admin-restart").is_displayed()
        assert webdriver.complaints(browser) == []
    for answer in watching:
        answer.close()


WRITTEN = """\
// written by hand
{
  "http": { "listen": "loopback", "port": %(http)d, "tls_port": %(https)d }, // here
  "rtsp": { "listen": "loopback", "port": %(rtsp)d, "tls_port": %(rtsps)d },
  "access": { "users": [ { "name": "root", "password": "secret", "role": "admin" } ] },
  "cameras": [
    "files/*.json",
    "one.json", // the first
    {
      "name": "inline", /* a test */
      "source": { "type": "test", "width": 320, "height": 180, "framerate": 15 }
    }
  ]
}
"""
ONE = """\
{
  // by the door
  "name": "one",
  "title": "One", // of several
  "source": { "type": "test", "width": 320, "height": 180, "framerate": 15 }
}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A server whose settings a person has written, with comments, in several files."""
    directory = tmp_path_factory.mktemp("written")
    (directory / "files").mkdir()
    (directory / "one.json").write_text(ONE)
    (directory / "files" / "two.json").write_text(ONE.replace("one", "two"))
    server = Porthole(directory, ["one.json"], access={"users": USERS})
    try:
        server.settings_file.write_text(WRITTEN % {
            "http": server.http_port, "https": server.https_port,
            "rtsp": server.rtsp_port, "rtsps": server.rtsps_port})
        assert ask(server, "POST", "reload")[0] == 200
        yield server
        server.stop()
    finally:
        server.kill()


def patch(server, name, body, **headers):
    return ask(server, "PATCH", f"cameras/{name}", body,
               **{"Content_Type": "application/merge-patch+json", **headers})


def test_a_patch_changes_what_it_names_and_nothing_else(written):
    one, settings = written.directory / "one.json", written.settings_file
    before = settings.read_text()
    settings.chmod(0o640)
    assert patch(written, "one", {"title": "Door", "linger": 3})[0] == 204
    assert one.read_text() == ONE.replace('"One"', '"Door"').replace(
        '"framerate": 15 }', '"framerate": 15 },\n  "linger": 3')
    assert ask(written, "GET", "cameras/one")[2]["title"] == "Door"
    assert patch(written, "one", {"title": None, "linger": None})[0] == 204
    assert ask(written, "GET", "cameras/one")[2]["title"] == "one"
    assert patch(written, "inline", {"source": {"framerate": 10}})[0] == 204
    assert settings.read_text() == before.replace('"framerate": 15', '"framerate": 10')
    assert settings.stat().st_mode & 0o777 == 0o640
    assert patch(written, "inline", {"source": {"framerate": 15}})[0] == 204
    assert settings.read_text() == before
    assert not list(written.directory.glob("*.json.*"))


def test_a_patch_holds_only_for_what_was_seen(written):
    _, headers, _ = ask(written, "GET", "cameras/one")
    etag = headers["ETag"]
    assert ask(written, "GET", "cameras/one")[1]["ETag"] == etag
    assert patch(written, "one", {"title": "A"}, If_Match=etag)[0] == 204
    assert patch(written, "one", {"title": "B"}, If_Match=etag)[0] == 412
    assert ask(written, "DELETE", "cameras/one", If_Match=etag)[0] == 412
    assert ask(written, "GET", "cameras/one")[2]["title"] == "A"
    etag = ask(written, "GET", "cameras/one")[1]["ETag"]
    assert patch(written, "one", {"title": "B"}, If_Match=f'"x", {etag}')[0] == 204


def test_who_edits_by_hand_meanwhile_is_not_overwritten(written):
    one = written.directory / "one.json"
    by_hand = one.read_text().replace("of several", "and only").replace('"B"', '"Mine"')
    one.write_text(by_hand)
    status, _, answer = patch(written, "one", {"title": "Theirs"})
    assert status == 409 and "reload" in answer["error"]
    assert one.read_text() == by_hand
    assert ask(written, "POST", "reload")[2]["changed"] == ["one"]
    assert patch(written, "one", {"title": "Theirs"})[0] == 204


def test_settings_are_patched_like_cameras(written):
    def patch_settings(body, **headers):
        return ask(written, "PATCH", "settings", body,
                   **{"Content_Type": "application/merge-patch+json", **headers})

    before = written.settings_file.read_text()
    _, headers, settings = ask(written, "GET", "settings")
    assert settings["remote"]["allowance"] == 0
    assert ask(written, "GET", "settings")[1]["ETag"] == headers["ETag"]
    assert patch_settings({"rtsp": {"max_age": 2}}, If_Match=headers["ETag"])[0] == 204
    assert written.settings_file.read_text() == before.replace(
        f'"tls_port": {written.rtsps_port} }}', f'"tls_port": {written.rtsps_port}, "max_age": 2 }}')
    assert ask(written, "GET", "settings")[2]["rtsp"]["max_age"] == 2
    status, _, answer = patch_settings({"rtsp": {"max_age": 3}}, If_Match=headers["ETag"])
    assert status == 412 and "others by now" in answer["error"]
    check("/api/v1/settings", "patch", 412, answer)
    written.settings_file.write_text(before)
    status, _, answer = patch_settings({"remote": {"allowance": 50}})
    assert status == 409 and "reload" in answer["error"]
    check("/api/v1/settings", "patch", 409, answer)
    assert ask(written, "POST", "reload")[2]["sections"] == ["rtsp"]
    for body, status in (("[]", 400), ({"http": {"prt": 1}}, 422), ({"access": {}}, 422),
                         ({"cameras": []}, 422), ({"http": {"acme_webroot": "/etc"}}, 422)):
        assert patch_settings(body)[0] == status, body
    assert patch_settings({}, Content_Type="application/json")[0] == 415
    assert patch_settings({}, Origin="http://elsewhere.example")[0] == 403
    assert written.settings_file.read_text() == before


def test_what_is_wrong_is_not_written(written):
    before = [path.read_text() for path in (written.settings_file, written.directory / "one.json")]
    status, _, answer = patch(written, "one", {"lingr": 3, "streams": []})
    assert status == 422 and len(answer["problems"]) == 2
    check("/api/v1/cameras/{name}", "patch", 422, answer)
    assert 'did you mean "linger"?' in answer["problems"][0]
    for body, status in (("{", 400), ("[]", 400), ('{"title":"a","title":"b"}', 400),
                         ({"name": "two"}, 422), ({"source": "one.json"}, 422)):
        assert patch(written, "one", body)[0] == status, body
    assert patch(written, "one", {"title": "x"}, Content_Type="application/json")[0] == 415
    assert patch(written, "nowhere", {})[0] == 404
    assert patch(written, "one", {}, Origin="http://elsewhere.example")[0] == 403
    for source in ({"type": "launch", "launch": "videotestsrc"}, {"type": "file", "path": "/x"},
                   {"launch": "videotestsrc"}, {"path": "../x"}, {"password_file": "/etc/shadow"},
                   {"type": "v4l2", "device": "/dev/../etc/shadow"}, {"\\u006caunch": "x"}):
        for body in ({"source": source}, {"name": "new", "source": source},
                     {"streams": [{"source": source}]}):
            text = json.dumps(body).replace("\\\\", "\\")
            assert patch(written, "one", text)[0] == 422, text
            assert ask(written, "POST", "cameras", text, Content_Type="application/json")[0] == 422
    assert before == [path.read_text()
                      for path in (written.settings_file, written.directory / "one.json")]


def test_cameras_are_added_and_removed(written):
    before = written.settings_file.read_text()
    camera = {"name": "new", "source": {"type": "test", "width": 320, "height": 180}}
    status, headers, _ = ask(written, "POST", "cameras", camera, Content_Type="application/json")
    assert (status, headers["Location"]) == (201, "/api/v1/cameras/new")
    assert ask(written, "GET", "cameras/new")[2]["state"] == "idle"
    assert ask(written, "POST", "cameras", camera, Content_Type="application/json")[0] == 422
    assert '"source": { "type": "test", "width": 320, "height": 180 }' \
        in written.settings_file.read_text()
    assert ask(written, "DELETE", "cameras/new")[0] == 204
    assert written.settings_file.read_text() == before
    # one that a pattern names has a file of its own, one that is named keeps it
    assert ask(written, "DELETE", "cameras/two")[0] == 204
    assert not (written.directory / "files" / "two.json").exists()
    assert ask(written, "DELETE", "cameras/one")[0] == 204
    assert (written.directory / "one.json").exists()
    assert "// the first" in written.settings_file.read_text()
    names = [camera["name"] for camera in ask(written, "GET", "cameras")[2]["cameras"]]
    assert names == ["inline"]


def test_events_are_heard_by_those_who_may(server):
    admin, viewer = Events(server), Events(server, "anna:look")
    for name in ("back", "front"):
        urllib.request.urlopen(urllib.request.Request(
            f"{server.http}/{name}/snapshot.jpg?max_age=0", headers={
                "Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}),
            timeout=20).close()
        assert ask(server, "POST", f"cameras/{name}/restart")[0] == 204
    admin.wait_for("camera", lambda data: data["camera"] == "back")
    _, data = admin.wait_for("camera", lambda data: data["camera"] == "front")
    assert set(data) == {"camera", "state", "last_error"}
    assert viewer.next()[2]["camera"] == "front"  # and nothing of the other one before
    assert ask(server, "POST", "reload")[0] == 200
    last, data = admin.wait_for("reload")
    assert data["changes"]["added"] == [] and data["problems"] == []
    mjpeg = urllib.request.urlopen(urllib.request.Request(
        f"{server.http}/front/mjpeg", headers={
            "Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}), timeout=20)
    mjpeg.read(1000)
    mjpeg.close()
    # who comes back is told what it missed
    again = Events(server, last=last)
    _, came = again.wait_for("viewer")
    assert came["event"] == "came" and came["viewer"]["camera"] == "front"
    _, left = again.wait_for("viewer")
    assert left["event"] == "left" and left["viewer"]["id"] == came["viewer"]["id"]
    for listener in (admin, viewer, again):
        listener.answer.close()
