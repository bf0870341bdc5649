# SPDX-License-Identifier: LGPL-2.1-or-later
"""What README and docs name is there: files, settings, routes, metrics, commands; and each metric,
event and command that there is is named in them."""
import json
import pathlib
import re
import textwrap

import jsonschema
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAPERS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
TEXT = {paper: paper.read_text() for paper in PAPERS}
ALL = "\n".join(TEXT.values())
SOURCES = "\n".join(file.read_text() for file in ROOT.glob("src/**/*.c"))
ROUTES = set(json.loads((ROOT / "data" / "web" / "openapi.json").read_text())["paths"])
SECTIONS = json.loads((ROOT / "data" / "schema" / "porthole.schema.json").read_text())
# What a program adds to a metric's own name (OpenMetrics 1.0).
SUFFIXES = ("", "_total", "_info")


def has_setting(schema, keys):
    """Whether a schema has the setting, one key below the other."""
    while "$ref" in schema:
        place = SECTIONS
        for step in schema["$ref"].removeprefix("#/").split("/"):
            place = place[step]
        schema = place
    if not keys:
        return True
    return any(has_setting(branch, keys) for word in ("anyOf", "oneOf", "allOf")
               for branch in schema.get(word, [])) or (
        keys[0] in schema.get("properties", {})
        and has_setting(schema["properties"][keys[0]], keys[1:])) or (
        "items" in schema and has_setting(schema["items"], keys))


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_links_and_files_are_there(paper):
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", TEXT[paper])
    assert [link for link in links if not (paper.parent / link).exists()] == []
    built = r"\b(?:ninja -C |man )build[ /]data/([\w./-]*\w)"
    assert [name for name in re.findall(built, TEXT[paper])
            if not (ROOT / "data" / "man" / f"{name}.in").exists()] == []
    named = re.findall(r"(?<![\w./-])((?:script|tests|data|src|bench)/[\w./*-]*\w)",
                       re.sub(built, "", TEXT[paper]))
    assert [name for name in named if "ROOM" not in name and not list(ROOT.glob(name))] == []


def test_settings_are_there():
    named = {name for name in re.findall(r"`((?:http|rtsp|access|tls|remote)\.[a-z_.]+)`", ALL)}
    assert "remote.allowance" in named
    assert {name for name in named if not has_setting(SECTIONS, name.split("."))} == set()


def test_routes_are_there():
    named = {re.sub(r"cameras/(NAME|front|yard)", "cameras/{name}", name.rstrip("/."))
             for name in re.findall(r"/api/v1/[\w/.-]+", ALL)}
    named = {re.sub(r"/(ID|\d+)$", "/{id}", name) for name in named}
    assert named - ROUTES - {"/api/v1/openapi.json"} == set()


def test_metrics_are_there_and_each_is_told():
    known = {name + suffix for name in re.findall(r'"(porthole_[a-z_]+)"', SOURCES)
             for suffix in SUFFIXES}
    named = set(re.findall(r"\bporthole_[a-z_]+", ALL))
    assert named - known == set()
    told = {name for name in re.findall(r'"(porthole_[a-z_]+)"', SOURCES)
            if not {name + suffix for suffix in SUFFIXES} & named}
    assert told == set(), "these stand in no paper"


def test_each_event_is_told():
    emitted = set(re.findall(r'ph_events_emit \([^"]*"([a-z]+)"', SOURCES))
    told = TEXT[ROOT / "docs" / "api.md"].split("## Events")[1].split("\n## ")[0]
    assert "allowance" in emitted
    assert {event for event in emitted if f"`{event}`" not in told} == set()


def test_commands_are_there():
    known = set(re.findall(r'\{ "([a-z]+)",', (
        ROOT / "src" / "config" / "command-line.c").read_text()))
    assert {"check", "user"} <= known
    named = set(re.findall(r"(?:^    |`)(?:script/server|porthole) ([a-z]+)\b", ALL, re.MULTILINE))
    assert "doctor" in named and named - known == set()


def snippets(text):
    """Settings to paste, as indented blocks of JSON or of members of an object have them."""
    for block in re.findall(r"(?:^    .*\n)+", text, re.MULTILINE):
        block = textwrap.dedent(block).strip()
        if block.startswith('"') and '":' in block:
            yield "{" + block + "}"
        elif re.match(r'\{\s*"(?:http|rtsp|access|tls|remote|cameras|name)"', block):
            yield block


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_settings_to_paste_are_taken(paper):
    camera = json.loads((ROOT / "data" / "schema" / "camera.schema.json").read_text())
    for snippet in snippets(TEXT[paper]):
        settings = json.loads(snippet.replace("[ … ]", "[]"))
        schema = SECTIONS if set(settings) & set(SECTIONS["properties"]) else {
            **camera, "required": []}
        faults = jsonschema.Draft202012Validator(schema).iter_errors(settings)
        assert [fault.message for fault in faults] == [], snippet
