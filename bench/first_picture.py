# SPDX-License-Identifier: LGPL-2.1-or-later
"""From connecting to the first whole keyframe."""
import concurrent.futures
import contextlib
import json
import re
import time

from measure import Spread, first_pictures, load, read_line
from scenario import SMALL, Table, present, test_camera
from systems import PEERS, Floor, Porthole, fetch, wait_until


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
