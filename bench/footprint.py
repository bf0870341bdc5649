# SPDX-License-Identifier: LGPL-2.1-or-later
"""Memory and idle processor time, and how both grow with viewers and cameras."""
import contextlib
import os
import shutil
import time

from measure import Spread, first_pictures, load, measure, read_line
from scenario import SMALL, Table, present
from systems import PEERS, Floor, MediaMtx, Porthole


def idle_cameras(n):
    return [{"name": f"camera-{i}", "source": {"type": "test"}} for i in range(n)]


def footprint(bench):
    """Footprint: memory and CPU while nobody looks, start, and growth over viewers come and gone"""
    rows = []
    for n in (1, 8):
        with Porthole(bench.run(f"footprint-{n}"), cameras=idle_cameras(n)) as system:
            time.sleep(1)
            before = system.cpu_seconds()
            time.sleep(bench.seconds)
            cpu = (system.cpu_seconds() - before) / bench.seconds
            rows.append([f"{n} idle camera{'s' if n > 1 else ''}", "porthole",
                         f"{system.rss_kib() / 1024:.1f}", f"{100 * cpu:.2f}",
                         f"{1000 * system.seconds_to_listen:.0f}",
                         f"{Porthole.program.stat().st_size / 1e6:.1f}"])
    clip = bench.clip(gop=1.0, **SMALL)
    with Floor(bench.run("footprint"), clip) as floor:
        for peer in present(PEERS):
            with peer(bench.run("footprint"), floor) as system:
                time.sleep(1)
                before = system.cpu_seconds()
                time.sleep(bench.seconds)
                cpu = (system.cpu_seconds() - before) / bench.seconds
                size = os.stat(shutil.which(peer.program)).st_size / 1e6
                rows.append(["1 camera" + (", connected" if peer is MediaMtx else ", idle"),
                             peer.name, f"{system.rss_kib() / 1024:.1f}", f"{100 * cpu:.2f}",
                             f"{1000 * system.seconds_to_listen:.0f}", f"{size:.1f}"])
    return [Table("Footprint", ["cameras", "server", "memory, MiB", "CPU, % of a core",
                                "start to listening, ms", "program, MB (not stripped)"], rows),
            come_and_gone(bench, clip)]


def come_and_gone(bench, clip):
    """Memory after each batch of viewers has left."""
    batch = min(250, bench.most_viewers)
    rows = []
    with contextlib.ExitStack() as stack:
        floor = stack.enter_context(Floor(bench.run("gone"), clip))
        for kind in [Porthole, *present(PEERS)]:
            system = stack.enter_context(kind(bench.run("gone"), floor))
            sizes = []
            for _ in range(5):
                first_pictures("rtsp", system.rtsp, viewers=batch)
                time.sleep(0.5)
                sizes.append(system.rss_kib())
            rows.append([system.name, batch, f"{sizes[0] / 1024:.1f}", f"{sizes[-1] / 1024:.1f}",
                         f"{(sizes[-1] - sizes[0]) / (4 * batch):.2f}"])
            print(f"  come and gone: {system.name}: {sizes} KiB", flush=True)
    return Table("Memory after viewers came and went",
                 ["server", "viewers in a batch", "MiB after the first batch",
                  "MiB after the fifth", "KiB per viewer that came since"], rows)


def growth(bench):
    """Growth: what a viewer and a camera cost as they double"""
    rows, viewers, spreads = [], bench.counts(50, 100, 200, 400), []
    clip = bench.clip(gop=1.0, **SMALL)
    with Floor(bench.run("growth"), clip) as floor:
        with Porthole(bench.run("growth"), floor) as system:
            for count in viewers:
                reports = [measure(system, "rtsp", system.rtsp, viewers=count,
                                   seconds=bench.seconds) for _ in range(bench.rounds)]
                spread = Spread.of([1e6 * r["cpu"] / count for r in reports])
                rows.append([f"{count} viewers of one camera", spread.text(0), "viewer",
                             beside_half(spreads, spread)])
                spreads.append(spread)
                bench.note("growth", f"{count} viewers", reports[-1])
        spreads = []
        for n in (1, 2, 4, 8):
            cameras = [{"name": f"clip-{i}", "streams": [{"name": "main", "codec": "h264"}],
                        "source": {"type": "rtsp", "url": floor.rtsp, "transport": "tcp"},
                        "linger": 600} for i in range(n)]
            spread = growth_of(bench, cameras, n)
            rows.append([f"{n} cameras, one viewer each", spread.text(0), "camera",
                         beside_half(spreads, spread)])
            spreads.append(spread)
    return [Table("Growth", ["what", "µs of CPU per second for each (min / median / max)", "each",
                            "× what it takes at half as many"],
                  rows, ["640x360, 30 frames/s, 1000 kbit/s, over RTSP/TCP."])]


def growth_of(bench, cameras, n):
    with Porthole(bench.run("growth/cameras"), cameras=cameras) as system, \
            contextlib.ExitStack() as stack:
        base = system.rtsp.rpartition("/")[0]
        for i in range(n):
            client = stack.enter_context(load("rtsp", f"{base}/clip-{i}", seconds=60))
            stack.callback(client.kill)
            read_line(client, "playing")
        values = []
        for _ in range(bench.rounds):
            before = system.cpu_seconds()
            time.sleep(bench.seconds)
            values.append(1e6 * (system.cpu_seconds() - before) / bench.seconds / n)
    return Spread.of(values)


def beside_half(spreads, spread):
    """By the medians; a line stays at 1."""
    return f"{spread.median / spreads[-1].median:.2f}" if spreads else ""
