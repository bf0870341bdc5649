# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page says how old its picture is. The test pattern "clock" shows in the picture itself when it
was made, so the two can be held against each other, for each way of watching."""
import re

import clock
import pytest
import webdriver
from conftest import Servers
from porthole import wait_until
from selenium.webdriver.common.by import By

SIZE = (640, 360)
CAMERA = {
    "name": "clock",
    "source": {"type": "test", "pattern": "clock", "width": 640, "height": 360, "framerate": 15},
    "streams": [
        {"name": "main", "codec": "h264", "bitrate": 1500, "keyframe_interval": 1},
        {"name": "jpeg", "codec": "jpeg", "framerate": 15},
    ],
}
# What the page tells is a median of two seconds and shown once a second.
TOLERANCE = 0.35

LUMA_OF_PICTURE = """
const [width, height] = arguments;
const shown = document.querySelector('#picture').dataset.surface;
const canvas = document.createElement('canvas');
Object.assign(canvas, { width, height });
const context = canvas.getContext('2d');
context.drawImage(document.querySelector(`#picture ${shown}`), 0, 0, width, height);
const { data } = context.getImageData(0, 0, width, height);
const row = Math.floor(height - 3 * width / 64);
return [Array.from({ length: width }, (_, x) => data[(row * width + x) * 4 + 1]), Date.now() / 1000];
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    servers = Servers(tmp_path_factory.mktemp("clock"))
    yield servers.start(CAMERA)
    servers.stop_all()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with webdriver.browser(tmp_path_factory.mktemp("browser") / "profile") as driver:
        yield driver


def age_on_the_page(browser):
    text = browser.find_element(By.ID, "picture-age").text
    match = re.match(r"([\d.]+)\ss", text)
    return match and float(match[1])


def age_in_the_picture(browser):
    width, height = SIZE
    luma, shown = browser.execute_script(LUMA_OF_PICTURE, width, height)
    block = width // clock.COLUMNS
    picture = bytes(width * (height - 3 * block)) + bytes(luma) + bytes(width * 3 * block)
    made = clock.read(picture, width, height)
    return made and shown - made


@pytest.mark.parametrize("way", ["mse", "mjpeg", "snapshots"])
def test_the_page_says_how_old_its_picture_is(server, browser, way):
    browser.get(f"{server.http}/clock/#way={way}")
    browser.refresh()  # another fragment alone loads nothing anew
    wait_until(lambda: age_on_the_page(browser), 20, "the page tells an age")

    def agree():
        in_picture = age_in_the_picture(browser)
        return in_picture and abs(in_picture - age_on_the_page(browser)) < TOLERANCE

    wait_until(agree, 20, "the page tells the age that is in the picture")
    assert 0 < age_on_the_page(browser) < 5
