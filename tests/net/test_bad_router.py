# SPDX-License-Identifier: LGPL-2.1-or-later
"""Routers as they should not be: UPnP that hangs, drips, lies and sends elsewhere."""
import datetime
import pathlib

import bed
import pytest
from porthole import wait_until

FAKE = pathlib.Path(__file__).with_name("fake_igd.py")


@pytest.fixture
def router(network):
    """router (MODE) starts a bad router, and gives a function that tells what it has heard."""
    network.reset()
    running = []

    def start(mode):
        log = f"fake-{mode}.log"
        running.append(
            network.start("rt", "/usr/bin/python3", FAKE, bed.ROUTER, mode, bed.ROUTER_IPV6, log=log))
        file = network.directory / log
        wait_until(lambda: "ready" in file.read_text(), 10, "the router is ready")
        return file.read_text

    yield start
    for child in running:
        network.end(child)


@pytest.mark.parametrize("mode, said", [
    ("hang", "no whole description in time"),
    ("drip", "no whole description in time"),
    ("huge", "the answer has more than 65536 bytes"),
    ("doctype", "is no XML"),
    ("redirect", "it answers with HTTP status 302"),
    ("control-elsewhere", "has no service that maps ports"),
    ("elsewhere", "an address that is not the router's"),
])
def test_what_cannot_be_trusted_is_passed_over(router, servers, mode, said):
    heard = router(mode)
    server = servers()
    entry = server.wait_for_state("closed")
    assert said in entry["answers"]["UPnP"]
    assert "POST" not in heard()


@pytest.mark.parametrize("mode, said", [
    ("hang-answer", "the router gives no whole answer in time"),
    ("no-xml", "the router gives no answer that can be understood"),
    ("wrong-url", "the router gives no answer that can be understood"),
    ("empty", "the router has no public address"),
    ("full", "(error 728)"),
    ("liar", "the router agrees, but then does not know of the mapping"),
    ("foreign", "port 8443 belongs to 192.168.77.99 (\"nas\")"),
])
def test_what_does_not_work_is_told(router, servers, mode, said):
    heard = router(mode)
    server = servers()
    server.wait_for_words(said)
    assert "DeletePortMapping" not in heard()


def test_a_table_that_is_full_is_left_alone_for_half_an_hour(router, servers):
    router("full")
    server = servers()
    server.wait_for_words("(error 728)")
    server.fetch("lan", f"https://127.0.0.1:{server.port}/api/v1/doctor")  # which asks once more

    def find_pause():
        entry = server.entry()
        answered, following = (datetime.datetime.fromisoformat(entry[key].replace("Z", "+00:00"))
                               for key in ("answered", "next"))
        return following - answered
    wait_until(lambda: find_pause() >= datetime.timedelta(minutes=30), 30, "it waits half an hour")


def test_an_answer_that_does_not_end_is_cut_off(router, servers):
    heard = router("huge-answer")
    server = servers()
    server.wait_for_words("the router gives no answer")
    wait_until(lambda: "hung up" in heard(), 5, "the connection is ended")


def test_a_router_without_leases_is_asked_for_one_that_stays(router, servers):
    heard = router("permanent")
    server = servers()
    assert server.wait_for_state("open")["lifetime"] == 0
    server.stop()
    assert "AddPortMapping 8443 3600\n" in heard() and "AddPortMapping 8443 0\n" in heard()
    assert "DeletePortMapping 8443" in heard()


def test_a_router_that_wants_both_ports_alike_gets_them(router, servers):
    router("same-ports")
    server = servers()
    assert server.wait_for_state("open")["external_port"] == 8443


def test_an_entry_of_our_own_from_another_address_is_replaced(router, servers):
    heard = router("old-own")
    server = servers()
    assert server.wait_for_state("open")["external_port"] == 8443
    assert heard().count("DeletePortMapping 8443") == 1


@pytest.mark.parametrize("mode, said", [
    ("pinhole-never", "the router lets nobody open its IPv6 firewall"),
    ("pinhole-full", "(error 701)"),
    ("pinhole-number", "the router agrees, but does not number the hole"),
])
def test_an_ipv6_firewall_that_stays_shut_is_told(router, servers, mode, said):
    router(mode)
    server = servers()
    server.wait_for_words(said, ip_version=6)


def test_an_ipv6_firewall_that_is_off_needs_no_hole(router, servers):
    heard = router("pinhole-off")
    server = servers()
    assert server.wait_for_state("open", ip_version=6)["protocol"] == "UPnP"
    assert "AddPinhole" not in heard()


@pytest.mark.parametrize("mode, n_made", [("pinhole", 1), ("pinhole-forgotten", 2)])
def test_a_hole_is_renewed_or_made_anew_where_it_was_forgotten(router, servers, mode, n_made):
    heard = router(mode)
    server = servers()
    server.wait_for_state("open", ip_version=6)
    server.fetch("lan", f"https://127.0.0.1:{server.port}/api/v1/doctor")  # which asks all anew
    wait_until(lambda: "UpdatePinhole" in heard() and heard().count("AddPinhole") == n_made, 20,
               "it was asked for again")
    server.stop()
    assert "DeletePinhole" in heard()
