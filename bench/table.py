"""Results: a line each, printed aligned and kept in bench/results.json."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

FILE = Path(__file__).parent / "results.json"


@dataclass
class Result:
    """`value` beside `limit`, the same work in plain SQL or Python in the same run.

    `cpu_ms` is processor time of application and database together, for one piece of the work;
    `budget_ms` is what architecture.md allows for it, `limit_cpu_ms` what plain SQL took.
    """

    name: str
    rows: int
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    cpu_ms: float | None = None
    queries: int | None = None
    p95: float | None = None
    app_ms: float | None = None
    db_ms: float | None = None
    limit_cpu_ms: float | None = None
    budget_ms: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if self.limit and self.ratio is None:
            self.ratio = self.value / self.limit


COLUMNS = (
    "name", "rows", "value", "unit", "limit", "ratio", "cpu_ms", "queries",
    "p95", "app_ms", "db_ms", "limit_cpu_ms", "budget_ms",
)  # fmt: skip


def shown(value: object) -> str:
    match value:
        case None:
            return "-"
        case float():
            return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.2f}"
        case int():
            return f"{value:,}"
        case _:
            return str(value)


def print_table(results: Sequence[Result]) -> None:
    rows = [COLUMNS, *(tuple(shown(getattr(r, c)) for c in COLUMNS) for r in results)]
    widths = [max(wide(row[n]) for row in rows) for n in range(len(COLUMNS))]
    for row, result in zip(rows, [None, *results], strict=True):
        cells = [
            text + " " * (width - wide(text)) if n in {0, 3} else text.rjust(width)
            for n, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        note = f"  {result.note}" if result and result.note else ""
        print("  ".join(cells) + note, flush=True)


def wide(text: str) -> int:
    """Chinese takes two places."""
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in text)


def keep(results: Sequence[Result], file: Path = FILE) -> None:
    rounded = [
        {k: round(v, 4) if isinstance(v, float) else v for k, v in asdict(result).items()}
        for result in results
    ]
    file.write_bytes(orjson.dumps(rounded, option=orjson.OPT_INDENT_2) + b"\n")


def read(file: Path) -> list[Result]:
    return [Result(**row) for row in orjson.loads(file.read_bytes())]


def merged(results: Sequence[Result]) -> list[Result]:
    """These in the places of the ones that are kept under the same name and size; new ones last."""
    new = {(result.name, result.rows): result for result in results}
    kept = [new.pop((old.name, old.rows), old) for old in read(FILE)] if FILE.exists() else []
    return [*kept, *new.values()]
