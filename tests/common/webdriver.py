# SPDX-License-Identifier: LGPL-2.1-or-later
"""Headless Chromium as the tests use it: an empty profile, no traffic of its own, everything the
page complains about kept."""

import contextlib
import time

from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--disable-extensions", "--mute-audio", "--lang=en",
    "--window-size=1280,900",
)


@contextlib.contextmanager
def browser(profile_dir, *flags):
    """A selenium driver; quits at the end. profile_dir must be new and empty."""
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS + flags:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={profile_dir}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    try:
        driver.set_page_load_timeout(20)
        driver.set_script_timeout(20)
        yield driver
    finally:
        driver.quit()


def wait_for(condition, what, within=15.0, every=0.1):
    """The first truthy value of condition(); fails with what was waited for. Between two pages an
    element is gone, or not there yet: that is no value."""
    deadline = time.monotonic() + within
    while True:
        try:
            value = condition()
        except (NoSuchElementException, StaleElementReferenceException) as absent:
            value = None
            last = absent.msg
        else:
            last = repr(value)
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:g} s for {what}; last seen: {last}")
        time.sleep(every)


def complaints(driver):
    """Console messages of level SEVERE or WARNING since last asked: errors, CSP violations, failed
    requests."""
    return [entry["message"] for entry in driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING")]


def be_a_phone(driver, width=360, height=780):
    """A phone held upright; headless windows themselves do not get this narrow."""
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 2, "mobile": True})


def prefer(driver, **features):
    """prefer(driver, prefers_color_scheme="dark")"""
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": name.replace("_", "-"), "value": value} for name, value in features.items()]})
