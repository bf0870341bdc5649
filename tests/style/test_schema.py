# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shipped JSON Schemas take what Porthole takes. That they are what its tables say is a test of
the build (schema-is-fresh)."""
import copy
import json
import pathlib
import re

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A text, or a comment outside of one.
TEXT_OR_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


def without_comments(text):
    return TEXT_OR_COMMENT.sub(lambda match: match.group(1) or " ", text)


def load(path):
    return json.loads(without_comments(path.read_text()))


def validator(name):
    schema = load(ROOT / "data" / "schema" / f"{name}.schema.json")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def faults(schema, instance):
    return [error.message for error in validator(schema).iter_errors(instance)]


SETTINGS = {
    "http": {"listen": "any", "port": 8081, "segment_duration": 2, "part_duration": 0.2},
    "rtsp": {"listen": "127.0.0.1", "multicast": True, "multicast_port": 5000},
    "cameras": [
        "pipelines/*.json",
        {
            "name": "front",
            "title": "Front door",
            "source": {"type": "v4l2", "width": 1280, "height": 720, "format": "mjpeg"},
            "streams": [
                {"name": "main", "codec": "h264", "bitrate": 4000, "keyframe_interval": 2.0},
                {"name": "jpeg", "codec": "jpeg", "quality": 80, "framerate": 0.5},
            ],
            "encoder": "x264enc",
            "linger": 0,
        },
        {"name": "a", "source": {"type": "libcamera", "camera": "/base/soc"}},
        {"name": "b", "source": {"type": "file", "path": "b.mp4"}},
        {"name": "c", "source": {"type": "launch", "launch": "videotestsrc ! identity"}},
        {
            "name": "d",
            "source": {
                "type": "rtsp",
                "url": "rtsp://10.0.0.9:554/h264?channel=1",
                "username": "u",
                "password_file": "d.password",
                "transport": "tcp",
            },
        },
    ],
}
FRONT = ("cameras", 1)
BAD = [
    (("http", "port"), 0),
    (("http", "port"), 1.5),
    (("http", "port"), "8081"),
    (("http", "port"), None),
    (("http", "prot"), 8081),
    (("http",), []),
    (("https",), {}),
    (("rtsp", "multicast"), 1),
    (("rtsp", "listen"), ""),
    (("cameras",), "pipelines/*.json"),
    (("cameras", 0), 1),
    (("cameras", 0), ""),
    ((*FRONT, "name"), "Front door"),
    ((*FRONT, "name"), "api"),
    ((*FRONT, "name"), "x" * 64),
    ((*FRONT, "title"), "two\nlines"),
    ((*FRONT, "encoder"), "x265enc"),
    ((*FRONT, "linger"), -1),
    ((*FRONT, "streams"), []),
    ((*FRONT, "streams"), [{"name": "a", "codec": "jpeg"}] * 17),
    ((*FRONT, "streams", 0, "codec"), "h265"),
    ((*FRONT, "streams", 0, "quality"), 80),
    ((*FRONT, "streams", 0, "keyframe_interval"), 0),
    ((*FRONT, "streams", 0, "width"), 640),
    ((*FRONT, "streams", 1, "bitrate"), 4000),
    ((*FRONT, "source"), {}),
    ((*FRONT, "source", "type"), "webcam"),
    ((*FRONT, "source", "url"), "rtsp://10.0.0.9/"),
    ((*FRONT, "source", "device"), "video0"),
    ((*FRONT, "source"), {"type": "rtsp"}),
    ((*FRONT, "source"), {"type": "rtsp", "url": "rtsp://user:password@10.0.0.9/"}),
    ((*FRONT, "source"), {"type": "rtsp", "url": "http://10.0.0.9/"}),
    ((*FRONT, "source"), {"type": "rtsp", "url": "rtsp://10.0.0.9/", "username": "u"}),
    ((*FRONT, "source"), {"type": "file"}),
    ((*FRONT, "source"), {"type": "launch"}),
]


def changed(path, value):
    settings = copy.deepcopy(SETTINGS)
    place = settings
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return settings


@pytest.mark.parametrize("settings", [{}, {"cameras": []}, SETTINGS])
def test_sound_settings_are_valid(settings):
    assert faults("porthole", settings) == []


@pytest.mark.parametrize("path,value", BAD, ids=lambda part: json.dumps(part))
def test_faulty_settings_are_invalid(path, value):
    assert faults("porthole", changed(path, value)) != []


def test_a_camera_alone_is_checked_as_one_among_others_is():
    assert faults("camera", SETTINGS["cameras"][1]) == []
    assert faults("camera", {**SETTINGS["cameras"][1], "name": "login"}) != []
    assert faults("camera", {"name": "x"}) != []


@pytest.mark.parametrize(
    "file", sorted(ROOT.glob("pipelines/*.json")), ids=lambda file: file.name
)
def test_shipped_cameras_are_valid(file):
    assert faults("camera", load(file)) == []


def test_comments_are_taken_out_but_not_texts_that_look_alike():
    assert without_comments('{"a": "//b", /* c\n */ "d": 1} // e') == '{"a": "//b",   "d": 1}  '
