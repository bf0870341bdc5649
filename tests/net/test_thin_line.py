# SPDX-License-Identifier: LGPL-2.1-or-later
"""Viewers behind a line of 300 kbit/s that loses one packet in twenty get fewer pictures, but fresh
ones, and nobody else notices. script/thin-line looks on for longer."""
import time

import pytest
import thin_line
from porthole import wait_until
from thin_line import FRAMERATE, MAX_AGE, ON_THE_WAY, Bed, Lines, inside

SECONDS = 14
# What may wait for long, and then for next to nothing; what waits for long is dropped again and again,
# which takes less than CYCLE.
LONG, SHORT, CYCLE = 5.0, 0.2, 8.0


@pytest.fixture
def lines():
    if reason := thin_line.why_not():
        pytest.skip(reason)
    whole = Lines()
    yield whole
    whole.down()


def check_far(bed, way, ages):
    said = f"{way}: {[round(age, 1) for age in ages]}"
    print(said)
    assert 3 <= len(ages) < 0.7 * SECONDS * FRAMERATE, said
    assert max(ages[len(ages) // 2:]) < MAX_AGE[way] + ON_THE_WAY, said
    assert bed.counted(way) > 0, way


def test_who_is_on_a_thin_line_sees_fewer_pictures_but_fresh_ones(lines, tmp_path):
    with inside(lines.server):
        bed = Bed(tmp_path, lines)
        try:
            time.sleep(SECONDS / 2)
            memory = bed.resident()
            time.sleep(SECONDS / 2)
            grown, dropped = bed.resident() - memory, bed.dropped()
            near = bed.near.ages(0)
            print(len(near), "pictures near by; grown by", grown, "KiB; not sent:", dropped)
            for way, watcher in bed.far.items():
                check_far(bed, way, watcher.ages(0))
            assert len(near) > 0.8 * SECONDS * FRAMERATE
            assert dropped.pop("near") == 0 and all(n > 0 for n in dropped.values()), dropped
            assert grown < 8 * 1024
        finally:
            bed.leave()


def is_fresh(watcher, since):
    start = time.time() - CYCLE
    ages = watcher.ages(start)
    return start > since and 0 < max(ages, default=0) < LONG - 1


def test_the_age_allowed_is_what_the_settings_say_for_who_is_there_already(lines, tmp_path):
    """What waits for long gets old; once it may not, what comes is fresh, by the same connection."""
    ways = ("rtsp", "mp4")
    with inside(lines.server):
        bed = Bed(tmp_path, lines, rtsp={"max_age": LONG}, http={"mp4_max_age": LONG})
        try:
            for way in ways:
                wait_until(lambda way=way: max(bed.far[way].ages(0), default=0) > LONG, 40,
                           f"{way} gets pictures that are old")
            bed.change("rtsp", max_age=SHORT)
            bed.change("http", mp4_max_age=SHORT)
            changed = time.time()
            for way in ways:
                wait_until(lambda way=way: is_fresh(bed.far[way], changed), 40,
                           f"{way} gets pictures that are fresh")
            assert bed.near.is_alive()
        finally:
            bed.leave()
