# SPDX-License-Identifier: LGPL-2.1-or-later
"""What programs and the page may ask and do: /api/v1, held against its own description."""
import base64
import http.client
import json
import re
import urllib.request

import jsonschema
import pytest
from porthole import ROOT, Porthole, test_camera, wait_until
from rtsp_client import RtspClient

USERS = [
    {"name": "anna", "password": "look", "cameras": ["front"]},
    {"name": "root", "password": "secret", "role": "admin"},
]
OPENAPI = json.loads((ROOT / "data" / "web" / "openapi.json").read_text())
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
                      ("/api/v1/session", "session"), ("/api/v1/viewers", "viewers")):
        status, _, value = ask(server, "GET", url)
        assert status == 200
        check(path, "get", 200, value)
    status, _, value = ask(server, "GET", "cameras/nowhere")
    assert status == 404
    check("/api/v1/cameras/{name}", "get", 404, value)


def test_only_an_admin_may(server):
    for method, path in (("POST", "reload"), ("GET", "settings"), ("GET", "viewers"),
                         ("DELETE", "viewers/1")):
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
