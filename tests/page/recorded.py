# SPDX-License-Identifier: LGPL-2.1-or-later
"""A minute of test picture as the stub server sends it, made once by ffmpeg."""

import dataclasses
import struct
import subprocess

FRAMERATE = 10


@dataclasses.dataclass
class Recorded:
    mp4_start: bytes  # ftyp and moov
    mp4_frames: list  # a moof and its mdat each, FRAMERATE per second
    jpegs: list


def record(folder):
    mp4 = folder / "live.mp4"
    # As a server that has been up for an hour: the first time stamp is not zero.
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={FRAMERATE}", "-t", "60",
           "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency",
           "-profile:v", "baseline", "-pix_fmt", "yuv420p", "-g", "20",
           "-output_ts_offset", "3600", "-avoid_negative_ts", "disabled", "-movflags",
           "frag_every_frame+empty_moov+default_base_moof+frag_discont", mp4)
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={FRAMERATE}", "-t", "3",
           folder / "%03d.jpg")
    boxes = list(split(mp4.read_bytes()))
    moofs = [i for i, (kind, _) in enumerate(boxes) if kind == b"moof"]
    return Recorded(
        mp4_start=b"".join(data for _, data in boxes[:moofs[0]]),
        mp4_frames=[boxes[i][1] + boxes[i + 1][1] for i in moofs],
        jpegs=[path.read_bytes() for path in sorted(folder.glob("*.jpg"))])


def ffmpeg(*args):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *map(str, args)], check=True, timeout=60)


def split(mp4):
    at = 0
    while at < len(mp4):
        size, kind = struct.unpack(">I4s", mp4[at:at + 8])
        yield kind, mp4[at:at + size]
        at += size
