"""`docs/formats.md`: what is read and what is not, from the formats' own words."""

from collections.abc import Iterator

from witnessmark.unpack.in_place import IN_PLACE
from witnessmark.unpack.registry import unpackers
from witnessmark.unpack.unpacker import FormatDoc, Limits

KINDS = ("archive", "compression", "file system", "firmware", "app", "document", "data")
HEAD = """# Formats

Generated from the formats themselves by `witnessmark formats --markdown`; do not edit.

A format is recognised by its content; a suffix only helps where a format has no signature. Everything that no format
claims is matched as it stands, and so is every container that could not be opened. *In place* means that the file's
own bytes are matched as well as what comes out of it. *Carved* means that the format is also found at an offset inside
other bytes.
"""


NOT_READ = """## Not read

- yaffs2 and littlefs file systems: no library for them is kept. Their bytes are matched as they stand; a text that
  lies across two pages is missed.
- Zip members packed by shrink, reduce, implode or PPMd, and members of any format that need a password nobody gave:
  each is reported.
"""


def _bounds(limits: Limits) -> str:
    return f"""## Bounds

- Depth: {limits.depth} containers in one another.
- One task (a top-level file, or small ones together): {limits.members:,} members, {limits.total_bytes >> 30} GiB.
- One member: {limits.member_bytes >> 30} GiB, {limits.seconds_per_member:g} s, {limits.ratio:,} times its packed size.

With several workers (`--jobs`), a nested container of 4 MiB and more is a task of its own: a scan that reaches the
bound on members or bytes of a task reads more with several workers than with one. Every other scan gives the same
report, byte for byte, whatever the number of workers.
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_sections(), NOT_READ, _bounds(Limits())])


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
