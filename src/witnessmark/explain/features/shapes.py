"""The shape of a list: who is named beside whom.

Shape tells more than spelling: one people beside "other" and "unknown" is a sorting of one group against the rest,
while 56 peoples in the order of GB/T 3304 are an identity record.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from witnessmark.explain.features.feature import Answer, Asked, Feature, quoted
from witnessmark.explain.scene import Scene
from witnessmark.explain.words import parts
from witnessmark.model.names import PREFIXES
from witnessmark.model.observation import Member

_MAJORITIES = frozenset({"group:han", "group:white", "group:caucasian", "group:european", "group:slavic"})
_PEOPLES = (
    "维吾尔|蒙古|哈萨克|柯尔克孜|乌孜别克|鄂伦春|达斡尔|俄罗斯|鄂温克|塔吉克|塔塔尔|布依|朝鲜|土家|哈尼|傈僳|高山|拉祜|东乡|纳西|"
    "景颇|仫佬|布朗|撒拉|毛难|毛南|仡佬|锡伯|阿昌|普米|德昂|保安|裕固|独龙|赫哲|门巴|珞巴|基诺|"
    "汉|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|京"
)
_LISTED = re.compile(rf"(?<![\u4e00-\u9fff])({_PEOPLES})族?(?![\u4e00-\u9fff])")
_NOT_GROUP = re.compile(
    r"非(?:维|藏|汉|回)族|非少数民族|是(?:否|不是)[^，。,;；\n]{0,4}(?:维族|维吾尔|藏族|少数民族|涉疆|涉藏|涉维|新疆籍)"
)
_NAME = re.compile(r"[A-Za-z_$@][\w$.:@<>\[\]/;-]{0,120}")
_LONGEST_LABELS = 400
_ITEMS = re.compile(r"[,;|/、，；（(]")
_QUOTED = re.compile(r"""["']([^"'\n]{2,30})["']""")
_SAID = re.compile(r"""["']([^"'\n]{1,30})["']""")  # in a line of code: `s = _T("other"); break;`
_VALUES = re.compile(r"\d{1,3}\s*[-:=.：－—]{1,2}\s*([^\W\d_][^\s\d,，;；、]{0,29})")
_NUMBERED = re.compile(r"^\s*\d{1,3}\s*[-:=.：－—]{1,2}\s*")
_SEPARATORS = (".", "|", ",", ";", "\n")
_MANY_ITEMS = 60
_WORD_LIST_FORMS = frozenset(
    {"list", "label_list", "key_path", "assignment", "strings", "row", "statement", "function"}
)
_HEX = re.compile(r"(?:#|0x)[0-9a-fA-F]{6}\b")
_BLANKED = re.compile(
    r"(?:\d\s*[-:=－]\s*(?:没?有)?[_＿*×]{1,6}\s*(?=[,，;；、。)]|$|\s\d).{0,80}?){1,}|//\s*[_＿]{1,3}\s*[,，]",
    re.MULTILINE,
)


def labels(scene: Scene) -> tuple[str, ...]:
    """The members as labels: without what all of them share (`EM_RACE_`) and without type prefixes."""
    known = scene.lists.get("labels")
    if known is not None:
        return known
    result: dict[str, None] = {}
    members = scene.observation.members
    matched = tuple(member for member in members if member.matched)
    for group in dict.fromkeys((members, matched)):
        split = [parts(member.name) for member in group]
        shared = _shared(split)
        for member, words in zip(group, split, strict=True):
            rest = [word for word in words if word not in shared] or list(words)
            while len(rest) > 1 and rest[0] in PREFIXES:
                rest = rest[1:]
            result[" ".join(rest)] = None
            result.update(dict.fromkeys(_spoken(member)))
    if not members:
        result.update(dict.fromkeys(_QUOTED.findall(scene.observation.text[:2000])[:60]))
    scene.lists["labels"] = tuple(result)
    return scene.lists["labels"]


def _shared(split: list[tuple[str, ...]]) -> frozenset[str]:
    if len(split) < 3:
        return frozenset()
    counted: dict[str, int] = {}
    for words in split:
        for word in set(words[:-1]):
            counted[word] = counted.get(word, 0) + 1
    return frozenset(word for word, count in counted.items() if count >= 0.6 * len(split))


def _spoken(member: Member) -> Iterable[str]:
    """What a value or comment says in a word: `// 黄种人`, `"asian"`, `[White, Black, Asian]`, `yellow,white,black`."""
    for text in (member.value, member.comment):
        if not text or len(text) > _LONGEST_LABELS:
            continue
        bare = text.strip().strip("\"'/*<!-[]{}() \t")
        items = [item.strip(" \"'") for item in _ITEMS.split(bare)]
        yield from _VALUES.findall(bare)[:40]
        if "(" in bare or ";" in bare:
            yield from _SAID.findall(bare)[:8]
        if len(bare) <= 60:
            yield bare
            yield from (item for item in items[:3] if item)
        if len(items) >= 3:
            yield from (_NUMBERED.sub("", item) for item in items[:40] if 0 < len(item) <= 30)


def _labels(scene: Scene, asked: Asked) -> Answer:
    slots: dict[str, str] = {}
    for label in labels(scene):
        for family in asked.arguments:
            slot = scene.vocabulary.label(family, label)
            if slot is not None:
                slots.setdefault(slot, label)
    return asked.enough(len(slots)), tuple(slots.values())


def _minorities(scene: Scene) -> set[str]:
    return {c for c in scene.concepts if c.startswith("group:") and c not in _MAJORITIES}


def _against_rest(scene: Scene, _: Asked) -> Answer:
    """One or two peoples beside 'other', 'unknown' or 'not that people', and hardly anything else."""
    groups = {h.match.concept for h in scene.hits if h.site in ("member", "value", "comment")} & _minorities(scene)
    rest = [label for label in labels(scene) if scene.vocabulary.label("rest", label)]
    few = len(scene.observation.members) <= 9
    named = tuple(sorted({h.match.text for h in scene.hits if h.match.concept in groups}))
    return bool(1 <= len(groups) <= 3 and rest and few), (*named, *rest[:4])


def _yes_no(scene: Scene, _: Asked) -> Answer:
    words: dict[str, None] = {}
    for text in (*scene.texts("here"), *scene.texts("hit")):
        if not text.isascii():
            words.update(dict.fromkeys(found.group() for found in _NOT_GROUP.finditer(text)))
    for scope in ("name", "member", "comment", "text"):
        words.update(dict.fromkeys(scene.found(scope).get("yes-no-group", ())))
    words.update(dict.fromkeys(hit.match.text for hit in scene.hits if hit.match.concept == "phrase:one-group-rest"))
    return bool(words), tuple(words)


def _official_list(scene: Scene, asked: Asked) -> Answer:
    """Peoples of the official list of 56: several beside one another are a record, not a target."""
    known = scene.lists.get("official")
    if known is None:
        seen: dict[str, None] = {}
        for scope in ("name", "member", "comment", "text", "beside"):
            for text in scene.texts(scope):
                seen.update(dict.fromkeys(_listed(text)))
            for name, words in scene.found(scope).items():
                if name.startswith("official-peoples/"):
                    seen[words[0].removesuffix("族")] = None
        known = scene.lists["official"] = tuple(seen)
    return asked.enough(len(known)), known


@lru_cache(maxsize=20_000)
def _listed(text: str) -> tuple[str, ...]:
    return () if text.isascii() else tuple(_LISTED.findall(text[:2000]))


def _blanked(scene: Scene, _: Asked) -> Answer:
    words: dict[str, None] = {}
    for scope in ("comment", "text", "hit"):
        for text in scene.texts(scope):
            if "_" in text or "*" in text or "＿" in text:
                words.update(dict.fromkeys(found.group()[:60] for found in _BLANKED.finditer(text[:4000])))
    return bool(words), tuple(words)


def _same_name(scene: Scene, asked: Asked) -> Answer:
    """The structure's whole name is the concept (`race`, `Ethnicity`), not a longer name that holds the word."""
    name = parts(scene.observation.name)
    bare = [word for word in name if word not in PREFIXES]
    return asked.enough(len(bare)), (scene.observation.name,)


def _reserved(scene: Scene, _: Asked) -> Answer:
    """A member that holds a hit is named as reserved (`byRes2`, `reserved1`)."""
    names = tuple(
        hit.member.name
        for hit in scene.hits
        if hit.member is not None and {"res", "reserved", "reserve", "rev", "rsv"} & set(parts(hit.member.name))
    )
    return bool(names), names


def _name_like(scene: Scene, _: Asked) -> Answer:
    """The text that matched belongs to a name as programs write it, not to running text."""
    names = [hit.member.name for hit in scene.hits if hit.member is not None] or [scene.observation.name]
    good = tuple(name for name in names if _NAME.fullmatch(name))
    return bool(good), good


def _trait_name(scene: Scene, asked: Asked) -> Answer:
    """The name that holds the match has so many words (`byEthnic` has two)."""
    names = [hit.member.name for hit in scene.hits if hit.member is not None] or [scene.observation.name]
    good = tuple(name for name in names if asked.enough(len(parts(name))) and len(name) <= 60)
    return bool(good), good


def _word_list(scene: Scene, _: Asked) -> Answer:
    """A long run of short items between the same separators: a word list, as spell checkers and name makers have."""
    if scene.observation.shape.value not in _WORD_LIST_FORMS:
        return False, ()
    for text in (scene.observation.text, *(hit.member.value or "" for hit in scene.hits if hit.member is not None)):
        for separator in _SEPARATORS:
            items = [item.strip(" \"'\n\t") for item in text.split(separator)]
            words = [item for item in items if 1 < len(item) <= 30 and item.replace(" ", "").replace("-", "").isalpha()]
            if len(items) >= _MANY_ITEMS and len(words) >= 0.8 * len(items):
                return True, tuple(words[:3])
    return False, ()


def _colour_values(scene: Scene, _: Asked) -> Answer:
    """Colours as numbers (`#c68863`, `0xc68863`), or one as the very value of what matched: a palette, not people."""
    found = [found.group() for text in (*scene.texts("hit"), scene.observation.text) for found in _HEX.finditer(text)]
    own = any(_HEX.fullmatch((hit.member.value or "").strip()) for hit in scene.hits if hit.member is not None)
    return own or len(set(found)) >= 2, tuple(dict.fromkeys(found))[:4]


def _say(what: str) -> Callable[[Asked, bool, tuple[str, ...]], str]:
    def say(asked: Asked, held: bool, words: tuple[str, ...]) -> str:
        return f"{what}: {quoted(words)}" if words else f"not found: {what}"

    return say


def _feature(name: str, doc: str, holds: Callable[[Scene, Asked], Answer], what: str, *, cues: bool = False) -> Feature:
    return Feature(name=name, doc=doc, holds=holds, say=_say(what), cues=cues)


FEATURES = (
    _feature(
        "labels", "So many members are, as a whole, labels of a family.", _labels, "members that are labels", cues=True
    ),
    _feature(
        "one-against-rest", "One people beside 'other' or 'unknown'.", _against_rest, "one group against the rest"
    ),
    _feature("yes-no-group", "A yes or no of one people ('是否维族').", _yes_no, "a yes or no of one group"),
    _feature("official-list", "Peoples of GB/T 3304.", _official_list, "peoples of the official list of 56"),
    _feature(
        "blanked", "Values stay where words were blanked out.", _blanked, "values kept where words are blanked out"
    ),
    _feature(
        "reserved-member", "The member that matched is named as reserved.", _reserved, "a reserved field that matched"
    ),
    _feature("name-like", "What matched is a name as programs write it.", _name_like, "a name as programs write it"),
    _feature(
        "trait-name-words", "The name that matched has so many words.", _trait_name, "words in the name that matched"
    ),
    _feature("word-list", "It is a long list of words.", _word_list, "a long list of words"),
    _feature("colour-values", "Colours stand there as numbers.", _colour_values, "colours as numbers"),
    _feature("name-words", "So many words in the structure's name.", _same_name, "words in the structure's name"),
)
