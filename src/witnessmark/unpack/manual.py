"""`docs/formats.md`: what is read and what is not, from the formats' own words."""

from collections.abc import Iterator

from witnessmark.unpack.in_place import IN_PLACE
from witnessmark.unpack.registry import unpackers
from witnessmark.unpack.unpacker import FormatDoc

KINDS = ("archive", "compression", "file system", "firmware", "app", "document", "data")
HEAD = """# Formats

Generated from the formats themselves by `witnessmark formats --markdown`; do not edit.

A format is recognised by its content; a suffix only helps where a format has no signature. Everything that no format
claims is matched as it stands, and so is every container that could not be opened. *In place* means that the file's
own bytes are matched as well as what comes out of it. *Carved* means that the format is also found at an offset inside
other bytes.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections()])


def _sections() -> Iterator[str]:
    rows = [
        (unpacker.DOC, name, any(m.offset is None for m in unpacker.MAGIC)) for name, unpacker in unpackers().items()
    ]
    rows += [(entry.doc, entry.name, False) for entry in IN_PLACE]
    kinds = (*KINDS, *sorted({doc.kind for doc, _, _ in rows} - set(KINDS)))
    for kind in kinds:
        chosen = sorted((row for row in rows if row[0].kind == kind), key=lambda row: row[1])
        if chosen:
            yield f"## {kind.capitalize()}\n"
            for doc, name, carved in chosen:
                yield _entry(doc, name, carved=carved)


def _entry(doc: FormatDoc, name: str, *, carved: bool) -> str:
    lines = [f"### {doc.title} (`{name}`)\n"]
    marks = [word for word, holds in (("in place", doc.in_place), ("carved", carved)) if holds]
    suffixes = " ".join(f"`{suffix}`" for suffix in doc.suffixes)
    lines.append(f"- Usual names: {suffixes}" if suffixes else "- Usual names: any")
    if marks:
        lines.append(f"- Read: {', '.join(marks)}")
    if doc.program:
        lines.append(f"- Program: `{doc.program}` ({doc.install})")
    lines += [f"- Limit: {limit}" for limit in doc.limits]
    lines += [f"- Reference: <{reference}>" for reference in doc.references]
    return "\n".join(lines) + "\n"
