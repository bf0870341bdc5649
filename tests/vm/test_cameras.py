# SPDX-License-Identifier: LGPL-2.1-or-later
"""Porthole on real camera drivers, in a virtual machine: one boot, all of checks.py."""
import json
import os
import pathlib
import platform
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
MODULES = [
    "vivid n_devs=1 node_types=0x1 num_inputs=1 input_types=0x0 vid_cap_nr=0",
    "v4l2loopback devices=2 video_nr=10,11 exclusive_caps=0,0",
    "vimc",
]
PASSED_ON = ("PORTHOLE_BIN", "GST_REGISTRY", "PYTHONDONTWRITEBYTECODE")


def list_checks():
    listing = subprocess.run(
        ["/usr/bin/python3", "-c", "import checks; print(*checks.CHECKS)"], cwd=HERE, check=True,
        capture_output=True, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    return listing.stdout.split()


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    if platform.machine() != "x86_64" or shutil.which("qemu-system-x86_64") is None:
        pytest.skip("qemu-system-x86_64 cannot run here")
    if os.getuid() != 0:
        pytest.skip("the virtual machine's root file system is this machine's: needs root")
    setup = subprocess.run(
        [str(HERE / "setup")], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert setup.returncode == 0, setup.stderr
    directory = tmp_path_factory.mktemp("vm")
    subprocess.run(["gst-inspect-1.0"], stdout=subprocess.DEVNULL, check=False)  # fills the registry
    command = [str(HERE / "run"), "-k", setup.stdout.strip(), "-t", "400", "-w", str(directory)]
    for module in MODULES:
        command += ["-m", module]
    for name in PASSED_ON:
        command += ["-e", name]
    command += ["--", "/usr/bin/python3", str(HERE / "checks.py"), str(directory)]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    lines = (directory / "results").read_text() if (directory / "results").exists() else ""
    found = {result["name"]: result for result in map(json.loads, lines.splitlines())}
    return found, f"exit status {done.returncode}\n{done.stdout}{done.stderr}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", list_checks())
def test_camera_driver(results, name):
    found, output = results
    assert name in found, f"the virtual machine ended before this check:\n{output}"
    assert found[name]["failure"] is None, found[name]["failure"]
