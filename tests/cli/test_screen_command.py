import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from witnessmark.case import create_case, open_case
from witnessmark.cli.deployments import command as deployments
from witnessmark.cli.lists import command as lists
from witnessmark.cli.screen import command as screen
from witnessmark.errors import UsageError
from witnessmark.model.screening import Screenings
from witnessmark.screen.loader import ListRefused

SAMPLES = Path(__file__).parent.parent / "samples" / "sanctions"


@pytest.fixture(autouse=True)
def no_stored_lists(tmp_path, monkeypatch):
    monkeypatch.setenv("WITNESSMARK_LISTS", str(tmp_path / "lists"))


def run(command, *args, **options):
    return CliRunner().invoke(command, [str(arg) for arg in args], catch_exceptions=False, **options)


def test_a_name_gets_candidates_dates_citations_and_the_age_of_the_lists():
    shown = run(screen, "大华技术", "--as-of", "2019-10-01").output
    assert "candidate: Dahua Technology  [bis-entity-list]" in shown
    assert "NOT listed on that day, from 2019-10-09; 84 FR 54002; 84 FR 54004" in shown
    assert "listed, from 2018-08-13" in shown
    assert "starter set" in shown
    assert "not clearance" in shown


def test_no_candidate_is_not_called_clean():
    shown = run(screen, "Siemens AG").output
    assert "no candidate" in shown
    assert "not clearance" in shown


def test_since_prints_what_changed():
    shown = run(screen, "Institute of Forensic Science", "--since", "2023-11-01").output
    assert "2023-11-16  remove" in shown


def test_a_batch_is_answered_line_by_line(tmp_path):
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "a", "query": "Hikvision"}\n{"id": "b", "query": "Nobody"}\n', encoding="utf-8")
    answers = [json.loads(line) for line in run(screen, "--batch", rows, "--jsonl").output.splitlines()]
    assert [row["id"] for row in answers] == ["a", "b"]
    assert answers[0]["candidates"][0]["listed"] is True


def test_a_list_of_ones_own_replaces_the_others(tmp_path):
    mine = tmp_path / "mine.jsonl"
    mine.write_bytes((SAMPLES / "normalised-jsonl" / "input.jsonl").read_bytes())
    answer = json.loads(run(screen, "Example Vision", "--lists", mine, "--json").output)
    assert [row["entry"] for row in answer["answers"][0]["candidates"]] == ["x:1"]
    assert answer["lists"][0]["entries"] == 1


def test_csv_cells_cannot_become_formulas():
    shown = run(screen, "=cmd|'/c calc'!A1", "--csv").output
    assert "\n1,'=cmd" in shown


def test_nothing_to_screen_is_a_usage_error():
    with pytest.raises(UsageError):
        run(screen)


def test_terminal_escapes_in_a_name_are_shown_not_obeyed():
    assert "\x1b" not in run(screen, "\x1b[2JHikvision").output


def test_an_imported_list_is_used_and_shown():
    with pytest.raises(ListRefused, match="1000 to 6000"):
        run(lists, "import", SAMPLES / "ecfr-xml" / "input.xml")
    assert "1 entries" in run(lists, "import", SAMPLES / "ftm-json" / "input.ftm.json", "--list", "sample-ftm").output
    assert "sample-ftm" in run(lists, "list").output
    assert "sample-ftm" in run(screen, "Exvision").output


def test_lists_say_what_they_are():
    shown = run(lists, "show", "bis-entity-list").output
    assert "Bureau of Industry and Security" in shown
    assert "effect:" in shown


def test_a_tender_paper_becomes_candidates(tmp_path):
    paper = tmp_path / "notice.html"
    paper.write_text("<p>采购人：样例市公安局</p><p>中标供应商：样例视觉技术有限公司</p>", encoding="utf-8")
    shown = run(deployments, "import", paper).output
    assert "样例视觉技术有限公司" in shown
    assert "compare each with the paper" in shown
    assert "buyer,样例市公安局,tendered" in run(deployments, "graph", paper, "--csv").output


def test_answers_are_kept_in_a_case(tmp_path):
    with create_case(tmp_path / "case", title="x") as case:
        assert list(case.payloads(Screenings)) == []
    run(screen, "Hikvision", "--case", tmp_path / "case")
    with open_case(tmp_path / "case") as case:
        ((_, kept),) = case.payloads(Screenings)
    assert kept.answers[0].query == "Hikvision"
    assert any("starter set" in text for text in kept.lists)


@pytest.mark.parametrize(
    ("name", "is_found", "note"),
    [
        ("", False, "nothing was compared"),
        (" \u200b\u202e ", False, "nothing was compared"),
        ("\U0001f600\U0001f1e8", False, ""),
        ("H", False, "too little to compare"),
        ("\u534e", False, "too little to compare"),
        ("Hikvision " * 1000, True, "first 300 characters"),
        ("\u6d77" * 3400, False, "first 300 characters"),
        ("Hikvision\u6d77\u5eb7\u5a01\u89c6", True, ""),
        ("\u202eHikvision\u202c", True, "direction-changing"),
        ("Hik\u200bvi\u2060sion\ufeff", True, "invisible"),
        ("\u041dikvisi\u043en", True, "look Latin"),
        ("\uff28\uff49\uff4b\uff56\uff49\uff53\uff49\uff4f\uff4e", True, ""),
        ("Hikvision \U0001f600", True, ""),
        ("\udcff\udcfeHikvision", True, ""),
        ("' OR 1=1 --", False, ""),
        ("'; DROP TABLE entries;--", False, ""),
        ("Dahua Li", False, ""),
        ("Yitu Wang", False, ""),
    ],
)
def test_hostile_and_odd_names_get_an_answer(name, is_found, note):
    result = run(screen, name, "--jsonl")
    answer = json.loads(result.output)
    assert result.exit_code == 0
    assert bool(answer["candidates"]) is is_found
    assert len(answer["query"]) <= 300
    assert note in " ".join(answer["remarks"])


def test_a_batch_keeps_order_and_ids_whatever_the_rows_hold(tmp_path):
    rows = [{"id": 7, "query": ""}, {"id": "b", "query": "Hikvision"}, {"query": "Nobody"}, {"id": "b", "query": "H"}]
    batch = tmp_path / "rows.jsonl"
    batch.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(json.dumps(row).encode() for row in rows))
    result = run(screen, "--batch", batch, "--jsonl")
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [(row["id"], bool(row["candidates"])) for row in answers] == [("7", 0), ("b", 1), ("3", 0), ("b", 0)]
    table = run(screen, "--batch", batch, "--csv").output.splitlines()
    assert [line.split(",")[0] for line in table[1:] if line.split(",")[3] in ("", "1")] == ["7", "b", "3", "b"]


def test_a_bad_row_stops_a_batch_before_any_answer_and_is_named(tmp_path):
    batch = tmp_path / "rows.jsonl"
    batch.write_bytes(b'{"id": "a", "query": "Hikvision"}\n{"id": "b"}\n')
    with pytest.raises(UsageError, match="line 2"):
        run(screen, "--batch", batch, "--jsonl")
