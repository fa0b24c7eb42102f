"""Coverage-guided fuzzing of the walk: `pip install atheris; python -m fuzz.unpacking CORPUS`.

Without arguments beside `--seed FOLDER` it fills a corpus folder with the samples. Any exception, hang or growth above
the memory limit is a defect; bad bytes must give Problems only.
"""

import sys
import tempfile
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.unpack import recurse, registry
from witnessmark.unpack.bounds import Working
from witnessmark.unpack.scratch import Scratch
from witnessmark.unpack.unpacker import Limits

SAMPLES = Path(__file__).parent.parent / "tests" / "samples"
LIMITS = Limits(depth=5, total_bytes=64 << 20, seconds_per_member=5, ratio_floor=1 << 20, in_memory=1 << 30)


def one_input(data: bytes) -> None:
    """Walk the bytes as a scan would. The first byte chooses a suffix, for formats that have no signature."""
    if not data:
        return
    unpackers = list(registry.unpackers().values())
    suffixes = unpackers[data[0] % len(unpackers)].DOC.suffixes
    name = UntrustedText(f"input{suffixes[0] if suffixes else ''}")
    with tempfile.TemporaryDirectory() as folder:
        context = Working(LIMITS, lambda: Scratch(Path(folder)))
        for item in recurse.walk(Blob.of_bytes(data[1:]), Locator(path=(name,)), context):
            if isinstance(item, recurse.UnpackedLeaf):
                item.blob.read(0, 16)


def seed(folder: Path) -> int:
    """Copy every sample below 64 KiB into the corpus, its suffix byte before it."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(registry.unpackers())
    count = 0
    for path in sorted(SAMPLES.glob("*/*")):
        if path.is_file() and path.parent.name in names and path.stat().st_size < 1 << 16:
            choice = bytes([names.index(path.parent.name) % 256])
            (folder / f"{path.parent.name}-{path.name}").write_bytes(choice + path.read_bytes())
            count += 1
    return count


def main() -> None:
    """Fuzz with atheris, or seed a corpus."""
    if sys.argv[1:2] == ["--seed"]:
        print(f"{seed(Path(sys.argv[2]))} inputs")
        return
    try:
        import atheris
    except ModuleNotFoundError:
        raise SystemExit("atheris is not installed: pip install atheris") from None
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
