"""Find the knowledge files, and give all of them one digest."""

import hashlib
from pathlib import Path

from witnessmark.errors import KnowledgeError
from witnessmark.model.fact import Sha256

FOLDERS = ("lexicon", "signals", "law")


def root(override: Path | None = None) -> Path:
    """The folder with `lexicon/`, `signals/`, `law/` and `sanctions/`: yours, the packed copy, or the checkout."""
    if override is not None:
        missing = [name for name in FOLDERS if not (override / name).is_dir()]
        if missing:
            raise KnowledgeError(
                f"{override} has no folder {', '.join(missing)}",
                hint="A knowledge folder holds lexicon/, signals/ and law/; copy ours and change what you need.",
            )
        return override
    package = Path(__file__).resolve().parent.parent
    packed = package / "_data"
    return packed if packed.is_dir() else package.parent.parent


def digest(folder: Path, names: tuple[str, ...] = FOLDERS) -> Sha256:
    """One SHA-256 over the names and bytes of every TOML file below the named folders, in sorted order."""
    total = hashlib.sha256()
    for name in names:
        for path in sorted((folder / name).rglob("*.toml")):
            data = path.read_bytes()
            total.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
            total.update(data)
    return Sha256(total.hexdigest())
