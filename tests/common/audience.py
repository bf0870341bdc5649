# SPDX-License-Identifier: LGPL-2.1-or-later
"""Viewers of every kind who look on for as long as a test lets them, and notice what they miss."""
import subprocess
import threading
import time

import media
from porthole import IS_SANITIZED, wait_until

SLOW = 3 if IS_SANITIZED else 1


class FfmpegViewer:
    """Decodes for as long as it is let; ffmpeg does not connect anew by itself."""

    def __init__(self, folder, name, url, *options):
        self.name = name
        self.pictures = folder / f"{name}.pictures"
        self.complaints = folder / f"{name}.complaints"
        with open(self.pictures, "wb") as pictures, open(self.complaints, "wb") as complaints:
            self.process = subprocess.Popen(
                ["ffmpeg", "-v", "error", "-nostdin", *options, "-i", url, "-an",
                 "-fps_mode", "passthrough", "-enc_time_base", "-1", "-flush_packets", "1", "-f", "framemd5", "-"],
                stdin=subprocess.DEVNULL, stdout=pictures, stderr=complaints)

    def is_connected(self):
        return self.process.poll() is None

    def lines(self):
        return [one for one in self.pictures.read_text().splitlines() if one[:1].isdigit()]

    def count(self):
        """Different pictures: a placeholder is one, however long it is shown."""
        return len({line.rsplit(",", 1)[1] for line in self.lines()})

    def times(self):
        """In the stream's own units. ffmpeg may give the first two pictures of RTSP the same."""
        return [int(line.split(",")[2]) for line in self.lines()][1:]

    def stop(self):
        self.process.kill()
        self.process.wait()


class MjpegViewer:
    def __init__(self, url):
        self.name = "mjpeg"
        self.seen = set()
        self.longest_gap = 0  # seconds
        self.ended = threading.Event()
        self.request = media.Http(url, timeout=60)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            before = time.monotonic()
            for _, body in self.request.parts():
                self.seen.add(hash(body))
                now = time.monotonic()
                self.longest_gap, before = max(self.longest_gap, now - before), now
        except (OSError, ValueError, KeyError):  # the last part is cut short
            pass
        self.ended.set()

    def is_connected(self):
        return not self.ended.is_set()

    def count(self):
        return len(self.seen)

    def stop(self):
        self.request.__exit__()


class Audience:
    """One viewer of each kind, none of which would come back once it is thrown out."""

    def __init__(self, folder, server, camera):
        url = f"{server.http}/{camera}"
        self.viewers = [
            FfmpegViewer(folder, "rtsp", f"{server.rtsp}/{camera}", "-rtsp_transport", "tcp"),
            FfmpegViewer(folder, "mp4", f"{url}/live.mp4?stream=main"),
            FfmpegViewer(folder, "hls", f"{url}/index.m3u8?stream=main"),
            MjpegViewer(f"{url}/mjpeg"),
        ]

    def assert_connected(self):
        gone = [one.name for one in self.viewers if not one.is_connected()]
        assert not gone, f"{gone} were thrown out"

    def wait_for_pictures(self, count=4, within=20 * SLOW):
        """Each of them sees some more pictures of the camera itself."""
        before = {one: one.count() for one in self.viewers}

        def all_see():
            self.assert_connected()
            return all(one.count() >= number + count for one, number in before.items())

        wait_until(all_see, within, f"all see pictures: "
                   f"{ {one.name: one.count() - number for one, number in before.items()} }")

    def stop(self):
        for viewer in self.viewers:
            viewer.stop()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()


def wait_for_state(server, camera, state, within=20 * SLOW):
    wait_until(lambda: server.api(camera)["state"] == state, within, f"{camera} is {state}")
