# SPDX-License-Identifier: LGPL-2.1-or-later
"""A driver that does not come back from open() or close() costs its own camera some time, and nobody
else a picture. The camera is a plugin of the tests' own."""
import json
import signal
import threading

import media
from audience import SLOW, Audience, MjpegViewer, wait_for_state
from porthole import plugin_environment, test_camera, wait_until

# Were others to wait for the driver they would miss some 8 s.
LONGEST_GAP_S = 5


def hanging_camera(name, told):
    """told is the file that says when it hangs."""
    return test_camera(
        name, source={"type": "launch", "launch": f"hangingsrc location={told} ! video/x-raw,"
                      "format=I420,width=320,height=180,framerate=15/1"},
        streams=[{"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0},
                 {"name": "jpeg", "codec": "jpeg", "framerate": 5}], linger=0.2)


def try_get_refusal(url):
    """None while there is a picture that is young enough."""
    status, _, body = media.fetch(url, timeout=60 * SLOW)
    return body if status == 503 else None


def wait_for_picture_until_sent_away(server, camera):
    """Who waits for a snapshot is in the list of viewers meanwhile. The status it got."""
    statuses = []
    waiter = threading.Thread(target=lambda: statuses.append(
        media.fetch(f"{server.http}/{camera}/snapshot.jpg")[0]))
    waiter.start()

    def find():
        viewers = json.loads(media.fetch(f"{server.http}/api/v1/viewers")[2])["viewers"]
        return [one for one in viewers if (one["camera"], one["kind"]) == (camera, "snapshot")]

    viewer, = wait_until(find, 9, "it is listed")
    assert media.fetch(f"{server.http}/api/v1/viewers/{viewer['id']}", "DELETE")[0] == 204
    waiter.join(9)
    assert not find()
    return statuses.pop()


def test_a_driver_that_hangs_costs_nobody_else_a_picture(servers, tmp_path):
    told, told_never = tmp_path / "front.told", tmp_path / "never.told"
    told_never.write_text("open")
    server = servers.start(
        hanging_camera("front", told), hanging_camera("never", told_never),
        test_camera("other", 320, 180, 15), answers_within=60,
        environment=plugin_environment(tmp_path))
    wait_until(lambda: media.fetch(f"{server.http}/other/snapshot.jpg")[0] == 200, 30 * SLOW,
               "GStreamer knows the plugins")
    other = MjpegViewer(f"{server.http}/other/mjpeg")
    sent_away = wait_for_picture_until_sent_away(server, "never")
    assert sent_away == 503

    # opened: what it offers is known from before
    assert media.fetch(f"{server.http}/front/snapshot.jpg", timeout=30 * SLOW)[0] == 200
    wait_for_state(server, "front", "idle")
    told.write_text("open")
    answer = wait_until(lambda: try_get_refusal(f"{server.http}/front/snapshot.jpg"), 60 * SLOW,
                        "a picture is refused")
    assert b"the driver does not answer, opening it has not ended" in answer
    told.unlink()
    wait_for_state(server, "front", "idle")

    with Audience(tmp_path, server, "front") as audience:
        audience.wait_for_pictures()
        told.write_text("close")
        assert media.fetch(f"{server.http}/api/v1/cameras/front/restart", "POST")[0] in (200, 202, 204)
        wait_for_state(server, "front", "lost")
        assert "closing it has not ended" in server.api("front")["last_error"]
        wait_until(lambda: all(one["placeholder"] for one in server.api("front")["streams"]),
                   10 * SLOW, "the streams carry a placeholder")
        audience.assert_connected()
        told.unlink()
        wait_for_state(server, "front", "live")
        audience.wait_for_pictures()

        wait_for_state(server, "never", "lost", 30 * SLOW)
        says = server.api("never")["last_error"]
        assert "the driver does not answer, asking it has not ended" in says
        assert other.is_connected() and other.longest_gap < LONGEST_GAP_S
        assert server.api("other")["restarts"] == 0
        other.stop()

        told.write_text("close")
        servers.stop(server, signal.SIGTERM, 4 * SLOW)
    assert "front: its driver does not answer, so it is left as it is" in server.log
    assert "never: its driver does not answer, so it is left as it is" in server.log
