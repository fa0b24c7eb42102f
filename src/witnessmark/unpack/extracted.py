"""What a program left in a scratch folder, as members. Nothing outside the folder is ever opened."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from witnessmark.blob import Blob
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import ProblemCode
from witnessmark.unpack.names import decode_name
from witnessmark.unpack.scratch import Scratch, SpooledBlob
from witnessmark.unpack.unpacker import Content, Context, FormatDoc, FormatError, Passed, Unpacked


def extracted(folder: Path) -> Iterator[Unpacked]:
    """Yield what the folder holds in sorted order, then delete the folder. Links and devices are passed over."""
    try:
        for parent, folders, files in os.walk(os.fsencode(folder)):
            folders.sort()
            for name in sorted([*folders, *files]):
                path = Path(os.fsdecode(os.path.join(parent, name)))  # noqa: PTH118  bytes: names need not be UTF-8
                shown = decode_name(os.fsencode(path.relative_to(folder)))
                status = path.lstat()
                if stat.S_ISLNK(status.st_mode):
                    target = decode_name(os.fsencode(path.readlink()))
                    yield Passed(code=ProblemCode.LINK, name=UntrustedText(f"{shown} -> {target}"))
                elif stat.S_ISDIR(status.st_mode):
                    path.chmod(0o700)
                    yield Passed(name=shown)
                elif stat.S_ISREG(status.st_mode):
                    path.chmod(0o600)
                    yield Content(name=shown, blob=SpooledBlob.over(path))
                else:
                    yield Passed(code=ProblemCode.DEVICE, name=shown)
    finally:
        Scratch(folder).remove()


def by_program(
    blob: Blob, context: Context, doc: FormatDoc, attempts: tuple[tuple[str, tuple[str, ...]], ...], suffix: str = ""
) -> Iterator[Unpacked]:
    """Let the first installed of several programs unpack. Raises FormatError(PROGRAM_MISSING) when there is none."""
    failed = False
    for program, arguments in attempts:
        try:
            folder = context.run(program, arguments, blob, suffix)
        except FormatError as error:
            if error.code is not ProblemCode.PROGRAM_MISSING:
                raise
            continue
        if any(folder.iterdir()):
            yield from extracted(folder)
            return
        Scratch(folder).remove()
        failed = True
        if not context.take_problems():
            return  # it had nothing in it
    if failed:
        raise FormatError(f"{doc.title}: no program here could open it", code=ProblemCode.PROGRAM_FAILED)
    names = " or ".join(program for program, _ in attempts)
    raise FormatError(f"{doc.title}: needs {names}", code=ProblemCode.PROGRAM_MISSING, hint=doc.install or "")


def seven_zip(context: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The attempts for everything that 7-Zip opens."""
    password = f"-p{context.passwords[0] if context.passwords else ''}"
    options = ("x", "-y", "-bd", "-snl-", "-sns-", "-mmt=1", password, "-o{output}", "--", "{input}")
    return tuple((name, options) for name in ("7zz", "7z", "7za"))
