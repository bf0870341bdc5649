# SPDX-License-Identifier: LGPL-2.1-or-later
"""/metrics as Prometheus takes it: judged by its own promtool and by its Python client's parser."""
import base64
import json
import re
import subprocess
import time

import pytest
from media import Http, decode, fetch, ffprobe
from porthole import ROOT, Porthole, test_camera, wait_until
from prometheus_client.openmetrics.parser import text_string_to_metric_families

ADMIN = {"Authorization": "Basic " + base64.b64encode(b"root:secret").decode()}
OPENMETRICS = {"Accept": "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4"}
DASHBOARD = ROOT / "data" / "grafana" / "porthole.json"
KINDS = {"rtsp", "hls", "mp4", "mjpeg", "snapshot"}
FRONT = {"camera": "front", "stream": "main"}
# What PromQL has in a query that is no metric: functions, labels, words.
METRIC = re.compile(r"\b(porthole_[a-z_]+|process_[a-z_]+)(?=\{|\[|,|\)|$| )")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Porthole(
        tmp_path_factory.mktemp("server"), [test_camera(anonymous=True)],
        access={"users": [{"name": "root", "password": "secret", "role": "admin"}]})
    try:
        yield server
        server.stop()
    finally:
        server.kill()


def scrape(server, headers=None):
    status, answered, body = fetch(server.http + "/metrics", headers={**ADMIN, **(headers or {})})
    assert status == 200, body
    return answered, body.decode()


def samples(server):
    """{(name, frozenset of labels): value}"""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(scrape(server, OPENMETRICS)[1])
        for sample in family.samples
    }


def families(text):
    """Also those that there is nothing of, as there are neither names nor ports for the outside."""
    return set(re.findall(r"(?m)^# TYPE (\S+)", text))


def value(found, name, **labels):
    return found[name, frozenset(labels.items())]


@pytest.fixture(scope="module")
def watched(server):
    """What /metrics says when viewers of every kind have come and gone."""
    decode(server.rtsp + "/front", 5, "-rtsp_transport", "tcp")
    tcp = value(samples(server), "porthole_sent_bytes_total", **FRONT, kind="rtsp")
    decode(server.rtsp + "/front", 5, "-rtsp_transport", "udp")
    ffprobe(server.http + "/front/index.m3u8?stream=main")
    for path in ("live.mp4", "mjpeg"):
        with Http(f"{server.http}/front/{path}") as viewer:
            assert viewer.read(30000)
            if path == "live.mp4":
                during = samples(server)
    assert fetch(server.http + "/front/snapshot.jpg?max_age=0")[0] == 200
    return tcp, during, samples(server), scrape(server)[1]


def test_promtool_finds_nothing_to_complain_about(server, watched):
    answered, text = scrape(server)
    assert answered["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True,
                          text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_openmetrics_is_given_to_who_prefers_it(server):
    answered, text = scrape(server, OPENMETRICS)
    assert answered["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert text.endswith("# EOF\n")


def test_only_an_admin_reads_metrics(server):
    assert fetch(server.http + "/metrics")[0] == 401


def test_what_a_stream_did_is_told(watched):
    _, during, after, _ = watched
    assert value(after, "porthole_stream_frames_total", **FRONT) >= 10
    assert value(after, "porthole_stream_keyframes_total", **FRONT) >= 1
    assert value(after, "porthole_stream_bytes_total", **FRONT) > 1000
    assert value(after, "porthole_stream_send_age_seconds_count", **FRONT) > 5
    assert value(during, "porthole_camera_state", camera="front", porthole_camera_state="live") == 1
    assert value(after, "porthole_camera_restarts_total", camera="front") == 0
    encoders = [dict(labels)["encoder"] for name, labels in after
                if name == "porthole_stream_encoder_info"]
    assert len(encoders) == 3 and "none" not in encoders, encoders


def test_every_kind_of_viewer_is_told(watched):
    tcp, during, after, _ = watched
    sent = {kind: sum(number for (name, labels), number in after.items()
                      if name == "porthole_sent_bytes_total" and ("kind", kind) in labels)
            for kind in KINDS}
    assert all(sent.values()), sent
    assert sent["rtsp"] > tcp > 0, "UDP adds to TCP"
    firsts = {dict(labels)["kind"]: number for (name, labels), number in after.items()
              if name == "porthole_first_picture_seconds_count" and number}
    assert set(firsts) == KINDS and firsts["rtsp"] == 2 and firsts["mp4"] == 1, firsts
    assert value(during, "porthole_viewers", **FRONT, kind="mp4") == 1


def test_an_age_is_that_of_the_pictures_on_their_way(watched):
    after = watched[2]
    mean = (value(after, "porthole_stream_send_age_seconds_sum", **FRONT)
            / value(after, "porthole_stream_send_age_seconds_count", **FRONT))
    assert 0 <= mean < 2, mean


def test_process_and_certificate_are_told(server, watched):
    after = watched[2]
    end = value(after, "porthole_certificate_not_after_timestamp_seconds")
    assert 9 < (end - time.time()) / 86400 / 365 < 11
    assert value(after, "process_open_fds") == pytest.approx(len(server.open_files()), abs=20)
    assert value(after, "process_resident_memory_bytes") > 1e7
    assert value(after, "process_cpu_seconds_total") > 0


def test_the_dashboard_asks_for_what_there_is(watched):
    names = {name for name, _ in watched[2]} | families(watched[3])
    queries = [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"]
               for target in panel["targets"]]
    asked = {name for query in queries for name in METRIC.findall(query)}
    assert len(asked) >= 10 and asked <= names, asked - names


def test_viewers_that_left_are_counted_no_more(server, watched):
    wait_until(lambda: all(
        number == 0 for (name, labels), number in samples(server).items()
        if name == "porthole_viewers" and ("kind", "hls") not in labels), 10, "all have left")


def test_data_use_of_the_month_survives_a_restart(servers, tmp_path):
    place = {"STATE_DIRECTORY": str(tmp_path / "kept")}
    server = servers.start(test_camera(), environment=place)
    assert fetch(server.http + "/front/snapshot.jpg")[0] == 200
    servers.stop(server)
    server = servers.start(test_camera(), environment=place)
    (month, cameras), = json.loads(fetch(server.http + "/api/v1/data-use")[2])["months"].items()
    assert re.fullmatch(r"20\d\d-\d\d", month) and cameras["front"] > 1000
    assert f'porthole_month_sent_bytes{{camera="front"}} {cameras["front"]}\n' in fetch(
        server.http + "/metrics")[2].decode()
