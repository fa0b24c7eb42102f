"""The process behind `peek`: confined, it walks to one member and gives a few bytes of it."""

import sys
from pathlib import Path

import msgspec

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.pipeline.peek import Peeked, PeekOrder
from witnessmark.sandbox import confine
from witnessmark.unpack import registry
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.recurse import UnpackedLeaf, walk
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits


def main() -> int:
    """One order in, one answer out; 1 when the member is not there."""
    order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=PeekOrder)
    sink = sys.stdout.buffer
    sys.stdout = sys.stderr
    registry.unpackers()
    confine.confine(readable=(Path(order.path),), writable=(Path(order.scratch),))
    found = _find(order)
    if found is None:
        return 1
    data = found.read(order.start, order.length)
    sink.write(msgspec.msgpack.encode(Peeked(size=found.size, start=order.start, data=data)))
    sink.flush()
    return 0


def _find(order: PeekOrder) -> Blob | None:
    scratch = Scratch(Path(order.scratch))
    working = Working(Limits(), lambda: scratch)
    top = Blob.of_path(Path(order.path))
    for item in walk(top, Locator(path=(UntrustedText(order.name),)), working):
        if isinstance(item, UnpackedLeaf) and item.locator.path == order.locator.path:
            return item.blob
    return None


if __name__ == "__main__":
    sys.exit(main())
