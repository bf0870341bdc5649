#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Porthole costs while nobody looks: CPU time and wake-ups over some seconds, after a camera
was watched and has closed its device again.

    bench/idle.py [PORTHOLE] [SECONDS]
"""
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"gave up waiting for {what}")
        time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(url):
    with urllib.request.urlopen(url, timeout=15) as answer:
        return answer.read()


def answers(base):
    try:
        return bool(read(f"{base}/healthz"))
    except OSError:
        return False


def wake_ups(pid):
    """Context switches so far, by thread."""
    counts = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/status", encoding="ascii") as status:
            counts[task] = sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
    return counts


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else "build/src/main/porthole"
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    settings = {
        "http": {"listen": "loopback", "port": free_port()},
        "rtsp": {"listen": "loopback", "port": free_port()},
        "cameras": [{"name": "test", "source": {"type": "test"}, "linger": 1}],
    }
    base = f"http://127.0.0.1:{settings['http']['port']}"
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(settings, file)
        file.flush()
        server = subprocess.Popen([program, "-c", file.name], stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: answers(base), 20, "the server")
            picture = read(f"{base}/test/snapshot.jpg")
            camera = f"{base}/api/v1/cameras/test"
            wait_until(lambda: json.loads(read(camera))["state"] == "idle", 20, "the idle camera")
            before = cpu_seconds(server.pid), wake_ups(server.pid)
            time.sleep(seconds)  # the thing measured is what happens while nothing does
            after = cpu_seconds(server.pid), wake_ups(server.pid)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)
    print(f"watched once ({len(picture)} bytes of JPEG), then idle for {seconds:.0f} s:")
    print(f"  CPU time  {after[0] - before[0]:.2f} s")
    n_wake_ups = sum(n - before[1].get(task, 0) for task, n in after[1].items())
    print(f"  threads   {len(after[1])}")
    print(f"  wake-ups  {n_wake_ups}")


main()
