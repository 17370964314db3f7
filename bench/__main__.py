"""`make bench [ARGS="--rows 100000 --only search --quick"]`.

The registers have a database of their own, with as many people as the others have cases: their
measures are named `registers: …`, and `--only registers` runs all of them and builds no case.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from bench import build, house, table
from bench.proof import NotEqual
from governance.engines import Engines

SIZES = (100_000, 1_000_000)
REGISTERS = "registers"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="What the product costs.")
    parser.add_argument(
        "--rows", type=int, action="append", help="cases or people; 100,000, 1,000,000"
    )
    parser.add_argument("--only", action="append", default=[], help="part of a measure's name")
    parser.add_argument(
        "--keep", action="store_true", help="write what --only names into the results as well"
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, same data")
    parser.add_argument(
        "--plans", metavar="MS", help="only show the plans of registers' statements this slow"
    )
    return parser.parse_args()


def main() -> None:
    house.stop_on_signals()
    asked = arguments()
    sizes = asked.rows or SIZES
    tell_machine()
    running = house.start()
    try:
        if asked.plans:
            for rows in asked.rows or SIZES[-1:]:
                show_plans(running, rows, asked.plans)
            return
        results = [result for rows in sizes for result in cases(running, rows, asked)]
        results += [result for rows in sizes for result in people(running, rows, asked)]
    except NotEqual as difference:
        sys.exit(f"The writer no longer writes what the verbs write:\n{difference}")
    finally:
        house.stop()
    print()
    table.print_table(results)
    if asked.keep or not asked.only:
        table.keep(table.merged(results) if asked.only else results)
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


def cases(running: Engines, rows: int, asked: argparse.Namespace) -> list[table.Result]:
    names = [name for name in asked.only if not name.startswith(REGISTERS)]
    if asked.only and not names:
        return []
    at = build.database(running, rows)
    house.manage(at, "collectstatic", "--no-input", "--verbosity", "0")
    return measured(at, "run", f"{rows:,} cases", rows, asked, names)


def people(running: Engines, rows: int, asked: argparse.Namespace) -> list[table.Result]:
    names = [name for name in asked.only if name.startswith(REGISTERS)]
    if asked.only and not names:
        return []
    at = build.registers(running, rows)
    house.manage(at, "collectstatic", "--no-input", "--verbosity", "0")
    return measured(at, REGISTERS, f"{rows:,} people", rows, asked, names)


def show_plans(running: Engines, rows: int, milliseconds: str) -> None:
    at = build.registers(running, rows)
    house.attend(at, house.inside("plans", str(rows), at.admin_url, milliseconds))


def measured(
    at: Engines, module: str, said: str, rows: int, asked: argparse.Namespace, names: list[str]
) -> list[table.Result]:
    """What a module measures in its database, in a process with Django set up."""
    file = house.HOME / f"results-{module}-{rows}.json"
    began = time.monotonic()
    print(f"{said}:", flush=True)
    effort = "quick" if asked.quick else "full"
    house.attend(at, house.inside(module, str(rows), str(file), effort, at.admin_url, *names))
    print(f"  measured in {time.monotonic() - began:.0f} s", flush=True)
    return table.read(file)


if __name__ == "__main__":
    main()
