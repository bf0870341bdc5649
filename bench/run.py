#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""script/bench: measures, prints one table for each scenario, and keeps what was measured."""
import argparse
import json
import os
import pathlib
import sys
import time

import report
import scenarios
import systems
from scenario import Bench

DOCS = systems.ROOT / "docs"
TEMPLATE = pathlib.Path(__file__).with_name("benchmarks.md.in")


def parse():
    names = "".join(f"\n  {name:15} {function.__doc__.splitlines()[0]}"
                    for name, function in scenarios.ALL.items())
    parser = argparse.ArgumentParser(
        prog="script/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Measures Porthole beside the floor and those of its peers that are in PATH.",
        epilog=f"scenarios:{names}\n\nWithout a scenario: all of them, and docs/benchmarks.* are "
               "written anew.")
    parser.add_argument("scenario", nargs="*", choices=[[], *scenarios.ALL], metavar="scenario")
    parser.add_argument("--rounds", type=int, default=2, help="of each measurement (default 2)")
    parser.add_argument("--seconds", type=float, default=2, help="of each round (default 2)")
    parser.add_argument("--viewers", type=int, default=1000, help="at most (default 1000)")
    return parser.parse_args()


def absent():
    for peer in [*systems.PEERS, systems.Nginx]:
        if peer.absent():
            yield f"{peer.name} is absent: {peer.absent()}"
    if systems.first_device() is None:
        for name in systems.NEED_DEVICE:
            yield f"{name} takes no part: it serves camera devices only, and there is none here"


def keep(directory, tables, facts, raw):
    directory.mkdir(parents=True, exist_ok=True)
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("@MACHINE@", report.machine_table(facts))
    text = text.replace("@ABSENT@", "\n".join(f"- {line}" for line in absent()))
    (directory / "benchmarks.md").write_text(text.replace("@TABLES@", report.markdown(tables)))
    (directory / "benchmarks.svg").write_text(report.svg(tables))
    (directory / "benchmarks.json").write_text(
        json.dumps({"machine": dict(facts), "measured": raw}, indent=1) + "\n")


def main():
    arguments = parse()
    wanted = arguments.scenario or list(scenarios.ALL)
    bench = Bench(systems.BUILD, arguments.rounds, arguments.seconds, arguments.viewers)
    facts, tables, started = report.machine(), [], time.monotonic()
    for line in absent():
        print(line)
    for name in wanted:
        print(f"{name}: {scenarios.ALL[name].__doc__.splitlines()[0]}", flush=True)
        tables += scenarios.ALL[name](bench)
    facts.append(("took", f"{(time.monotonic() - started) / 60:.1f} minutes"))
    print("\n" + report.markdown(tables))
    directory = systems.BUILD / "bench-results" if arguments.scenario else DOCS
    keep(directory, tables, facts, bench.raw)
    print(f"kept in {os.path.relpath(directory)}: benchmarks.md, .svg, .json")


if __name__ == "__main__":
    sys.exit(main())
