# SPDX-License-Identifier: LGPL-2.1-or-later
"""What an installation brings, and the completions among it asked in their own shells."""
import os
import pathlib
import re
import subprocess

import pytest
from porthole import BINARY, run

BUILD = pathlib.Path(BINARY).parents[2]
FILES = [
    "bin/porthole",
    "lib/systemd/system/porthole.service",
    "lib/sysusers.d/porthole.conf",
    "share/bash-completion/completions/porthole",
    "share/fish/vendor_completions.d/porthole.fish",
    "share/man/man1/porthole.1",
    "share/man/man5/porthole.json.5",
    "share/porthole/grafana/porthole.json",
    "share/porthole/pipelines/usb-mjpeg.json",
    "share/porthole/schema/porthole.schema.json",
    "share/zsh/site-functions/_porthole",
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The prefix below a DESTDIR."""
    destination = tmp_path_factory.mktemp("installed")
    done = subprocess.run(
        ["meson", "install", "-C", str(BUILD), "--no-rebuild", "--quiet"],
        env={**os.environ, "DESTDIR": str(destination), "LC_ALL": "C.UTF-8"},
        capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return destination / "usr" / "local"


def words_of_help():
    """Commands and options as --help shows them."""
    text = run("--help").stdout
    commands = re.findall(r"^  ([a-z]+) ", text.split("Commands:")[1].split("\n\n")[0], re.M)
    options = re.findall(r"^  (?:-[a-z], )?(--[a-z]+)", text, re.M)
    assert "check" in commands and "--config" in options
    return commands, options


def ask(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False,
                          env={**os.environ, "LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_everything_is_put_below_the_prefix(installed):
    missing = [name for name in FILES if not list(installed.glob(name + "*"))]
    assert missing == []
    unit = (installed / "lib/systemd/system/porthole.service").read_text()
    assert "ExecStart=/usr/local/bin/porthole run\n" in unit and "@" not in unit.replace(
        "@system-service", "").replace("@privileged", "").replace("@resources", "")
    answer = subprocess.run([str(installed / "bin/porthole"), "--version"], capture_output=True,
                            text=True, timeout=20, check=True).stdout
    assert answer.startswith("porthole ")


def test_bash_completes_what_help_lists(installed):
    commands, options = words_of_help()
    file = installed / "share/bash-completion/completions/porthole"

    def complete(*words):
        script = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _porthole; ' \
                 'printf "%s\\n" "${COMPREPLY[@]}"'
        return ask("bash", "-c", script, str(file), *words).split()

    assert set(complete("porthole", "")) >= {*commands, *options}
    assert complete("porthole", "dev") == ["devices"]
    assert complete("porthole", "user", "anna", "--role", "") == ["viewer", "admin"]


def test_fish_completes_what_help_lists(installed):
    commands, options = words_of_help()
    file = installed / "share/fish/vendor_completions.d/porthole.fish"

    def complete(line):
        answer = ask("fish", "--no-config", "-c", f"source {file}; complete -C '{line}'")
        return {row.split("\t")[0] for row in answer.splitlines()}

    assert complete("porthole ") >= set(commands)
    assert complete("porthole --") >= set(options)


def test_zsh_completes_what_help_lists(installed):
    """By a stand-in for _arguments, which only runs in its line editor, that shows what it is given."""
    commands, options = words_of_help()
    file = installed / "share/zsh/site-functions/_porthole"
    script = '_arguments() { print -l -- "$@"; print -l -- "${commands[@]}" }; source "$1"'
    shown = ask("zsh", "-fc", script, "zsh", str(file)).splitlines()
    assert {line.split("[")[0] for line in shown if line.startswith("--")} == set(options)
    assert {line.split(":")[0] for line in shown} >= set(commands)
