"""VMware disks."""

from witnessmark.unpack.program_format import SEVEN_ZIP, ProgramFormat
from witnessmark.unpack.unpacker import FormatDoc, Magic


class Vmdk(ProgramFormat):
    """Sparse extents."""

    NAME = "vmdk"
    MAGIC = (Magic(data=b"KDMV"),)
    DOC = FormatDoc(
        title="VMware disk (vmdk)",
        kind="firmware",
        suffixes=(".vmdk",),
        references=("https://www.vmware.com/app/vmdk/?src=vmdk",),
        limits=("Needs 7-Zip.",),
        program="7zz",
        install=SEVEN_ZIP,
    )


UNPACKER = Vmdk()
