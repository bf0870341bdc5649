# SPDX-License-Identifier: LGPL-2.1-or-later
"""porthole user NAME: hashes out, and the password nowhere else."""
import hashlib
import json
import os
import pty
import re
import select
import subprocess

from porthole import BINARY, run

PASSWORD = ':/@%"é secret'


def digest(name, password):
    text = f"{name}:Porthole:{password}".encode()
    return {"md5": hashlib.md5(text).hexdigest(), "sha256": hashlib.sha256(text).hexdigest()}


def give(text, *arguments):
    return subprocess.run(
        [BINARY, "user", *map(str, arguments)], input=text, capture_output=True, text=True, timeout=20
    )


def type_at_terminal(lines, *arguments):
    """Types each line at its prompt; returns the exit status and all that the terminal showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(BINARY, [BINARY, "user", *map(str, arguments)])
    shown = b""
    lines = list(lines)
    while True:
        ready, _, _ = select.select([terminal], [], [], 20)
        assert ready, f"nothing happens after {shown!r}"
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # as Linux says that the other end is gone
            chunk = b""
        if not chunk:
            break
        shown += chunk
        if shown.endswith(b": ") and lines:
            os.write(terminal, lines.pop(0))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


def test_an_entry_is_printed():
    result = give(PASSWORD + "\nmore\n", "anna", "--role", "admin")
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "name": "anna", "role": "admin", "digest": digest("anna", PASSWORD),
    }
    assert "secret" not in result.stderr


def test_a_terminal_shows_no_password():
    status, shown = type_at_terminal([PASSWORD.encode() + b"\n"] * 2, "anna")
    assert status == 0
    assert digest("anna", PASSWORD)["sha256"] in shown
    assert "secret" not in shown


def test_two_passwords_must_be_the_same():
    status, shown = type_at_terminal([b"secret1\n", b"secret2\n"], "anna")
    assert status == 64
    assert "differ" in shown
    assert "sha256" not in shown


def test_ctrl_c_leaves_the_terminal_as_it_was():
    status, shown = type_at_terminal([b"secret\x03"], "anna")
    assert status == 64
    assert "sha256" not in shown


def test_no_password_is_none():
    assert give("", "anna").returncode == 64
    assert give("\n", "anna").returncode == 64


def test_an_entry_is_written_and_changed(tmp_path):
    file = tmp_path / "porthole.json"
    file.write_text(json.dumps({"http": {"port": 9000}, "access": {"users": [
        {"name": "anna", "password": "old", "cameras": ["front"]}]}}))
    file.chmod(0o640)
    for name in ("anna", "bea"):
        result = give(PASSWORD + "\n", name, "--write", "-c", file)
        assert result.returncode == 0, result.stderr
        assert result.stdout == ""
    assert json.loads(file.read_text()) == {
        "http": {"port": 9000},
        "access": {"users": [
            {"name": "anna", "cameras": ["front"], "digest": digest("anna", PASSWORD)},
            {"name": "bea", "role": "viewer", "digest": digest("bea", PASSWORD)},
        ]},
    }
    assert file.stat().st_mode & 0o777 == 0o640
    assert run("check", file).returncode == 0


def test_settings_with_comments_or_faults_are_left_alone(tmp_path):
    file = tmp_path / "porthole.json"
    for text in ('{ } // mine\n', '{ "htpp": {} }'):
        file.write_text(text)
        result = give(PASSWORD + "\n", "anna", "--write", "-c", file)
        assert result.returncode == 78, result.stderr
        assert file.read_text() == text


def test_without_a_file_to_write_to_nobody_is_asked_for_a_password(tmp_path):
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    result = run("user", "anna", "--write", env={**os.environ, **home})
    assert result.returncode == 64
    told = re.search(r"porthole (user anna --write --config \S+)\n", result.stderr).group(1)
    made = subprocess.run([BINARY, *told.split()], input=PASSWORD + "\n", capture_output=True, text=True,
                          timeout=20, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "type: porthole --config 'porthole.json'" in made.stderr
    assert (tmp_path / "porthole.json").exists()


def test_new_settings_are_for_their_owner_alone(tmp_path):
    file = tmp_path / "porthole.json"
    assert give(PASSWORD + "\n", "anna", "--write", "-c", file).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert run("check", file).returncode == 0
