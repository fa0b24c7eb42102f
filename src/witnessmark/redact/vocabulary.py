"""Words that tell a person's name from the name of a firm, a program or a people; the lists stand in `words.toml`."""

import re
import tomllib
from importlib.resources import files

_WORDS = {
    name: frozenset(words.split())
    for name, words in tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8")).items()
}

HAN_SURNAMES = _WORDS["surnames_han"]
PINYIN_SURNAMES = _WORDS["surnames_pinyin"]
NO_NAME_HAN = _WORDS["not_names_han"]
NO_NAME = _WORDS["not_names"] | _WORDS["programs"] | _WORDS["makers"]
HAN_MARKERS = re.compile(
    "公司|集团|集團|科技|技术|技術|有限|部门|部門|团队|團隊|小组|小組|研究|中心|大学|大學|学院|學院|工厂|项目|系统|软件|电子|数码|网络|智能"
    "|[族裔种種局厂部院所室组]$|人[种種脸臉]|支持|识别|修改|新增|增加|添加|删除|创建"
    "|版本|功能|接口|参数|兼容|优化|调整|更新|发布|检测|属性"
)
PEOPLES = re.compile(
    "u[iy]gh?ur|w[eé]iw[uú]|xinjiang|tibet|kazakh|kirghiz|kyrgyz|mongol|uzbek|tatar|tadjik|tajik|manchu"
    "|hui ?zu|gyps|jewish|muslim"
    "|islam|roma(?:ni)?\\b"
    "|chinese|asian|african|caucas|arab\\b|slav|turk|ethnic|racial|\\brace|nation|religio|minorit"
    "|维|維|藏族|哈萨克|新疆|西藏|蒙古|уйгур|казах|тибет|кавказ|цыган|ئۇيغۇر"
)
# A word of these in or right behind a name makes it the name of a body or a product.
LATIN_MARKERS = re.compile(
    r"(?i)\b(?:inc|ltd|limited|llc|llp|corp|corporation|co|gmbh|ag|s\.?a|oy|ab|bv|plc|pty|ооо|оао|зао|пао|company|companies|"
    r"technolog(?:y|ies)|software|systems?|solutions?|teams?|group|foundation|projects?|contributors|authors|university|"
    r"institute|laborator(?:y|ies)|labs?|department|dept|division|committee|consortium|community|developers|studio|studios|"
    r"digital|electronics?|security|networks?|semiconductor|research|international|academy|association|agency|bureau|"
    r"ministry|police|api|sdk|aip|framework|toolkit|library|generator|wizard|compiler|tool|tools|plugin|script|inspections?|"
    r"команда|компания|группа|институт|университет|лаборатория)\b"
)
