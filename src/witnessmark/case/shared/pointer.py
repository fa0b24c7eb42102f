"""`shared.json`: what makes a local folder follow a shared case."""

import os
from pathlib import Path

import msgspec

from witnessmark.case.disk import sync_folder
from witnessmark.errors import CaseError
from witnessmark.model.newsroom import Sharing

FORMAT = "witnessmark-shared/1"
NAME = "shared.json"


def read_sharing(folder: Path) -> Sharing | None:
    """Where the shared parts lie; None for a case that is not shared. Raises CaseError for a file that is broken."""
    try:
        sharing = msgspec.json.decode((folder / NAME).read_bytes(), type=Sharing)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise CaseError(
            f"{folder / NAME} cannot be read: {error}", hint="Join the shared case in a new folder."
        ) from error
    if sharing.format != FORMAT:
        raise CaseError(f"{folder / NAME} has the format {sharing.format!r}; this version reads {FORMAT!r}")
    return sharing


def write_sharing(folder: Path, sharing: Sharing) -> None:
    """From now on the folder follows the shared case. Raises OSError."""
    page = msgspec.json.format(msgspec.json.encode(sharing, order="sorted"), indent=2) + b"\n"
    unfinished = folder / f".{NAME}"
    with unfinished.open("wb") as file:
        file.write(page)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / NAME)
    sync_folder(folder)
