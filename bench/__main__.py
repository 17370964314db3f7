"""`make bench [ARGS="--rows 100000 --only search --quick"]`."""

from __future__ import annotations

import argparse
import os
import sys
import time

from bench import build, house, table
from bench.proof import NotEqual
from governance.engines import Engines

SIZES = (100_000, 1_000_000)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="What the product costs.")
    parser.add_argument("--rows", type=int, action="append", help="cases; 100,000 and 1,000,000")
    parser.add_argument("--only", action="append", default=[], help="part of a measure's name")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, same data")
    return parser.parse_args()


def main() -> None:
    house.stop_on_signals()
    asked = arguments()
    sizes = asked.rows or SIZES
    tell_machine()
    running = house.start()
    try:
        results = [result for rows in sizes for result in one_size(running, rows, asked)]
    except NotEqual as difference:
        sys.exit(f"The writer no longer writes what the verbs write:\n{difference}")
    finally:
        house.stop()
    print()
    table.print_table(results)
    if not asked.only:
        table.keep(results)
        print(f"\n{table.FILE.relative_to(house.ROOT)} written")


def tell_machine() -> None:
    """Processor time counts other work too: shared cores and caches make each step dearer."""
    began = time.process_time()
    for _step in range(5_000_000):
        pass
    used = time.process_time() - began
    print(
        f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}: the machine may be busy with other"
        f" work. 5,000,000 empty loops took {used:.2f} s of CPU (about 0.1 s when it is idle)."
    )


def one_size(running: Engines, rows: int, asked: argparse.Namespace) -> list[table.Result]:
    at = build.database(running, rows)
    house.manage(at, "collectstatic", "--no-input", "--verbosity", "0")
    file = house.HOME / f"results-{rows}.json"
    began = time.monotonic()
    print(f"{rows:,} cases:", flush=True)
    effort = "quick" if asked.quick else "full"
    command = house.inside("run", str(rows), str(file), effort, at.admin_url, *asked.only)
    house.attend(at, command)
    print(f"  measured in {time.monotonic() - began:.0f} s", flush=True)
    return table.read(file)


if __name__ == "__main__":
    main()
