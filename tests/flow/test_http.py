# SPDX-License-Identifier: LGPL-2.1-or-later
"""HTTP as browsers, curl, ffmpeg and VLC see it."""
import contextlib
import http.client
import itertools
import json
import re
import socket
import time

import hls
import media
import pytest
from media import Http, fetch
from porthole import IS_SANITIZED, test_camera, wait_until
from rtsp_client import RtspClient

FRAMERATE = 15


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Short segments, so that playlists turn over within a test's patience."""
    from conftest import Servers

    servers = Servers(tmp_path_factory.mktemp("http"))
    yield servers.start(
        test_camera(
            streams=[
                {"name": "main", "codec": "h264", "bitrate": 800, "keyframe_interval": 1.0},
                {"name": "sub", "codec": "h264", "width": 320, "height": 180, "bitrate": 200,
                 "framerate": 5, "keyframe_interval": 1.0},
                {"name": "jpeg", "codec": "jpeg", "framerate": 10, "quality": 70},
            ]
        ),
        http={"segment_duration": 1.0, "part_duration": 0.2, "playlist_segments": 4},
    )
    servers.stop_all()


# ---- statuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/nobody/snapshot.jpg", "/nobody/mjpeg", "/nobody/live.mp4", "/nobody/index.m3u8", "/nobody/",
     "/front/nothing", "/api/v1/cameras/nobody", "/api/v1/nothing", "/assets/nothing.js",
     "/front/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/front/mjpeg?stream=nobody"],
)
def test_what_is_unknown_is_not_found(server, path):
    status, headers, body = fetch(server.http + path)
    assert status == 404
    assert 0 < len(body) < 300
    if path.startswith("/api/"):
        assert json.loads(body)["error"]
    else:
        assert headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("path", ["/assets/..%2f..%2fetc/passwd", "/front%00/", "/%ff/"])
def test_what_makes_no_sense_is_refused(server, path):
    assert fetch(server.http + path)[0] in (400, 404)


def body_in_chunks(size):
    yield from [b"x" * 1000] * (size // 1000)


@pytest.mark.parametrize(
    "status, path, headers, body",
    [(414, f"/{'x' * 3000}", {}, None), (414, f"/?{'x' * 3000}", {}, None),
     (431, "/healthz", {"X-One": "x" * 20000}, None),
     (431, "/healthz", {f"X-{i}": "x" * 100 for i in range(90)} | {"Cookie": "x=" * 5000}, None),
     (413, "/healthz", {}, b"x" * 70000), (413, "/login", {}, b"x" * 900000),
     (413, "/login", {"Transfer-Encoding": "chunked"}, 200000)],
    ids=["path", "query", "header", "headers", "body", "large-body", "chunked-body"],
)
def test_what_is_too_large_is_told_so(server, status, path, headers, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=10)
    with contextlib.closing(connection):
        connection.request(
            "POST" if body else "GET", path, body_in_chunks(body) if isinstance(body, int) else body,
            headers, encode_chunked=True)
        answer = connection.getresponse()
        assert answer.status == status
        assert re.search(r"\b(2048|16384|65536) bytes", answer.read().decode())


def test_what_has_no_end_is_not_read_to_it(server):
    """Who asks before sending is answered; who does not is cut off."""
    endless = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n"
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=10) as stream:
        stream.sendall(endless + b"Expect: 100-continue\r\n\r\n")
        assert stream.recv(4096).startswith(b"HTTP/1.1 413 ")
    with socket.create_connection(("127.0.0.1", server.http_port), timeout=10) as stream:
        stream.sendall(endless + b"\r\n")
        with pytest.raises(ConnectionError):
            for _ in range(1000):
                stream.sendall(b"x" * 65536)


PATHS_TO_LOOK_AT = ["/", "/front/", "/front/snapshot.jpg", "/front/mjpeg", "/front/live.mp4",
                    "/front/index.m3u8", "/healthz"]


@pytest.mark.parametrize(
    "path, method",
    [*itertools.product(PATHS_TO_LOOK_AT, ["POST", "PUT", "DELETE"]),
     ("/api/v1/cameras", "DELETE"), ("/api/v1/cameras", "PUT"), ("/api/v1/cameras/front", "PUT")],
)
def test_other_methods_are_told_what_is_allowed(server, path, method):
    status, headers, _ = fetch(server.http + path, method)
    assert status == 405
    assert "GET" in headers["allow"]


@pytest.mark.parametrize(
    "path, key",
    [("mjpeg?fps=0", "fps"), ("mjpeg?fps=many", "fps"), ("mjpeg?fps=-3", "fps"),
     ("mjpeg?fps=nan", "fps"), ("mjpeg?width=8", "width"), ("mjpeg?width=99999", "width"),
     ("mjpeg?wdith=320", "wdith"), ("snapshot.jpg?width=ten", "width"),
     ("snapshot.jpg?max_age=-1", "max_age"), ("snapshot.jpg?max_age=old", "max_age"),
     ("live.mp4?fps=5", "fps"), ("index.m3u8?width=320", "width")],
)
def test_a_wrong_query_key_is_named(server, path, key):
    status, headers, body = fetch(f"{server.http}/front/{path}")
    assert status == 400
    assert key in body.decode()
    assert headers["content-type"].startswith("text/plain")


def test_a_camera_that_cannot_start_says_why_and_when_to_ask_again(servers):
    server = servers.start(
        {"name": "gone", "source": {"type": "v4l2", "device": "/dev/no-such-camera"}}
    )
    for path in ("snapshot.jpg", "mjpeg", "live.mp4", "index.m3u8"):
        status, headers, body = fetch(f"{server.http}/gone/{path}", timeout=30)
        assert status == 503, path
        assert 1 <= int(headers["retry-after"]) <= 3600
        assert "/dev/no-such-camera" in body.decode()
    camera = server.api("gone")
    assert camera["state"] in ("lost", "idle")
    assert "/dev/no-such-camera" in camera["last_error"]


def test_the_camera_without_a_slash_leads_to_its_page(server):
    status, headers, _ = fetch(f"{server.http}/front")
    assert status in (301, 302, 307, 308)
    assert headers["location"].endswith("/front/") or headers["location"] == "front/"


# ---- API ---------------------------------------------------------------------------------------


def test_the_api_tells_what_a_camera_does(server):
    with RtspClient(f"{server.rtsp}/front") as client:
        client.start().wait_for_keyframe()
        wait_until(
            lambda: server.measured("front", "main")["framerate"] > FRAMERATE * 0.8, 10,
            "the measured frame rate is the camera's",
        )
        camera = server.api("front")
    assert server.api()["cameras"][0]["name"] == "front"
    assert camera["state"] == "live" and camera["last_error"] is None
    source = camera["source"]
    assert (source["type"], source["width"], source["height"]) == ("test", 640, 360)
    main, sub, jpeg = camera["streams"]
    assert main["running"] and not sub["running"] and not jpeg["running"]
    assert main["encoder"] in ("x264enc", "openh264enc") or main["encoder"].endswith("h264enc")
    assert main["passthrough"] is False
    assert main["bitrate"] == 800 and main["measured"]["bitrate"] > 0
    assert main["measured"]["access_units"] >= 3
    assert main["viewers"] == {"rtsp": 1, "hls": 0, "mp4": 0, "mjpeg": 0, "snapshot": 0}
    assert (sub["width"], sub["height"]) == (320, 180)
    assert jpeg["codec"] == "jpeg" and jpeg["bitrate"] is None


def test_urls_carry_the_name_the_viewer_knows_the_host_by(server):
    _, _, body = fetch(f"{server.http}/api/v1/cameras/front", headers={"Host": "localhost:1"})
    urls = json.loads(body)["urls"]
    assert urls["rtsp"] == f"rtsp://localhost:{server.rtsp_port}/front"
    assert urls["hls"] == "/front/index.m3u8"


@pytest.mark.parametrize("host", ["attacker.example", 'a"><b>/..@c', ""])
def test_a_host_that_is_not_ours_is_refused(server, host):
    """DNS rebinding: somebody's page may not read the cameras through a name of theirs."""
    status, _, body = fetch(f"{server.http}/api/v1/cameras", headers={"Host": host})
    assert 400 <= status < 500
    assert b"rtsp://" not in body and b"<b>" not in body


def test_every_url_of_the_api_works(server):
    for stream in server.api("front")["streams"]:
        for kind, url in stream["urls"].items():
            if kind == "rtsp":
                assert media.ffprobe(url, "-rtsp_transport", "tcp")["codec_name"] == "h264"
            else:
                with Http(server.http + url) as request:
                    assert request.status == 200, url


def test_health_is_short(server):
    status, headers, body = fetch(f"{server.http}/healthz")
    assert status == 200 and json.loads(body)["status"] == "ok"
    assert headers["content-type"].startswith("application/json")


# ---- MJPEG and snapshot ------------------------------------------------------------------------


def test_clients_that_close_their_connection_leave_nothing_behind(server):
    def sockets():
        return sum(link.startswith("socket:") for link in server.open_files())

    before = sockets()
    for _ in range(20):
        client = http.client.HTTPConnection("127.0.0.1", server.http_port, timeout=5)
        client.request("GET", "/healthz", headers={"Connection": "keep-alive"})
        assert client.getresponse().read()
        client.close()
    wait_until(lambda: sockets() <= before + 2, 5, "the server closes what its clients closed")


def test_mjpeg_sends_whole_jpegs_of_said_length(server):
    with Http(f"{server.http}/front/mjpeg") as request:
        assert request.status == 200
        assert "no-store" in request.headers["cache-control"]
        parts = list(itertools.islice(request.parts(), 10))
    assert all(headers["content-type"] == "image/jpeg" for headers, _ in parts)
    assert {media.jpeg_size(body) for _, body in parts} == {(640, 360)}
    assert len({body for _, body in parts}) > 5, "the picture moves"


def rate_of_parts(url, seconds):
    with Http(url) as request:
        parts = request.parts()
        next(parts)
        started = time.monotonic()
        for count, _ in enumerate(parts, 1):
            if time.monotonic() - started >= seconds:
                return count / (time.monotonic() - started)
    raise AssertionError("the stream ended")


def test_mjpeg_comes_at_the_streams_rate(server):
    assert rate_of_parts(f"{server.http}/front/mjpeg", 3) == pytest.approx(10, rel=0.15)


@pytest.mark.parametrize("fps", [2, 5])
def test_mjpeg_comes_at_the_asked_rate(server, fps):
    assert rate_of_parts(f"{server.http}/front/mjpeg?fps={fps}", 3) == pytest.approx(fps, rel=0.3)


@pytest.mark.parametrize("width", [160, 320])
def test_mjpeg_comes_in_the_asked_width(server, width):
    with Http(f"{server.http}/front/mjpeg?width={width}") as request:
        assert request.status == 200
        for _, body in itertools.islice(request.parts(), 3):
            assert media.jpeg_size(body) == (width, width * 9 // 16)


def test_viewers_of_one_width_share_one_encoder(server):
    url = f"{server.http}/front/mjpeg?width=320"
    with Http(url) as first, Http(url) as second:
        next(first.parts())
        next(second.parts())
        ones = {body for _, body in itertools.islice(first.parts(), 12)}
        others = {body for _, body in itertools.islice(second.parts(), 12)}
    assert len(ones & others) >= 6, "two encoders would not give the same bytes at the same times"


def test_a_slow_mjpeg_viewer_gets_the_newest_picture_only(server):
    with Http(f"{server.http}/front/mjpeg") as slow, Http(f"{server.http}/front/mjpeg") as quick:
        next(slow.parts())
        quick_parts = quick.parts()
        started = time.monotonic()
        count = 0
        while time.monotonic() - started < 3:
            next(quick_parts)
            count += 1
        assert count >= 24, "the slow one costs the quick one nothing"
        assert server.api("front")["viewers"]["mjpeg"] == 2


def test_ffmpeg_takes_mjpeg(server):
    media.decode(f"{server.http}/front/mjpeg", 10, "-f", "mpjpeg")


def test_a_snapshot_is_one_jpeg(server):
    status, headers, body = fetch(f"{server.http}/front/snapshot.jpg")
    assert status == 200 and headers["content-type"] == "image/jpeg"
    assert int(headers["content-length"]) == len(body)
    assert media.jpeg_size(body) == (640, 360)
    _, _, small = fetch(f"{server.http}/front/snapshot.jpg?width=160")
    assert media.jpeg_size(small) == (160, 90)


def test_a_snapshot_is_fresh(server):
    _, _, one = fetch(f"{server.http}/front/snapshot.jpg?max_age=0")
    _, _, two = fetch(f"{server.http}/front/snapshot.jpg?max_age=0")
    assert one != two


def test_a_fresh_snapshot_starts_no_camera(servers):
    server = servers.start(test_camera(linger=0.2))
    assert fetch(f"{server.http}/front/snapshot.jpg")[0] == 200
    wait_until(lambda: server.api("front")["state"] == "idle", 5, "the camera is closed again")
    _, _, one = fetch(f"{server.http}/front/snapshot.jpg?max_age=60")
    _, _, two = fetch(f"{server.http}/front/snapshot.jpg?max_age=60")
    assert one == two and media.jpeg_size(one) == (640, 360)
    assert server.api("front")["state"] == "idle"
    before = server.measured("front", "jpeg")["access_units"]
    assert fetch(f"{server.http}/front/snapshot.jpg?max_age=0")[0] == 200
    assert server.measured("front", "jpeg")["access_units"] > before, "a new picture was taken"


def test_head_of_a_snapshot_has_no_body(server):
    status, headers, body = fetch(f"{server.http}/front/snapshot.jpg", "HEAD")
    assert (status, body) == (200, b"")
    assert headers["content-type"] == "image/jpeg"


# ---- fragmented MP4 ----------------------------------------------------------------------------


def read_mp4(url, seconds):
    data = b""
    with Http(url) as request:
        assert request.status == 200
        assert request.headers["content-type"].startswith("video/mp4")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            some = request.read_some()
            assert some, "live.mp4 does not end"
            data += some
    return data


def test_live_mp4_starts_with_a_keyframe_and_is_fragmented(server):
    data = read_mp4(f"{server.http}/front/live.mp4", 3)
    found = list(media.boxes(data))
    kinds = [kind for kind, _ in found]
    assert kinds[0] == "ftyp" and kinds[1] == "moov"
    assert kinds.count("moof") >= 5 and kinds.count("moof") - kinds.count("mdat") in (0, 1)
    assert media.find_box(dict(found)["moov"], "mvex") is not None
    times = [media.decode_time(payload) for kind, payload in found if kind == "moof"]
    assert times == sorted(times) and len(set(times)) == len(times)
    first = next(payload for kind, payload in found if kind == "mdat")
    kinds_of_nals = []
    while len(first) > 4:
        size = int.from_bytes(first[:4], "big")
        kinds_of_nals.append(first[4] & 0x1F)
        first = first[4 + size:]
    assert next(kind for kind in kinds_of_nals if kind in (1, 5)) == 5
    n_pictures, complaints = media.decoded_pictures(data)
    assert n_pictures >= 2 * FRAMERATE * (0.5 if IS_SANITIZED else 1)
    assert "error" not in complaints.lower().replace("partial file", ""), complaints


def test_live_mp4_of_a_stream_by_name(server):
    n_pictures, _ = media.decoded_pictures(read_mp4(f"{server.http}/front/live.mp4?stream=sub", 2))
    assert n_pictures >= 5


def test_ffprobe_sees_live_mp4(server):
    stream = media.ffprobe(f"{server.http}/front/live.mp4", "-read_intervals", "%+1")
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 640, 360)


def test_live_mp4_joins_a_running_stream_at_once(server):
    with Http(f"{server.http}/front/live.mp4") as first:
        first.read_some()
        started = time.monotonic()
        with Http(f"{server.http}/front/live.mp4") as second:
            data = b""
            while "mdat" not in [kind for kind, _ in media.boxes(data)]:
                data += second.read_some()
        assert time.monotonic() - started < (1.5 if IS_SANITIZED else 0.7)


# ---- HLS ---------------------------------------------------------------------------------------


def read_playlist(url):
    status, headers, body = fetch(url)
    assert status == 200, body
    assert headers["content-type"].split(";")[0] in (
        "application/vnd.apple.mpegurl", "application/x-mpegurl")
    assert "no-cache" in headers["cache-control"] or "no-store" in headers["cache-control"]
    return hls.parse(body.decode(), url)


def test_the_first_request_of_an_idle_camera_waits_for_a_segment(servers):
    server = servers.start(test_camera(), http={"segment_duration": 1.0})
    assert server.api("front")["state"] == "idle"
    playlist = read_playlist(f"{server.http}/front/index.m3u8?stream=main")
    hls.check_media_playlist(playlist)
    assert fetch(playlist.segments[-1].uri)[0] == 200


def test_several_streams_make_a_multivariant_playlist(server):
    playlist = read_playlist(f"{server.http}/front/index.m3u8")
    assert len(playlist.variants) == 2
    for attributes, uri in playlist.variants:
        assert int(attributes["BANDWIDTH"]) > 0
        assert re.fullmatch(r"avc1\.[0-9a-fA-F]{6}", attributes["CODECS"].split(",")[0])
        width, height = map(int, attributes["RESOLUTION"].split("x"))
        variant = read_playlist(uri)
        hls.check_media_playlist(variant)
        data = fetch(variant.map_uri)[2] + fetch(variant.segments[-1].uri)[2]
        assert media.decoded_pictures(data)[0] > 0
        assert (width, height) in ((640, 360), (320, 180))


def test_a_live_playlist_grows_by_the_book(server):
    url = f"{server.http}/front/index.m3u8?stream=main"
    first = last = read_playlist(url)
    hls.check_media_playlist(first)
    init = fetch(first.map_uri)[2]
    assert media.find_box(init, "moov") is not None
    seen = {}
    end = time.monotonic() + 20
    while last.media_sequence < first.media_sequence + 3:
        assert time.monotonic() < end, "the playlist does not move"
        for segment in last.segments:
            if segment.uri not in seen:
                status, headers, body = fetch(segment.uri)
                assert status == 200
                assert headers["content-type"].startswith("video/mp4") or headers[
                    "content-type"].startswith("video/iso.segment")
                assert "immutable" in headers["cache-control"] or "max-age" in headers["cache-control"]
                assert fetch(segment.uri)[2] == body, "a segment never changes"
                seen[segment.uri] = (segment, body)
        time.sleep(0.2)  # as a player polls
        now = read_playlist(url)
        hls.check_media_playlist(now)
        hls.check_reload(last, now)
        last = now
    total = 0
    for segment, body in seen.values():
        n_pictures, complaints = media.decoded_pictures(init + body)
        assert n_pictures == pytest.approx(segment.duration * FRAMERATE, abs=1.5), complaints
        total += n_pictures
    assert not last.is_ended
    whole = init + b"".join(body for _, (segment, body) in sorted(
        seen.items(), key=lambda item: item[1][0].sequence))
    assert media.decoded_pictures(whole)[0] == total, "the segments join without a gap"


def wait_for_parts(url):
    """The playlist once the stream has run long enough to have parts."""
    playlist = read_playlist(url)
    while not playlist.parts:
        playlist = read_playlist(f"{url}&_HLS_msn={playlist.segments[-1].sequence + 1}&_HLS_part=0")
    return playlist


def test_a_player_follows_the_live_edge_part_by_part(server):
    """As hls.js does: the next part is asked of the playlist, which answers when it is there."""
    url = f"{server.http}/front/index.m3u8?stream=main"
    playlist = wait_for_parts(url)
    parts, waits = {}, []
    while len(parts) < 25:
        last = playlist.parts[-1]
        started = time.monotonic()
        now = read_playlist(f"{url}&_HLS_msn={last.sequence}&_HLS_part={last.index + 1}")
        waits.append(time.monotonic() - started)
        hls.check_media_playlist(now)
        hls.check_parts(now)
        hls.check_reload(playlist, now)
        newest = now.parts[-1]
        assert (newest.sequence, newest.index) > (last.sequence, last.index), "not before its time"
        for part in now.parts:
            key = (part.sequence, part.index)
            if key > (last.sequence, last.index):
                parts[key] = fetch(part.uri)[2]
        playlist = now
    assert max(waits) < 3 * playlist.part_target + (1 if IS_SANITIZED else 0)
    # Not less than a reload for each part, and none that came back for nothing.
    assert sum(waits) / len(waits) == pytest.approx(
        playlist.part_target, rel=1.0 if IS_SANITIZED else 0.4)
    assert len(waits) <= len(parts)
    check_that_parts_play(playlist, parts)


def check_that_parts_play(playlist, parts):
    """From the first one that begins a segment on, and that segments are made of them."""
    init = fetch(playlist.map_uri)[2]
    begin = min(key for key in parts if key[1] == 0)
    n_pictures, complaints = media.decoded_pictures(
        init + b"".join(parts[key] for key in sorted(parts) if key >= begin))
    n_expected = sum(
        media.decoded_pictures(init + fetch(segment.uri)[2])[0]
        for segment in playlist.segments if segment.sequence >= begin[0])
    assert n_pictures >= n_expected > 0 and not complaints, complaints
    whole = next(segment for segment in playlist.segments if segment.sequence == begin[0])
    pieces = [parts[key] for key in sorted(parts) if key[0] == whole.sequence]
    assert fetch(whole.uri)[2] == b"".join(pieces), "a segment is its parts"


def test_the_part_that_is_hinted_at_comes_when_it_is_there(server):
    url = f"{server.http}/front/index.m3u8?stream=main"
    playlist = wait_for_parts(url)
    for _ in range(12):
        last = playlist.parts[-1]
        hinted = playlist.next_part_uri
        status, headers, body = fetch(hinted)
        playlist = read_playlist(f"{url}&_HLS_msn={last.sequence}&_HLS_part={last.index + 1}")
        is_listed = hinted in [part.uri for part in playlist.parts]
        assert status == (200 if is_listed else 404), "or the segment ended without it"
        assert not is_listed or ("immutable" in headers["cache-control"] and body)


@pytest.mark.parametrize(
    "query, key",
    [("_HLS_msn=many", "_HLS_msn"), ("_HLS_msn=-1", "_HLS_msn"), ("_HLS_part=1", "_HLS_msn"),
     ("_HLS_msn=1&_HLS_part=x", "_HLS_part"), ("_HLS_msn=4294967295", "too far ahead")],
)
def test_a_reload_that_makes_no_sense_is_refused_at_once(server, query, key):
    url = f"{server.http}/front/index.m3u8?stream=main"
    read_playlist(url)
    status, _, body = fetch(f"{url}&{query}", timeout=2)
    assert status == 400 and key in body.decode()


def test_a_reload_of_what_is_past_is_answered_at_once(server):
    url = f"{server.http}/front/index.m3u8?stream=main"
    sequence = read_playlist(url).media_sequence
    assert read_playlist(f"{url}&_HLS_msn={sequence}&_HLS_part=0").media_sequence >= sequence
    assert read_playlist(f"{url}&_HLS_msn=0&_HLS_skip=YES").segments


def test_a_player_is_sent_what_is_new_and_how_far_other_streams_are(servers):
    """Playlist Delta Updates and Rendition Reports (RFC 8216bis, 6.2.5.1 and 4.4.5.4). Keyframes
    come so often that six target durations are soon over."""
    server = servers.start(test_camera(streams=[
        {"name": "main", "codec": "h264", "bitrate": 400, "keyframe_interval": 0.5},
        {"name": "sub", "codec": "h264", "width": 320, "height": 180, "bitrate": 100,
         "keyframe_interval": 0.5},
    ]), http={"segment_duration": 0.5, "playlist_segments": 20})
    variants = read_playlist(f"{server.http}/front/index.m3u8").variants
    assert all(attributes["CODECS"].startswith("avc1.42") for attributes, _ in variants), \
        "also of a stream that has not run"
    main, sub = (uri for _, uri in variants)
    wait_for_parts(main)
    wait_for_parts(sub)
    playlist = read_playlist(main)
    assert list(playlist.reports) == [sub]
    boundary = float(playlist.control["CAN-SKIP-UNTIL"])
    assert boundary >= 6 * playlist.target_duration, "4.4.3.8"
    while not playlist.n_skipped:
        last = playlist.parts[-1]
        playlist = read_playlist(
            f"{main}&_HLS_msn={last.sequence}&_HLS_part={last.index + 1}&_HLS_skip=YES")
    left = sum(segment.duration for segment in playlist.segments)
    assert boundary - 0.01 <= left < boundary + 2 * playlist.target_duration
    whole = read_playlist(main)
    assert whole.n_skipped == 0
    by_sequence = {segment.sequence: segment for segment in whole.segments}
    kept = [segment for segment in playlist.segments if segment.sequence in by_sequence]
    assert kept and all(by_sequence[segment.sequence].uri == segment.uri for segment in kept)
    # What the report says is there: a player that changes over need not wait for it.
    report = read_playlist(main).reports[sub]
    other = read_playlist(f"{sub}&_HLS_msn={report['LAST-MSN']}&_HLS_part={report['LAST-PART']}")
    newest = other.parts[-1]
    assert (newest.sequence, newest.index) >= (int(report["LAST-MSN"]), int(report["LAST-PART"]))


def test_without_a_part_duration_there_are_no_parts(servers):
    server = servers.start(test_camera(), http={"segment_duration": 1.0, "part_duration": 0})
    url = f"{server.http}/front/index.m3u8?stream=main"
    first = read_playlist(url)
    after = read_playlist(f"{url}&_HLS_msn={first.segments[-1].sequence + 1}")
    assert after.segments[-1].sequence == first.segments[-1].sequence + 1
    assert not after.parts and not after.control and after.next_part_uri is None


def test_a_segment_that_is_gone_is_not_found(server):
    playlist = read_playlist(f"{server.http}/front/index.m3u8?stream=main")
    name = playlist.segments[0].uri
    digits = re.findall(r"\d+", name.rsplit("/", 1)[1])[-1]
    beyond = name[: name.rindex(digits)] + "99999999" + name[name.rindex(digits) + len(digits):]
    assert fetch(beyond)[0] == 404


def test_ffmpeg_plays_hls(server):
    media.decode(f"{server.http}/front/index.m3u8", 30)


def test_hls_viewers_are_counted_and_the_stream_ends_without_them(server):
    read_playlist(f"{server.http}/front/index.m3u8?stream=main")
    assert server.stream("front", "main")["viewers"]["hls"] >= 1
    wait_until(
        lambda: server.api("front")["viewers"]["hls"] == 0, 30, "who asks no more is no viewer"
    )


@pytest.mark.parametrize("kind", ["mjpeg", "live.mp4", "index.m3u8"])
def test_vlc_shows_moving_pictures(server, kind):
    count, log = media.vlc_pictures(f"{server.http}/front/{kind}", 6)
    assert count >= 5, log[-3000:]


def test_no_picture_is_written_on_disk(server):
    with Http(f"{server.http}/front/live.mp4") as request:
        request.read_some()
        read_playlist(f"{server.http}/front/index.m3u8?stream=main")
        files = [link for link in server.open_files() if link.startswith("/")]
    written = [
        link for link in files
        if not link.startswith(("/dev/", "/proc/", "/sys/", "/memfd:")) and link != str(server.log_file)
    ]
    assert written == []
    assert {path.name for path in server.directory.iterdir()} <= {"porthole.json", "log", "state"}
    state = [path for path in server.directory.glob("state/**/*") if path.is_file()]
    assert sum(path.stat().st_size for path in state) < 20_000, "less than one picture"
