"""The answer line by line, for streams and large batches."""

import msgspec

from witnessmark.model.fact import Kind
from witnessmark.model.finding import ScanReport


class JsonLines:
    """One line a finding or problem, then one for coverage; each line says which it is in `record`."""

    NAME = "jsonl"
    MEDIA_TYPE = "application/jsonl"
    SUFFIX = ".jsonl"

    def render(self, report: ScanReport, *, include_adjacent: bool = False) -> bytes:
        """Findings first, in the report's order."""
        rows: list[object] = [
            {"record": "finding", **msgspec.to_builtins(item)}
            for item in report.findings
            if include_adjacent or item.kind is Kind.FINDING
        ]
        rows += [{"record": "problem", **msgspec.to_builtins(item)} for item in report.problems]
        rows.append(
            {
                "record": "coverage",
                "coverage": msgspec.to_builtins(report.coverage),
                "knowledge": msgspec.to_builtins(report.knowledge),
                "tool": msgspec.to_builtins(report.tool),
            }
        )
        return msgspec.json.Encoder().encode_lines(rows)


OUTPUT = JsonLines()
