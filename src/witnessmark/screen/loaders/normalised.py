"""Our own form: one `ListEntry` a line."""

from witnessmark.errors import UsageError
from witnessmark.screen.lists import parse_jsonl
from witnessmark.screen.loader import HINT, ListRefused, Parsed, text_of


class Normalised:
    """JSON lines with the fields of `ListEntry`."""

    NAME = "normalised-jsonl"

    def recognises(self, head: bytes) -> bool:
        """A JSON line that names its list and has no FtM properties."""
        first = head.lstrip().split(b"\n", 1)[0]
        return first.startswith(b"{") and b'"list"' in first and b'"name"' in first and b'"properties"' not in first

    def parse(self, data: bytes, list_id: str) -> Parsed:
        """All entries, or those of one list."""
        text_of(data, "list")
        try:
            entries = parse_jsonl(data, "list")
        except UsageError as error:
            raise ListRefused(str(error), hint=HINT) from error
        return Parsed(tuple(entry for entry in entries if list_id in ("", entry.list)), "")


LOADER = Normalised()
