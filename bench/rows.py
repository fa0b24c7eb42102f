"""One row of a benchmark table: ours beside a peer, measured in the same run, as a ratio."""

from typing import NamedTuple


class Row(NamedTuple):
    """`ratio` is how many times better ours is (above 1 is better); `target` is the least it must be, or None."""

    name: str
    ours: float
    peer: float
    unit: str  # of `ours` and `peer`: "GB/s CPU", "CPU s", "MB", …
    ratio: float
    target: float | None = None
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.target is None or self.ratio >= self.target


def table(rows: list[Row]) -> str:
    """The rows as aligned text."""
    head = ("what", "ours", "peer", "unit", "ratio", "target", "met", "note")
    cells = [
        (
            row.name,
            f"{row.ours:.3g}",
            f"{row.peer:.3g}",
            row.unit,
            f"{row.ratio:.2f}x",
            "" if row.target is None else f"{row.target:g}x",
            "" if row.target is None else ("yes" if row.met else "NO"),
            row.note,
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in [head, *cells]) for i in range(len(head))]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip() for line in [head, *cells]
    )
