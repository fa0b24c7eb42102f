"""One name for one thing across the bindings of an SDK, and the words that say nothing."""

import re
import unicodedata

from witnessmark.model.observation import Member, Observation, Shape

KEYED = frozenset({Shape.KEY_PATH, Shape.LABEL_LIST})
"""Shapes that are known by the path of keys that leads to them."""
_NOT_DATA = frozenset({"markup", "html", "xml", "text", ""})

_TAG = re.compile(r"^(?:_+|tag_?|struct_?|lp(?=[A-Z])|p(?=[A-Z]{2})|enum_?)+", re.IGNORECASE)
_TAIL = re.compile(r"(?:_t|_s|_st|_e|struct)$", re.IGNORECASE)
# A field that only keeps space: byRes, byRes2, szReserved, bReserved1, m_reserve, dwRsv, pad, unused, 保留 …
_PLACEHOLDER = re.compile(
    r"^(?:[a-z]{0,3}_?)?(?:res|resv|rsv|rsvd|reserv(?:e|ed)?|rev|pad|padding|unused|spare|dummy|filler|unknown|blank)"
    r"(?:bytes?|data|field)?[\d_]*$",
    re.IGNORECASE,
)
_HUNGARIAN = re.compile(r"^(?:m_|g_)?(?:by|dw|sz|st|stu|stru|em|n|b|w|i|u|c|h|p|f|d|ui|ch|str|arr|ar|lp)(?=[A-Z])")


def canonical(name: str) -> str:
    """A type or member name without case, separators, C tags and suffixes, so that bindings of one SDK agree.

    >>> canonical("tagNET_FACE_ATTRIBUTE") == canonical("NetFaceAttribute") == "netfaceattribute"
    True
    """
    last = re.split(r"::|[.$/]", unicodedata.normalize("NFKC", name).split("[")[0])[-1]
    bare = _TAIL.sub("", _TAG.sub("", last)) or last
    return re.sub(r"[\W_]+", "", bare).casefold()


def is_placeholder(name: str) -> bool:
    """Whether a field's name only says that its bytes are kept free."""
    name = name.split("[")[0].strip()
    bare = _HUNGARIAN.sub("", name)
    return bool(_PLACEHOLDER.match(bare) or _PLACEHOLDER.match(name) or re.fullmatch(r"[_\W\d]+|保留.*|预留.*", bare))


def is_number_label(name: str, old: str) -> bool:
    """Whether a label was turned into a bare number or letter: `UYGUR` to `TYPE_1`, `维族` to `1`."""
    stem = re.sub(r"[\W_]*\d+$|[\W_]+[A-Z]$", "", name)
    numbered = bool(re.search(r"\d$|(?:^|_)[A-Z]$", name))
    return name.isdigit() or (numbered and canonical(stem) not in {"", canonical(old)})


def names_of(observation: Observation) -> frozenset[str]:
    """Every canonical name a structure goes by."""
    if is_keyed(observation):
        steps = [*observation.parents, *([] if observation.parents[-1:] == (observation.name,) else [observation.name])]
        return frozenset({"/".join(canonical(step) or step for step in steps)})
    names: list[str] = [observation.name, *observation.aliases]
    if observation.language == "pascal":  # TFaceInfo is FACE_INFO elsewhere
        names += [name[1:] for name in names if re.match(r"T_?[A-Z]", name)]
    return frozenset(filter(None, map(canonical, names)))


def is_keyed(observation: Observation) -> bool:
    """Whether it is an object or a list of a data file, which the path of keys names."""
    return observation.shape in KEYED and bool(observation.members) and observation.language not in _NOT_DATA


_ONE_BINDING = (frozenset({"c", "cpp", "objc"}), frozenset({"javascript", "typescript", "js", "ts", "vue"}))


def one_binding(old: str, new: str) -> bool:
    """Whether two files are for one language, so that what one leaves out was not merely never mapped."""
    return old == new or any({old, new} <= family for family in _ONE_BINDING)


def common_prefix(observation: Observation) -> str:
    """What the names of all members begin with, up to a separator or a change of case (`EM_NATION_`)."""
    names = [member.name for member in observation.members]
    if len(names) < 2 or observation.shape is not Shape.ENUM:
        return ""
    low, high = min(names), max(names)
    size = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    cut = max((at for at in range(size + 1) if all(_boundary(name, at) for name in names)), default=0)
    return low[:cut]


def _boundary(name: str, at: int) -> bool:
    return 0 < at < len(name) and (name[at - 1] == "_" or (name[at - 1].islower() and name[at].isupper()))


def bare_members(observation: Observation) -> frozenset[str]:
    """Canonical member names without the prefix that all of them share (`CARD_EC_Han`, `ETHNICITY_Han`: `han`)."""
    names = sorted(filter(None, (canonical(member.name) for member in observation.members)))
    if len(names) < 3:
        return frozenset(names)
    low, high = names[0], names[-1]
    shared = next((n for n, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    return frozenset(name[shared:] or name for name in names)


def words_of(member: Member) -> str:
    """Everything a member says in words: name, type, value and comment."""
    return "\n".join(part for part in (member.name, member.type, member.value, member.comment) if part)
