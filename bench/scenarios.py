# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is measured. Each scenario returns a list of Table; its text says in a line what it is."""
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

import clip as clips
import ll_hls
from measure import Spread, first_pictures, load, measure, ratios, read_line
from systems import PEERS, ROOT, Floor, Go2rtc, MediaMtx, Nginx, Porthole, fetch, wait_until

sys.path.insert(0, str(ROOT / "tests/common"))
import clock  # noqa: E402  what the tests read the test pattern's clock with


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


# ---- fan-out ---------------------------------------------------------------------------------


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


def column(rounds, name, key, choose=None):
    values = [one[name][key] for one in rounds]
    return choose(values) if choose else Spread.of(values)


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
        ways = [("RTSP over TCP", "rtsp", opened.rtsp, closed.rtsp),
                ("MJPEG", "mjpeg", opened.mjpeg, closed.mjpeg),
                ("RTSP over TLS", "rtsp", opened.rtsp, closed.rtsps)]
        rows, plot = [], []
        for title, kind, plain, guarded in ways:
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
            plot.append((f"{title}, users / none", "porthole", spread))
    return [Table("Access and encryption",
                  ["way", "viewers", "open: CPU, % of a core", "with users: CPU, % of a core",
                   "with / open", "gaps (most)"], rows,
                  ["\"Open\" is the same server without users, in clear; the last line is RTSPS "
                   "with users against RTSP without."], plot)]


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


# ---- HLS -------------------------------------------------------------------------------------


def hls_files(porthole, directory):
    """Porthole's playlist and newest whole segment, as files for nginx; and the segment's URL."""
    playlist = fetch(porthole.hls).decode()
    segments = re.findall(r"^[^#\n].*$", playlist, re.MULTILINE)
    (directory / "index.m3u8").write_text(playlist)
    url = porthole.hls.rpartition("/")[0] + "/" + segments[-1]
    (directory / "segment.m4s").write_bytes(fetch(url))
    return url


def hls(bench):
    """HLS: playlists and segments per second of CPU, beside nginx with the same files in memory"""
    if Nginx.absent():
        return [Table("HLS", [], [], [Nginx.absent()])]
    rows, plot = [], []
    clip = bench.clip()
    with tempfile.TemporaryDirectory(dir="/dev/shm") as files, \
            Floor(bench.run("hls"), clip) as floor, Porthole(bench.run("hls"), floor) as porthole, \
            Nginx(bench.run("hls/nginx"), files) as nginx:
        os.chmod(files, 0o755)
        directory = pathlib.Path(files)
        wait_until(lambda: fetch(porthole.hls).count(b"#EXTINF") >= 3, 20, "three segments")
        for what in ("playlist", "segment"):
            rounds = []
            for _ in range(bench.rounds):
                segment = hls_files(porthole, directory)
                urls = {"playlist": (porthole.hls, f"{nginx.http}/index.m3u8"),
                        "segment": (segment, f"{nginx.http}/segment.m4s")}[what]
                one = {}
                for system, url in zip((porthole, nginx), urls):
                    report = measure(system, "get", url, viewers=min(16, bench.most_viewers),
                                     seconds=min(bench.seconds, 3))
                    bench.note("hls", what, report)
                    one[system.name] = report
                rounds.append(one)
            for name in ("porthole", "nginx"):
                rows.append([f"{what}s", name,
                             f"{column(rounds, name, 'frames_per_second').median:.0f}",
                             f"{column(rounds, name, 'frames_per_cpu_second').median:.0f}",
                             "1" if name == "nginx" else
                             ratios(rounds, name, "nginx", "frames_per_cpu_second").text()])
            plot.append((f"HLS {what}s per CPU second", "porthole / nginx",
                         ratios(rounds, "porthole", "nginx", "frames_per_cpu_second")))
    return [Table("HLS", ["what", "server", "per second", "per second of CPU", "× nginx"], rows,
                  [f"The clip: {clip.what}. 16 connections, each asking again as soon as it is "
                   "answered; nginx: one worker, sendfile, a tmpfs."], plot)]


# ---- first picture ---------------------------------------------------------------------------

SMALL = {"width": 640, "height": 360, "framerate": 30, "kbits": 1000, "seconds": 20}


def hls_first_picture(url):
    """Milliseconds until the newest whole segment is there, from the first request on."""
    started = time.monotonic()
    playlist = fetch(url).decode()
    uris = re.findall(r"^[^#\n].*$", playlist, re.MULTILINE)
    if "#EXTINF" not in playlist and uris:
        url = url.rpartition("/")[0] + "/" + uris[0]
        playlist = fetch(url).decode()
        uris = re.findall(r"^[^#\n].*$", playlist, re.MULTILINE)
    base = url.rpartition("/")[0] + "/"
    for uri in re.findall(r'#EXT-X-MAP:.*URI="([^"]+)"', playlist)[:1] + uris[-1:]:
        fetch(base + uri)
    return 1000 * (time.monotonic() - started)


def has_hls(url):
    """A server may refuse for as long as it has no segment yet."""
    try:
        hls_first_picture(url)
    except OSError:
        time.sleep(0.2)
        return False
    return True


def has_picture(way, url, gop):
    """A server may refuse, too, while its camera starts."""
    return "failure" not in first_pictures(way, url, patience=2 * gop + 5)


def join_running(way, url, gop, n):
    """First pictures of viewers that come spread over a keyframe interval, while one watches."""
    if way == "hls":
        wait_until(lambda: has_hls(url), 60, "a first segment")
        times = []
        for _ in range(n):
            times.append(hls_first_picture(url))
            time.sleep(gop / n)
        return {"min": min(times), "median": sorted(times)[n // 2], "max": max(times)}
    wait_until(lambda: has_picture(way, url, gop), 60, "a first picture")
    with load(way, url, seconds=60, patience=4 * gop + 10) as watching:
        try:
            read_line(watching, "playing")
            return first_pictures(way, url, viewers=n, interval=(gop + 0.037) / n,
                                  patience=3 * gop + 10).get("first_picture_ms")
        finally:
            watching.kill()


def first_pictures_of(bench, systems, gop, n):
    """All servers and all ways at the same time: nobody is busy."""
    having = [(way, name, system) for way in ("rtsp", "mp4", "mjpeg", "hls")
              for name, system in systems.items() if getattr(system, way)]
    with concurrent.futures.ThreadPoolExecutor(len(having)) as pool:
        futures = [pool.submit(join_running, way, getattr(system, way), gop, n)
                   for way, _, system in having]
    for (way, name, _), future in zip(having, futures):
        try:
            times = future.result()
        except (OSError, RuntimeError) as error:
            times = None
            print(f"  first picture, {way}: {name}: {error}", flush=True)
        text = Spread(times["min"], times["median"], times["max"]).text(0) if times else "none"
        bench.raw.append({"scenario": "first-picture", "what": f"{way}, {gop} s", "system": name,
                          "ms": times})
        print(f"  first picture, {way}, keyframes every {gop} s: {name}: {text} ms", flush=True)
        yield [way.upper(), gop, name, text]


def first_picture(bench):
    """First picture: from connecting to the first whole keyframe, keyframe intervals 1, 4 and 10 s"""
    rows = []
    n = 8 if bench.rounds > 1 else 2
    for gop in (1, 4, 10) if bench.rounds > 1 else (1,):
        clip = bench.clip(gop=float(gop), **SMALL)
        own = test_camera(gop, linger=600)
        with contextlib.ExitStack() as stack:
            floor = stack.enter_context(Floor(bench.run("first/floor"), clip))
            systems = {"porthole, relaying": stack.enter_context(
                Porthole(bench.run("first/relay"), floor))}
            systems["porthole, own encoder"] = stack.enter_context(
                Porthole(bench.run("first/own"), cameras=own))
            systems["porthole, own encoder"].mjpeg = \
                systems["porthole, own encoder"].http + "/clip/mjpeg"
            systems["porthole, relaying"].mjpeg = None
            for peer in present(PEERS):
                systems[f"{peer.name}, relaying"] = stack.enter_context(
                    peer(bench.run("first"), floor))
                systems[f"{peer.name}, relaying"].mjpeg = None
            rows += first_pictures_of(bench, systems, gop, n)
    return [Table("First picture of a running camera",
                  ["way", "keyframe interval, s", "server", "ms (min / median / max)"], rows,
                  [f"640x360 at 30 frames/s; {n} viewers that come spread over one keyframe "
                   "interval, beside one who watches already. All servers of a line at the same "
                   "time. HLS: playlist, header and the newest whole segment fetched."])]


def test_camera(gop, linger):
    return [{"name": "clip", "source": {"type": "test", "width": 640, "height": 360,
                                        "framerate": 30},
             "streams": [{"name": "main", "codec": "h264", "bitrate": 1000,
                          "keyframe_interval": gop},
                         {"name": "jpeg", "codec": "jpeg", "framerate": 30}], "linger": linger}]


def state_of_camera(porthole):
    return json.loads(fetch(f"{porthole.http}/api/v1/cameras/clip"))["state"]


def first_of_idle(way, url):
    """Milliseconds."""
    if way == "hls":
        started = time.monotonic()
        wait_until(lambda: has_hls(url), 30, "a first segment")
        return 1000 * (time.monotonic() - started)
    return first_pictures(way, url, patience=30)["first_picture_ms"]["median"]


def firsts_of_idle(bench, name, system, is_idle, n):
    """Each viewer finds the camera let go of. HLS once: it goes on for a while without viewers."""
    for way in ("rtsp", "mp4", "mjpeg", "hls"):
        if not getattr(system, way):
            continue
        times = []
        for _ in range(1 if way == "hls" else n):
            wait_until(is_idle, 30, f"the camera of {name} to be idle")
            times.append(first_of_idle(way, getattr(system, way)))
        bench.raw.append({"scenario": "first-picture-idle", "what": way, "system": name,
                          "ms": times})
        spread = Spread.of(times)
        print(f"  first picture of an idle camera, {way}: {name}: {spread.text(0)} ms", flush=True)
        yield [way.upper(), name, spread.text(0)]


def first_picture_idle(bench):
    """First picture of a camera nobody watches: until it runs, and its first whole keyframe is there"""
    n = 3 if bench.rounds > 1 else 1
    clip = bench.clip(gop=1.0, **SMALL)
    with contextlib.ExitStack() as stack:
        systems = []
        for kind, how in [(Porthole, {"linger": 0.2}),
                          *((peer, {"on_demand": True}) for peer in present(PEERS))]:
            floor = stack.enter_context(Floor(bench.run(f"idle/{kind.name}"), clip))
            n_sockets = floor.n_sockets()
            system = stack.enter_context(kind(bench.run("idle"), floor, **how))
            system.mjpeg = None
            systems.append((f"{kind.name}, relaying", system,
                            lambda floor=floor, n=n_sockets: floor.n_sockets() == n))
        own = stack.enter_context(
            Porthole(bench.run("idle/own"), cameras=test_camera(gop=1, linger=0.2)))
        own.mjpeg = own.http + "/clip/mjpeg"
        systems.append(("porthole, own encoder", own, lambda: state_of_camera(own) == "idle"))
        with concurrent.futures.ThreadPoolExecutor(len(systems)) as pool:
            rows = [row for rows in pool.map(
                lambda one: list(firsts_of_idle(bench, *one, n)), systems) for row in rows]
    rows.sort(key=lambda row: ["RTSP", "MP4", "MJPEG", "HLS"].index(row[0]))
    return [Table("First picture of an idle camera",
                  ["way", "server", "ms (min / median / max)"], rows,
                  ["640x360 at 30 frames/s, a keyframe each second. Relaying, a server has to connect "
                   "and to wait for a keyframe, half a second on average; with its own encoder to "
                   "start it. HLS: until the newest whole segment was fetched; one attempt."])]


# ---- latency ---------------------------------------------------------------------------------

LL_HLS = "LL-HLS"


def ages(url, options, n):
    """Milliseconds from when each picture was made until ffmpeg has decoded it."""
    found = []
    pictures = clock.of_viewer(url, SMALL["width"], SMALL["height"], *options)
    try:
        for made in pictures:
            if made is not None:
                found.append(1000 * (time.time() - made))
            if len(found) == 2 * n:
                break
    finally:
        pictures.close()
    return sorted(found[n:])  # what the decoder starts with is older


def latency(bench):
    """Latency: from a clock in the test picture to the same picture decoded by ffmpeg"""
    camera = [{"name": "clip", "linger": 600,
               "source": {"type": "test", "pattern": "clock", "width": SMALL["width"],
                          "height": SMALL["height"], "framerate": 30},
               "streams": [{"name": "main", "codec": "h264", "bitrate": 1500,
                            "keyframe_interval": 1},
                           {"name": "jpeg", "codec": "jpeg", "framerate": 30}]}]
    tcp = ["-rtsp_transport", "tcp"]
    n = 100 if bench.rounds > 1 else 10
    with contextlib.ExitStack() as stack:
        first = stack.enter_context(Porthole(bench.run("latency"), cameras=camera))
        wanted = [("RTSP over TCP", "porthole", first.rtsp, tcp),
                  ("RTSP over UDP", "porthole", first.rtsp, ["-rtsp_transport", "udp"]),
                  ("MP4", "porthole", first.mp4, []),
                  ("MJPEG", "porthole", f"{first.http}/clip/mjpeg", []),
                  (LL_HLS, "porthole", f"{first.hls}?stream=main", [])]
        for kind in [Porthole, *present(PEERS)]:
            relay = stack.enter_context(kind(bench.run("latency/relay"), first))
            wanted.append(("RTSP over TCP, relayed", f"porthole, then {relay.name}", relay.rtsp, tcp))
            if relay.has_low_latency_hls:
                wanted.append((f"{LL_HLS}, relayed", f"porthole, then {relay.name}", relay.hls, []))
        wanted.sort(key=lambda row: "relayed" in row[0])
        rows = list(latencies(bench, wanted, n))
    return [Table("Latency", ["way", "server", "median, ms", "99th percentile, ms"], rows,
                  [f"640x360 at 30 frames/s; {n} pictures each, after as many at the start. "
                   "A frame time is 33 ms. It includes the encoder and the decoder; the relays get "
                   "the first line's stream and pass it on.",
                   "LL-HLS: parts are taken as soon as they are listed. A player that keeps to the "
                   "playlist's PART-HOLD-BACK shows them up to three parts (0.6 s) later."])]


def latencies(bench, wanted, n):
    for way, name, url, options in wanted:
        playing = ll_hls.play(url) if way.startswith(LL_HLS) else contextlib.nullcontext(url)
        with playing as place:
            times = ages(place, options, n)
        if not times:
            yield [way, name, "none", "none"]
            continue
        middle, high = times[len(times) // 2], times[min(len(times) * 99 // 100, len(times) - 1)]
        bench.raw.append({"scenario": "latency", "what": way, "system": name, "median_ms": middle,
                          "p99_ms": high})
        print(f"  latency, {way}: {name}: {middle:.0f} ms, 99 % within {high:.0f} ms", flush=True)
        yield [way, name, f"{middle:.0f}", f"{high:.0f}"]


# ---- footprint and growth --------------------------------------------------------------------


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


ALL = {
    "rtsp-tcp": rtsp_tcp,
    "rtsp-udp": rtsp_udp,
    "rtsp-tls": rtsp_tls,
    "mjpeg": mjpeg,
    "hls": hls,
    "first-picture": first_picture,
    "first-picture-idle": first_picture_idle,
    "latency": latency,
    "footprint": footprint,
    "growth": growth,
    "access": access,
    "threads": threads,
}
