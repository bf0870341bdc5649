# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the time that the test pattern "clock" writes in its pictures (src/camera/test-clock.h)."""
import subprocess

COLUMNS = 64
MARKERS = [0, 1, 0, 1]
BITS = 44


def read(picture, width, height):
    """Seconds since 1970 out of the luma of a picture (bytes, row by row); None: there is no clock
    in it, or none that can be read."""
    block = width / COLUMNS
    row = int(height - 3 * block)
    blocks = [
        picture[row * width + int((8 + i + 0.5) * block)] for i in range(len(MARKERS) + BITS)
    ]
    if any(64 < luma < 192 for luma in blocks):
        return None
    bits = [int(luma >= 128) for luma in blocks]
    if bits[: len(MARKERS)] != MARKERS:
        return None
    return int("".join(map(str, bits[len(MARKERS) :])), 2) / 1000


def of_viewer(url, width, height, *options, prefix=()):
    """Yields the times of the pictures that ffmpeg decodes of url, as soon as they are there. prefix:
    what ffmpeg is started by."""
    viewer = subprocess.Popen(
        [*prefix, "ffmpeg", "-v", "error", "-nostdin", "-fflags", "nobuffer", "-flags", "low_delay",
         "-probesize", "32768", *options, "-i", url, "-fps_mode", "passthrough", "-pix_fmt", "gray",
         "-f", "rawvideo", "-"],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
    )
    try:
        while len(picture := viewer.stdout.read(width * height)) == width * height:
            yield read(picture, width, height)
    finally:
        viewer.kill()
        viewer.wait()
        viewer.stdout.close()
