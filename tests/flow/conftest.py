# SPDX-License-Identifier: LGPL-2.1-or-later
import os

import pytest
from porthole import BINARY, Porthole, test_camera


# What takes longest, longest first: begun last, one worker would be busy with it and three idle.
LONG = ["ddns", "sources", "http", "page", "access", "rtsp", "access_rtsp", "hostile", "faults",
        "reload", "service", "srtp", "demand", "links", "soak", "api", "hanging_driver", "bench"]


def pytest_collection_modifyitems(items):
    place = {f"test_{name}": i for i, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"there is no binary to test at {BINARY}; PORTHOLE_BIN names another", 2)


def servers_of(item):
    for value in getattr(item, "funcargs", {}).values():
        if isinstance(value, Porthole):
            yield value
        elif isinstance(value, Servers):
            yield from value.running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A test that fails shows what its servers said last."""
    report = (yield).get_result()
    if report.when == "call" and report.failed:
        for server in servers_of(item):
            report.sections.append((f"log in {server.directory.name}", server.log[-6000:]))


class Servers:
    """Starts servers, and ends each of them once, however the test went."""

    def __init__(self, directory):
        self.directory = directory
        self.running = []
        self.n_started = 0

    def start(self, *cameras, **options):
        self.n_started += 1
        server = Porthole(
            self.directory / f"server{self.n_started}", list(cameras), **options
        )
        self.running.append(server)
        return server

    def stop(self, server, *arguments):
        self.running.remove(server)
        return server.stop(*arguments)

    def stop_all(self):
        running, self.running = self.running, []
        try:
            for server in running:
                server.stop()
        finally:
            for server in running:
                server.kill()


@pytest.fixture
def servers(tmp_path):
    """servers.start (CAMERA…) gives a running server of this test's own."""
    servers = Servers(tmp_path)
    yield servers
    servers.stop_all()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One server with one small camera, "front", for all tests of a file."""
    servers = Servers(tmp_path_factory.mktemp("server"))
    yield servers.start(test_camera())
    servers.stop_all()
