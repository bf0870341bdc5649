# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads HLS playlists (RFC 8216) and refuses what is not in them by the book."""
import re
import urllib.parse
from dataclasses import dataclass, field


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
            sequence = playlist.media_sequence + len(playlist.segments)
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
