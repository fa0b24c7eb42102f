"""Who a file says made it: signatures, version information, manifests, package metadata, supplier lists, codes."""

from collections.abc import Iterator

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.maker import MakerMark, MakerSaid
from witnessmark.read.makers import codes, metadata, programs, signatures

LONGEST = 200
MOST_PER_FILE = 50
Named = tuple[str, MakerMark]


def makers_in(blob: Blob, locator: Locator) -> tuple[MakerSaid, ...]:
    """The makers that one file names, each once. Bounded in what is read; a damaged file names none."""
    found: dict[Named, MakerSaid] = {}
    for text, mark in _named(blob, locator.path[-1]):
        name = " ".join(text.split())
        if 2 <= len(name) <= LONGEST and name.isprintable():
            found.setdefault((name, mark), MakerSaid(name=UntrustedText(name), mark=mark, locator=locator))
        if len(found) >= MOST_PER_FILE:
            break
    return tuple(found.values())


def _named(blob: Blob, name: str) -> Iterator[Named]:
    head = blob.read(0, 4)
    if head.startswith(b"MZ"):
        yield from programs.company_names(blob)
        yield from signatures.of_program(blob)
    elif head.startswith(b"PK\3\4"):
        yield from signatures.of_android_package(blob)
    elif signatures.is_signature_file(name):
        yield from signatures.of_signature_file(blob)
    else:
        yield from metadata.names_in(blob, name)
        yield from codes.codes_in(blob)
