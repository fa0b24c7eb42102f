"""Lists in the page: makers named inside an upload, and the answers that programs get."""

from pathlib import Path

from tests.screen import makers_samples as samples
from web.served import served
from witnessmark.case import create_case, open_case
from witnessmark.model.evidence import Actor
from witnessmark.model.finding import ScanReport
from witnessmark.model.maker import MakerMark


def test_makers_named_inside_an_upload_are_screened(tmp_path: Path) -> None:
    create_case(tmp_path / "case", title="x", actor=Actor(name="A.")).close()
    with served(tmp_path / "case") as site:
        visitor = site.visitor("A.")
        visitor.get("/")
        visitor.upload(b"player.exe", samples.program("Hangzhou Hikvision Digital Technology Co., Ltd."))
        site.settle()
    with open_case(tmp_path / "case", read_only=True) as case:
        ((_, report),) = case.payloads(ScanReport)
    assert report.makers is not None
    (row,) = report.makers.resembling
    assert (row.mark, row.candidates[0].listed) == (MakerMark.VERSION, True)
