"""Optical discs that have UDF only."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Udf(ProgramFormat):
    """UDF without an ISO 9660 side."""

    NAME = "udf"
    MAGIC = (Magic(data=b"BEA01", offset=0x8001),)
    DOC = FormatDoc(
        title="UDF",
        kind="file system",
        suffixes=(".udf", ".iso"),
        references=("https://www.osta.org/specs/",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Udf()
