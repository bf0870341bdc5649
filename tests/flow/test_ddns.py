# SPDX-License-Identifier: LGPL-2.1-or-later
"""Names at every provider, asked over TLS as the whole program asks them. What is expected of each
stands here a second time, as the providers' own pages and other clients' recorded calls have it."""
import hashlib
import json
import re
import urllib.request

import pytest
from ddns_providers import Providers, make_certificates
from media import fetch
from porthole import Porthole, run, test_camera, wait_until
from test_api import check

IP4, IP6 = "5.6.7.8", "2a01:4f8::7"
SIX = "2a01%3A4f8%3A%3A7"
USER, PASSWORD = "us er", 'p&w/"ö'
TOKEN = "p%26w%2F%22%C3%B6"
JSON_TOKEN = 'p&w/\\"ö'
SHA1 = hashlib.sha1(f"us er|{PASSWORD}"[: 6 + 16].encode()).hexdigest()
BASIC, BEARER = f"{USER}:{PASSWORD}", f"Bearer {PASSWORD}"
H = "h.example.org"
ZONE, RECORD = "z" * 32, "r" * 32


class Row:
    """both: what is asked for with both addresses, by (METHOD, HOST, TARGET, AUTHORIZATION, BODY);
    only4: the same with none but the IPv4 address, or what of both starts with it."""

    def __init__(self, both, good, bad, only4=None, hostname=H, username=None, answers=None):
        self.both, self.good, self.bad = both, good, bad
        self.only4 = only4 if only4 is not None else both[:1]
        self.hostname, self.username, self.answers = hostname, username, answers or {}


def get(host, target, authorization=BASIC):
    return ("GET", host, target, authorization, "")


def each(host, target, authorization=BASIC, host6=None):
    """One call for each family."""
    return [get(host, target.format(ip=IP4), authorization),
            get(host6 or host, target.format(ip=SIX), authorization)]


REFUSED, LATER, ABUSE = "refused", "later", "abuse"
TOOK = ((200, f"good {IP4}"), (200, f"good {IP6}"))
GOOD = (200, "good")
CLOUDFLARE = {
    "GET /client/v4/zones?": (200, json.dumps({"success": True, "result": [{"id": ZONE}]})),
    f"GET /client/v4/zones/{ZONE}/dns_records?": (
        200, json.dumps({"success": True, "result": [{"id": RECORD, "content": "9.9.9.9"}]})),
}
FREEDNS = {"GET /api/": (200, f"{H}|9.9.9.9|https://freedns.afraid.org/dynamic/update.php?aa\n"
                              f"{H}|2a01::1|https://freedns.afraid.org/dynamic/update.php?bb\n")}


def cloudflare(kind, ip):
    host = "api.cloudflare.com"
    return [get(host, "/client/v4/zones?name=example.org", BEARER),
            get(host, f"/client/v4/zones/{ZONE}/dns_records?type={kind}&name={H}", BEARER),
            ("PATCH", host, f"/client/v4/zones/{ZONE}/dns_records/{RECORD}", BEARER,
             f'{{"content":"{ip}"}}')]


def freedns(letter, ip):
    host = "freedns.afraid.org"
    return [get(host, f"/api/?action=getdyndns&v=2&sha={SHA1}", None),
            get(host, f"/dynamic/update.php?{letter}{letter}&address={ip}", None)]


ROWS = {
    "dyn": Row([get("members.dyndns.org", f"/nic/update?hostname={H}&myip={IP4},{SIX}")],
               GOOD, (200, "badauth", REFUSED),
               [get("members.dyndns.org", f"/nic/update?hostname={H}&myip={IP4}")]),
    "no-ip": Row([get("dynupdate.no-ip.com", f"/nic/update?hostname={H}&myip={IP4},{SIX}")],
                 (200, f"good {IP4},{IP6}"), (200, "911", LATER),
                 [get("dynupdate.no-ip.com", f"/nic/update?hostname={H}&myip={IP4}")]),
    "duckdns": Row([get("www.duckdns.org", f"/update?domains=h&token={TOKEN}&ip={IP4}&ipv6={SIX}"
                        "&verbose=true", None)], (200, f"OK\n{IP4}\n{IP6}\nUPDATED"),
                   (200, "KO", REFUSED),
                   [get("www.duckdns.org", f"/update?domains=h&token={TOKEN}&ip={IP4}&verbose=true",
                        None)], hostname="h.duckdns.org"),
    "dynu": Row([get("api.dynu.com", f"/nic/update?hostname={H}&myip={IP4}&myipv6={SIX}")],
                GOOD, (200, "servererror", LATER),
                [get("api.dynu.com", f"/nic/update?hostname={H}&myip={IP4}&myipv6=no")]),
    "desec": Row([get("update.dedyn.io", f"/?hostname={H}&myipv4={IP4}&myipv6={SIX}",
                      f"{H}:{PASSWORD}")], GOOD, (404, "nohost", REFUSED),
                 [get("update.dedyn.io", f"/?hostname={H}&myipv4={IP4}&myipv6=preserve",
                      f"{H}:{PASSWORD}")], username=""),
    "cloudflare": Row(cloudflare("A", IP4) + cloudflare("AAAA", IP6), (200, '{"success":true}'),
                      (403, '{"success":false,"errors":[{"message":"Invalid token"}]}', REFUSED),
                      cloudflare("A", IP4), answers=CLOUDFLARE, username=""),
    # Over IPv6 there is nobody here who listens.
    "freedns": Row([get("sync.afraid.org", f"/u/{TOKEN}/", None)], (200, "Updated 1 host(s)"),
                   (200, "ERROR: Invalid", REFUSED)),
    "freedns-v1": Row(freedns("a", IP4) + freedns("b", SIX), (200, f"Updated to {IP4} {IP6}"),
                      (200, "ERROR: Could not authenticate", REFUSED), freedns("a", IP4),
                      answers=FREEDNS),
    "he": Row(each("dyn.dns.he.net", f"/nic/update?hostname={H}&myip={{ip}}", f"{H}:{PASSWORD}"),
              TOOK, (200, "abuse", ABUSE), username=""),
    "he-tunnel": Row([get("ipv4.tunnelbroker.net", f"/nic/update?hostname=12345&myip={IP4}")], GOOD,
                     (200, "badauth", REFUSED), hostname="12345"),
    "ovh": Row(each("www.ovh.com", f"/nic/update?system=dyndns&hostname={H}&myip={{ip}}"), TOOK,
               (200, "badrequest", REFUSED)),
    "strato": Row([get("dyndns.strato.com", f"/nic/update?hostname={H}&myip={IP4},{SIX}",
                       f"example.org:{PASSWORD}")], GOOD, (200, "abuse", ABUSE),
                  [get("dyndns.strato.com", f"/nic/update?hostname={H}&myip={IP4}",
                       f"example.org:{PASSWORD}")], username=""),
    "inwx": Row([get("dyndns.inwx.com", f"/nic/update?hostname={H}&myip={IP4}&myipv6={SIX}")], GOOD,
                (200, "badauth", REFUSED),
                [get("dyndns.inwx.com", f"/nic/update?hostname={H}&myip={IP4}")]),
    "infomaniak": Row(each("infomaniak.com", f"/nic/update?hostname={H}&myip={{ip}}"),
                      ((200, f"successfully_changed {IP4}"), (200, f"good {IP6}")),
                      (400, "nohost", REFUSED)),
    "selfhost": Row([get("carol.selfhost.de", f"/nic/update?hostname={H}&myip={IP4}")], (204, ""),
                    (410, "", REFUSED)),
    "spdyn": Row(each("update.spdyn.de", f"/nic/update?hostname={H}&myip={{ip}}"), TOOK,
                 (200, "fatal", REFUSED)),
    "dnsomatic": Row([get("updates.dnsomatic.com", f"/nic/update?hostname={H}&myip={IP4}"
                          "&wildcard=NOCHG&mx=NOCHG&backmx=NOCHG")], GOOD, (200, "dnserr", LATER)),
    "dynv6": Row([get("dynv6.com", f"/api/update?zone={H}&token={TOKEN}&ipv4={IP4}&ipv6={SIX}",
                      None)], (200, "addresses updated"), (401, "invalid token", REFUSED),
                 [get("dynv6.com", f"/api/update?zone={H}&token={TOKEN}&ipv4={IP4}", None)]),
    "ipv64": Row([get("ipv64.net", f"/nic/update?key={TOKEN}&domain={H}&ip={IP4}&ip6={SIX}", None)],
                 (200, '{"info":"good"}'), (401, "", REFUSED),
                 [get("ipv64.net", f"/nic/update?key={TOKEN}&domain={H}&ip={IP4}", None)]),
    "ddnss": Row([get("www.ddnss.de", f"/upd.php?key={TOKEN}&host={H}&ip={IP4}&ip6={SIX}", None)],
                 (200, "<html>Updated 1 hostname.</html>"), (200, "badauth", REFUSED),
                 [get("www.ddnss.de", f"/upd.php?key={TOKEN}&host={H}&ip={IP4}", None)]),
    "easydns": Row(each("api.cp.easydns.com",
                        f"/dyn/generic.php?hostname={H}&myip={{ip}}&wildcard=OFF"),
                   (200, "NOERROR"), (200, "TOO_FREQ", LATER)),
    "zoneedit": Row([get("api.cp.zoneedit.com", f"/dyn/generic.php?hostname={H}&myip={IP4}")],
                    (200, '<SUCCESS CODE="200" SUCCESS_CODE="200">'),
                    (200, '<ERROR CODE="702" TEXT="600 s">', LATER)),
    "namecheap": Row([get("dynamicdns.park-your-domain.com",
                          f"/update?host=h&domain=example.org&password={TOKEN}&ip={IP4}", None)],
                     (200, "<interface-response><ErrCount>0</ErrCount></interface-response>"),
                     (200, "<ErrCount>1</ErrCount><errors><Err1>Passwords", REFUSED)),
    "domeneshop": Row(each("api.domeneshop.no", f"/v0/dyndns/update?hostname={H}&myip={{ip}}"),
                      (204, ""), (404, "", REFUSED)),
    "all-inkl": Row([get("dyndns.kasserver.com", f"/?host={H}&myip={IP4}&myip6={SIX}")], GOOD,
                    (200, "badauth", REFUSED),
                    [get("dyndns.kasserver.com", f"/?host={H}&myip={IP4}")]),
    "variomedia": Row(each("dyndns4.variomedia.de", f"/nic/update?hostname={H}&myip={{ip}}",
                           host6="dyndns6.variomedia.de"), TOOK, (200, "badrequest", REFUSED)),
    "loopia": Row([get("dyndns.loopia.se", f"/?hostname={H}&myip={IP4}")], (200, "good"),
                  (200, "911", LATER)),
    "simply": Row(each("dyndns.simply.com", f"/nic/update?hostname={H}&myip={{ip}}"
                       "&domain=example.org"), TOOK, (200, "badauth", REFUSED)),
    "nsupdate": Row(each("ipv4.nsupdate.info", f"/nic/update?hostname={H}&myip={{ip}}",
                         f"{H}:{PASSWORD}", "ipv6.nsupdate.info"), TOOK, (200, "abuse", ABUSE),
                    username=""),
    "joker": Row(each("svc.joker.com", f"/nic/update?hostname={H}&myip={{ip}}"), TOOK,
                 (200, "badauth", REFUSED)),
    "freemyip": Row(each("freemyip.com", f"/update?token={TOKEN}&domain={H}&myip={{ip}}", None),
                    (200, "OK"), (200, "ERROR", REFUSED)),
    "goip": Row([get("www.goip.de", f"/setip?username=us%20er&password={TOKEN}&subdomain={H}"
                     f"&shortResponse=true&ip={IP4}&ip6={SIX}", None)], (200, f"{H} ({IP4})"),
                (200, "Zugriff verweigert", REFUSED),
                [get("www.goip.de", f"/setip?username=us%20er&password={TOKEN}&subdomain={H}"
                     f"&shortResponse=true&ip={IP4}", None)]),
    "myaddr": Row([("POST", "myaddr.tools", "/update", None, f"key={TOKEN}&ip={IP4}"),
                   ("POST", "myaddr.tools", "/update", None, f"key={TOKEN}&ip={SIX}")],
                  (200, "OK"), (404, "", REFUSED)),
    "addr-tools": Row([("POST", "dyn.addr.tools", "/", None, f"secret={TOKEN}&ip={IP4}"),
                       ("POST", "dyn.addr.tools", "/", None, f"secret={TOKEN}&ip={SIX}")],
                      (200, "OK"), (400, "", REFUSED)),
    "now-dns": Row(each("now-dns.com", f"/update?hostname={H}&myip={{ip}}"), TOOK,
                   (400, "nohost", REFUSED)),
    "changeip": Row([get("nic.changeip.com", f"/nic/update?hostname={H}&ip={IP4}")],
                    (200, "200 Successful Update: success"), (401, "", REFUSED)),
    "key-systems": Row([get("dynamicdns.key-systems.net", f"/update.php?hostname={H}"
                            f"&password={TOKEN}&ip={IP4}", None)],
                       (200, "code = 200\ndescription = Command completed successfully"),
                       (200, "authorization failed", REFUSED)),
    "dondominio": Row(each("dondns.dondominio.com", f"/json/?user=us%20er&password={TOKEN}&host={H}"
                           "&ip={ip}&lang=en", None), (200, '{"success":true}'),
                      (200, '{"success":false,"messages":["no"]}', REFUSED)),
    "regfish": Row([get("dyndns.regfish.de", f"/?fqdn={H}&forcehost=1&token={TOKEN}&ipv4={IP4}"
                        f"&ipv6={SIX}", None)], (200, "success|100|update succeeded!"),
                   (200, "error|401|authentication failed", REFUSED),
                   [get("dyndns.regfish.de", f"/?fqdn={H}&forcehost=1&token={TOKEN}&ipv4={IP4}",
                        None)]),
    "porkbun": Row([("POST", "api.porkbun.com", f"/api/json/v3/dns/editByNameType/example.org/{k}/h",
                     None, f'{{"apikey":"{USER}","secretapikey":"{JSON_TOKEN}","content":"{ip}"}}')
                    for k, ip in (("A", IP4), ("AAAA", IP6))], (200, '{"status":"SUCCESS"}'),
                   (400, '{"status":"ERROR","message":"Invalid API key."}', REFUSED)),
    "gandi": Row([("PUT", "api.gandi.net", f"/v5/livedns/domains/example.org/records/h/{k}", BEARER,
                   f'{{"rrset_values":["{ip}"],"rrset_ttl":300}}')
                  for k, ip in (("A", IP4), ("AAAA", IP6))], (201, '{"message":"DNS Record Created"}'),
                 (403, '{"message":"no"}', REFUSED), username=""),
    "hetzner": Row([("POST", "api.hetzner.cloud",
                     f"/v1/zones/example.org/rrsets/h/{k}/actions/set_records", BEARER,
                     f'{{"records":[{{"value":"{ip}"}}]}}') for k, ip in (("A", IP4), ("AAAA", IP6))],
                   (201, '{"action":{}}'), (401, '{"error":{}}', REFUSED), username=""),
    "3322": Row([get("members.3322.org", f"/dyndns/update?hostname={H}&myip={IP4}")], GOOD,
                (200, "badauth", REFUSED)),
}
HOSTS = sorted({call[1] for row in ROWS.values() for call in row.both} | {"api.example.org"})

# "provider: METHOD TARGET", as inadyn 2.10 and ddclient 3.10 were seen to call them.
RECORDED = {
    "dyn": f"GET /nic/update?hostname={H}&myip={IP4}",
    "no-ip": f"GET /nic/update?hostname={H}&myip={IP4}",
    "dynu": f"GET /nic/update?hostname={H}&myip={IP4}",
    "he-tunnel": f"GET /nic/update?hostname=12345&myip={IP4}",
    "ovh": f"GET /nic/update?system=dyndns&hostname={H}&myip={IP4}",
    "easydns": f"GET /dyn/generic.php?hostname={H}&myip={IP4}&wildcard=OFF",
    "nsupdate": f"GET /nic/update?hostname={H}&myip={IP4}",
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("certificates"), HOSTS)


def find_row(request):
    return next(row for row in ROWS.values()
                if any(request.host == call[1] for call in row.both))


def answer_well(request):
    row = find_row(request)
    for start, answer in row.answers.items():
        if f"{request.method} {request.target}".startswith(start):
            return answer
    if isinstance(row.good[0], tuple):
        is_six = SIX in request.target or IP6 in request.body
        return row.good[is_six]
    return row.good


def answer_badly(request):
    return find_row(request).bad[:2]


def make_entry(provider, row, password_file):
    username = USER if row.username is None else row.username
    return {"provider": provider, "hostname": row.hostname, "password_file": password_file,
            **({"username": username} if username else {})}


class Outside:
    """A Porthole, and all providers of the world."""

    def __init__(self, directory, certificates, answer, addresses, entries):
        directory.mkdir(parents=True, exist_ok=True)
        password_file = directory / "password"
        password_file.write_text(PASSWORD + "\n")
        password_file.chmod(0o600)
        self.providers = Providers(certificates[1], answer)
        self.server = Porthole(
            directory, [test_camera()], environment={"https_proxy": self.providers.url},
            remote={"ca_file": str(certificates[0]), "public_address": {"sources": addresses},
                    "ddns": [{**entry, "password_file": str(password_file)} for entry in entries]})

    def report(self):
        with urllib.request.urlopen(self.server.http + "/api/v1/ddns", timeout=10) as answer:
            return json.load(answer)["names"]

    def records(self):
        return [{**record, "provider": name["provider"]}
                for name in self.report() for record in name["records"]]

    def command(self, *arguments):
        return run("ddns", "--config", self.server.settings_file, *arguments,
                   env={"STATE_DIRECTORY": str(self.server.directory / "state"), "TZ": "UTC"})

    def try_again(self, hostname):
        request = urllib.request.Request(
            self.server.http + "/api/v1/ddns", json.dumps({"hostname": hostname}).encode(),
            {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def stop(self):
        try:
            self.server.stop()
        finally:
            self.server.kill()
            self.providers.close()


@pytest.fixture
def outside(tmp_path, certificates):
    started = []

    def start(answer, addresses, entries):
        started.append(Outside(tmp_path / str(len(started)), certificates, answer, addresses, entries))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def all_entries():
    return [make_entry(provider, row, None) for provider, row in ROWS.items()]


def summarize(request):
    authorization = request.basic or request.headers.get("Authorization")
    return (request.method, request.host, request.target, authorization, request.body)


def asked_of(outside, row):
    hosts = {call[1] for call in row.both}
    return [summarize(r) for r in outside.providers.requests if r.host in hosts]


def is_asked_all(outside, attribute):
    wanted = sum(len(getattr(row, attribute)) for row in ROWS.values())
    return len(outside.providers.requests) >= wanted


def assert_no_secret(text):
    for secret in (PASSWORD, TOKEN, JSON_TOKEN, SHA1):
        assert secret not in text


def test_every_provider_is_asked_as_it_wants_to_be(outside):
    one = outside(answer_well, [IP4, IP6], all_entries())
    wait_until(lambda: is_asked_all(one, "both"), 120, "all providers are asked")
    for provider, row in ROWS.items():
        assert sorted(asked_of(one, row), key=str) == sorted(row.both, key=str), provider
    wait_until(lambda: all(r["published"] for r in one.records()
                           if (r["provider"], r["family"]) != ("freedns", "ipv6")), 10,
               "all is published")
    for request in one.providers.requests:
        assert request.version == "HTTP/1.1"
        assert request.headers["Connection"] == "close"
        assert re.fullmatch(r"\S+ \S+/\S+-[0-9.]+ \S+@\S+", request.headers["User-Agent"])
    assert_no_secret(one.server.log)
    assert_no_secret(json.dumps(one.report(), ensure_ascii=False))
    shown = one.command()
    assert shown.returncode == 0 and f"{IP4}, published " in shown.stdout
    assert_no_secret(shown.stdout + shown.stderr)


def test_one_family_leaves_the_other_alone_and_answers_stop_who_needs_the_user(outside):
    one = outside(answer_badly, [IP4], all_entries())
    wait_until(lambda: all(r["result"] for r in one.records() if r["family"] == "ipv4"), 120,
               "all providers have answered")
    for provider, row in ROWS.items():
        first = 1 if row.answers else len(row.only4)
        assert asked_of(one, row) == row.only4[:first], provider
        if provider in RECORDED:
            assert " ".join(row.only4[0][0:3:2]).startswith(RECORDED[provider]), provider
    for record in one.records():
        if record["family"] == "ipv6":
            assert (record["next"], record["result"]) == ("wait_for_address", None), record
            continue
        row = ROWS[record["provider"]]
        assert record["result"] == row.bad[2], record
        assert record["published"] is None
        if row.bad[2] == REFUSED:
            assert record["next"] == "wait_for_user", record
    assert_no_secret(one.server.log)


def test_the_user_tries_again(outside):
    answers = [(200, "badauth")]
    one = outside(lambda request: answers[-1], [IP4], [
        {"provider": "dyn", "hostname": H, "username": "u"},
        {"provider": "generic", "hostname": "g.example.org", "username": "u",
         "url": "https://api.example.org/set?name={host}&to={ip}&key={pass}", "success": "^done$"}])
    wait_until(lambda: len(one.providers.requests) == 2, 10, "both are asked")
    wait_until(lambda: one.records()[0]["next"] == "wait_for_user", 10, "the name is stopped")
    assert "try again" in one.command().stdout
    assert (f'porthole_ddns_state{{hostname="{H}",provider="dyn",family="ipv4",'
            'porthole_ddns_state="refused"} 1\n') in fetch(one.server.http + "/metrics")[2].decode()
    answers.append((200, f"good {IP4}\n"))
    done = one.command("--now", H)
    assert done.returncode == 0, done.stderr
    assert f"{IP4}, published" in done.stdout and "the address was taken" in done.stdout
    again = one.command("--now", H)
    assert again.returncode == 69 and "is published already" in again.stderr
    assert one.command("--now", "x.example.org").returncode == 66
    answers.append((200, "done\n"))
    one.try_again("g.example.org")
    wait_until(lambda: [r for r in one.records() if r["provider"] == "generic"][0]["published"], 10,
               "the other provider took it")
    assert summarize(one.providers.requests[-1]) == get(
        "api.example.org", f"/set?name=g.example.org&to={IP4}&key={TOKEN}", None)
    with pytest.raises(urllib.error.HTTPError) as refusal:
        one.try_again("g.example.org")
    assert refusal.value.code == 409


def test_the_names_follow_the_settings(outside):
    one = outside(lambda request: (200, "good"), [IP4], [
        {"provider": "generic", "hostname": "old.example.org", "username": "u",
         "url": "https://api.example.org/set?name={host}&to={ip}"}])
    wait_until(lambda: one.records()[0]["published"] == IP4, 10, "the old name is published")
    n_before = len(one.providers.requests)
    settings = json.loads(one.server.settings_file.read_text())
    settings["remote"]["ddns"][0]["hostname"] = "new.example.org"
    one.server.settings_file.write_text(json.dumps(settings))
    wait_until(lambda: [(name["hostname"], name["records"][0]["published"])
                        for name in one.report()] == [("new.example.org", IP4)], 15,
               "the new name is published, and there is no other")
    check("/api/v1/ddns", "get", 200, {"names": one.report()})
    settings["remote"]["ddns"] = []
    one.server.settings_file.write_text(json.dumps(settings))
    wait_until(lambda: one.report() == [], 10, "there is no name any more")
    assert [request.target for request in one.providers.requests[n_before:]] \
        == [f"/set?name=new.example.org&to={IP4}"]


def test_a_certificate_of_somebody_else_is_refused(outside, tmp_path):
    other = make_certificates(tmp_path / "other", ["members.dyndns.org"])
    one = outside(lambda request: (200, "good"), [IP4], [
        {"provider": "dyn", "hostname": H, "username": "u"}])
    one.providers.context.load_cert_chain(other[1])
    one.server.stop()
    one.server = Porthole(tmp_path / "again", [test_camera()],
                          environment={"https_proxy": one.providers.url}, remote={
        "ca_file": str(tmp_path / "other" / "ca.pem"), "public_address": {"sources": [IP4]},
        "ddns": [{"provider": "no-ip", "hostname": H, "username": "u", "password": "p"}]})
    wait_until(lambda: one.records()[0]["result"], 10, "it was tried")
    assert one.records()[0]["result"] == "unreachable"
    assert "certificate" in one.records()[0]["answer"].lower()
    assert [r for r in one.providers.requests if r.host == "dynupdate.no-ip.com"] == []


def test_a_new_address_is_published_at_once_and_survives_a_crash(outside):
    one = outside(lambda request: (200, "good"), [IP4], [
        {"provider": "generic", "hostname": "g.example.org", "username": "u",
         "url": "https://api.example.org/set?name={host}&to={ip}"}])
    wait_until(lambda: one.records()[0]["published"] == IP4, 10, "it is published")
    one.server.process.kill()
    one.server.process.wait()
    settings = json.loads(one.server.settings_file.read_text())
    n_before = len(one.providers.requests)
    one.server = Porthole(one.server.directory, [test_camera()],
                          environment={"https_proxy": one.providers.url}, remote=settings["remote"])
    wait_until(lambda: one.records()[0]["published"] == IP4, 10, "it is remembered")
    settings["remote"]["public_address"]["sources"] = ["9.9.9.9"]
    settings["http"]["port"], settings["rtsp"]["port"] = one.server.http_port, one.server.rtsp_port
    settings["http"]["tls_port"] = one.server.https_port
    settings["rtsp"]["tls_port"] = one.server.rtsps_port
    one.server.settings_file.write_text(json.dumps(settings))
    wait_until(lambda: one.records()[0]["wanted"] == "9.9.9.9", 10, "the settings are read anew")
    assert len(one.providers.requests) == n_before  # 30 s must go by, or less if it was slow
    assert one.records()[0]["next"] == "update"


def test_what_is_wrong_with_names_is_told(tmp_path):
    file = tmp_path / "porthole.json"
    file.write_text(json.dumps({"remote": {"ddns": [
        {"provider": "noip", "hostname": H}, {"provider": "dyn", "hostname": H},
        {"provider": "duckdns", "hostname": "h.duckdns.org"}]}}))
    checked = run("check", file)
    assert checked.returncode == 78
    assert "remote.ddns[0]: provider: found \"noip\"" in checked.stderr
    assert "did you mean \"no-ip\"?" in checked.stderr
    assert "remote.ddns[1]: username: found nothing" in checked.stderr
    assert "remote.ddns[2]: found no password" in checked.stderr
