# SPDX-License-Identifier: LGPL-2.1-or-later
"""What there may be at one time: who comes when it is full is told so and when to come again, who
is there keeps every frame, and places that are given back are there for others. This machine itself
(127.0.0.1) is limited only in all, so strangers come from other addresses of loopback."""
import contextlib
import http.client

import pytest
from porthole import Porthole, test_camera, wait_until
from rtsp_client import RtspClient

RETRY_AFTER = "10"
LIMITS = {"connections": 16, "connections_per_peer": 4, "viewers": 4, "viewers_per_peer": 2}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(tmp_path_factory.mktemp("server"), [test_camera()],
                      access={"anonymous": True, "limits": LIMITS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


@pytest.fixture
def viewer(server):
    """One that plays from before to after the test, and misses nothing."""
    with RtspClient(f"{server.rtsp}/front") as client:
        client.start().wait_for_keyframe()
        yield client
        assert len(list(client.units(count=10))) == 10
        assert client.n_lost == 0


@pytest.fixture
def opened():
    """What is put here is closed with the test."""
    with contextlib.ExitStack() as stack:
        yield stack


def connect(server, opened, peer):
    return opened.enter_context(RtspClient(f"{server.rtsp}/front", source=peer))


def look(server, opened, peer):
    """Asks for pictures over RTSP: the client, and the answer to SETUP."""
    client = connect(server, opened, peer)
    assert client.describe().status == 200
    return client, client.setup()


def get(server, opened, peer, path):
    """The answer, which may be without end."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", server.http_port, timeout=10, source_address=(peer, 0))
    opened.callback(connection.close)
    connection.request("GET", path)
    return opened.enter_context(connection.getresponse())


def says_to_come_again(answer, status):
    retry_after = answer.headers.get("retry-after")
    return (answer.status, retry_after) == (status, RETRY_AFTER)


def wait_for_place(ask):
    """Until ask (OPENED) has an answer that is no refusal."""
    def is_let_in():
        with contextlib.ExitStack() as attempt:
            return ask(attempt).status == 200
    wait_until(is_let_in, 10, "a place that was given back is there for another")


def test_viewers_of_one_address_and_in_all(server, viewer, opened):
    """RTSP and HTTP share the four places; the good viewer has one."""
    first, answer = look(server, opened, "127.6.0.1")
    assert answer.status == 200
    assert get(server, opened, "127.6.0.1", "/front/mjpeg").status == 200
    _, answer = look(server, opened, "127.6.0.1")
    assert says_to_come_again(answer, 453), answer
    assert says_to_come_again(get(server, opened, "127.6.0.1", "/front/live.mp4"), 429)
    assert "127.6.0.1: too many viewers of this address (RTSP)" in server.log

    _, answer = look(server, opened, "127.6.0.2")
    assert answer.status == 200, "the share of another"
    _, answer = look(server, opened, "127.6.0.2")
    assert says_to_come_again(answer, 453), answer
    assert says_to_come_again(get(server, opened, "127.6.0.3", "/front/mjpeg"), 503)
    assert get(server, opened, "127.6.0.3", "/front/snapshot.jpg").status == 200, "it ends"

    first.close()
    wait_for_place(lambda attempt: look(server, attempt, "127.6.0.3")[1])
    opened.close()
    wait_for_place(lambda attempt: get(server, attempt, "127.6.0.1", "/front/mjpeg"))


def test_connections_of_one_address_and_in_all(server, viewer, opened):
    for peer in ("127.7.0.1", "127.7.0.2", "127.7.0.3"):
        for _ in range(4):
            assert connect(server, opened, peer).request("OPTIONS").status == 200
        answer = connect(server, opened, peer).request("OPTIONS")
        assert says_to_come_again(answer, 503), answer
        assert says_to_come_again(get(server, opened, peer, "/healthz"), 429)

    # The good viewer and these are 13. Those that were refused are gone at once, or soon.
    for _ in range(3):
        wait_until(lambda: connect(server, opened, "127.7.0.4").request("OPTIONS").status == 200,
                   10, "the last places are to be had")
    answer = connect(server, opened, "127.7.0.5").request("OPTIONS")
    assert says_to_come_again(answer, 503), answer
    assert says_to_come_again(get(server, opened, "127.7.0.6", "/healthz"), 503)

    opened.close()
    wait_for_place(lambda attempt: get(server, attempt, "127.7.0.6", "/healthz"))
    wait_for_place(lambda attempt: connect(server, attempt, "127.7.0.1").request("OPTIONS"))
