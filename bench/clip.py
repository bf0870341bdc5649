# SPDX-License-Identifier: LGPL-2.1-or-later
"""The clip everybody is given: a moving test picture with noise, made once by ffmpeg and kept, and
the same as ready-made packets for the floor server."""
import base64
import hashlib
import pathlib
import struct
import subprocess

MTU = 1400  # of RTP, as Porthole has it
FLOOR_PREFIX = 4


class Clip:
    """H.264 of one size, rate and keyframe interval: .mp4, and .rtp with .sdp for the floor."""

    def __init__(self, directory, width=1920, height=1080, framerate=30, kbits=4000, gop=1.0,
                 seconds=10):
        self.framerate, self.gop = framerate, gop
        self.what = (f"{width}x{height}, {framerate} frames/s, {kbits} kbit/s, "
                     f"a keyframe every {gop:g} s")
        keyframes = round(framerate * gop)
        self.command = [
            "ffmpeg", "-v", "error", "-y",
            "-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate={framerate}",
            "-t", str(seconds), "-vf", "noise=alls=6:allf=t,format=yuv420p",
            "-c:v", "libx264", "-preset", "superfast", "-profile:v", "main", "-bf", "0",
            "-g", str(keyframes), "-keyint_min", str(keyframes), "-sc_threshold", "0",
            "-b:v", f"{kbits}k", "-maxrate", f"{kbits}k", "-bufsize", f"{kbits // 2}k",
        ]
        name = hashlib.sha1(" ".join(self.command).encode()).hexdigest()[:12]
        self.mp4 = pathlib.Path(directory) / f"{name}.mp4"
        self.rtp = self.mp4.with_suffix(".rtp")
        self.sdp = self.mp4.with_suffix(".sdp")
        if not self.sdp.exists():
            self._make()

    def _make(self):
        self.mp4.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*self.command, str(self.mp4)], check=True, stdin=subprocess.DEVNULL)
        h264 = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", str(self.mp4), "-c", "copy", "-bsf:v",
             "h264_mp4toannexb,h264_metadata=aud=insert", "-f", "h264", "-"],
            check=True, stdin=subprocess.DEVNULL, capture_output=True).stdout
        units = list(access_units(h264))
        write_units(self.rtp, ((has_keyframe(unit), rtp_packets(unit)) for unit in units))
        self.sdp.write_text(make_sdp(units[0]))


class JpegClip:
    """JPEGs: .mkv, and .parts for the floor."""

    def __init__(self, directory, width=1280, height=720, framerate=10, seconds=10):
        self.framerate = framerate
        self.command = [
            "ffmpeg", "-v", "error", "-y",
            "-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate={framerate}",
            "-t", str(seconds), "-vf", "noise=alls=6:allf=t,format=yuvj420p",
            "-c:v", "mjpeg", "-huffman", "default", "-q:v", "6",
        ]
        name = hashlib.sha1(" ".join(self.command).encode()).hexdigest()[:12]
        self.mkv = pathlib.Path(directory) / f"{name}.mkv"
        self.parts = self.mkv.with_suffix(".parts")
        if not self.parts.exists():
            self._make()
        self.size = self.mkv.stat().st_size // (framerate * seconds)
        self.what = f"JPEG {width}x{height}, {framerate} frames/s, about {self.size // 1000} kB each"

    def _make(self):
        self.mkv.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*self.command, str(self.mkv)], check=True, stdin=subprocess.DEVNULL)
        pictures = subprocess.run(
            ["ffmpeg", "-v", "error", "-i", str(self.mkv), "-c", "copy", "-f", "mpjpeg",
             "-boundary_tag", "floor", "-"],
            check=True, stdin=subprocess.DEVNULL, capture_output=True).stdout
        write_units(self.parts, ((True, [part]) for part in parts(pictures)))


def parts(multipart):
    """Each with its boundary and head."""
    for part in multipart.split(b"--floor\r\n")[1:]:
        yield b"--floor\r\n" + part


# ---- H.264 ---------------------------------------------------------------------------------------


def nals(h264):
    """Of a byte stream (ITU-T H.264, annex B)."""
    for nal in h264.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1"):
        if nal:
            yield nal


def access_units(h264):
    """Lists of NALs; each unit in h264 starts with a delimiter, which is left out."""
    unit = []
    for nal in nals(h264):
        if nal[0] & 0x1F == 9:
            if unit:
                yield unit
            unit = []
        else:
            unit.append(nal)
    if unit:
        yield unit


def has_keyframe(unit):
    return any(nal[0] & 0x1F == 5 for nal in unit)


def payloads(nal):
    """RFC 6184: whole, or in FU-A."""
    if len(nal) <= MTU - 12:
        yield nal
        return
    indicator, kind = (nal[0] & 0xE0) | 28, nal[0] & 0x1F
    rest, size = nal[1:], MTU - 14
    pieces = [rest[at:at + size] for at in range(0, len(rest), size)]
    for i, piece in enumerate(pieces):
        start_end = (0x80 if i == 0 else 0) | (0x40 if i == len(pieces) - 1 else 0)
        yield bytes([indicator, start_end | kind]) + piece


def rtp_packets(unit):
    """Interleaved; the floor server puts in numbers and times."""
    all_payloads = [payload for nal in unit for payload in payloads(nal)]
    for i, payload in enumerate(all_payloads):
        marker = 0x80 if i == len(all_payloads) - 1 else 0
        header = struct.pack(">BBHII", 0x80, marker | 96, 0, 0, 0x0F100A)
        yield struct.pack(">cBH", b"$", 0, len(header) + len(payload)) + header + payload


def make_sdp(unit):
    sps = next(nal for nal in unit if nal[0] & 0x1F == 7)
    pps = next(nal for nal in unit if nal[0] & 0x1F == 8)
    sets = ",".join(base64.b64encode(nal).decode() for nal in (sps, pps))
    return "\r\n".join((
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=floor", "c=IN IP4 0.0.0.0", "t=0 0",
        "m=video 0 RTP/AVP 96", "a=rtpmap:96 H264/90000",
        f"a=fmtp:96 packetization-mode=1;profile-level-id={sps[1:4].hex()};"
        f"sprop-parameter-sets={sets}",
        "a=control:stream=0", ""))


def write_units(path, units):
    """The format of floor/clip.h."""
    with open(path, "wb") as file:
        for is_keyframe, packets in units:
            packets = list(packets)
            file.write(struct.pack("<II", is_keyframe, len(packets)))
            for packet in packets:
                file.write(struct.pack("<I", len(packet)) + packet)
