"""Take in what somebody else captured: unchanged, with what it says of itself and what it does not say."""

from pathlib import Path

from witnessmark.capture.folder import CaptureFolder, Clock, Randomness, utc
from witnessmark.capture.foreign import Facts
from witnessmark.capture.foreign.recognise import read_facts
from witnessmark.errors import UsageError
from witnessmark.model.capture import Capture, CaptureKind, CaptureState
from witnessmark.model.fact import UntrustedText

_PIECE = 1 << 20
ALWAYS_UNKNOWN = (
    "whether the server sent these bytes: they were not captured by this program",
    "whether the file was changed before it was imported",
)


def import_file(
    source: Path, out: Path, clock: Clock, randomness: Randomness, *, note: str = "", url: str = ""
) -> Capture:
    """Copy `source` unchanged into the new folder `out` and describe it. `url` is where the operator says it is from.

    Damage in the file is in the result's problems; the copy is made anyway. Raises UsageError when it cannot be read.
    """
    folder, at = CaptureFolder(out), clock()
    try:
        _copy(source, folder.file("original"))
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}") from error
    facts = read_facts(folder.file("original"), source.name)
    folder.tidy()
    stated = facts.urls[0] if facts.urls else ""
    unknown = (*ALWAYS_UNKNOWN, *facts.unknown, *_missing(facts, url))
    return folder.record(
        Capture(
            id=f"capture-{randomness(8).hex()}",
            kind=CaptureKind.IMPORTED,
            state=CaptureState.PARTIAL if facts.problems else CaptureState.COMPLETE,
            url=UntrustedText(url or stated),
            final_url=UntrustedText(stated),
            title=UntrustedText(facts.title),
            status=facts.status,
            started_at=utc(at),
            ended_at=utc(clock()),
            agent=facts.agent,
            browser=facts.software,
            note=note,
            original_name=UntrustedText(source.name),
            rules=facts.statements(),
            unknown=unknown,
            exchanges=facts.exchanges,
            problems=facts.problems,
        )
    )


def _missing(facts: Facts, url: str) -> tuple[str, ...]:
    missing: list[str] = []
    if not facts.urls:
        missing.append("where it came from" + (": the address is the importer's statement" if url else ""))
    if not facts.dates:
        missing.append("when it was captured")
    if not facts.software:
        missing.append("which program made it")
    if not facts.server_addresses:
        missing.append("which server address answered")
    if not facts.certificates:
        missing.append("which certificates the server showed")
    return tuple(missing)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file, target.open("xb") as out:
        while piece := file.read(_PIECE):
            out.write(piece)
