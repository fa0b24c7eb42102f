"""Tell names of persons from names of firms, so that neither is matched on a single shared part."""

from collections.abc import Sequence

from witnessmark.screen.lexicon import Kind
from witnessmark.screen.parts import Part

_SURNAMES = frozenset(
    [
        "wang",
        "li",
        "zhang",
        "liu",
        "chen",
        "yang",
        "huang",
        "zhao",
        "wu",
        "zhou",
        "xu",
        "sun",
        "ma",
        "zhu",
        "hu",
        "guo",
        "he",
        "lin",
        "gao",
        "luo",
        "zheng",
        "liang",
        "xie",
        "song",
        "tang",
        "deng",
        "han",
        "feng",
        "cao",
        "peng",
        "zeng",
        "xiao",
        "tian",
        "dong",
        "yuan",
        "pan",
        "cai",
        "jiang",
        "yu",
        "du",
        "ye",
        "cheng",
        "su",
        "wei",
        "lu",
        "ding",
        "ren",
        "shen",
        "yao",
        "zhong",
        "cui",
        "tan",
        "fan",
        "jin",
        "shi",
        "liao",
        "jia",
        "xia",
        "fu",
        "fang",
        "zou",
        "xiong",
        "bai",
        "meng",
        "qin",
        "qiu",
        "hou",
        "kong",
        "yan",
        "lei",
        "long",
        "duan",
        "hao",
        "gu",
        "mao",
        "wan",
        "chan",
        "wong",
        "cheung",
        "lau",
        "lee",
        "ng",
        "cheng",
        "leung",
        "kwok",
        "lam",
        "chow",
        "tsang",
        "yip",
        "kim",
        "park",
        "choi",
        "jung",
        "kang",
        "cho",
        "yoon",
        "jang",
        "lim",
        "tran",
        "nguyen",
        "pham",
        "hoang",
    ]
)
_HAN_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐邓韩冯曹彭曾肖田董袁潘蔡蒋余于杜叶程苏魏吕丁任沈姚卢钟崔谭范金石廖贾夏付方邹熊白孟秦邱侯孔江阎雷龙段郝顾毛万"
)


def like_person(parts: Sequence[Part]) -> bool:
    """True for two to four parts without a trade, form or body, with a common family name at either end."""
    if any(part.kind not in (Kind.CORE, Kind.PLACE) for part in parts) or not 1 <= len(parts) <= 4:
        return False
    words = [part.text for part in parts]
    if len(words) == 1:
        word = words[0]
        return (
            not word.isascii() and 2 <= len(word) <= 4 and word[0] in _HAN_SURNAMES and "\u4e00" <= word[-1] <= "\u9fff"
        )
    return words[0] in _SURNAMES or words[-1] in _SURNAMES


def written_as_person(name: str) -> bool:
    """True for `Last, First` as the lists of debarred persons write it, without a legal form."""
    last, comma, first = name.partition(", ")
    if not comma or not first or any(char.isdigit() for char in name):
        return False
    words = first.replace(".", "").split()
    forms = {"inc", "llc", "ltd", "corp", "ooo", "ao", "jsc", "oao", "co", "limited", "gmbh", "sa", "pao", "zao", "llp"}
    return 1 <= len(words) <= 3 and len(last.split()) <= 3 and not {word.lower() for word in words} & forms
