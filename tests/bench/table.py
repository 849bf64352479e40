"""The figures, judged against their targets, as a table for the screen and as rows for the file."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from tests.bench.measure import BURST, Timed


@dataclass
class Line:
    """One page with so many connections at once: medians in ms."""

    page: str
    connections: int
    ours: float
    of: str
    floor: float
    ratio: float
    target: float | None
    statements: int
    is_list: bool
    missed: list[str]

    @property
    def verdict(self) -> str:
        if self.missed:
            return "missed: " + ", ".join(self.missed)
        return "ok" if self.target is not None or self.is_list else ""


def p95(times: list[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def figures(timed: Timed) -> dict[str, float]:
    """What the file says of one thing."""
    return {
        "median_ms": round(median(timed.times), 3),
        "p95_ms": round(p95(timed.times), 3),
        "least_ms": round(min(timed.times), 3),
        "measured": len(timed.times),
        "a_second": round(len(timed.times) / timed.wall, 1),
    }


def as_text(lines: list[Line], floors: dict[int, dict[str, float]]) -> str:
    """For the screen."""
    head = ("page", "conn.", "ours ms", "floor ms", "of", "ratio", "target", "statements", "")
    rows = [
        (
            line.page,
            str(line.connections),
            f"{line.ours:.1f}",
            f"{line.floor:.1f}",
            line.of,
            f"{line.ratio:.2f}",
            "" if line.target is None else f"{line.target:.1f}",
            str(line.statements),
            line.verdict,
        )
        for line in lines
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    right = {1, 2, 3, 5, 6, 7}

    def shown(row: tuple[str, ...]) -> str:
        cells = (
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    said = [
        f"{connections} connection{'s' if connections > 1 else ''}: E {each['E']:.1f} ms, T {each['T']:.1f} ms"
        for connections, each in floors.items()
    ]
    return "\n".join([*said, "", shown(head), shown(tuple("-" * width for width in widths)), *map(shown, rows)])


def as_rows(lines: list[Line]) -> list[dict[str, Any]]:
    return [asdict(line) for line in lines]


__all__ = ["BURST", "Line", "as_rows", "as_text", "figures", "p95"]
