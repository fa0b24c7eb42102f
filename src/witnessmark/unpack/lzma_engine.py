"""The LZMA decoder: liblzma as it comes with lzma-mt (5.8, a third less work than older ones), else Python's own.

Both give the same bytes, raise `lzma.LZMAError`, and honour a memory limit.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lzma import LZMADecompressor
else:
    try:
        from lzma_mt import LZMADecompressor
    except ImportError:  # no wheel for this platform
        from lzma import LZMADecompressor

__all__ = ["LZMADecompressor"]
