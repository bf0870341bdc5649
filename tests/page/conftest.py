# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page on its own: its files, its modules in a browser, and its manners towards a server that
does what a real one does only on a bad day."""

import pathlib

import pytest
import recorded
import webdriver
from stub import Stub

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="session")
def web():
    return HERE.parent.parent / "data" / "web"


@pytest.fixture(scope="session")
def media(tmp_path_factory):
    return recorded.record(tmp_path_factory.mktemp("media"))


@pytest.fixture
def stub(web, media):
    with Stub(web, media, extra=HERE / "modules") as server:
        yield server


@pytest.fixture
def browser(tmp_path):
    with webdriver.browser(tmp_path / "profile") as driver:
        yield driver
