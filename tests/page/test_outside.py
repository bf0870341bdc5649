# SPDX-License-Identifier: LGPL-2.1-or-later
"""The card "From outside": a look around that somebody asks for, and the code for a phone."""
import ctypes
import ctypes.util
import subprocess

from selenium.webdriver.common.by import By
from webdriver import complaints, wait_for

URL = "https://front.example.org:8443/reach/abcdefghijklmnopqrstuv"
NOBODY = {"address": None, "class": None}
REPORTS = {
    "remote": {"public_address": {"ipv4": {**NOBODY, "said": "nobody is asked"}},
               "port_mapping": {"ports": [], "refused": None}},
    "ddns": {"names": []}, "certificate": {},
    "data-use": {"allowance": {"state": "free", "sent": 0, "bytes": 0}},
    "doctor": {"running": False, "verdict": None, "steps": [], "reach": None, "last_visit": None},
}
STEP = {"name": "server", "title": "The server", "state": "ok", "seen": "It listens.",
        "advice": None}
VERDICT = {"name": "verdict", "title": "The verdict", "state": "problem", "blocker": "cgnat",
           "seen": "The provider shares <b>one</b> address.", "advice": "Ask for one.",
           "remedies": []}


class Code(ctypes.Structure):
    _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int),
                ("data", ctypes.POINTER(ctypes.c_ubyte))]


def make_code(text):
    """As /api/v1/doctor describes it, by the library that Porthole makes it with."""
    library = ctypes.CDLL(ctypes.util.find_library("qrencode"))
    library.QRcode_encodeString.restype = ctypes.POINTER(Code)
    code = library.QRcode_encodeString(text.encode(), 0, 0, 2, 1).contents
    path = "".join(f"M{i % code.width} {i // code.width}h1v1h-1z"
                   for i in range(code.width ** 2) if code.data[i] & 1)
    return {"size": code.width, "path": path}


def part(browser, name):
    return browser.find_element(By.CSS_SELECTOR, f"#outside [data-part={name}]")


def test_check_now_shows_the_steps_as_they_come_and_then_the_verdict(stub, browser):
    stub.reports = dict(REPORTS)
    browser.get(stub.http)
    wait_for(lambda: part(browser, "verdict").text == "Nobody has looked yet.", "the card")
    assert part(browser, "address").text == "nobody is asked"
    stub.reports["doctor"] = {**REPORTS["doctor"], "running": True, "steps": [STEP]}
    part(browser, "check").click()
    wait_for(lambda: stub.orders == ["/api/v1/doctor"], "the order")
    wait_for(lambda: part(browser, "verdict").text == "Looking around …"
             and not part(browser, "check").is_enabled(), "that it is under way")
    part(browser, "details").click()
    wait_for(lambda: "The server: It listens." in part(browser, "steps").text, "the first step")
    stub.reports["doctor"] = {**REPORTS["doctor"], "verdict": VERDICT, "steps": [STEP, VERDICT]}
    wait_for(lambda: part(browser, "verdict").text == VERDICT["seen"], "the verdict")
    assert part(browser, "advice").text == "Ask for one."
    assert part(browser, "check").is_enabled()
    assert not part(browser, "proof").is_displayed()
    assert complaints(browser) == []


def test_a_name_that_dns_has_not_followed_is_told(stub, browser):
    record = {"answer": "good", "next_in_words": "when the address changes"}
    dns = {"addresses": ["192.0.2.1"], "differs_since": None}
    stub.reports = {**REPORTS, "ddns": {"names": [{"hostname": "front.example.org", "records": [
        {**record, "dns": dns}, {**record, "dns": None},
        {**record, "dns": {**dns, "differs_since": "2030-01-01T00:00:00Z"}}]}]}}
    browser.get(stub.http)
    wait_for(lambda: part(browser, "ddns").text == "good; good; good, but in DNS it is 192.0.2.1",
             "what DNS says")
    assert complaints(browser) == []


def test_the_code_is_one_that_a_phone_reads(stub, browser, tmp_path):
    stub.reports = {**REPORTS, "doctor": {**REPORTS["doctor"], "reach": {
        "url": URL, "expires": "2030-01-01T00:00:00Z", "qr": make_code(URL)}}}
    browser.get(stub.http)
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, "#outside svg"), "the code")
    assert part(browser, "reach").text == URL
    picture = tmp_path / "code.png"
    picture.write_bytes(part(browser, "code").screenshot_as_png)
    read = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True,
                          timeout=30, check=False)
    assert read.stdout.strip() == URL, read
    assert complaints(browser) == []
