# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads HLS playlists (RFC 8216, and RFC 8216bis for parts) and refuses what is not in them by the book."""
import re
import urllib.parse
from dataclasses import dataclass, field


@dataclass
class Part:
    uri: str
    duration: float
    sequence: int
    index: int
    is_independent: bool


@dataclass
class Segment:
    uri: str
    duration: float
    sequence: int
    has_discontinuity: bool = False


@dataclass
class Playlist:
    url: str
    version: int = 1
    target_duration: int = 0
    media_sequence: int = 0
    discontinuity_sequence: int = 0
    map_uri: str = None
    is_ended: bool = False
    segments: list = field(default_factory=list)
    variants: list = field(default_factory=list)  # (attributes, uri)
    part_target: float = None
    control: dict = field(default_factory=dict)
    parts: list = field(default_factory=list)
    next_part_uri: str = None
    n_skipped: int = 0
    reports: dict = field(default_factory=dict)  # URI to attributes


def attributes(text):
    return {
        name: value.strip('"')
        for name, value in re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', text)
    }


def parse(text, url):
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U", "4.3.1.1: EXTM3U is the first line"
    playlist = Playlist(url)
    duration = variant = None
    has_discontinuity = False
    for line in lines[1:]:
        tag, _, value = line.partition(":")
        if not line.startswith("#"):
            if not line:
                continue
            uri = urllib.parse.urljoin(url, line)
            if variant is not None:
                playlist.variants.append((variant, uri))
                variant = None
                continue
            assert duration is not None, "4.3.2.1: EXTINF is required for each segment"
            sequence = playlist.media_sequence + playlist.n_skipped + len(playlist.segments)
            playlist.segments.append(Segment(uri, duration, sequence, has_discontinuity))
            duration, has_discontinuity = None, False
        elif tag == "#EXTINF":
            duration = float(value.split(",")[0])
        elif tag == "#EXT-X-VERSION":
            playlist.version = int(value)
        elif tag == "#EXT-X-TARGETDURATION":
            playlist.target_duration = int(value)
        elif tag == "#EXT-X-MEDIA-SEQUENCE":
            assert not playlist.segments, "4.3.3.2: before the first segment"
            playlist.media_sequence = int(value)
        elif tag == "#EXT-X-DISCONTINUITY-SEQUENCE":
            assert not playlist.segments, "4.3.3.3: before the first segment"
            playlist.discontinuity_sequence = int(value)
        elif tag == "#EXT-X-DISCONTINUITY":
            has_discontinuity = True
        elif tag == "#EXT-X-MAP":
            playlist.map_uri = urllib.parse.urljoin(url, attributes(value)["URI"])
        elif tag == "#EXT-X-PART-INF":
            playlist.part_target = float(attributes(value)["PART-TARGET"])
        elif tag == "#EXT-X-SERVER-CONTROL":
            playlist.control = attributes(value)
        elif tag == "#EXT-X-PART":
            part = attributes(value)
            sequence = playlist.media_sequence + playlist.n_skipped + len(playlist.segments)
            index = sum(other.sequence == sequence for other in playlist.parts)
            playlist.parts.append(Part(
                urllib.parse.urljoin(url, part["URI"]), float(part["DURATION"]), sequence, index,
                part.get("INDEPENDENT") == "YES"))
        elif tag == "#EXT-X-SKIP":
            assert playlist.version >= 9, "RFC 8216bis, 8: EXT-X-SKIP needs version 9"
            assert not playlist.segments and not playlist.parts, "before what is left"
            playlist.n_skipped = int(attributes(value)["SKIPPED-SEGMENTS"])
        elif tag == "#EXT-X-RENDITION-REPORT":
            report = attributes(value)
            playlist.reports[urllib.parse.urljoin(url, report["URI"])] = report
        elif tag == "#EXT-X-PRELOAD-HINT":
            hint = attributes(value)
            assert hint["TYPE"] == "PART"
            playlist.next_part_uri = urllib.parse.urljoin(url, hint["URI"])
        elif tag == "#EXT-X-ENDLIST":
            playlist.is_ended = True
        elif tag == "#EXT-X-STREAM-INF":
            variant = attributes(value)
    return playlist


def check_media_playlist(playlist):
    assert playlist.version >= 6, "4.3.2.5: EXT-X-MAP outside I-frame playlists needs version 6"
    assert playlist.map_uri, "3.3: fMP4 segments need EXT-X-MAP"
    assert playlist.target_duration > 0, "4.3.3.1: EXT-X-TARGETDURATION is required"
    assert playlist.segments
    for segment in playlist.segments:
        # 4.3.3.1: rounded to the nearest integer, no more than the target
        assert int(segment.duration + 0.5) <= playlist.target_duration, segment
        assert segment.duration > 0


def check_parts(playlist):
    """What RFC 8216bis demands of parts; section numbers are its own."""
    control = playlist.control
    assert playlist.part_target, "4.4.3.7: EXT-X-PART-INF is required where there are parts"
    assert control["CAN-BLOCK-RELOAD"] == "YES"
    assert float(control["PART-HOLD-BACK"]) >= 3 * playlist.part_target, "4.4.3.8"
    assert float(control["HOLD-BACK"]) >= 3 * playlist.target_duration, "4.4.3.8"
    durations = {segment.sequence: segment.duration for segment in playlist.segments}
    for part, after in zip(playlist.parts, playlist.parts[1:] + [None]):
        assert 0 < part.duration <= playlist.part_target, "4.4.4.9"
        is_last = part.sequence in durations and (after is None or after.sequence != part.sequence)
        assert is_last or part.duration >= 0.85 * playlist.part_target, (part, "4.4.4.9")
        assert part.is_independent or part.index > 0
    for sequence in {part.sequence for part in playlist.parts} & set(durations):
        total = sum(part.duration for part in playlist.parts if part.sequence == sequence)
        assert abs(total - durations[sequence]) < playlist.part_target / 2, "they are the segment"


def check_reload(before, after):
    """What 6.2.2 demands of two readings of one live playlist."""
    assert after.media_sequence >= before.media_sequence
    assert after.target_duration == before.target_duration
    assert after.discontinuity_sequence >= before.discontinuity_sequence
    assert after.segments[-1].sequence >= before.segments[-1].sequence
    known = {segment.sequence: segment for segment in before.segments}
    for segment in after.segments:
        if segment.sequence in known:
            assert segment == known[segment.sequence], "a listed segment may not change"
