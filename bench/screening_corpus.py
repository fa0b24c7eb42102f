# ruff: noqa: E501, C901 -- a long table of names
"""Labelled pairs made from a list by rule: spellings that should find an entry, and names that should find none.

Everything is derived from the list by a seeded generator, so that anyone with the list gets the same corpus. The
innocents are well-known firms that stand on no list, invented neighbours of listed names, persons and public bodies.
"""

import random

import pypinyin

from witnessmark.screen.fold import fold
from witnessmark.screen.lexicon import Kind
from witnessmark.screen.parts import readings, typed_parts
from witnessmark.screen.romanise.syllables import SYLLABLES, _palladius, split_pinyin

KNOWN_INNOCENTS = """Siemens AG;Robert Bosch GmbH;Honeywell International Inc.;Johnson Controls;Canon Inc.;Sony Group Corporation;
Panasonic Holdings;Samsung Electronics;LG Electronics;Hitachi Ltd.;Toshiba Corporation;Fujitsu Limited;Mitsubishi Electric;
Axis Communications AB;Hanwha Vision;Mobotix AG;Vivotek Inc.;Pelco Inc.;Genetec Inc.;Motorola Solutions;Ring LLC;Wyze Labs;
Eufy;Arlo;Nest Labs;Netgear Inc.;D-Link Corporation;Ubiquiti Inc.;MikroTik;Cisco Systems;Juniper Networks;Nokia Oyj;Ericsson AB;
Qualcomm Incorporated;Broadcom Inc.;Intel Corporation;Advanced Micro Devices;Nvidia Corporation;Texas Instruments;STMicroelectronics;
Infineon Technologies AG;NXP Semiconductors;Renesas Electronics;MediaTek Inc.;Realtek Semiconductor;ASUSTeK Computer;Acer Inc.;
Lenovo Group Limited;Haier Group;Gree Electric Appliances;TCL Technology;Hisense Group;Xiaomi Corporation;OPPO;vivo Communication Technology;
JD.com;Pinduoduo;NetEase Inc.;Trip.com Group;Ctrip;Didi Global;Kuaishou Technology;Bilibili Inc.;Sina Corporation;Weibo Corporation;
Sohu.com;iQIYI;Ping An Insurance;China Merchants Bank;Industrial and Commercial Bank of China;Bank of China;Agricultural Bank of China;
Sinopec;PetroChina;Kweichow Moutai;Yili Group;Mengniu Dairy;Tsingtao Brewery;Haidilao;Li-Ning;Anta Sports;Geely Automobile;Great Wall Motor;
SAIC Motor;FAW Group;Dongfeng Motor;Li Auto;XPeng;Toyota Motor;Honda Motor;Nissan Motor;Volkswagen AG;BMW AG;Mercedes-Benz Group;
Renault SA;Peugeot;Fiat;Volvo Cars;Microsoft Corporation;Apple Inc.;Alphabet Inc.;Amazon.com;Meta Platforms;Oracle Corporation;SAP SE;
IBM;Salesforce;Adobe Inc.;Palantir Technologies;Idemia Group;Thales Group;Safran;NEC;Herta Security;AnyVision;Corsight AI;Oosto;BriefCam;
Cognitec;Innovatrics;Vocord;Neurotechnology;Paravision;FaceTec;Yoti;Veriff;Onfido;Trueface;Kairos;Amazon Rekognition;Clarifai;
Nestle SA;Unilever plc;Procter & Gamble;Coca-Cola;PepsiCo;Danone;Kraft Heinz;Starbucks;McDonald's;IKEA;H&M;Zara;Adidas AG;Puma SE;
Deutsche Bank AG;BNP Paribas;HSBC Holdings;Barclays;UBS Group;Credit Agricole;ING Groep;Santander;Allianz SE;AXA;Zurich Insurance;
Deutsche Telekom;Vodafone Group;Orange SA;Telefonica;BT Group;Verizon Communications;AT&T;T-Mobile US;Comcast;Reuters;Bloomberg LP;
Médecins Sans Frontières;Human Rights Watch;Amnesty International;Citizen Lab;Associated Press;Yandex;VK Company;Ozon Holdings;Wildberries;
Norilsk Nickel;Magnit;X5 Group;Tata Consultancy Services;Infosys;Wipro;Reliance Industries;Mahindra;Bharti Airtel;
Turkish Airlines;Arcelik;Koc Holding;Vestel;Emirates Airline;Etisalat;Aramco;SABIC;Petrobras;Vale;Itau Unibanco;Nubank;Mercado Libre;
海尔集团;格力电器;美的集团;小米科技有限责任公司;京东集团;网易公司;新浪公司;搜狐公司;快手科技;哔哩哔哩;招商银行;中国工商银行;中国平安保险;
贵州茅台酒股份有限公司;伊利集团;蒙牛乳业;青岛啤酒股份有限公司;吉利汽车;长城汽车;安踏体育;李宁有限公司;海底捞;新东方教育科技;好未来;顺丰速运;圆通速递;
中国石化;中国人寿;万科企业股份有限公司;碧桂园;恒大集团;绿地集团;复星国际;新希望集团;双汇发展;娃哈哈集团;农夫山泉;康师傅;
Яндекс;Магнит;Газпромбанк Лизинг Авто;ООО Ромашка;ООО Вектор Плюс Торг;АО Тандер""".replace("\n", "").split(";")
TRADES = (
    "Golf Club",
    "Restaurant",
    "Tea House",
    "Travel Agency",
    "Yoga Studio",
    "Furniture",
    "Wine",
    "Film Studio",
    "Toys",
    "Footwear",
    "Fruit Co., Ltd.",
    "Hotel",
    "Real Estate",
    "Insurance Brokers",
    "Photography",
    "Publishing House",
    "Jewellery",
    "Bakery",
    "Pet Hospital",
    "Primary School",
    "Wedding Planners",
    "Seafood",
    "Cosmetics",
    "Gardens",
    "Dental Clinic",
    "Music Academy",
    "Flower Shop",
    "Law Firm",
    "Dairy",
    "Sportswear",
)
HAN_TRADES = (
    "餐饮有限公司",
    "旅行社",
    "茶叶有限公司",
    "影城",
    "房地产开发有限公司",
    "会计师事务所",
    "律师事务所",
    "小学",
    "酒店",
    "家具有限公司",
    "食品有限公司",
    "服装店",
    "幼儿园",
    "珠宝",
)
CITIES = (
    "Beijing",
    "Shanghai",
    "Guangzhou",
    "Shenzhen",
    "Nanjing",
    "Wuhan",
    "Chengdu",
    "Jinan",
    "Harbin",
    "Kunming",
    "Lanzhou",
    "Xi'an",
    "Urumqi",
    "Kashgar",
    "Hotan",
    "Korla",
    "Lhasa",
    "Tianjin",
)
ORGANS = (
    "Education Bureau",
    "Public Security Bureau",
    "Finance Bureau",
    "Health Commission",
    "Tourism Bureau",
    "Transport Bureau",
    "Museum",
    "Culture Bureau",
    "Water Bureau",
    "Post Office",
    "Meteorological Bureau",
)
SURNAMES = ("Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Zhao", "Huang", "Zhou", "Wu", "Xu", "Sun")
GIVEN = ("Wei", "Min", "Jing", "Lei", "Qiang", "Yan", "Tao", "Ming", "Hua", "Xin", "Jun", "Li", "Hong", "Bo")
WESTERN = (
    "James Miller",
    "Maria Garcia",
    "Anna Kowalska",
    "John Smith",
    "Peter Novak",
    "Fatima Hassan",
    "Olga Ivanova",
    "David Cohen",
    "Ahmed Ali",
    "Emma Dubois",
    "Carlos Silva",
    "Elena Petrova",
)


# One common character of company names for many syllables, so that a listed pinyin name can be written in Han.
SIGNS = {}
for _sign in (
    "安奥百邦宝北贝本博步才昌长超成诚城程创春达大丹德迪鼎东都多恩尔发法方飞丰风峰福富高格公光广国海航豪合和恒红宏虹洪鸿华环汇惠慧吉佳嘉坚建健江杰捷金锦京晶景久巨卡开凯康科可兰蓝乐雷力立丽利联"
    "林凌龙隆路绿伦罗马迈美门盟明铭木拿纳南能年宁诺欧派盘朋鹏品平普齐奇启前强勤青清庆群然仁日荣融瑞锐润赛三森山善尚邵深神生盛胜圣石时世守树双顺思斯四苏泰唐腾天通同拓万旺威为伟文沃五西希熙喜祥翔"
    "向晓新信星兴雄秀旭宣讯雅亚言研阳洋业亿易益毅银英盈永勇优友宇雨玉育元园远源越云运泽展张兆哲正志智中众洲珠卓资子紫自宗威科讯"
):
    SIGNS.setdefault("".join(pypinyin.lazy_pinyin(_sign)), _sign)


def in_han(parts, lexicon, rng):
    """A listed name written in Han: its pinyin core by character, its typed parts by their Han spelling; else None."""
    spelled = {}
    for sign, meaning in lexicon.signs.items():
        spelled.setdefault((meaning.kind, meaning.key), sign)
    out = ""
    for part in parts:
        if part.kind == Kind.CORE:
            syllables = split_pinyin(part.key) if part.key.isascii() else None
            if not syllables or not all(s in SIGNS for s in syllables):
                return None
            out += "".join(SIGNS[s] for s in syllables)
        elif part.kind == Kind.FORM:
            out += rng.choice(("有限公司", "股份有限公司"))
        elif (part.kind, part.key) in spelled:
            out += spelled[(part.kind, part.key)]
        else:
            return None
    return out


def typo(word, rng):
    at = rng.randrange(len(word))
    kind = rng.randrange(4)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + letter + word[at:]
    if kind == 2:
        return word[:at] + letter + word[at + 1 :]
    at = min(at, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :] if len(word) > 1 else word


def variants(name, lexicon, rng):
    """Honest spellings of a listed name, as (kind, text)."""
    parts = typed_parts(fold(name).text, lexicon)
    words = name.split()
    forms = {p.text for p in parts if p.kind == Kind.FORM}
    kept = [
        w
        for w in words
        if fold(w).text.strip(".,").replace(".", "") not in forms
        and fold(w).text.strip(".,") not in ("co", "ltd", "llc", "inc", "jsc", "ooo", "ao", "company", "limited")
    ]
    yield "exact", name
    yield "upper", name.upper()
    if kept and len(kept) < len(words):
        yield "form_drop", " ".join(kept).rstrip(",")
        yield (
            "form_swap",
            " ".join(kept).rstrip(",")
            + " "
            + rng.choice(("Inc.", "Co., Ltd.", "LLC", "Group", "Limited", "Corporation", "GmbH")),
        )
    letters = [i for i, c in enumerate(name) if c.isalpha()]
    if len(letters) > 8:
        one = name.replace(word := rng.choice([w for w in words if len(w) > 3] or words), typo(word, rng), 1)
        yield "typo1", one
        yield (
            "typo2",
            one.replace(word := rng.choice([w for w in one.split() if len(w) > 3] or words), typo(word, rng), 1),
        )
    if len(words) > 2:
        yield "reorder", " ".join((*words[1:], words[0]))
        yield "tail_drop", " ".join((kept or words)[: max(2, len(kept or words) - 1)])
    if parts and parts[0].kind == Kind.PLACE and sum(1 for p in parts if p.kind == Kind.CORE) >= 1:
        yield "city_drop", name.split(" ", 1)[-1]
    cores = [p for p in parts if p.kind == Kind.CORE and p.key.isascii() and p.field != "common"]
    long_core = sum(len(p.key) for p in cores) >= 7
    if long_core and len(cores) <= 3 and any(p.kind in (Kind.WORD, Kind.FORM) for p in parts):
        plain = " ".join(p.text.capitalize() for p in cores)
        yield "core_only", plain
        place = next((p.text.capitalize() for p in parts if p.kind == Kind.PLACE), "")
        if place:
            yield "core_and_place", f"{place} {plain}"
        yield (
            "office",
            plain
            + rng.choice(
                (
                    " USA Inc.",
                    " Europe B.V.",
                    " (Hong Kong) Limited",
                    " UK Ltd",
                    " Deutschland GmbH",
                    " Singapore Pte Ltd",
                    " India Pvt Ltd",
                    " Middle East FZE",
                )
            ),
        )
    written = in_han(parts, lexicon, rng) if 2 <= len(parts) <= 7 else None
    if written and sum(1 for p in parts if p.kind == Kind.CORE) >= 1:
        yield "han", written
        if not any(p.kind == Kind.PLACE for p in parts):
            yield "han_with_place", rng.choice(("北京", "上海", "深圳", "浙江", "江苏", "新疆")) + written
        yield "han_without_form", written.replace("股份有限公司", "").replace("有限公司", "")
    core = "".join(p.key for p in parts if p.kind == Kind.CORE and p.key.isascii())
    syllables = split_pinyin(core) if len(core) > 4 else None
    if syllables and 2 <= len(syllables) <= 5:
        rest = " ".join(p.text for p in parts if p.kind == Kind.WORD)
        yield "pinyin_spaced", (" ".join(s.capitalize() for s in syllables) + " " + rest).strip()
        yield (
            "russian",
            (
                "".join(_palladius(s) for s in syllables)
                + (" Технолоджи" if "technology" in {p.key for p in parts} else "")
            ).strip(),
        )


def innocents(entries, lexicon, rng, count):
    """Names that should find nothing, as (kind, text)."""
    out = [("firm", name.strip()) for name in KNOWN_INNOCENTS if name.strip()]
    syllables = sorted(s for s in SYLLABLES if len(s) > 1)
    cores = []
    for entry in entries:
        core = [
            p
            for p in typed_parts(fold(entry.name).text, lexicon)
            if p.kind == Kind.CORE and p.key.isascii() and len(p.key) > 3
        ]
        if core and entry.country == "China":
            cores.append((core[0].text.capitalize(), entry.name))
    for core, name in rng.sample(cores, min(len(cores), count)):
        out.append(("other_trade", f"{core} {rng.choice(TRADES)}"))
        new = "".join(rng.choice(syllables) for _ in range(2)).capitalize()
        if core.lower() in name.lower():
            at = name.lower().index(core.lower())
            out.append(("other_core", name[:at] + new + name[at + len(core) :]))
        pin = split_pinyin(core.lower())
        if pin and len(pin) == 2:
            out.append(("person", f"{rng.choice(SURNAMES)} {core}"))
            out.append(
                (
                    "one_syllable_off",
                    (pin[0] + rng.choice(syllables)).capitalize()
                    + " "
                    + rng.choice(("Technology Co., Ltd.", "Trading Co.", "Electronics", "Group")),
                )
            )
        out.append(
            (
                "word_mixed",
                f"{core[: len(core) // 2 + 1]}{rng.choice(('land', 'ex', 'mark', 'soft', 'care', 'line'))} {rng.choice(('Ltd', 'Inc.', 'Systems', 'Labs'))}",
            )
        )
    for city in CITIES:
        for organ in rng.sample(ORGANS, 6):
            if not (organ == "Public Security Bureau" and city in ("Urumqi", "Kashgar", "Hotan")):
                out.append(("other_organ", f"{city} {rng.choice(('Municipal ', 'City ', ''))}{organ}"))
        for word in (
            "Technology",
            "Digital Technology",
            "Information",
            "Electronics",
            "Trading",
            "Network Technology",
            "Logistics",
        ):
            out.append(("generic", f"{city} {word} {rng.choice(('Co., Ltd.', 'Company', 'Inc.', ''))}".strip()))
    for surname in SURNAMES:
        out += [("person", f"{surname} {given}") for given in rng.sample(GIVEN, 4)]
        out += [("person", f"{surname} {rng.choice(GIVEN)}{rng.choice(GIVEN).lower()}") for _ in range(4)]
    out += [("person", name) for name in WESTERN]
    for brand in (
        "海康",
        "大华",
        "商汤",
        "旷视",
        "依图",
        "云从",
        "华为",
        "中兴",
        "美亚",
        "天地",
        "宇视",
        "科达",
        "曙光",
        "浪潮",
        "大疆",
        "立昂",
        "华大",
    ):
        out += [("han_trade", brand + rng.choice(HAN_TRADES)) for _ in range(2)]
    return out


def corpus(entries, screener, seed=7, positives=500, negatives=260):
    """(query, expected entry ids, kind) rows."""
    rng = random.Random(seed)
    lexicon = screener.lexicon
    same = {}
    for entry in entries:
        for name in (entry.name, *entry.aliases):
            for reading in readings(name, lexicon)[:1]:
                same.setdefault(screener.index.signature(reading.parts), set()).add(entry.id)
    rows = []
    pool = [entry for entry in entries if len(entry.name) > 4 and not entry.name.lower().startswith("address")]
    chosen = rng.sample(pool, min(positives, len(pool)))
    chosen += rng.sample(chinese := [e for e in pool if e.country == "China"], min(positives // 2, len(chinese)))
    for entry in chosen:
        name = rng.choice((entry.name, *[alias for alias in entry.aliases if len(alias) > 5]))
        signature = screener.index.signature(readings(name, lexicon)[0].parts) if readings(name, lexicon) else ""
        if not signature:
            continue
        options = list(variants(name, lexicon, rng))
        rare = [
            row
            for row in options
            if row[0] in ("han", "han_with_place", "han_without_form", "pinyin_spaced", "russian")
        ]
        for kind, text in {*rng.sample(options, min(2, len(options))), *rare}:
            rows.append((text, frozenset(same.get(signature, {entry.id}) | {entry.id}), kind))
    rows += [(text, frozenset(), kind) for kind, text in innocents(entries, lexicon, rng, negatives)]
    return sorted(rows, key=lambda row: (row[2], row[0]))
