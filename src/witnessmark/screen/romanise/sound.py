"""A coarse sound code for names that crossed scripts by ear: consonant classes, and vowels in three groups."""

import re
from functools import lru_cache

_DIGRAPHS = (
    ("shch", "S"), ("tch", "S"), ("sch", "S"), ("sh", "S"), ("zh", "S"), ("ch", "S"), ("ts", "S"), ("tz", "S"),
    ("kh", "H"), ("gh", "K"), ("ph", "P"), ("th", "T"), ("ck", "K"), ("qu", "K"), ("dj", "S"), ("sio", "SIU"),
    ("tio", "SIU"),
)  # fmt: skip
_LETTER = str.maketrans("bfpvcsxzjqkgdtlrmnhaeiyouw", "PPPPSSSSSKKKTTLLMNHAIIIUUU")
_REPEAT = re.compile(r"(.)\1+")


@lru_cache(maxsize=262144)
def code(latin: str) -> str:
    """The code of a Latin spelling: `hikvision` and a letter-by-letter `hykfyshn` come out nearly alike."""
    text = latin
    for old, new in _DIGRAPHS:
        if old in text:
            text = text.replace(old, new)
    text = text.replace("mb", "nb").replace("mp", "np")
    text = text.replace("x", "ks") if not text.startswith("x") else text
    text = re.sub(r"c(?=[eiy])", "s", text).replace("c", "k")
    text = re.sub(r"[^A-Z]", "", text.translate(_LETTER))
    return _REPEAT.sub(r"\1", text)


@lru_cache(maxsize=262144)
def skeleton(latin: str) -> str:
    """The consonants of the code, marked when there are only two; the whole code when there are fewer."""
    whole = code(latin)
    bones = _REPEAT.sub(r"\1", re.sub("[AIU]", "", whole))
    return bones if len(bones) >= 3 else "." + bones if len(bones) == 2 else "." + whole
