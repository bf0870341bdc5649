# SPDX-License-Identifier: LGPL-2.1-or-later
"""The page's manners towards servers, lines and people on a bad day."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from webdriver import be_a_phone, complaints, wait_for


def text_of(browser, name):
    return browser.find_element(By.ID, name).text


def wait_for_words(browser, name, words, within=15.0):
    wait_for(lambda: words in text_of(browser, name), f"“{words}” in {name}", within)


def wait_for_picture(browser, surface, within=15.0):
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, f"#picture[data-surface={surface}]")
             and browser.find_element(By.ID, "live").is_displayed(), f"a picture on {surface}",
             within)


def tiles_with_picture(browser):
    return len(browser.find_elements(By.CSS_SELECTOR, ".tile .picture:not([data-surface=none])"))


def test_automatic_is_video_and_starts_at_any_time_stamp(stub, browser):
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    assert browser.execute_script("return document.querySelector('video').currentTime") > 3600
    wait_for_words(browser, "data-rate", "per hour")
    assert complaints(browser) == []


def test_works_below_a_path(stub, browser):
    stub.prefix = "/deep/cameras"
    browser.get(stub.http)
    wait_for(lambda: tiles_with_picture(browser) == 1, "the tile's picture")
    browser.find_element(By.CSS_SELECTOR, ".tile a").click()
    wait_for_picture(browser, "video")
    addresses = [field.get_attribute("value")
                 for field in browser.find_elements(By.CSS_SELECTOR, ".link-url")]
    assert f"{stub.http}front/live.mp4" in addresses
    assert complaints(browser) == []


def test_video_that_cannot_be_played_gives_way_to_pictures(stub, browser):
    stub.garbage = {"mp4"}
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "canvas")
    assert "MJPEG" in text_of(browser, "way-note")


def test_a_stream_that_ends_is_opened_again_and_said_so(stub, browser):
    stub.end_after = {"mp4": 2}
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    wait_for_words(browser, "words", "The stream ended. Trying again")
    assert browser.find_elements(By.CSS_SELECTOR, "#picture[data-surface=canvas]"), \
        "the last picture stays"
    wait_for_picture(browser, "video")


def test_a_stream_that_goes_quiet_is_noticed(stub, browser):
    stub.quiet_after = {"mjpeg": 2}
    browser.get(stub.http + "front/#way=mjpeg")
    wait_for_picture(browser, "canvas")
    wait_for_words(browser, "words", "No new picture")
    wait_for(lambda: len([kind for _, kind, _ in stub.requests if kind == "mjpeg"]) > 1,
             "a second try", within=20)


def test_a_lost_camera_says_why_and_comes_back(stub, browser):
    stub.lost = {"front": "the device /dev/video0 is gone"}
    browser.get(stub.http + "front/")
    wait_for_words(browser, "words", "The device /dev/video0 is gone. Trying again")
    wait_for_words(browser, "state", "Lost")
    assert {kind for _, kind, _ in stub.requests} == {"mp4"}, "no other way would do better"
    stub.lost = {}
    wait_for_picture(browser, "video")
    wait_for_words(browser, "state", "Live")


def test_a_server_that_restarts_is_found_again(stub, browser):
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    port = stub.port
    stub.stop()
    wait_for_words(browser, "notice", "Porthole does not answer")
    stub.start(port)
    wait_for_picture(browser, "video", within=25)
    wait_for(lambda: not browser.find_element(By.ID, "notice").is_displayed(), "the notice to go")


def test_an_unknown_camera_is_named(stub, browser):
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    stub.cameras = []
    wait_for_words(browser, "notice", "There is no camera named “front” here.")


def test_text_of_the_api_stays_text(stub, browser):
    title = "<img src=x onerror=alert(1)>"
    stub.title = {"front": title}
    stub.lost = {"front": "<script>alert(1)</script>"}
    browser.get(stub.http)
    wait_for(lambda: title in browser.page_source.replace("&lt;", "<").replace("&gt;", ">"),
             "the title")
    assert browser.find_element(By.CSS_SELECTOR, ".tile-title").text == title
    browser.get(stub.http + "front/")
    wait_for_words(browser, "title", title)
    wait_for_words(browser, "state-sentence", "<script>alert(1)</script>")
    assert not [each for each in complaints(browser) if "Security Policy" in each]


def test_ten_cameras_share_few_connections(stub, browser):
    stub.cameras = [f"camera-{number}" for number in range(10)]
    be_a_phone(browser, 1200, 1800)
    browser.get(stub.http)
    wait_for(lambda: tiles_with_picture(browser) == 10, "ten pictures")
    assert {kind for _, kind, _ in stub.requests} == {"snapshot"}
    assert stub.peak <= 3
    stub.requests.clear()
    wait_for(lambda: len({name for name, _, _ in stub.requests}) == 10, "new pictures of all")


def test_lost_cameras_do_not_hold_up_the_others(stub, browser):
    stub.cameras = [f"camera-{number}" for number in range(6)]
    stub.lost = {name: "gone" for name in stub.cameras[:4]}
    be_a_phone(browser, 1200, 1800)
    browser.get(stub.http)
    wait_for(lambda: tiles_with_picture(browser) == 2, "the pictures of the other two", within=5)


def test_only_tiles_in_the_window_are_fetched(stub, browser):
    stub.cameras = [f"camera-{number}" for number in range(10)]
    be_a_phone(browser)
    browser.get(stub.http)
    wait_for(lambda: tiles_with_picture(browser) >= 2, "the first pictures")
    assert "camera-9" not in {name for name, _, _ in stub.requests}
    browser.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    wait_for(lambda: "camera-9" in {name for name, _, _ in stub.requests}, "the last camera")
    stub.requests.clear()
    wait_for(lambda: len(stub.requests) > 5, "more pictures")
    assert "camera-0" not in {name for name, _, _ in stub.requests}


@pytest.mark.parametrize("codecs", [("h264",), ("jpeg",)])
def test_cameras_with_one_kind_of_stream_show_a_picture(stub, browser, codecs):
    stub.codecs = codecs
    browser.get(stub.http)
    wait_for(lambda: tiles_with_picture(browser) == 1, "the tile's picture")
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video" if codecs == ("h264",) else "canvas")
    assert complaints(browser) == []


@pytest.mark.parametrize("path, kind", [("", "mjpeg"), ("front/", "mp4"),
                                        ("front/#way=mjpeg", "mjpeg")])
def test_a_hidden_tab_stops_its_stream_and_goes_on_when_seen(stub, browser, path, kind):
    browser.get(stub.http + path)
    wait_for(lambda: stub.count(kind) == 1, "a viewer")
    tab = browser.current_window_handle
    browser.switch_to.new_window("tab")
    wait_for(lambda: stub.count(kind) == 0, "no viewer")
    browser.switch_to.window(tab)
    wait_for(lambda: stub.count(kind) == 1, "the viewer again")


def test_pause_closes_the_stream_and_keeps_the_picture(stub, browser):
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    browser.find_element(By.ID, "pause").click()
    wait_for(lambda: stub.count("mp4") == 0, "no viewer")
    assert text_of(browser, "pause") == "Play"
    assert browser.find_elements(By.CSS_SELECTOR, "#picture[data-surface=canvas]")
    browser.find_element(By.ID, "pause").click()
    wait_for_picture(browser, "video")


def test_keys_work_and_can_be_switched_off(stub, browser):
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.SPACE)
    wait_for_words(browser, "pause", "Play")
    body.send_keys(Keys.SPACE)
    wait_for_picture(browser, "video")
    body.send_keys("f")
    wait_for_words(browser, "fullscreen", "Leave full screen")
    body.send_keys("f")
    wait_for(lambda: text_of(browser, "fullscreen") == "Full screen", "the window again")
    body.send_keys("s")
    wait_for(lambda: any(kind == "snapshot" for _, kind, _ in stub.requests), "a snapshot")
    browser.find_element(By.ID, "shortcuts").click()
    browser.find_element(By.TAG_NAME, "h1").click()
    body.send_keys(Keys.SPACE)
    assert text_of(browser, "pause") == "Pause"


def test_a_thin_line_asks_for_less(stub, browser):
    browser.get(stub.http + "front/#way=mjpeg&fps=2&width=160")
    wait_for_picture(browser, "canvas")
    assert ("front", "mjpeg", "stream=jpeg&fps=2&width=160") in stub.requests
    browser.refresh()
    wait_for_picture(browser, "canvas")
    assert browser.find_element(By.ID, "width").get_attribute("value") == "160"


@pytest.mark.parametrize("has_clipboard", [True, False])
def test_addresses_are_copied_also_without_the_clipboard_api(stub, browser, has_clipboard):
    browser.get(stub.http + "front/")
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, ".link-copy"), "the addresses")
    if not has_clipboard:
        browser.execute_script(
            "Object.defineProperty(navigator, 'clipboard', { value: undefined });")
    button = browser.find_element(By.CSS_SELECTOR, ".link-copy")
    button.click()
    wait_for(lambda: button.text == "Copied", "the button to say so")
    assert browser.switch_to.active_element == button


def test_news_are_announced_once(stub, browser):
    browser.get(stub.http + "front/")
    wait_for_picture(browser, "video")
    browser.execute_script("""
      window.announced = [];
      new MutationObserver(() => {
        window.announced.push(document.getElementById('announcer').textContent);
      }).observe(document.getElementById('announcer'), { childList: true, characterData: true });
    """)
    stub.end_after = {"mp4": 0.0}
    stub.lost = {"front": "gone"}
    wait_for_words(browser, "words", "Gone. Trying again")
    stub.end_after, stub.lost = {}, {}
    wait_for_picture(browser, "video")
    announced = browser.execute_script("return window.announced")
    assert announced == ["The stream ended.", "Gone.", "Front: live picture, Video (MP4)."]
