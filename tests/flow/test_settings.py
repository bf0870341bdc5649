# SPDX-License-Identifier: LGPL-2.1-or-later
"""The command line and the settings, as somebody meets them who has just typed something wrong."""
import json
import os
import shlex
import subprocess

import media
import pytest
from porthole import run, test_camera, wait_until

USAGE, DATAERR, UNAVAILABLE, CONFIG = 64, 65, 69, 78


def write(directory, settings):
    file = directory / "porthole.json"
    file.write_text(settings if isinstance(settings, str) else json.dumps(settings, indent=2))
    return file


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    for word in ("run", "check", "devices", "--config", "--verbose", "--version"):
        assert word in done.stdout


def test_version_is_one_line():
    done = run("--version")
    assert done.returncode == 0
    name, version = done.stdout.split()
    assert name == "porthole" and version.count(".") == 2


@pytest.mark.parametrize(
    "arguments",
    [["brew"], ["--no-such-option"], ["check", "one", "two"], ["run", "extra"], ["--config"]],
)
def test_a_wrong_command_line_is_a_usage_error(arguments):
    done = run(*arguments)
    assert done.returncode == USAGE
    assert done.stdout == "" and done.stderr.startswith("porthole: ")
    assert len(done.stderr.splitlines()) == 1


WRONG = {  # settings → what must be told about them
    "unknown key": ({"htp": {}}, ["htp", "http"]),
    "unknown key deep": ({"http": {"prot": 80}}, ["http", "prot", "port"]),
    "wrong type": ({"http": {"port": "eighty"}}, ["http.port", "eighty"]),
    "too large": ({"rtsp": {"port": 70000}}, ["rtsp.port", "70000", "65535"]),
    "not an address": ({"http": {"listen": "everywhere"}}, ["http.listen", "everywhere"]),
    "no name": ({"cameras": [{"source": {"type": "test"}}]}, ["name"]),
    "bad name": ({"cameras": [{"name": "Front Door", "source": {"type": "test"}}]}, ["Front Door"]),
    "reserved name": ({"cameras": [{"name": "api", "source": {"type": "test"}}]}, ["api"]),
    "two of a name": (
        {"cameras": [{"name": "a", "source": {"type": "test"}},
                     {"name": "a", "source": {"type": "test"}}]}, ['"a"']),
    "unknown source": ({"cameras": [{"name": "a", "source": {"type": "vl42"}}]}, ["vl42", "v4l2"]),
    "key of another source": (
        {"cameras": [{"name": "a", "source": {"type": "test", "device": "/dev/video0"}}]},
        ["device"]),
    "unknown encoder": (
        {"cameras": [{"name": "a", "source": {"type": "test"}, "encoder": "x265enc"}]}, ["x265enc"]),
    "a file that is not there": ({"cameras": ["nothing-here.json"]}, ["nothing-here.json"]),
    "a password in a URL": (
        {"cameras": [{"name": "a", "source": {"type": "rtsp", "url": "rtsp://u:p@127.0.0.1/"}}]},
        ["url", "password_file"]),
    "no JSON": ('{ "http": { "port": 80 }', ["line"]),
    "a key twice": ('{ "http": {}, "http": {} }', ["http"]),
    "no object": ("[]", []),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_told_with_its_place(name, tmp_path):
    settings, words = WRONG[name]
    file = write(tmp_path, settings)
    for command in ("check", "run"):
        done = run(command, "--config", file)
        assert done.returncode == CONFIG, done.stderr
        assert "porthole.json" in done.stderr
        for word in words:
            assert word in done.stderr, done.stderr


def test_all_faults_are_told_at_once(tmp_path):
    (tmp_path / "one.json").write_text('{ "name": "one", "source": { "type": "nothing" } }')
    file = write(
        tmp_path,
        {"http": {"port": 0}, "rtsp": {"listne": "any"},
         "cameras": ["one.json", {"name": "two", "source": {"type": "test"}, "linger": -1}]},
    )
    done = run("--config", file)
    assert done.returncode == CONFIG
    for word in ("http.port", "listne", "one.json", "source.type", "linger"):
        assert word in done.stderr, done.stderr


def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path):
    file = write(
        tmp_path,
        {"cameras": [{"name": "a", "source": {"type": "rtsp", "url": "rtsp://u:hush@h/"}}]},
    )
    done = run("check", "--config", file)
    assert done.returncode == CONFIG
    assert "hush" not in done.stdout + done.stderr


def test_a_settings_file_that_is_not_there_is_told(tmp_path):
    done = run("--config", tmp_path / "nothing.json")
    assert done.returncode in (66, CONFIG)
    assert "nothing.json" in done.stderr


def test_a_busy_port_is_told_with_its_number(server):
    done = run("--config", server.settings_file)
    assert done.returncode == UNAVAILABLE
    assert str(server.http_port) in done.stderr or str(server.rtsp_port) in done.stderr


def test_without_settings_there_is_one_camera_on_loopback(tmp_path):
    """What script/server gives to somebody who has just cloned the tree."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    done = run("check", env={**os.environ, **home})
    assert done.returncode == 0, done.stderr
    assert "settings are right: 1 camera" in done.stdout
    assert "videotestsrc" in done.stdout


def lines_of_check(*arguments):
    done = run("check", *arguments, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    assert lines, done.stdout
    return lines


def assert_it_runs(line):
    """The line as it stands, in a shell; a live pipeline is told to end after some frames."""
    assert line.startswith("gst-launch-1.0 ")
    words = shlex.split(line)
    process = subprocess.Popen(
        ["gst-launch-1.0", "-e", *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )
    try:
        seen = []

        def is_playing():
            assert process.poll() is None, "".join(seen) + process.stdout.read()
            seen.append(process.stdout.readline())
            return "PLAYING" in seen[-1]

        wait_until(is_playing, 20, "the pipeline plays")
    finally:
        process.terminate()
        rest = process.communicate(timeout=20)[0]
    assert "ERROR" not in "".join(seen) + rest


def test_check_prints_a_line_that_runs(tmp_path):
    for line in lines_of_check("--config", write(tmp_path, {"cameras": [test_camera()]})):
        assert_it_runs(line)


def test_check_takes_a_camera_file(tmp_path):
    file = tmp_path / "front.json"
    file.write_text("// ours\n" + json.dumps(test_camera()))
    assert len(lines_of_check(file)) == 1


def test_check_prints_what_a_shell_takes_as_it_stands(tmp_path):
    """Odd names in settings must neither break the line nor run anything."""
    movie = tmp_path / "it's; touch pwned $(touch pwned) \"movie\" !.mp4"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=15", "-t", "1",
         "-c:v", "libx264", "-pix_fmt", "yuv420p", str(movie)], check=True,
    )
    camera = test_camera(source={"type": "file", "path": str(movie)})
    for key in ("width", "height", "framerate"):
        del camera["source"][key]
    (line,) = lines_of_check("--config", write(tmp_path, {"cameras": [camera]}))
    assert_it_runs(line)
    media.run(["timeout", "3", "sh", "-c", line], cwd=tmp_path)
    assert not (tmp_path / "pwned").exists()


def test_devices_lists_encoders_for_people_and_machines():
    done = run("devices", timeout=60)
    assert done.returncode == 0, done.stderr
    assert "x264enc" in done.stdout
    machine = json.loads(run("devices", "--json", timeout=60).stdout)
    encoders = {encoder["factory"]: encoder for encoder in machine["encoders"]}
    assert encoders["x264enc"]["works"] is True
    assert sum(encoder["chosen"] for encoder in encoders.values()) == 1
    assert isinstance(machine["cameras"], list)


def test_the_urls_are_printed_when_it_starts(servers):
    server = servers.start(test_camera())
    for url in (f"{server.http}/", f"{server.rtsp}/front"):
        port_and_path = url.split("127.0.0.1")[1]
        wait_until(lambda: port_and_path in server.log, 5, f"{port_and_path} is printed")
