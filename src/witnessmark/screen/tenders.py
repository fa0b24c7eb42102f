# ruff: noqa: E501 -- a pattern is easier to check on one line
"""Read tender and contract papers: buyer, supplier, item, date and amount as candidates with their sentences.

Chinese, English and Russian notices name these by a handful of labels. A label is looked for at the start of a line or
cell; its value stands behind the colon, or in the next line. What is found is a candidate for a person to confirm.
"""

import hashlib
import re
from collections.abc import Iterator

from witnessmark.model.deployment import Claim, ClaimRole, TenderReading
from witnessmark.model.fact import Sha256, UntrustedText
from witnessmark.redact import MASK, redact

MOST_LINES = 20_000
MOST_CLAIMS = 300
LONGEST = 300

_LABELS: dict[tuple[ClaimRole, str], str] = {
    (
        ClaimRole.BUYER,
        "zh",
    ): "采购人(?:信息|名称)?|采购方|买方|采购单位(?:名称)?|招标人(?:名称)?|招标单位|建设单位|甲方|业主单位|需求单位",
    (
        ClaimRole.SUPPLIER,
        "zh",
    ): "中标(?:[（(]成交[）)])?(?:供应商|人|单位)(?:名称)?|卖方|成交(?:供应商|人)(?:名称)?|供应商名称|中标候选人|第一中标候选人|乙方|承建单位|成交单位",
    (ClaimRole.ITEM, "zh"): "(?:采购)?项目名称|标的名称|货物名称|采购内容|产品名称|招标项目|主要标的|标项名称",
    (ClaimRole.DATE, "zh"): "公告(?:时间|日期)|中标日期|成交日期|发布(?:时间|日期)|合同签订日期|签订日期|定标日期|日期",
    (
        ClaimRole.AMOUNT,
        "zh",
    ): "(?:总)?中标(?:成交)?金额|中标[（(]成交[）)]金额|成交金额|中标价格?|合同(?:总)?金额|预算(?:总)?金额|采购预算|总价|最高限价|项目预算",
    (
        ClaimRole.BUYER,
        "en",
    ): "(?:(?:full )?name(?: and address)? of (?:the )?)?(?:buyer|contracting (?:authority|entity)|procuring (?:entity|agency)|purchaser|awarding authority|client|employer|customer)(?: name)?",
    (
        ClaimRole.SUPPLIER,
        "en",
    ): "(?:(?:full )?name(?: and address)? of (?:the )?)?(?:(?:winning|successful) (?:bidder|tenderer|supplier)|supplier|contractor|awarded to|vendor|awardee|provider|economic operator)(?: name)?",
    (
        ClaimRole.ITEM,
        "en",
    ): "(?:project|contract|tender) (?:name|title)|(?:name|title) of (?:the )?(?:project|contract|tender)|title|subject(?: of the contract)?|item(?: description)?|description of goods|scope of supply",
    (
        ClaimRole.DATE,
        "en",
    ): "(?:award|contract|publication|issue|signing) date|date of (?:the )?(?:award|contract|publication|issue|signing|conclusion)(?: of (?:the )?(?:contract|notice))?|date",
    (
        ClaimRole.AMOUNT,
        "en",
    ): "(?:contract|total|award|estimated|final) (?:value|price|amount|cost)(?: of (?:the )?(?:contract|procurement))?|(?:value|price) of (?:the )?contract|amount|value|price|budget|contract sum",
    (
        ClaimRole.BUYER,
        "ru",
    ): "(?:(?:полное |сокращенное )?наименование )?(?:государственн(?:ый|ого) |муниципальн(?:ый|ого) )?(?:заказчика?|покупател[ья])",
    (
        ClaimRole.SUPPLIER,
        "ru",
    ): "(?:единственный )?поставщик|победитель(?: (?:закупки|аукциона|конкурса|торгов))?|исполнитель|подрядчик|(?:полное )?наименование (?:поставщика|участника|победителя|исполнителя|подрядчика)",
    (
        ClaimRole.ITEM,
        "ru",
    ): "предмет (?:закупки|контракта|договора)|наименование объекта закупки|объект закупки|наименование товара",
    (
        ClaimRole.DATE,
        "ru",
    ): "дата (?:заключения|публикации|размещения|подписания)(?: контракта| договора| извещения)?|дата",
    (
        ClaimRole.AMOUNT,
        "ru",
    ): "цена (?:контракта|договора)|начальная \\(максимальная\\) цена(?: контракта)?|сумма(?: контракта| договора)?|стоимость",
}
_PATTERNS = tuple(
    (
        role,
        language,
        re.compile(
            rf"^\W{{0,6}}(?:(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[.、)）]\s*)?({words})(?:\s*[（(][^）)]{{0,40}}[）)])?(?:, ?[^\s:：,]{{1,12}})?\s*(?:[:：]\s*|$|\t|\s{{3,}}|\|\s*|(?<=\s)(?=\S))",
            re.IGNORECASE,
        ),
    )
    for (role, language), words in _LABELS.items()
)
_INLINE = (
    (
        ClaimRole.SUPPLIER,
        "zh",
        re.compile(r"(?:确定|由)\s*([^，。；\s]{4,60}?(?:公司|集团|厂))\s*(?:为中标|为成交|中标|承建|承接)"),
    ),
    (
        ClaimRole.SUPPLIER,
        "en",
        re.compile(
            r"\bawarded to\s+([A-Z][^.;\n]{2,100}?(?:Ltd\.?|Limited|Inc\.?|LLC|Co\.|Corporation|GmbH|S\.A\.|JSC|Group)\b\.?)"
        ),
    ),
    (
        ClaimRole.SUPPLIER,
        "ru",
        re.compile(r"победителем\s+(?:закупки\s+|аукциона\s+)?призна(?:но|на|н)\s+([^.;\n]{3,100})", re.IGNORECASE),
    ),
)
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)")
_DATE = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}"
    r"|(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}|\d{1,2} (?:января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря) \d{4}",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"(?:[¥￥$€₽£]|RMB|CNY|USD|EUR|RUB|GBP)?\s*\d[\d\s,.\u00a0]{0,24}\d?\s*(?:万元|亿元|元|人民币|RMB|CNY|USD|EUR|RUB|руб(?:лей|\.)?|₽|yuan|million|млн\.?(?: руб\.?)?)?",
    re.IGNORECASE,
)


def read_tender(text: str, *, document: str, data: bytes) -> TenderReading:
    """Candidates in the text of a document; `data` are the document's own bytes, for its digest."""
    lines = text.splitlines()
    cut = len(lines) > MOST_LINES
    claims: list[Claim] = []
    seen: set[tuple[str, str]] = set()
    for claim in _claims([" ".join(line.split(" ")) for line in lines[:MOST_LINES]]):
        key = (claim.role, claim.value)
        if key not in seen:
            seen.add(key)
            claims.append(claim)
        if len(claims) >= MOST_CLAIMS:
            cut = True
            break
    return TenderReading(
        document=UntrustedText(document),
        sha256=Sha256(hashlib.sha256(data).hexdigest()),
        claims=tuple(claims),
        lines=min(len(lines), MOST_LINES),
        cut=cut,
    )


def _claims(lines: list[str]) -> Iterator[Claim]:
    for number, line in enumerate(lines):
        short = line.strip()[:2000]
        if not short:
            continue
        yield from _labelled(lines, number, short)
        for role, language, pattern in _INLINE:
            for found in pattern.finditer(short):
                yield _claim(
                    role,
                    found.group(1),
                    found.group(0)[: len(found.group(0)) - len(found.group(1))],
                    short,
                    number,
                    language,
                )


def _labelled(lines: list[str], number: int, line: str) -> Iterator[Claim]:
    for role, language, pattern in _PATTERNS:
        found = pattern.match(line)
        if found is None:
            continue
        if line[found.end() - 1 : found.end()] == " " and not _may_stand_beside(found, line, language):
            continue
        value, sentence = line[found.end() :].strip(" \t|:：;；"), line
        if not value:
            value = next((text.strip() for text in lines[number + 1 : number + 4] if text.strip()), "")
            sentence = f"{line} {value}"
        if not value or _is_label(value):
            continue
        value = _shaped(role, value)
        if value:
            yield _claim(role, value, found.group(1), sentence, number, language)
            return


def _may_stand_beside(label: re.Match[str], line: str, language: str) -> bool:
    """Whether what follows a label after a mere space is its value, as in the columns of a PDF, and no sentence."""
    if re.search(r"[:：\t|]\s*$|\s{3,}$", label.group(0)):
        return True
    begins = line[label.end() :][:1]
    sentence = len(line) > 200 or line.endswith(("。", "；")) or begins.islower()
    return (language == "zh" or " " in label.group(1)) and not sentence


def _is_label(text: str) -> bool:
    return any(pattern.fullmatch(text.strip()) for _, _, pattern in _PATTERNS)


def _shaped(role: ClaimRole, value: str) -> str:
    """The part of a value that has the form its role asks for; "" when it has not."""
    if role == ClaimRole.DATE:
        found = _DATE.search(value)
        return found.group(0) if found else ""
    if role == ClaimRole.AMOUNT:
        amounts = [
            match.group(0).strip()
            for match in _AMOUNT.finditer(value)
            if any(char.isdigit() for char in match.group(0))
        ]
        return max(amounts, key=len) if amounts else ""
    text = re.split(r"[;；。]|\s{3,}|\t|\|", value)[0].strip(" ,，")
    return text if 2 <= len(text) <= LONGEST else ""


def _claim(role: ClaimRole, value: str, label: str, sentence: str, number: int, language: str) -> Claim:
    return Claim(
        role=role,
        value=UntrustedText(_masked(value.strip()[:LONGEST])),
        label=UntrustedText(_masked(label.strip()[:80])),
        sentence=UntrustedText(_masked(sentence[:600])),
        line=number + 1,
        language=language,
    )


def _masked(text: str) -> str:
    """Without the telephone numbers, addresses and identity numbers of the persons named in such papers."""
    return _LANDLINE.sub(lambda found: MASK * len(found.group()), redact(text).text)
