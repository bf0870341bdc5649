# SPDX-License-Identifier: LGPL-2.1-or-later
"""Run inside the virtual machine by test_cameras.py: Porthole on real camera drivers.

    /dev/video0    vivid: a webcam with raw pictures (320x180, 640x360, 640x480 … and their rates)
    /dev/video10   v4l2loopback: a webcam that sends JPEG, while webcam ("mjpeg") writes to it
    /dev/video11   v4l2loopback: a webcam that sends H.264, while webcam ("h264") writes to it
    libcamera      vimc: a camera with a media controller, as on a Raspberry Pi

The processor is emulated, so sizes and rates are small and the limits generous. Each check writes
one line of JSON to FOLDER/results as soon as it has ended.
"""
import json
import pathlib
import signal
import sys
import time
import traceback

import drivers  # noqa: F401 - brings its checks
import losses  # noqa: F401
from bed import CHECKS, Folder

LIMIT = 60  # seconds for each check


def on_alarm(number, frame):
    raise AssertionError(f"not done after {LIMIT} s")


def run_check(name, directory):
    folder = Folder(directory / name)
    started = time.monotonic()
    signal.alarm(LIMIT)
    failure = None
    try:
        try:
            CHECKS[name](folder)
        finally:
            folder.stop_all()
    except BaseException:  # noqa: B902 - whatever it is, it is this check's result
        failure = traceback.format_exc()
        for log in directory.glob(f"{name}/*/log"):
            lines = [one for one in log.read_text(errors="replace").splitlines() if "GET /api" not in one]
            failure += "\n".join(["", f"{log}:", *lines[-40:]])
    finally:
        signal.alarm(0)
    return {"name": name, "failure": failure, "seconds": round(time.monotonic() - started, 1)}


def main(directory, names):
    signal.signal(signal.SIGALRM, on_alarm)
    with open(directory / "results", "a", encoding="utf-8") as results:
        for name in names or CHECKS:
            result = run_check(name, pathlib.Path("/tmp/checks"))
            results.write(json.dumps(result) + "\n")
            results.flush()
            print(f"{name}: {'failed' if result['failure'] else 'ok'}, {result['seconds']} s", flush=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
