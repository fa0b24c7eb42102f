"""InstallShield cabinets."""

from witnessmark.unpack.program_format import ProgramFormat
from witnessmark.unpack.unpacker import Context, FormatDoc, Magic


class InstallShield(ProgramFormat):
    """data1.cab and its kin."""

    NAME = "installshield"
    MAGIC = (Magic(data=b"ISc("),)
    DOC = FormatDoc(
        title="InstallShield cabinet",
        kind="archive",
        suffixes=(".cab", ".hdr"),
        references=("https://github.com/twogood/unshield",),
        limits=(
            "Not tried on a sample: no free program that writes the format was at hand.",
            "Needs unshield; the header file must be the same file (single-volume cabinets).",
        ),
        program="unshield",
        install="apt install unshield",
    )
    SUFFIX = ".cab"

    def attempts(self, context: Context) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Only one program is known."""
        return (("unshield", ("-d", "{output}", "x", "{input}")),)


UNPACKER = InstallShield()
