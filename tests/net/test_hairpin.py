# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whoever comes by the public address from inside seems to be the router."""
import bed
from porthole import wait_until

HAIRPIN = (
    f"add rule inet filter prerouting ip daddr {bed.WAN} tcp dport 8443 dnat ip to {bed.LAN}",
    "add rule inet filter postrouting ct status dnat ip saddr 192.168.77.0/24 masquerade",
)


def guess(network, address):
    """The status that a wrong password gets from the host "lan2" at address."""
    return network.run("lan2", "curl", "-sk", "-m", "5", "-o", "/dev/null", "-w", "%{http_code}",
                       "-u", "anna:wrong", f"https://{address}:8443/api/v1/cameras").stdout


def test_wrong_passwords_by_the_public_address_do_not_ban_the_router(network, servers):
    """The same host is banned under its own address."""
    network.reset(*HAIRPIN)
    server = servers(port_mapping={"enabled": False})
    wait_until(server.report, 20, "the server answers")
    assert [guess(network, bed.WAN) for _ in range(12)] == ["401"] * 12
    assert f"refused {bed.ROUTER}: wrong password" in server.log
    assert server.fetch("lan2", f"https://{bed.WAN}:8443/api/v1/cameras") is not None

    assert "429" in [guess(network, bed.LAN) for _ in range(12)]
    assert server.fetch("lan2", f"https://{bed.LAN}:8443/api/v1/cameras") is None
    assert server.fetch("lan2", f"https://{bed.WAN}:8443/api/v1/cameras") is not None
