import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from witnessmark.cli import witnessmark
from witnessmark.errors import WitnessmarkError

KEY = {"WITNESSMARK_PASSPHRASE": "correct horse battery", "WITNESSMARK_ACTOR": "A"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {**KEY, "WITNESSMARK_KEYS": str(tmp_path / "keys")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, expect: int = 0) -> Result:
    result = CliRunner().invoke(witnessmark, arguments)
    if isinstance(result.exception, WitnessmarkError):
        assert result.exception.exit_code == expect, result.exception
    else:
        assert result.exit_code == expect, (result.output, result.exception)
    return result


def test_from_a_new_case_to_a_verified_bundle(home: Path) -> None:
    (home / "sdk \x1b[31m.h").write_text("enum SAMPLE { A };")
    run("case", "new", "c", "--title", "Examplecam SDK", "--vendor", "Examplecam")
    run("case", "add", "c", "sdk \x1b[31m.h", "--from", "handed over", "--handed-by", "S.")
    run("case", "note", "c", "looked at it")
    shown = run("case", "show", "c").output
    assert "looked at it" in shown and "\x1b" not in shown
    assert json.loads(run("case", "show", "c", "--entry", "1", "--json").output)["transfers"][0]["sender"] == "S."
    assert run("case", "show", "c", "--words", "looked").output.count("note") == 1
    digest = json.loads(run("case", "list", "c", "--json").output.splitlines()[1])["digest"]
    run("case", "get", "c", digest, "--out", "copy.h")
    assert (home / "copy.h").read_text() == "enum SAMPLE { A };"
    run("case", "check", "c")
    sealed = json.loads(run("seal", "c", "b.zip", "--no-timestamp", "--json").output.splitlines()[-1])
    fingerprint = run("key", "show").output.splitlines()[0]
    assert sealed["signer"] == fingerprint
    assert "is one that you named" in run("verify", "b.zip", "--signer", fingerprint).output
    other = run("verify", "b.zip", "--signer", "SHA256:" + "A" * 43, expect=3).output
    assert "Had it held, it would prove: The bundle was signed with a key that you already knew." in other
    run("verify", "b.zip", "--signer", "SHA256:...", expect=2)
    data = bytearray((home / "b.zip").read_bytes())
    data[100] ^= 1
    (home / "b.zip").write_bytes(data)
    answer = json.loads(run("verify", "b.zip", "--json", expect=3).output)
    assert answer["holds"] is False and answer["steps"][0]["flaws"]


def test_an_export_stops_at_the_gate_and_says_why(home: Path) -> None:
    run("case", "new", "c", "--title", "T")
    stopped = run("case", "export", "c", "x", "--no-timestamp", expect=2)
    assert "MISSING  5." in stopped.output and not (home / "x").exists()
    run("case", "export", "c", "x", "--no-timestamp", "--incomplete", "for our own lawyer")
    run("verify", "x")


def test_usage_errors_have_their_code_and_change_nothing(home: Path) -> None:
    run("case", "new", "c", "--title", "T")
    before = (home / "c/journal.jsonl").read_bytes()
    run("case", "new", "c", "--title", "T", expect=2)
    run("review", "c", "f1", "--verdict", "agree", "--reason", "x", expect=2)
    run("contact", "draft", "c", expect=2)
    run("contact", "sent", "c", "--to", "x", "--how", "mail", "--deadline", "Friday", expect=2)
    run("case", "show", "c", "--entry", "99", expect=2)
    run("case", "list", "nothing", expect=1)
    assert (home / "c/journal.jsonl").read_bytes() == before


def test_keys_are_made_shown_rotated_and_restored(home: Path) -> None:
    run("key", "show", expect=2)
    run("key", "new")
    sheet = run("key", "sheet").output
    (home / "sheet.txt").write_text(sheet)
    (home / "new-passphrase").write_text("another passphrase\n")
    first = run("key", "show").output.splitlines()[0]
    run("case", "new", "c", "--title", "T")
    run("key", "rotate", "--reason", "lost", "--new-passphrase-file", "new-passphrase", "--case", "c")
    second = run("key", "show").output.splitlines()[0]
    assert first != second and first in sheet
    assert "key-rotated" in run("case", "show", "c").output
    run("seal", "c", "b", "--no-timestamp", "--passphrase-file", "new-passphrase")
    assert "replaced a key that you named" in run("verify", "b", "--signer", first).output
    run("key", "restore", "sheet.txt", expect=2)


def test_a_bundle_is_renewed_with_the_key_that_sealed_it_though_it_was_replaced(home: Path, tmp_path: Path) -> None:
    run("case", "new", "c", "--title", "T")
    run("seal", "c", "b", "--no-timestamp")
    (home / "new-passphrase").write_text("another passphrase\n")
    run("key", "rotate", "--reason", "planned", "--new-passphrase-file", "new-passphrase")
    refused = run("seal", "--renew", "b", "r", "--tsa", "x=http://127.0.0.1:9/", expect=3)
    assert "no authority gave a timestamp" in str(refused.exception)


def test_a_witness_co_signs_a_checkpoint(home: Path) -> None:
    run("case", "new", "c", "--title", "T")
    note = run("case", "checkpoint", "c").stdout
    (home / "note").write_text(note)
    (home / "signed").write_text(run("key", "witness", "note", "--name", "witness.example").stdout)
    assert "2 signatures" in run("case", "checkpoint", "c", "--add", "signed").output


def test_a_scan_records_itself_and_its_findings_go_to_review_and_letter(home: Path) -> None:
    (home / "sdk").mkdir()
    (home / "sdk/face.h").write_text(
        "typedef enum { EM_NATION_TYPE_UNKNOWN, EM_NATION_TYPE_UYGUR = 1, EM_NATION_TYPE_OTHER } EM_NATION_TYPE;\n"
    )
    run("case", "new", "c", "--title", "T", "--vendor", "Examplecam")
    run("scan", "sdk", "--case", "c", "--no-cache", "--jobs", "1")
    assert "sdk/face.h" in run("case", "list", "c").output
    (found,) = json.loads(run("review", "c", "--json").output)
    assert found["state"] == "detected" and found["detected_by"] == ["A"]
    run("review", "c", found["finding"], "--verdict", "agree", "--reason", "read it", "--actor", "B")
    (home / "what-our-source-wrote.txt").write_text("Please keep me out of it.")
    run("case", "add", "c", "what-our-source-wrote.txt", "--from", "a source")
    drafted = run("contact", "draft", "c").output
    assert "EM_NATION_TYPE_UYGUR" in drafted and "face.h, " in drafted
    assert "what-our-source-wrote" not in drafted
    assert "What innocent thing it could be" in run("explain", found["finding"], "--case", "c").output
    run("explain", "ffff", "--case", "c", expect=2)
    run("scan", "-", "--case", "c", expect=2)
