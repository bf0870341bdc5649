# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs modules/*.test.js in a browser, on the page's own modules and under its own policy."""

import pathlib

import pytest

FILES = sorted(path.name for path in (pathlib.Path(__file__).parent / "modules").glob("*.test.js"))

RUN = """
const done = arguments[arguments.length - 1];
import(arguments[0]).then(async ({ tests }) => {
  const failed = [];
  for (const [name, test] of Object.entries(tests)) {
    try { await test(); } catch (error) { failed.push(`${name}: ${error.message}`); }
  }
  done({ count: Object.keys(tests).length, failed });
}, (error) => done({ count: 0, failed: [String(error)] }));
"""


@pytest.mark.parametrize("name", FILES)
def test_module(stub, browser, name):
    stub.cameras = []
    browser.get(stub.http)
    result = browser.execute_async_script(RUN, f"{stub.http}modules/{name}")
    assert result["failed"] == []
    assert result["count"] > 0
