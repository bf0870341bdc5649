# SPDX-License-Identifier: LGPL-2.1-or-later
"""From a clock in the test picture to the same picture decoded."""
import contextlib
import sys
import time

import ll_hls
from scenario import SMALL, Table, present
from systems import PEERS, ROOT, Porthole

sys.path.insert(0, str(ROOT / "tests/common"))
import clock  # noqa: E402  what the tests read the test pattern's clock with

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
