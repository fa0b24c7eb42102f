"""QEMU disks."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Qcow2(ProgramFormat):
    """QCOW 2 and 3."""

    NAME = "qcow2"
    MAGIC = (Magic(data=b"QFI\xfb"),)
    DOC = FormatDoc(
        title="QEMU disk (qcow2)",
        kind="firmware",
        suffixes=(".qcow2",),
        references=("https://www.qemu.org/docs/master/interop/qcow2.html",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Qcow2()
