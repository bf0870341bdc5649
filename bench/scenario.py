# SPDX-License-Identifier: LGPL-2.1-or-later
"""What all scenarios are made of: how much of everything, and the tables they give."""
import dataclasses
import pathlib

import clip as clips
from measure import Spread

SMALL = {"width": 640, "height": 360, "framerate": 30, "kbits": 1000, "seconds": 20}


@dataclasses.dataclass
class Table:
    title: str
    columns: list
    rows: list
    notes: list = dataclasses.field(default_factory=list)
    plot: list = dataclasses.field(default_factory=list)  # (what, system, Spread of ratios)


@dataclasses.dataclass
class Bench:
    """How much of everything: the whole thing, or the quick look that tests have."""

    directory: pathlib.Path
    rounds: int = 3
    seconds: float = 2.0
    most_viewers: int = 1000
    raw: list = dataclasses.field(default_factory=list)  # all measurements, for JSON

    def counts(self, *wanted):
        return [n for n in wanted if n <= self.most_viewers] or [self.most_viewers]

    def clip(self, **how):
        return clips.Clip(self.directory / "clips", **how)

    def jpeg(self):
        return clips.JpegClip(self.directory / "clips")

    def run(self, name):
        return self.directory / "run" / name

    def note(self, scenario, what, report):
        self.raw.append({"scenario": scenario, "what": what, **report})
        print(f"  {scenario}, {what}: {report['system']}: {report['cpu'] * 100:.1f} % of a core, "
              f"{report['gaps']} gaps, slowest {report['slowest_per_second']:.1f}/s", flush=True)


def present(peers):
    return [peer for peer in peers if peer.absent() is None]


def column(rounds, name, key, choose=None):
    values = [one[name][key] for one in rounds]
    return choose(values) if choose else Spread.of(values)


def test_camera(gop, linger):
    return [{"name": "clip", "source": {"type": "test", "width": 640, "height": 360,
                                        "framerate": 30},
             "streams": [{"name": "main", "codec": "h264", "bitrate": 1000,
                          "keyframe_interval": gop},
                         {"name": "jpeg", "codec": "jpeg", "framerate": 30}], "linger": linger}]
