# SPDX-License-Identifier: LGPL-2.1-or-later
"""Porthole behind a real router: what a host outside reaches, and what Porthole says of it."""
import contextlib
import json
import subprocess
import time

import bed
import jsonschema
import pytest
from conftest import PASSWORD
from porthole import ROOT, wait_until

OPENAPI = json.loads((ROOT / "data" / "web" / "openapi.json").read_text())


@pytest.fixture(autouse=True)
def clean_router(network):
    network.reset()


def upnpc(network, host, *arguments):
    return network.run(host, "upnpc", *arguments, check=False, timeout=30).stdout


def test_pcp_opens_https_and_nothing_is_left_at_the_end(network, servers):
    network.start_upnpd()
    server = servers()
    entry = server.wait_for_state("open")
    assert (entry["protocol"], entry["external_port"]) == ("PCP", 8443)
    assert entry["external"] == {"address": bed.WAN, "class": "public"}
    assert server.is_reached()
    jsonschema.validate(server.report(), {
        "$ref": "#/components/schemas/Remote", "components": OPENAPI["components"]})
    assert server.fetch("wan", f"http://{bed.WAN}:8081/healthz") is None
    metrics = server.fetch("lan", f"https://127.0.0.1:{server.port}/metrics").decode()
    assert 'porthole_port_mapping_info{port="https",family="ipv4",protocol="PCP"} 1\n' in metrics
    assert 'porthole_public_address_state{porthole_public_address_state="router"} 1\n' in metrics
    server.stop()
    assert "8443" not in network.run("rt", "nft", "list ruleset").stdout


def test_ipv6_is_let_through_the_routers_firewall(network, servers):
    network.start_upnpd()
    server = servers()
    assert not server.is_reached(f"[{bed.LAN_IPV6}]", 8081)
    entry = server.wait_for_state("open", ip_version=6)
    assert entry["protocol"] == "PCP"
    assert server.is_reached(f"[{bed.LAN_IPV6}]")
    assert server.report()["public_address"]["ipv6"]["address"] == bed.LAN_IPV6
    server.stop()
    assert "8443" not in network.run("rt", "nft", "list ruleset").stdout


@pytest.fixture
def link_local_router(network):
    """The default route as router advertisements make it (RFC 4861), instead of the one there is."""
    link = json.loads(network.run("rt", "ip", "-j", "-6", "addr", "show", "dev", "br-lan").stdout)
    address = next(entry["local"] for entry in link[0]["addr_info"] if entry["scope"] == "link")
    network.batch("lan", f"route replace default via {address} dev eth0")
    yield address
    network.batch("lan", f"route replace default via {bed.ROUTER_IPV6}")


def is_shut_again(network):
    return "8443" not in network.run("rt", "nft", "list ruleset").stdout


def test_ipv6_is_let_in_by_upnp_where_the_router_has_no_pcp(network, servers):
    network.reset(bed.NO_PCP)  # enable_natpmp does not switch it off for IPv6
    network.start_upnpd()
    server = servers()
    entry = server.wait_for_state("open", ip_version=6)
    assert entry["protocol"] == "UPnP" and entry["lifetime"] == 3600
    assert server.is_reached(f"[{bed.LAN_IPV6}]")
    server.kill()
    server.settings.write_text(server.settings.read_text().replace('"enabled": true',
                                                                   '"enabled": false'))
    server.start()
    wait_until(lambda: is_shut_again(network), 10, "what the crash left is taken away")


def test_ipv6_by_upnp_of_a_router_with_a_link_local_address(network, link_local_router, servers):
    network.reset(bed.NO_PCP)  # enable_natpmp does not switch it off for IPv6
    network.start_upnpd()
    server = servers()
    assert server.wait_for_state("open", ip_version=6)["protocol"] == "UPnP"
    assert server.is_reached(f"[{bed.LAN_IPV6}]")
    server.stop()
    assert is_shut_again(network)


def test_natpmp_where_the_router_has_no_pcp(network, servers):
    network.reset(bed.NO_PCP)
    network.start_upnpd()
    server = servers()
    entry = server.wait_for_state("open")
    assert (entry["protocol"], entry["external"]["address"]) == ("NAT-PMP", bed.WAN)
    assert server.is_reached()
    server.stop()
    assert "8443" not in network.run("rt", "nft", "list ruleset").stdout


@pytest.mark.parametrize("is_first_version", ["no", "yes"])
def test_upnp_where_the_router_has_nothing_else(network, servers, is_first_version):
    network.start_upnpd(enable_natpmp="no", force_igd_desc_v1=is_first_version)
    server = servers()
    entry = server.wait_for_state("open")
    assert (entry["protocol"], entry["external"]["address"]) == ("UPnP", bed.WAN)
    assert server.is_reached()
    server.stop()
    assert "8443" not in network.run("rt", "nft", "list ruleset").stdout


def test_a_lease_is_renewed_before_it_ends(network, servers):
    network.start_upnpd(max_lifetime=4)
    server = servers()
    first = server.wait_for_state("open")
    assert first["lifetime"] <= 4
    wait_until(lambda: server.log.count("PCP: ") >= 4 * 2, 12, "it was asked for again")
    assert server.is_reached()


def test_a_restarted_router_is_asked_again(network, servers):
    network.start_upnpd()
    server = servers()
    server.wait_for_state("open")
    network.restart_router()
    wait_until(server.is_reached, 10, "it is reached again")


@contextlib.contextmanager
def listen(server):
    """What /api/v1/events says, as an admin hears it."""
    with subprocess.Popen(
            server.network.command("lan", "curl", "-skN", "-m", "30", "-u", f"anna:{PASSWORD}",
                                   f"https://127.0.0.1:{server.port}/api/v1/events"),
            stdout=subprocess.PIPE, text=True) as client:
        try:
            assert client.stdout.readline().startswith("retry: ")
            yield client.stdout
        finally:
            client.kill()


def hear(lines, kind):
    for line in lines:
        if line == f"event: {kind}\n":
            return json.loads(next(lines).removeprefix("data: "))
    raise AssertionError(f"nothing was said of {kind}")


def test_the_settings_turn_mapping_on_and_off(network, servers):
    network.start_upnpd()
    server = servers(port_mapping={"enabled": False})
    wait_until(server.report, 12, "it answers")
    assert server.entry() is None
    settings = json.loads(server.settings.read_text())
    settings["remote"]["port_mapping"]["enabled"] = True
    server.settings.write_text(json.dumps(settings))
    server.wait_for_state("open")
    assert server.is_reached()
    settings["remote"]["port_mapping"]["enabled"] = False
    server.settings.write_text(json.dumps(settings))
    wait_until(lambda: "8443" not in network.run("rt", "nft", "list ruleset").stdout, 10,
               "the router's door is closed again")
    assert server.entry() is None and not server.is_reached()


def test_a_new_address_is_noticed_within_seconds(network, servers):
    network.start_upnpd()
    server = servers()
    server.wait_for_state("open")
    assert server.is_reached()
    with listen(server) as lines:
        network.change_wan()
        began = time.monotonic()
        assert hear(lines, "address")["ipv4"] == bed.OTHER_WAN
    assert time.monotonic() - began < 5
    assert server.report()["public_address"]["ipv4"]["address"] == bed.OTHER_WAN
    wait_until(lambda: server.is_reached(bed.OTHER_WAN), 5, "it is reached at the new address")
    assert not server.is_reached(bed.WAN)


@pytest.mark.parametrize("options", [{}, {"enable_natpmp": "no"}])
def test_a_port_of_somebody_elses_stays_theirs(network, servers, options):
    network.start_upnpd(**options)
    taken = upnpc(network, "lan2", "-e", "nas", "-a", bed.LAN2, "22", "8443", "TCP", "600")
    assert "is redirected to" in taken
    server = servers()
    entry = server.wait_for_state("open")
    assert entry["external_port"] != 8443
    assert server.is_reached(port=entry["external_port"])
    if options:
        assert f"port 8443 belongs to {bed.LAN2} (\"nas\")" in entry["said"]
    server.stop()
    assert f"8443->{bed.LAN2}:22" in upnpc(network, "lan2", "-l")


@pytest.mark.parametrize("options", [{}, {"enable_natpmp": "no"}])
def test_a_low_port_that_is_not_allowed_becomes_a_high_one(network, servers, options):
    # Not a lower one: miniupnpd tries every port from there, and writes a line about each.
    network.start_upnpd(**options)
    server = servers(http={"tls_port": 1020})
    entry = server.wait_for_state("open")
    assert entry["external_port"] >= 1024 and entry["internal_port"] == 1020
    assert server.is_reached(port=entry["external_port"])


def test_a_router_that_allows_nothing_is_told(network, servers):
    # Over PCP miniupnpd looks for a port that it may give, and is silent as long as that takes it.
    network.start_upnpd(allow="", enable_natpmp="no")
    server = servers()
    entry = server.wait_for_state("closed")
    assert "(error 606)" in entry["said"]
    assert not server.is_reached()


@pytest.mark.parametrize("kind, finding, inner",
                         [("cgnat", "cgnat", "100.64.12.34"), ("double", "double-nat", "192.168.1.2")])
def test_translation_in_front_of_the_router_is_told(network, servers, kind, finding, inner):
    network.provide(kind)
    network.start_upnpd()
    server = servers()
    entry = server.wait_for_state("closed")
    assert "public address" in entry["said"]
    report = wait_until(
        lambda: (found := server.report()["public_address"])["ipv4"]["source"] == finding and found,
        12, f"the finding is {finding}")
    assert report["sources"]["router"]["address"] == inner
    assert report["ipv4"]["address"] == "9.9.9.1"


def test_a_router_that_speaks_nothing_is_told_in_time(network, servers):
    server = servers()
    entry = server.wait_for_state("closed", within=10)
    assert entry["said"] == "the router answers neither to PCP nor NAT-PMP nor UPnP"
    assert "switched off" in entry["answers"]["PCP"]
    report = server.report()["public_address"]["ipv4"]
    assert (report["source"], report["address"]) == ("web", bed.WAN)


def test_what_a_crash_left_open_is_taken_away(network, servers):
    network.start_upnpd()
    server = servers()
    server.wait_for_state("open")
    server.kill()
    assert "8443" in network.run("rt", "nft", "list ruleset").stdout
    text = server.settings.read_text().replace('"enabled": true', '"enabled": false')
    server.settings.write_text(text)
    server.start()
    wait_until(lambda: "8443" not in network.run("rt", "nft", "list ruleset").stdout, 10,
               "the mapping is gone")


@pytest.mark.parametrize("options", [{}, {"enable_natpmp": "no"}])
def test_the_port_outside_may_be_another_one(network, servers, options):
    network.start_upnpd(**options)
    server = servers(port_mapping={"external_https_port": 18443})
    entry = server.wait_for_state("open")
    assert (entry["internal_port"], entry["external_port"]) == (8443, 18443)
    assert server.is_reached(port=18443) and not server.is_reached()
    if options:
        return
    text = server.settings.read_text().replace('"external_https_port": 18443',
                                               '"external_https_port": 18444')
    server.settings.write_text(text)
    wait_until(lambda: server.is_reached(port=18444), 12, "the new port is open")
    wait_until(lambda: "18443" not in network.run("rt", "nft", "list ruleset").stdout, 10,
               "the old one is closed")


ASK_RTSPS = """
import socket, ssl, sys
context = ssl._create_unverified_context()
with context.wrap_socket(socket.create_connection((sys.argv[1], 8322), 3)) as line:
    line.sendall(b"OPTIONS * RTSP/1.0\\r\\nCSeq: 1\\r\\n\\r\\n")
    print(line.recv(1000).decode())
"""


def test_rtsps_is_opened_too_when_it_is_asked_for(network, servers):
    network.start_upnpd()
    server = servers(port_mapping={"ports": ["https", "rtsps"]})
    server.wait_for_state("open")
    wait_until(lambda: sum(port["state"] == "open" for port in
                           server.report()["port_mapping"]["ports"]) == 4, 12, "all are open")
    answer = network.run("wan", "/usr/bin/python3", "-c", ASK_RTSPS, bed.WAN).stdout
    assert answer.startswith("RTSP/1.0 200 OK"), answer
    assert server.is_reached()
    server.stop()
    ruleset = network.run("rt", "nft", "list ruleset").stdout
    assert "8443" not in ruleset and "8322" not in ruleset


def test_nothing_is_opened_without_users(network, servers):
    network.start_upnpd()
    server = servers(users=False)
    wait_until(lambda: "no port is opened at the router: there are no users, so everybody outside "
               "could look; add one with \"porthole user\"" in server.log, 10, "it says why")
    assert server.fetch("lan", "http://127.0.0.1:8081/healthz") is not None
    assert "dnat" not in network.run("rt", "nft", "list ruleset").stdout
