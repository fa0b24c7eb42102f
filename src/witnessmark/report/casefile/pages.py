"""A page before and after, as rows of text."""

from collections.abc import Sequence

import msgspec

from witnessmark.model.fact import Record, Sha256, UntrustedText
from witnessmark.model.sighting import Verdict
from witnessmark.redact import redact
from witnessmark.report.casefile.masked import Masked, log_masked

MOST_TEXT = 1_000


class PageRow(Record, frozen=True, kw_only=True):
    """One block of text on both sides; `left_out` counts unchanged blocks that are not shown."""

    old: UntrustedText | None = None
    new: UntrustedText | None = None
    left_out: int = 0

    @property
    def unchanged(self) -> bool:
        """Whether both sides say the same."""
        return self.left_out > 0 or self.old == self.new


class PageChange(Record, frozen=True, kw_only=True):
    """What one page said at two looks (UTC). `before` and `after` are the digests of the pages that the case keeps."""

    url: UntrustedText
    verdict: Verdict
    before_at: str
    after_at: str
    status: int | None
    before: Sha256
    after: Sha256 | None
    rows: tuple[PageRow, ...]
    cut: bool = False


def masked_pages(changes: Sequence[PageChange], log: list[Masked]) -> tuple[PageChange, ...]:
    """The same with personal data masked and long blocks cut."""

    def clean(text: UntrustedText | None, change: PageChange, file: Sha256 | None) -> UntrustedText | None:
        if text is None:
            return None
        result = redact(text[:MOST_TEXT])
        log_masked(log, str(change.url), "page", result, file=file)
        return UntrustedText(result.text + "…") if len(text) > MOST_TEXT else result.text

    return tuple(
        msgspec.structs.replace(
            change,
            rows=tuple(
                msgspec.structs.replace(
                    row, old=clean(row.old, change, change.before), new=clean(row.new, change, change.after)
                )
                for row in change.rows
            ),
        )
        for change in changes
    )
