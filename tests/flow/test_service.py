# SPDX-License-Identifier: LGPL-2.1-or-later
"""Under a service manager: what it is told, the sockets it hands over, the first process of a
container, and the unit's restrictions. The notify socket is the protocol itself (sd_notify(3))."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

import pytest
from media import Http, decode, fetch
from porthole import BINARY, IS_SANITIZED, Porthole, free_ports, test_camera, wait_until
from rtsp_client import RtspClient

UNIT = pathlib.Path(BINARY).parents[2] / "data" / "systemd" / "porthole.service"
WATCHDOG_S = 3
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="namespaces of its own take root")


class NotifySocket:
    """Where a service tells how it is."""

    def __init__(self, directory):
        self.path = str(directory / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.environment = {"NOTIFY_SOCKET": self.path}

    def next(self, within):
        """The next message's lines; None when none comes."""
        self.socket.settimeout(within)
        try:
            return self.socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return None

    def wait_for(self, line, within):
        within *= 3 if IS_SANITIZED else 1
        end = time.monotonic() + within
        while (left := end - time.monotonic()) > 0:
            message = self.next(left)
            if message and line in message:
                return message
        raise AssertionError(f"{line} did not come within {within} s")

    def drain(self):
        while self.next(0.001) is not None:
            pass

    def is_silent(self, seconds):
        return self.next(seconds) is None


@pytest.fixture
def notify(tmp_path):
    notify = NotifySocket(tmp_path)
    yield notify
    notify.socket.close()


def test_a_service_is_ready_when_it_answers_and_tells_when_it_ends(notify, servers):
    server = servers.start(test_camera(), environment=notify.environment)
    assert notify.next(10) == ["READY=1"]
    assert notify.is_silent(0.5), "nobody asked for a watchdog"
    servers.stop(server)
    assert notify.next(5) == ["STOPPING=1"]


def test_a_reload_is_announced_with_its_time_and_its_end(notify, servers):
    """As Type=notify-reload wants it: the manager takes the READY=1 after it for the end."""
    server = servers.start(test_camera(), environment=notify.environment)
    assert notify.next(10) == ["READY=1"]
    before = time.monotonic_ns() // 1000
    os.kill(server.pid, signal.SIGHUP)
    state, stamp = notify.next(10)
    assert state == "RELOADING=1" and stamp.startswith("MONOTONIC_USEC=")
    assert before <= int(stamp.partition("=")[2]) <= time.monotonic_ns() // 1000
    assert notify.next(10) == ["READY=1"]


def test_the_watchdog_is_fed_until_the_main_loop_stands_still(notify, servers):
    server = servers.start(test_camera(), environment={
        **notify.environment, "WATCHDOG_USEC": str(WATCHDOG_S * 1000000)})
    notify.wait_for("WATCHDOG=1", WATCHDOG_S)
    os.kill(server.pid, signal.SIGSTOP)
    notify.drain()
    assert notify.is_silent(WATCHDOG_S)
    os.kill(server.pid, signal.SIGCONT)
    notify.wait_for("WATCHDOG=1", WATCHDOG_S)


def test_the_watchdog_is_fed_while_a_camera_is_lost_but_not_while_one_hangs(
        notify, servers, tmp_path):
    """To open a FIFO that nobody writes into is to wait for good, as for a driver that hangs."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    server = servers.start(
        test_camera("lost", source={"type": "v4l2", "device": "/dev/no-such-camera",
                                    "width": 640, "height": 360, "framerate": 15}),
        test_camera("hung", streams=[{"name": "jpeg", "codec": "jpeg"}],
                    source={"type": "launch", "launch": f"filesrc location={fifo} ! decodebin"}),
        environment={**notify.environment, "WATCHDOG_USEC": str(WATCHDOG_S * 1000000)})
    assert fetch(server.http + "/lost/snapshot.jpg")[0] == 503
    notify.drain()
    notify.wait_for("WATCHDOG=1", WATCHDOG_S)
    viewer = subprocess.Popen(["curl", "-s", "-o", "/dev/null", f"{server.http}/hung/mjpeg"])
    try:
        wait_until(lambda: "hung: its driver has not answered for" in server.log, 3 * WATCHDOG_S,
                   "the log says which camera hangs")
        notify.drain()
        assert notify.is_silent(WATCHDOG_S), "a hanging camera feeds no watchdog"
    finally:
        with open(fifo, "wb"):
            fifo.unlink()  # or the next try would hang like the first
            viewer.kill()
            viewer.wait()
    notify.wait_for("WATCHDOG=1", 3 * WATCHDOG_S)


def settings_for(directory, ports, cameras, **sections):
    """A settings file with the four ports given."""
    http, https, rtsp, rtsps = ports
    file = directory / "porthole.json"
    file.write_text(json.dumps({
        "http": {"listen": "loopback", "port": http, "tls_port": https},
        "rtsp": {"listen": "loopback", "port": rtsp, "tls_port": rtsps},
        "cameras": cameras, **sections}))
    file.chmod(0o600)
    return file


def start_activated(file, directory, **listen):
    """Porthole behind systemd-socket-activate, which starts it when somebody connects."""
    options = [f"--listen={address}" for address in listen.values()]
    options += [f"--setenv={name}" for name in os.environ if name.endswith("SAN_OPTIONS")]
    return subprocess.Popen(
        ["systemd-socket-activate", *options, "--fdname=" + ":".join(listen),
         f"--setenv=STATE_DIRECTORY={directory}", BINARY, "--config", str(file)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_sockets_that_are_handed_over_are_served(tmp_path):
    """The ports of the settings stay closed where a socket stands for them."""
    ports = free_ports(6)
    file = settings_for(tmp_path, ports[:4], [test_camera()])
    http, rtsp = ports[4:]
    process = start_activated(
        file, tmp_path, http=f"127.0.0.1:{http}", rtsp=f"127.0.0.1:{rtsp}")
    try:
        assert wait_until(lambda: is_listening(http), 10, "the manager listens")
        assert fetch(f"http://127.0.0.1:{http}/healthz", timeout=20)[0] == 200
        decode(f"rtsp://127.0.0.1:{rtsp}/front", 2, "-rtsp_transport", "tcp")
        assert not is_listening(ports[0]) and not is_listening(ports[2])
    finally:
        process.terminate()
        log = process.communicate(timeout=20)[1]
    assert process.returncode == 0, log


def test_a_socket_open_to_all_is_refused_while_there_are_no_users(tmp_path):
    ports = free_ports(5)
    file = settings_for(tmp_path, ports[:4], [test_camera()])
    process = start_activated(file, tmp_path, http=f"0.0.0.0:{ports[4]}")
    try:
        wait_until(lambda: is_listening(ports[4]), 10, "the manager listens")
        log = process.communicate(timeout=20)[1]
    finally:
        process.kill()
    assert process.returncode == 78 and "loopback alone while there are no users" in log, log


@AS_ROOT
def test_the_first_process_of_a_container_ends_and_buries(tmp_path):
    ports = free_ports(4)
    file = settings_for(tmp_path, ports, [test_camera()])
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount-proc", BINARY, "--config", str(file)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "STATE_DIRECTORY": str(tmp_path)})
    try:
        wait_until(lambda: is_listening(ports[0]), 20, "it serves")
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
        first = int(children.read_text().split()[0])
        # Somebody whose parent goes first, as a health check's may.
        subprocess.run(["nsenter", f"--target={first}", "--pid", "--mount", "sh", "-c",
                        "(sleep 0.2; exit 3) & echo"], check=True, timeout=10,
                       stdout=subprocess.DEVNULL)
        orphans = pathlib.Path(f"/proc/{first}/task/{first}/children")
        wait_until(lambda: orphans.read_text().strip() == "", 10, "nothing is left of the orphan")
        os.kill(first, signal.SIGTERM)
        assert process.wait(timeout=20) == 0, (tmp_path / "log").read_text()
    finally:
        process.kill()
        process.wait()


@AS_ROOT
@pytest.mark.parametrize("fault,says", [("head -c 64k /dev/zero >$0/full; true", "No space left"),
                                        ("mount -o remount,ro $0", "Read-only file system")])
def test_a_state_folder_that_takes_nothing_costs_no_picture(tmp_path, fault, says):
    """On a file system of its own that gets full, or read-only, while somebody looks: told with the
    file's name, and nothing is missed."""
    ports = free_ports(4)
    file = settings_for(tmp_path, ports, [test_camera()])
    state, log = tmp_path / "state", tmp_path / "log"
    state.mkdir(mode=0o700)
    with open(log, "wb") as output:
        process = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=8k,mode=700 none $0; "
             'exec "$@"', str(state), BINARY, "--config", str(file)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            env={**os.environ, "STATE_DIRECTORY": str(state)})
    try:
        wait_until(lambda: is_listening(ports[0]), 20, "it serves")
        with RtspClient(f"rtsp://127.0.0.1:{ports[2]}/front") as viewer:
            viewer.start().wait_for_keyframe()
            subprocess.run(["nsenter", "--mount", f"--target={process.pid}", "sh", "-c", fault,
                            str(state)], check=True, timeout=20, stderr=subprocess.DEVNULL)
            process.send_signal(signal.SIGHUP)
            wait_until(lambda: "read anew" in log.read_text(), 20, "the settings are")
            assert len(list(viewer.units(count=30))) == 30 and viewer.n_lost == 0
            decode(f"rtsp://127.0.0.1:{ports[2]}/front", 5, "-rtsp_transport", "tcp")
        process.terminate()
        assert process.wait(timeout=20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert re.search(f"data use is not kept: .*data-use.json.*{says}", log.read_text()), log.read_text()


def unit_for_this_binary(directory):
    file = directory / "porthole.service"
    file.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={BINARY}", UNIT.read_text(), flags=re.M))
    return file


def test_systemd_understands_the_unit(tmp_path):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit_for_this_binary(tmp_path))],
        capture_output=True, text=True, timeout=30, check=False)
    # the machine's own units may have faults of their own
    assert not [line for line in done.stderr.splitlines() if "porthole" in line], done.stderr


def test_systemd_rates_the_unit_as_well_closed(tmp_path):
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager",
         str(unit_for_this_binary(tmp_path))],
        capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def system_calls(terms):
    """Those that a SystemCallFilter= names, groups taken apart."""
    names = set()
    for term in terms:
        if not term.startswith("@"):
            names.add(term)
            continue
        listing = subprocess.run(["systemd-analyze", "--no-pager", "syscall-filter", term],
                                 capture_output=True, text=True, timeout=30, check=True).stdout
        names |= system_calls(line.strip() for line in listing.splitlines()[1:]
                              if line.strip() and not line.strip().startswith("#"))
    return names


FILTER = """
import os, sys, seccomp
filter = seccomp.SyscallFilter(seccomp.ERRNO(1))
for name in sys.argv[1].split(","):
    try:
        filter.add_rule(seccomp.ALLOW, name)
    except RuntimeError:
        pass  # of another machine
filter.load()
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture
def open_folder():
    """One that others than its owner get to."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


@AS_ROOT
def test_it_runs_with_the_calls_and_rights_that_the_unit_leaves(open_folder):
    """As nobody, without capabilities, with systemd's own list of system calls as the filter."""
    lines = re.findall(r"^SystemCallFilter=(~?)(.*)$", UNIT.read_text(), re.M)
    allowed = system_calls(lines[0][1].split())
    for sign, terms in lines[1:]:
        assert sign == "~"
        allowed -= system_calls(terms.split())
    assert "execve" in allowed and "mount" not in allowed and "setpriority" not in allowed
    ports = free_ports(4)
    file = settings_for(open_folder, ports, [test_camera()])
    os.chown(file, 65534, 65534)
    (open_folder / "state").mkdir()
    os.chown(open_folder / "state", 65534, 65534)
    log_file = open_folder / "log"
    with open(log_file, "wb") as log:
        process = subprocess.Popen(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
             "--bounding-set=-all", "/usr/bin/python3", "-c", FILTER, ",".join(sorted(allowed)),
             BINARY, "--config", str(file)],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
            env={"PATH": os.environ["PATH"], "STATE_DIRECTORY": str(open_folder / "state"),
                 "XDG_CACHE_HOME": str(open_folder / "state"),
                 "ASAN_OPTIONS": "detect_leaks=0"})  # that would take a debugger's calls
    try:
        wait_until(lambda: is_listening(ports[0]) or process.poll() is not None, 40, "it serves")
        assert process.poll() is None, log_file.read_text()
        decode(f"rtsp://127.0.0.1:{ports[2]}/front", 3, "-rtsp_transport", "tcp")
        decode(f"rtsp://127.0.0.1:{ports[2]}/front", 3, "-rtsp_transport", "udp")
        with Http(f"http://127.0.0.1:{ports[0]}/front/mjpeg") as viewer:
            assert viewer.read(5000)
        process.terminate()
        assert process.wait(timeout=10) == 0, log_file.read_text()
    finally:
        process.kill()
        process.wait()
