"""Rebuild the office samples with LibreOffice: `python tests/samples/make_office.py`. Their bytes differ from run to run."""

import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PLANTED = ("EM_NATION_TYPE_UYGUR", "维吾尔族")
PAGE = """<html><head><meta charset="utf-8"><title>Face attributes</title></head><body>
<h1>Face attributes</h1><p>The value EM_NATION_TYPE_<b>UYGUR</b> is 1 (<i>维吾</i>尔族).</p>
<table><tr><td>Beard</td><td>0</td></tr><tr><td>EM_NATION_<b>TYPE</b>_UYGUR</td><td>维吾<u>尔</u>族</td></tr></table>
</body></html>"""
SHEET = "field,value,meaning\nnation,1,EM_NATION_TYPE_UYGUR\nnation,2,维吾尔族\n"
NO_THUMBNAIL = """<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Save/Document"><prop oor:name="GenerateThumbnail" oor:op="fuse">
<value>false</value></prop></item></oor:items>"""
SLIDES = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.presentation">
<office:automatic-styles><style:style style:name="B" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
</office:automatic-styles><office:body><office:presentation><draw:page draw:name="one"><draw:frame svg:width="20cm" svg:height="5cm" svg:x="1cm" svg:y="1cm">
<draw:text-box><text:p>EM_NATION_TYPE_<text:span text:style-name="B">UYGUR</text:span></text:p>
<text:p>维吾<text:span text:style-name="B">尔族</text:span></text:p></draw:text-box></draw:frame></draw:page>
</office:presentation></office:body></office:document>"""


def convert(source: Path, reader: str, into: str, writer: str = "") -> None:
    """LibreOffice turns `source` into `<into>/<stem>.<into>` (or the suffix that `writer` begins with)."""
    writer = writer or into
    folder = HERE / into
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        (Path(profile) / "user").mkdir()
        (Path(profile) / "user/registrymodifications.xcu").write_text(NO_THUMBNAIL)
        options = [f"-env:UserInstallation=file://{profile}", "--headless", f"--infilter={reader}"]
        command = ["soffice", *options, "--convert-to", writer, "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder / "planted.txt").write_text("".join(f"{line}\n" for line in PLANTED), encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        there = Path(scratch)
        page, sheet, slides = there / "manual.html", there / "values.csv", there / "deck.fodp"
        page.write_text(PAGE, encoding="utf-8")
        sheet.write_text(SHEET, encoding="utf-8")
        slides.write_text(SLIDES, encoding="utf-8")
        web, csv, deck = "HTML (StarWriter)", "CSV:44,34,76", "OpenDocument Presentation Flat XML"
        convert(page, web, "odf", "odt")
        convert(page, web, "rtf")
        convert(page, web, "doc", "doc:MS Word 97")
        convert(page, web, "docx", "docx:MS Word 2007 XML")
        convert(page, web, "pdf")
        convert(sheet, csv, "xlsx")
        convert(sheet, csv, "xls")
        convert(slides, deck, "pptx")
        convert(slides, deck, "ppt")


if __name__ == "__main__":
    main()
