# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole way: from a settings file to a picture by name, on a host outside."""
import bed
from conftest import DDNS


def test_a_settings_file_leads_to_a_picture_by_name(network, servers):
    network.reset()
    network.start_upnpd()
    providers = network.directory / "providers.conf"
    providers.write_text("[generic]\nmin-interval=1\n")  # a real one waits longer between changes
    server = servers(remote={"ddns": [DDNS], "ddns_providers": str(providers)})
    assert bed.timed(lambda: server.is_reached_by_name(DDNS["hostname"]), 20,
                     "a picture comes by name") < 10
    network.change_wan()
    took = bed.timed(lambda: bed.OTHER_WAN in (network.directory / "hosts").read_text(), 20,
                     "the provider knows the new address")
    assert took < 5
    assert bed.timed(lambda: server.is_reached_by_name(DDNS["hostname"]), 20,
                     "a picture comes by name again") < 10
    assert not server.is_reached(bed.WAN)
