"""`shared.json`: what makes a local folder follow a shared case."""

import os
from pathlib import Path

import msgspec

from witnessmark.case.disk import sync_folder
from witnessmark.errors import CaseError
from witnessmark.model.newsroom import Sharing

FORMAT = "witnessmark-shared/1"
NAME = "shared.json"
ENVIRONMENT = (
    *("WITNESSMARK_JOURNAL", "WITNESSMARK_BLOBS", "PGUSER", "PGPASSWORD", "PGSSLROOTCERT"),
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"),
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE"),
    *("AWS_EC2_METADATA_DISABLED", "GOOGLE_APPLICATION_CREDENTIALS", "AZURE_STORAGE_CONNECTION_STRING"),
)
"""What a process of ours must be told to follow a shared case. Nothing that reads strangers' bytes is told."""


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
