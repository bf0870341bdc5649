# SPDX-License-Identifier: LGPL-2.1-or-later
"""The camera definitions that are shipped: each is good as it stands, and says what it is for."""
import json

import jsonschema
import pytest
from porthole import ROOT, run

FILES = sorted((ROOT / "pipelines").glob("*.json"))
each_file = pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


def off_the_network(file, directory):
    """A copy whose IP camera is a closed port of this machine: tests talk to nobody else."""
    copy = directory / file.name
    copy.write_text(file.read_text().replace("rtsp://192.168.1.64:554/", "rtsp://127.0.0.1:1/"))
    return copy


def definition(file):
    lines = file.read_text().splitlines()
    return json.loads("\n".join(line for line in lines if not line.lstrip().startswith("//")))


@each_file
def test_a_shipped_definition_passes_check(file, tmp_path):
    """Whether its device is here or not."""
    done = run("check", off_the_network(file, tmp_path), timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "porthole" not in done.stderr
    assert "settings are right: 1 camera" in done.stdout


@each_file
def test_a_shipped_definition_fits_the_schema(file):
    schema = json.loads((ROOT / "data" / "schema" / "camera.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(definition(file))


@each_file
def test_a_shipped_definition_says_what_it_is_for(file):
    assert file.read_text().startswith("// ")


def test_all_names_differ():
    names = [definition(file)["name"] for file in FILES]
    assert len(set(names)) == len(names)


def test_there_is_one_for_each_kind_of_camera():
    assert {file.stem for file in FILES} >= {
        "test-pattern", "pi-camera", "usb-raw", "usb-h264", "usb-mjpeg", "ip-camera", "nvr",
        "low-bandwidth",
    }
