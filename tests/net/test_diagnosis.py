# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the doctor says behind a real router, and the proof from outside."""
import json
import os
import pathlib
import subprocess
import time

import bed
import pytest
from porthole import BINARY, wait_until


NAME_SERVER = pathlib.Path(__file__).with_name("name_server.py")
DEAD = """
flush ruleset
table inet filter {
  chain input { type filter hook input priority 0; policy drop; }
  chain forward { type filter hook forward priority 0; policy drop; }
}
"""


@pytest.fixture(autouse=True)
def clean_router(network):
    network.reset()


def ask_doctor(network, server, *options):
    """The exit status and what `porthole doctor` prints."""
    answer = subprocess.run(
        network.command("lan", BINARY, "doctor", "--config", server.settings, *options),
        env={**os.environ, "STATE_DIRECTORY": str(server.directory / "state")},
        capture_output=True, text=True, timeout=25, check=False)
    assert answer.stderr == "", answer.stderr
    return answer.returncode, answer.stdout


def diagnose(network, server):
    status, text = ask_doctor(network, server, "--json")
    report = json.loads(text)
    assert len(report["steps"]) == 15
    assert (status == 1) == (report["verdict"]["state"] == "problem")
    return report["verdict"], {step["name"]: step for step in report["steps"]}, report


def browse(network, name, url):
    """Status and body of what a browser without a password gets."""
    answer = network.run(name, "curl", "-sk", "-m", "5", "-w", "\n%{http_code}", url, check=False)
    body, _, status = answer.stdout.rpartition("\n")
    return int(status), body


def test_a_visit_from_outside_is_the_proof(network, servers):
    network.start_upnpd()
    server = servers()
    server.wait_for_state("open")
    verdict, steps, report = diagnose(network, server)
    assert (verdict["state"], verdict["blocker"]) == ("unknown", None), verdict
    assert steps["mapping"]["state"] == steps["nat"]["state"] == steps["server"]["state"] == "ok"
    url = report["reach"]["url"]
    path = url.removeprefix(f"https://{bed.WAN}:8443")
    assert path.startswith("/reach/") and len(path) == len("/reach/") + 22

    status, body = browse(network, "lan2", f"https://{bed.LAN}:8443{path}")
    assert status == 200 and "Not from outside" in body and bed.LAN2 in body
    assert browse(network, "wan", url[:-1] + "!")[0] == 404
    status, body = browse(network, "wan", url)
    assert status == 200 and "It works" in body and bed.OUTSIDE in body and "TLS" in body
    assert browse(network, "wan", url)[0] == 404

    verdict, steps, report = diagnose(network, server)
    assert (verdict["state"], steps["outside"]["state"]) == ("ok", "ok")
    assert report["last_visit"]["address"] == bed.OUTSIDE
    assert report["reach"]["url"] != url
    assert path not in server.log


@pytest.mark.parametrize("kind, blocker, seen", [
    ("cgnat", "cgnat", "100.64.12.34"), ("double", "double-nat", "another router, 192.168.1.1")])
def test_translation_in_front_of_the_router(network, servers, kind, blocker, seen):
    network.provide(kind)
    network.start_upnpd()
    server = servers()
    server.wait_for_state("closed")
    verdict, _, _ = diagnose(network, server)
    assert verdict["blocker"] == blocker and seen in verdict["seen"], verdict
    assert len(verdict["remedies"]) == 3


def test_a_router_that_speaks_nothing(network, servers):
    server = servers()
    wait_until(server.report, 10, "it answers")
    verdict, steps, _ = diagnose(network, server)
    assert verdict["blocker"] == "router-silent", verdict
    assert steps["internet"]["state"] == "ok"
    status, text = ask_doctor(network, server)
    assert status == 1 and "problem  What the router speaks: " in text
    assert "switched off" in text.split("\n\n", 1)[1], "the verdict comes last"


def test_a_router_that_refuses(network, servers):
    network.start_upnpd(allow="", enable_natpmp="no")
    server = servers()
    server.wait_for_state("closed")
    verdict, _, _ = diagnose(network, server)
    assert verdict["blocker"] == "mapping-refused" and "(error 606)" in verdict["seen"], verdict


def test_who_has_the_port(network, servers):
    network.start_upnpd(enable_natpmp="no")
    network.run("lan2", "upnpc", "-e", "nas", "-a", bed.LAN2, "22", "8443", "TCP", "600")
    server = servers()
    server.wait_for_state("open")
    verdict, steps, report = diagnose(network, server)
    assert verdict["blocker"] is None
    assert f"belongs to {bed.LAN2} (\"nas\")" in steps["conflict"]["seen"]
    assert ":8443/" not in report["reach"]["url"]
    assert browse(network, "wan", report["reach"]["url"])[0] == 200


@pytest.mark.parametrize("hosts, blocker, seen", [
    (f"{bed.WAN} front.example\n{bed.LAN_IPV6} front.example\n", "ipv6", "lets no IPv6 in"),
    ("5.6.7.99 front.example\n", "dns-stale", "5.6.7.99")])
def test_names_that_lead_astray(network, servers, hosts, blocker, seen):
    network.reset(bed.NO_PCP)
    network.start_upnpd(force_igd_desc_v1="yes")
    server = servers(hosts=hosts, http={"hostnames": ["front.example"]})
    server.wait_for_state("open")
    server.wait_for_state("closed", ip_version=6)
    verdict, _, _ = diagnose(network, server)
    assert verdict["blocker"] == blocker and seen in verdict["seen"], verdict


@pytest.mark.parametrize("own", [(), (bed.OUTSIDE_IPV6,)], ids=["ipv4", "ipv6"])
def test_the_names_own_servers_are_believed_more_than_this_house(network, servers, own):
    network.start_upnpd()
    log = network.directory / "name-server.log"
    child = network.start("wan", "/usr/bin/python3", NAME_SERVER, bed.OUTSIDE, "front.example.org",
                          "5.6.7.99", *own, log=log.name)
    try:
        wait_until(lambda: "ready" in log.read_text(), 10, "the name server listens")
        server = servers(hosts=f"{bed.WAN} front.example.org\n", name_server=bed.OUTSIDE,
                         http={"hostnames": ["front.example.org"]})
        server.wait_for_state("open")
        verdict, _, _ = diagnose(network, server)
    finally:
        network.end(child)
    assert verdict["blocker"] == "dns-stale", verdict
    assert "own servers say that front.example.org is 5.6.7.99" in verdict["seen"], verdict


def test_a_dead_network_is_told_within_20_seconds(network, servers):
    server = servers()
    wait_until(server.report, 10, "it answers")
    network.nft("rt", DEAD)
    started = time.monotonic()
    verdict, _, _ = diagnose(network, server)
    assert time.monotonic() - started < 20
    assert verdict["blocker"] in ("no-internet", "no-route"), verdict


def test_without_users_that_is_the_one_thing(network, servers):
    network.start_upnpd()
    server = servers(users=False)
    wait_until(lambda: "no port is opened" in server.log, 10, "it runs")
    verdict, _, _ = diagnose(network, server)
    assert verdict["blocker"] == "no-users", verdict


def test_without_a_server_that_is_the_one_thing(network, servers):
    server = servers()
    wait_until(server.report, 10, "it answers")
    server.stop()
    verdict, _, _ = diagnose(network, server)
    assert verdict["blocker"] == "not-running", verdict
