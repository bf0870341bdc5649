# SPDX-License-Identifier: LGPL-2.1-or-later
"""Edge caches in front of HLS, by the very lines of docs/many-viewers.md: viewers double, and Porthole
sends no more."""
import os
import pathlib

import media
import pytest

# Names of namespaces that nobody else sees.
IN_A_NETWORK = """
mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && exec "$@"
"""


@pytest.mark.skipif(os.getuid() != 0, reason="namespaces of its own take root")
def test_porthole_sends_no_more_when_viewers_of_edges_double(tmp_path):
    done = media.run(
        ["unshare", "--net", "--mount", "sh", "-c", IN_A_NETWORK, "sh", "/usr/bin/python3",
         str(pathlib.Path(__file__).parent / "edges.py"), str(tmp_path)], timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    print("\n" + done.stdout)
