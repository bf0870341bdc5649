# SPDX-License-Identifier: LGPL-2.1-or-later
"""One measurement: so many viewers of one system, what they saw and what it cost the server."""
import dataclasses
import json
import os
import statistics
import subprocess

from systems import BUILD, PASSWORD, USER

LOAD = BUILD / "bench/porthole-load"


@dataclasses.dataclass
class Spread:
    """Minimum, median and maximum of what several rounds gave."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values):
        return cls(min(values), statistics.median(values), max(values))

    def text(self, digits=2):
        return f"{self.low:.{digits}f} / **{self.median:.{digits}f}** / {self.high:.{digits}f}"


def load(kind, url, viewers=1, seconds=3.0, transport=None, patience=25, interval=0, login=False,
         discard=False):
    """Starts a load client."""
    command = [LOAD, "--kind", kind, "--viewers", viewers, "--seconds", seconds,
               "--patience", patience, "--interval", interval]
    if transport:
        command += ["--transport", transport]
    if discard:
        command.append("--discard")
    environment = dict(os.environ)
    if login:
        environment |= {"PORTHOLE_LOAD_USER": USER, "PORTHOLE_LOAD_PASSWORD": PASSWORD}
    return subprocess.Popen([str(word) for word in [*command, url]], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, text=True, env=environment)


def read_line(client, wanted):
    line = client.stdout.readline().strip()
    if line != wanted:
        raise RuntimeError(f"the load client said \"{line}\" where \"{wanted}\" was due")


def first_pictures(kind, url, **how):
    """What a load client that counts nothing has to say: milliseconds to the first picture."""
    client = load(kind, url, seconds=0, **how)
    out, _ = client.communicate()
    return json.loads(out.splitlines()[-1])


def measure(system, kind, url, **how):
    """The load client's report, and what the system's processes used meanwhile."""
    with load(kind, url, **how) as client:
        read_line(client, "playing")
        before = system.cpu_seconds()
        read_line(client, "counted")
        cpu = system.cpu_seconds() - before
        rss = system.rss_kib()
        report = json.loads(client.stdout.readline())
    seconds = report["seconds"]
    report |= {
        "system": system.name,
        "cpu": cpu / seconds,  # cores
        "rss_kib": rss,
        "frames_per_second": report["frames"] / seconds,
        "slowest_per_second": report["frames_of_slowest"] / seconds,
        "frames_per_cpu_second": report["frames"] / cpu if cpu > 0 else 0,
    }
    return report


def ratios(rounds, name, reference, key="cpu"):
    """Pair by pair: what one system took by what another took right before or after."""
    pairs = [(one[name][key], one[reference][key]) for one in rounds
             if name in one and reference in one]
    return Spread.of([a / b for a, b in pairs if b > 0])
