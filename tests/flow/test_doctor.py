# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may ask the doctor, what strangers learn at /reach/, and the card "From outside". What the
doctor finds out is tested behind a real router, in tests/net/."""
import base64
import json
import urllib.error
import urllib.request

import pytest
import webdriver
from porthole import Porthole, run, test_camera
from selenium.webdriver.common.by import By
from webdriver import complaints, wait_for

USERS = [{"name": "anna", "password": "secret a"},
         {"name": "root", "password": "secret r", "role": "admin"}]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(tmp_path_factory.mktemp("server"), [test_camera("front")],
                      access={"users": USERS})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def ask(server, path, user=None, method="GET"):
    """Status and body."""
    request = urllib.request.Request(server.http + path, method=method)
    if user is not None:
        word = base64.b64encode(f"{user}:secret {user[0]}".encode()).decode()
        request.add_header("Authorization", f"Basic {word}")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_only_an_admin_asks_the_doctor(server):
    for method in ("GET", "POST"):
        assert ask(server, "/api/v1/doctor", None, method)[0] == 401
        assert ask(server, "/api/v1/doctor", "anna", method)[0] == 403
    status, body = ask(server, "/api/v1/doctor?wait=false", "root")
    report = json.loads(body)
    assert (status, report["running"], report["verdict"]) == (200, False, None)
    assert report["steps"] == [] and report["reach"] is None, "looking begins nothing"
    assert ask(server, "/api/v1/doctor?wait=perhaps", "root")[0] == 400


def test_strangers_learn_nothing_at_reach(server):
    nowhere = ask(server, "/reach/AAAAAAAAAAAAAAAAAAAAAA")
    assert nowhere == ask(server, "/no/such/place")[:1] + nowhere[1:]
    assert nowhere[0] == 404
    statuses = [ask(server, f"/reach/{n}")[0] for n in range(30)]
    assert statuses[-1] == 429, "guessing is slowed down"
    assert ask(server, "/healthz")[0] == 200
    assert "AAAAAAAAAAAAAAAAAAAAAA" not in server.log


def test_who_came_from_outside_is_known_after_a_restart(servers, tmp_path):
    place = {"STATE_DIRECTORY": str(tmp_path / "kept")}
    settings = {"access": {"users": USERS, "trusted_proxies": ["127.0.0.1"], "anonymous": True}}
    server = servers.start(test_camera("front"), environment=place, **settings)
    look = urllib.request.Request(server.http + "/front/", headers={"X-Forwarded-For": "9.9.9.9"})
    urllib.request.urlopen(look, timeout=10).close()
    visit = json.loads(ask(server, "/api/v1/doctor?wait=false", "root")[1])["last_visit"]
    assert visit["address"] == "9.9.9.9"
    server.process.kill()
    server.process.wait()
    servers.running.remove(server)
    server = servers.start(test_camera("front"), environment=place, **settings)
    assert json.loads(ask(server, "/api/v1/doctor?wait=false", "root")[1])["last_visit"] == visit


def test_the_command_says_what_is_wrong_with_its_use(tmp_path):
    broken = tmp_path / "porthole.json"
    broken.write_text("{")
    broken.chmod(0o600)
    assert run("doctor", "--config", broken).returncode == 78
    assert run("doctor", "more").returncode == 64


def log_in(browser, server, name):
    browser.get(server.http + "/login")
    browser.find_element(By.ID, "name").send_keys(name)
    browser.find_element(By.ID, "password").send_keys(f"secret {name[0]}")
    browser.find_element(By.ID, "submit").click()
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, ".tile"), "the cameras")


def test_the_card_is_for_admins(server, tmp_path):
    with webdriver.browser(tmp_path / "profile") as browser:
        log_in(browser, server, "root")
        card = browser.find_element(By.ID, "outside")
        wait_for(card.is_displayed, "the card")
        part = lambda name: card.find_element(By.CSS_SELECTOR, f"[data-part={name}]").text
        wait_for(lambda: "days left" in part("certificate"), "the certificate")
        assert part("verdict") == "Nobody has looked yet."
        assert part("visit") == "none yet"
        assert complaints(browser) == []
    with webdriver.browser(tmp_path / "other") as browser:
        log_in(browser, server, "anna")
        assert not browser.find_element(By.ID, "outside").is_displayed()
