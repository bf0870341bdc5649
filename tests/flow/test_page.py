# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page in a browser, from the running program. How the page meets servers that misbehave is in
tests/page/."""

import json
import signal
import urllib.request

import pytest
import webdriver
from porthole import Porthole, test_camera
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from webdriver import be_a_phone, complaints, wait_for

FRONT = "front"
CONTROLS = ["pause", "snapshot", "fullscreen", "way", "stream"]


@pytest.fixture
def browser(tmp_path):
    with webdriver.browser(tmp_path / "profile") as driver:
        yield driver


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(tmp_path_factory.mktemp("server"), [
        test_camera(FRONT), test_camera("back", streams=[{"name": "main", "codec": "h264"}]),
        test_camera("yard"), test_camera("gate")])
    try:
        yield server
        server.stop()
    finally:
        server.kill()


@pytest.fixture
def base(server):
    return server.http + "/"


def viewers(server):
    return sum(server.api(FRONT)["viewers"].values())


def wait_for_picture(browser, surface):
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, f"#picture[data-surface={surface}]")
             and browser.find_element(By.ID, "live").is_displayed(), f"a picture on {surface}", 20)


def wait_until_it_moves(browser, selector):
    element = browser.find_element(By.CSS_SELECTOR, selector)
    first = element.screenshot_as_base64
    wait_for(lambda: element.screenshot_as_base64 != first, f"{selector} to look different")


def shown_by(browser):
    return browser.find_element(By.ID, "way-note").text


def test_video_plays_and_moves(base, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    video = browser.find_element(By.TAG_NAME, "video")
    before = video.get_property("currentTime")
    wait_for(lambda: video.get_property("currentTime") > before + 1, "the video to go on")
    wait_until_it_moves(browser, "#picture")
    assert "MP4" in shown_by(browser), "the automatic choice here is Media Source Extensions"
    assert complaints(browser) == []


def test_video_stays_near_the_newest_picture(base, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    wait_for(lambda: browser.execute_script("""
      const { buffered, currentTime } = document.querySelector('video');
      return buffered.length > 0 && buffered.end(buffered.length - 1) - currentTime < 1;
    """), "less than a second in hand")


def test_every_stream_can_be_chosen(base, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    options = browser.find_elements(By.CSS_SELECTOR, "#stream option")
    for position in range(len(options)):
        browser.find_elements(By.CSS_SELECTOR, "#stream option")[position].click()
        wait_for_picture(browser, "video")
    assert complaints(browser) == []


def test_pictures_can_be_chosen_instead_of_video(base, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    browser.find_element(By.CSS_SELECTOR, "#way option[value=mjpeg]").click()
    wait_for_picture(browser, "canvas")
    wait_until_it_moves(browser, "#picture")
    assert "MJPEG" in shown_by(browser)
    browser.find_element(By.CSS_SELECTOR, "#width option[value='320']").click()
    wait_for(lambda: browser.find_element(By.TAG_NAME, "canvas").get_property("width") == 320,
             "a picture 320 wide")
    assert complaints(browser) == []


def test_hls_plays_where_the_browser_can(base, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    choice = browser.find_elements(By.CSS_SELECTOR, "#way option[value=hls]")
    if not choice:
        pytest.skip("this Chromium does not play HLS")
    choice[0].click()
    wait_for(lambda: "HLS" in shown_by(browser), "HLS to be taken")
    wait_for_picture(browser, "video")
    wait_until_it_moves(browser, "#picture")


def test_there_is_a_moving_tile_for_every_camera(base, server, browser):
    names = [camera["name"] for camera in server.api()["cameras"]]
    be_a_phone(browser, 1400, 2400)
    browser.get(base)
    wait_for(lambda: len(browser.find_elements(
        By.CSS_SELECTOR, ".tile .picture:not([data-surface=none])")) == len(names),
        f"pictures of {names}", 20)
    links = [link.get_attribute("href") for link in
             browser.find_elements(By.CSS_SELECTOR, ".tile a")]
    assert links == [f"{base}{name}/" for name in names]
    wait_until_it_moves(browser, ".tile .picture")
    assert complaints(browser) == []


@pytest.mark.parametrize("width", [320, 360, 390])
def test_a_phone_held_upright_scrolls_one_way_only(base, browser, width):
    be_a_phone(browser, width, 780)
    for path in ("", f"{FRONT}/"):
        browser.get(base + path)
        wait_for(lambda: browser.find_elements(By.CSS_SELECTOR,
                                               ".picture:not([data-surface=none])"), "a picture")
        wide = browser.execute_script("return document.documentElement.scrollWidth")
        assert wide == width, path or "overview"


def test_the_keyboard_reaches_every_control(base, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    body = browser.find_element(By.TAG_NAME, "body")
    reached = []
    for _ in range(30):
        body.send_keys(Keys.TAB)
        focused = browser.switch_to.active_element
        reached.append(focused.get_attribute("id"))
        outline = focused.value_of_css_property("outline-style")
        assert outline != "none", f"focus cannot be seen on {reached[-1]}"
        if reached[-1] == "shortcuts":
            break
    assert [each for each in reached if each in CONTROLS] == CONTROLS
    assert len(browser.find_elements(By.CSS_SELECTOR, ".link-copy")) >= 2


def test_keys_pause_and_play(base, server, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.SPACE)
    wait_for(lambda: viewers(server) == 0, "nobody to watch")
    body.send_keys(Keys.SPACE)
    wait_for(lambda: viewers(server) == 1, "one viewer")


@pytest.mark.parametrize("fragment", ["", "#way=mjpeg"])
def test_a_hidden_tab_stops_its_stream(base, server, browser, fragment):
    browser.get(f"{base}{FRONT}/{fragment}")
    wait_for(lambda: viewers(server) == 1, "one viewer")
    tab = browser.current_window_handle
    browser.switch_to.new_window("tab")
    wait_for(lambda: viewers(server) == 0, "nobody to watch")
    browser.switch_to.window(tab)
    wait_for(lambda: viewers(server) == 1, "the viewer again")


def test_the_rtsp_address_is_offered(base, server, browser):
    browser.get(f"{base}{FRONT}/")
    wait_for_picture(browser, "video")
    addresses = [field.get_attribute("value")
                 for field in browser.find_elements(By.CSS_SELECTOR, ".link-url")]
    assert f"{server.rtsp}/{FRONT}/sub" in addresses
    assert f"{base}{FRONT}/mjpeg" in addresses


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(base, browser):
    for path in ("", f"{FRONT}/"):
        with urllib.request.urlopen(base + path, timeout=10) as answer:
            policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        browser.get(base + path)
        wait_for(lambda: browser.find_elements(By.CSS_SELECTOR,
                                               ".picture:not([data-surface=none])"), "a picture")
    sent = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = {each["params"]["request"]["url"] for each in sent
            if each["method"] == "Network.requestWillBeSent"}
    # chrome: is the new tab page that every browser starts with
    elsewhere = [url for url in urls if not url.startswith((base, "blob:", "data:", "chrome:"))]
    assert len(urls) > 10 and elsewhere == []


def test_live_mp4_by_itself_plays_on_while_its_camera_is_away(tmp_path, servers, browser):
    """As one who opens its address sees it. The camera is another Porthole, stopped for a while."""
    camera = servers.start(test_camera("cam", 320, 180, streams=[
        {"name": "main", "codec": "h264", "bitrate": 300, "keyframe_interval": 1.0}]))
    server = servers.start({
        "name": "front", "source": {"type": "rtsp", "url": camera.rtsp + "/cam", "transport": "tcp"},
        "streams": [{"name": "main", "codec": "h264"}]})
    browser.get(server.http + "/front/live.mp4")

    def wait_until_it_plays_on(seconds):
        until = [None]

        def has_played():
            now = browser.execute_script("return document.querySelector('video').currentTime")
            until[0] = until[0] or (now > 0 and now + seconds)
            return until[0] and now > until[0]

        wait_for(has_played, f"{seconds} s more", 40)

    browser.execute_script("const v = document.querySelector('video'); v.muted = true; v.play()")
    wait_until_it_plays_on(1)
    camera.process.send_signal(signal.SIGSTOP)
    try:
        wait_for(lambda: server.stream("front", "main")["placeholder"], "the placeholder", 40)
        wait_until_it_plays_on(3)
    finally:
        camera.process.send_signal(signal.SIGCONT)
    wait_for(lambda: server.api("front")["state"] == "live", "the camera is back", 40)
    wait_until_it_plays_on(3)
    assert browser.execute_script("return document.querySelector('video').error") is None
    assert server.api("front")["viewers"]["mp4"] == 1, "never connected anew"
    assert server.log.count("GET /front/live.mp4") <= 2, "the page, and the player in it"
