"""Notices of made-up purchases as web page, word-processor file and PDF, made here from rows of label and value."""

import io
import zipfile
from html import escape

Rows = tuple[tuple[str, str], ...]


def as_html(title: str, rows: Rows) -> bytes:
    """A page with a menu, a table and a script."""
    cells = "".join(f"<tr><td><b>{escape(a)}</b></td><td>{escape(b)}</td></tr>" for a, b in rows if a)
    plain = "".join(f"<p>{escape(b)}</p>" for a, b in rows if not a)
    text = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>x</title><style>td{color:red}</style></head><body>'
        f"<ul><li>Home</li></ul><h1>{escape(title)}</h1><table>{cells}</table>{plain}<script>var date='x';</script>"
    )
    return (text + "</body></html>").encode()


def as_docx(title: str, rows: Rows) -> bytes:
    """A document with a heading, a table, and paragraphs whose text is split over runs as editors do."""

    def paragraph(text: str) -> str:
        half = len(text) // 2
        runs = "".join(
            f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>' for part in (text[:half], text[half:])
        )
        return f"<w:p>{runs}</w:p>"

    cells = "".join(f"<w:tr><w:tc>{paragraph(a)}</w:tc><w:tc>{paragraph(b)}</w:tc></w:tr>" for a, b in rows if a)
    body = paragraph(title) + f"<w:tbl>{cells}</w:tbl>" + "".join(paragraph(b) for a, b in rows if not a)
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(
            "[Content_Types].xml",
            '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        )
        file.writestr(
            "word/document.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>',
        )
    return out.getvalue()


def as_pdf(title: str, rows: Rows) -> bytes:
    """One page: label and value in two columns, in a font whose codes only its ToUnicode map explains."""
    lines = [(40, title)]
    content, y = [], 800
    codes: dict[str, int] = {}

    def shown(x: int, text: str) -> None:
        coded = "".join(f"{codes.setdefault(char, len(codes) + 1):04X}" for char in text)
        content.append(f"BT /F 9 Tf 1 0 0 1 {x} {y} Tm <{coded}> Tj ET")

    for x, text in lines:
        shown(x, text)
    for label, value in rows:
        y -= 20
        if label:
            shown(40, label)
        shown(260 if label else 40, value)
    stream = "\n".join(content).encode()
    pairs = "\n".join(f"<{code:04X}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def "
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(codes)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"
        b"/DW 500/FontDescriptor 8 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(cmap), cmap),
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200"
        b"/CapHeight 700/StemV 80>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    return out + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(out))


NOTICES: dict[str, tuple[str, Rows, dict[str, str]]] = {
    "zh": (
        "样例市公安局人像识别系统采购项目中标结果公告",
        (
            ("一、项目编号", "YLCG-2019-0417"),
            ("二、项目名称", "样例市公安局人像识别系统采购项目"),
            ("采购人名称", "样例市公安局"),
            ("采购人地址", "样例市样例路1号"),
            ("采购代理机构", "样例招标代理有限公司"),
            ("中标供应商名称", "示例视觉科技股份有限公司"),
            ("中标（成交）金额", "￥3,860,000.00元"),
            ("中标日期", "2019年4月17日"),
            ("", "各有关当事人对中标结果有异议的，可以在公告发布之日起7个工作日内提出质疑。"),
        ),
        {
            "buyer": "样例市公安局",
            "supplier": "示例视觉科技股份有限公司",
            "item": "样例市公安局人像识别系统采购项目",
            "date": "2019年4月17日",
            "amount": "￥3,860,000.00元",
        },
    ),
    "en": (
        "CONTRACT AWARD NOTICE",
        (
            ("Notice reference", "EX/2020/118"),
            ("Name of contracting authority", "Exampleshire Police Authority"),
            ("Title of contract", "Supply of video analytics cameras"),
            ("Name and address of the contractor", "Sample Vision (UK) Limited"),
            ("Date of conclusion of the contract", "14 May 2020"),
            ("Total value of the contract", "GBP 412,500.00"),
            ("", "Tenders had to be received within 30 days of the first notice."),
        ),
        {
            "buyer": "Exampleshire Police Authority",
            "supplier": "Sample Vision (UK) Limited",
            "item": "Supply of video analytics cameras",
            "date": "14 May 2020",
            "amount": "GBP 412,500.00",
        },
    ),
    "ru": (
        "Протокол подведения итогов электронного аукциона",
        (
            ("Номер извещения", "0000100000119000001"),
            ("Полное наименование заказчика", 'ГКУ "Безопасный Образец"'),
            ("Наименование объекта закупки", "Поставка системы видеонаблюдения"),
            ("Победитель аукциона", 'ООО "Пример Вижн"'),
            ("Дата заключения контракта", "15.03.2020"),
            ("Цена контракта, руб.", "12 500 000,00 руб."),
            ("", "Протокол подписан всеми членами комиссии."),
        ),
        {
            "buyer": 'ГКУ "Безопасный Образец"',
            "supplier": 'ООО "Пример Вижн"',
            "item": "Поставка системы видеонаблюдения",
            "date": "15.03.2020",
            "amount": "12 500 000,00 руб.",
        },
    ),
}
MAKERS = {"html": as_html, "docx": as_docx, "pdf": as_pdf}
