# SPDX-License-Identifier: LGPL-2.1-or-later
"""One stream to many viewers: what they cost, by each protocol, with a password, with TLS."""
import contextlib
import dataclasses
import os

from measure import Spread, measure, ratios
from scenario import Table, column, present
from systems import PEERS, Floor, Go2rtc, MediaMtx, Porthole


def fan_out_rounds(bench, scenario, systems, count, kind, way, **how):
    """[{system: report}], the systems in turn."""
    rounds = []
    for _ in range(bench.rounds):
        one = {}
        for system in systems:
            report = measure(system, kind, getattr(system, way), viewers=count,
                             seconds=bench.seconds, **how)
            report["rss_per_viewer_kib"] = max(report["rss_kib"] - system.rss_before, 0) / count
            bench.note(scenario, f"{count} viewers", report)
            one[system.name] = report
        rounds.append(one)
    return rounds


def fan_out_rows(rounds, count, systems, reference):
    for system in systems:
        name = system.name
        yield [
            count, name,
            Spread(*(100 * x for x in dataclasses.astuple(column(rounds, name, "cpu")))).text(1),
            f"{column(rounds, name, 'cpu').median * 1e6 / count:.0f}",
            ratios(rounds, name, reference).text() if name != reference else "1",
            f"{column(rounds, name, 'rss_per_viewer_kib').median:.0f}",
            column(rounds, name, "gaps", max),
            f"{column(rounds, name, 'slowest_per_second').median:.1f}",
        ]


def fan_out_columns(reference):
    return ["viewers", "server", "CPU, % of a core", "µs of CPU per viewer and second",
            f"× {reference}", "KiB per viewer", "gaps (most)", "frames/s of the slowest"]


def fan_out(bench, scenario, title, systems, counts, kind, way, **how):
    """The first of systems is what the others are a ratio to."""
    rows, plot, notes = [], [], []
    reference = systems[0].name
    usable = warm_up(systems, kind, way, notes, **how)
    for count in counts:
        rounds = fan_out_rounds(bench, scenario, usable, count, kind, way, **how)
        rows += fan_out_rows(rounds, count, usable, reference)
        if reference == "floor":
            plot += [(f"{title}, {count}", s.name, ratios(rounds, s.name, reference))
                     for s in usable if s.name != reference]
        for peer in usable:
            if peer.name not in ("floor", "porthole"):
                spread = ratios(rounds, "porthole", peer.name)
                notes.append(f"{count} viewers: porthole takes {spread.text()} of {peer.name}'s CPU")
        usable = those_who_keep_up(usable, rounds, count, counts, notes)
    return Table(title, fan_out_columns(reference), rows, notes, plot)


def those_who_keep_up(systems, rounds, count, counts, notes):
    """Of one whose viewers get next to nothing more viewers would say nothing."""
    staying = []
    for system in systems:
        frames = column(rounds, system.name, "frames_per_second").median / count
        slowest = column(rounds, system.name, "slowest_per_second").median
        if system.name in ("floor", "porthole") or slowest > 0.1 * frames > 0:
            staying.append(system)
        elif count != counts[-1]:
            notes.append(f"{system.name} is not asked for more than {count} viewers: with these the "
                         f"slowest got {slowest:.1f} frames/s")
    return staying


def warm_up(systems, kind, way, notes, **how):
    """Those that serve this at all, each with its memory as it is with one viewer."""
    usable = []
    for system in systems:
        report = measure(system, kind, getattr(system, way), seconds=0.5, **how)
        if report["frames"] == 0:
            notes.append(f"{system.name} does not serve this: {report.get('failure', 'no pictures')}")
            continue
        system.rss_before = report["rss_kib"]
        usable.append(system)
    return usable


def fan_out_of_clip(bench, scenario, title, counts, transport):
    clip = bench.clip()
    with contextlib.ExitStack() as stack:
        floor = stack.enter_context(Floor(bench.run(scenario), clip))
        systems = [floor, stack.enter_context(Porthole(bench.run(scenario), floor))]
        systems += [stack.enter_context(peer(bench.run(scenario), floor)) for peer in present(PEERS)]
        table = fan_out(bench, scenario, title, systems, counts, "rtsp", "rtsp", transport=transport)
    table.notes.insert(0, f"The clip: {clip.what}.")
    return [table]


def rtsp_tcp(bench):
    """RTSP over TCP, 1 to 1000 viewers of one stream"""
    return fan_out_of_clip(bench, "rtsp-tcp", "RTSP over TCP", bench.counts(1, 10, 100, 300, 1000),
                           "tcp")


def rtsp_udp(bench):
    """RTSP over UDP, 10 to 300 viewers of one stream"""
    return fan_out_of_clip(bench, "rtsp-udp", "RTSP over UDP", bench.counts(10, 100, 300), "udp")


def rtsp_tls(bench):
    """RTSP over TLS, 10 and 100 viewers of one stream"""
    clip = bench.clip()
    run = bench.run("rtsp-tls")
    with Floor(run, clip) as floor, contextlib.ExitStack() as stack:
        systems = [stack.enter_context(Porthole(run, floor, with_users=True))]
        systems += [stack.enter_context(peer(run, floor)) for peer in present([MediaMtx])]
        table = fan_out(bench, "rtsp-tls", "RTSP over TLS", systems, bench.counts(10, 100), "rtsp",
                        "rtsps", transport="tcp", login=True)
    table.notes[:0] = [f"The clip: {clip.what}. There is no floor here: who encrypts pays for that, "
                       "and each viewer's key is its own.", "go2rtc has no RTSP over TLS."]
    return [table]


def mjpeg(bench):
    """MJPEG, 1 to 300 viewers of one stream"""
    jpeg = bench.jpeg()
    with contextlib.ExitStack() as stack:
        floor = stack.enter_context(Floor(bench.run("mjpeg"), jpeg=jpeg))
        systems = [floor, stack.enter_context(Porthole(bench.run("mjpeg"), jpeg=jpeg))]
        systems += [stack.enter_context(peer(bench.run("mjpeg"), floor)) for peer in present([Go2rtc])]
        table = fan_out(bench, "mjpeg", "MJPEG", systems, bench.counts(1, 10, 100, 300), "mjpeg",
                        "mjpeg")
    table.notes.insert(0, f"The clip: {jpeg.what}.")
    return [table]


# ---- access and encryption -------------------------------------------------------------------


def access(bench):
    """What a password and TLS cost a streaming viewer: 100 of them, with and without"""
    count = min(100, bench.most_viewers)
    clip, jpeg = bench.clip(), bench.jpeg()
    with Floor(bench.run("access"), clip) as floor, \
            Porthole(bench.run("access/open"), floor, jpeg) as opened, \
            Porthole(bench.run("access/closed"), floor, jpeg, with_users=True) as closed:
        ways = [("RTSP over TCP", "rtsp", opened.rtsp, closed.rtsp, "users / none"),
                ("MJPEG", "mjpeg", opened.mjpeg, closed.mjpeg, "users / none"),
                ("RTSP over TLS", "rtsp", opened.rtsp, closed.rtsps, "users / in clear")]
        rows, plot = [], []
        for title, kind, plain, guarded, ratio in ways:
            rounds = []
            for _ in range(bench.rounds):
                one = {}
                for name, system, url in (("without", opened, plain), ("with", closed, guarded)):
                    report = measure(system, kind, url, viewers=count, seconds=bench.seconds,
                                     login=name == "with")
                    bench.note("access", f"{title} {name}", report)
                    one[name] = report
                rounds.append(one)
            spread = ratios(rounds, "with", "without")
            rows.append([title, count, *(f"{100 * column(rounds, n, 'cpu').median:.1f}"
                                         for n in ("without", "with")),
                         spread.text(), column(rounds, "with", "gaps", max)])
            plot.append((f"{title}, {ratio}", "porthole", spread))
    return [Table("Access and encryption",
                  ["way", "viewers", "open: CPU, % of a core", "with users: CPU, % of a core",
                   "with / open", "gaps (most)"], rows,
                  ["\"Open\" is the same server without users, in clear. It has no TLS then, so the "
                   "last line is RTSPS with users against RTSP without: what encryption costs."],
                  plot)]


def threads(bench):
    """Several cores: what one stream's viewers are sent by one thread, and by one for each core"""
    count = min(400, bench.most_viewers)
    clip = bench.clip(kbits=20000)
    several = os.cpu_count()
    with Floor(bench.run("threads"), clip) as floor, \
            Porthole(bench.run("threads/one"), floor, with_users=True, threads=1) as one, \
            Porthole(bench.run("threads/several"), floor, with_users=True) as more:
        rounds = []
        for _ in range(bench.rounds):
            reports = {}
            for name, system in (("one", one), ("several", more)):
                report = measure(system, "rtsp", system.rtsps, viewers=count, transport="tcp",
                                 seconds=bench.seconds, login=True, discard=True)
                report["mb_per_second"] = report["bytes"] / report["seconds"] / 1e6
                bench.note("threads", f"{count} viewers, {name}", report)
                reports[name] = report
            rounds.append(reports)
    rows = []
    for name, n in (("one", 1), ("several", several)):
        spread = ratios(rounds, name, "one", "mb_per_second") if n > 1 else None
        rows.append([n, count, f"{100 * column(rounds, name, 'cpu').median:.0f}",
                     f"{column(rounds, name, 'mb_per_second').median:.0f}",
                     spread.text() if spread else "1"])
    return [Table("Several cores",
                  ["threads that may send", "viewers", "CPU, % of a core", "MB/s to all of them",
                   "× one thread"], rows,
                  [f"The clip: {clip.what}, over TLS to {count} viewers, which is more than a thread "
                   "can encrypt. The load client reads and counts, and decrypts nothing, yet it has "
                   "to have its processor time, too: with as few cores as here the ratio cannot come "
                   "near their number."])]
