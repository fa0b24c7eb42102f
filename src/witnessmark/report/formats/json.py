"""The whole answer as one JSON object; its schema is printed by `witnessmark schema`."""

import msgspec

from witnessmark.model.finding import ScanReport


class Json:
    """Findings, problems, coverage, knowledge and tool in one object. Adjacent mentions are always in it."""

    NAME = "json"
    MEDIA_TYPE = "application/json"
    SUFFIX = ".json"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """Indented UTF-8 with a final newline."""
        return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


OUTPUT = Json()
