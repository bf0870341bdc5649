# SPDX-License-Identifier: LGPL-2.1-or-later
"""A router that speaks UPnP alone, and tells changes by its events (GENA)."""
import re
import time

import bed
import pytest
from porthole import wait_until
from test_router import hear, listen

ASKED = "the router's address: "
HEARD = "UPnP: the router sends an event"
ALIVE = "UPnP: the router tells changes"


@pytest.fixture
def server(network, servers):
    """Porthole, as soon as the router's events are seen to arrive."""
    network.reset()
    network.start_upnpd(enable_natpmp="no")
    started = servers()
    assert started.wait_for_state("open")["protocol"] == "UPnP"
    wait_until(lambda: ALIVE in started.log, 30, "the first event comes")
    return started


def wait_until_rarely_asked(server):
    """For a while after an event the router is asked every three seconds."""
    last = [0, time.monotonic()]

    def look():
        if server.log.count(ASKED) != last[0]:
            last[:] = server.log.count(ASKED), time.monotonic()
        return time.monotonic() - last[1] > 6
    wait_until(look, 60, "the router is asked no more")


def wait_for_new_address(network, server):
    n_heard = server.log.count(HEARD)
    with listen(server) as lines:
        network.change_wan()
        began = time.monotonic()
        while hear(lines, "address")["ipv4"] != bed.OTHER_WAN:
            pass
        assert time.monotonic() - began < 10
    assert server.log.count(HEARD) > n_heard
    assert server.report()["public_address"]["sources"]["router"]["address"] == bed.OTHER_WAN
    wait_until(lambda: server.entry()["external"]["address"] == bed.OTHER_WAN, 10,
               "the mapping is of the new address")


def test_a_new_address_is_noticed_by_event(network, server):
    wait_until_rarely_asked(server)
    wait_for_new_address(network, server)


def test_a_restarted_router_is_subscribed_to_again(network, server):
    network.stop_upnpd()
    network.nft("rt", bed.RULES)
    network.start_upnpd(enable_natpmp="no")
    wait_until(lambda: server.log.count(ALIVE) > 1, 20, "events of the new one come")
    wait_until(server.is_reached, 20, "it is reached again")


# Writes SIZE bytes of a body, of which nothing needs to be there in the end.
NOTIFY = """
import socket, sys
host, port, path, sid, size = sys.argv[1:]
line = socket.create_connection((host, int(port)), 5)
head = f"NOTIFY {path} HTTP/1.1\\r\\nHost: {host}:{port}\\r\\nNT: upnp:event\\r\\nNTS: upnp:propchange\\r\\n"
try:
    line.sendall((head + f"SID: {sid}\\r\\nSEQ: 1\\r\\n").encode())
    if int(size) > 0:
        line.sendall(f"Content-Length: {size}\\r\\n\\r\\n".encode() + b"x" * int(size))
    else:
        line.sendall(b"Transfer-Encoding: chunked\\r\\n\\r\\n")
        for _ in range(10000):
            line.sendall(b"1000\\r\\n" + b"x" * 4096 + b"\\r\\n")
    print(line.recv(1000).decode().split("\\r\\n")[0])
except ConnectionError:
    print("hung up")
"""


def test_what_is_no_event_of_the_routers_changes_nothing(network, server):
    file = network.directory / "miniupnpd.log"
    log = file.read_text()
    port, path = re.findall(r"addSubscriber\(.*http://192\.168\.77\.10:(\d+)(/\w+)", log)[-1]
    sid = re.findall(r"generated sid=(\S+)", log)[-1]

    def notify(name, *arguments):
        return network.run(name, "/usr/bin/python3", "-c", NOTIFY, bed.LAN, port, *arguments)\
            .stdout.strip()

    def wait_until_heard(n_more):
        """All that miniupnpd sent by itself, and so many besides."""
        wait_until(lambda: server.log.count(HEARD) ==
                   file.read_text().count("sending event notify message") + n_more, 10,
                   f"{n_more} more events are heard")

    assert notify("lan2", path, sid, 10) in ("", "hung up")
    assert notify("rt", "/", sid, 10) == "HTTP/1.1 404 Not Found"
    assert notify("rt", path, "uuid:another", 10) == "HTTP/1.1 412 Precondition Failed"
    assert notify("rt", path, sid, 20000) == "hung up"
    assert notify("rt", path, sid, 0) == "hung up"
    wait_until_heard(0)
    assert notify("rt", path, sid, 10) == "HTTP/1.1 200 OK"
    wait_until_heard(1)
    wait_for_new_address(network, server)
