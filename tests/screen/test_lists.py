import csv
import io
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from witnessmark.errors import KnowledgeError, UsageError
from witnessmark.knowledge.sanctions import load_headers, load_relations, load_starter
from witnessmark.model.screening import EventKind, ListHeader
from witnessmark.screen.ftm import export_ftm, parse_ftm
from witnessmark.screen.holdings import holdings
from witnessmark.screen.intake import Arrival, recognise, take_in
from witnessmark.screen.lists import parse_csv, parse_jsonl
from witnessmark.screen.loader import ListRefused
from witnessmark.screen.loaders import loaders
from witnessmark.screen.publishers import update
from witnessmark.screen.store import ListStore

SAMPLES = Path(__file__).parent.parent / "samples" / "sanctions"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEADER = ListHeader(
    id="dow-1260h", title="t", publisher="p", authority="a", url="https://example.org", format="agency-json", licence="l", effect="e",
    expect_min=1, expect_max=50, download="https://example.org/list.json",
)  # fmt: skip


def sample(name):
    return next((SAMPLES / name).glob("input*")).read_bytes()


def taken(data, store, headers=(), as_of="", **options):
    return take_in(data, Arrival(NOW, "test", as_of=as_of), store=store, headers=headers, **options)


def test_every_format_has_a_sample_that_only_its_loader_recognises():
    assert sorted(loaders()) == sorted(path.name for path in SAMPLES.iterdir())
    for name in loaders():
        assert recognise(sample(name)) == name


@pytest.mark.parametrize("name", sorted(loaders()))
def test_every_loader_reads_its_sample(name):
    parsed = loaders()[name].parse(sample(name), "")
    assert parsed.entries
    assert all(entry.name.strip() == entry.name and entry.list for entry in parsed.entries)
    assert len({entry.id for entry in parsed.entries}) == len(parsed.entries)


def test_the_ecfr_gives_names_aliases_addresses_and_both_citations():
    first, second = loaders()["ecfr-xml"].parse(sample("ecfr-xml"), "bis-entity-list").entries
    assert (first.name, first.aliases, first.country) == (
        "Example Vision Technology Co., Ltd.",
        ("Example Vision", "Exvision"),
        "China",
    )
    assert [cite.cite for cite in first.citations] == ["84 FR 54004", "85 FR 44161"]
    assert (first.listed_from, second.listed_from) == ("2019-10-09", "2019-10-09")
    assert (second.name, second.address) == (
        "Sample City Public Security Bureau",
        "3 Made-up Road, Sample City, China.",
    )


@pytest.mark.parametrize("name", sorted(loaders()))
@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"<!DOCTYPE html><html><body>503 Service unavailable</body></html>",
        lambda data: data.decode().encode("utf-16"),
        lambda data: data[: len(data) * 2 // 3].rstrip()[:-3] + b'"',
        lambda data: b"",
    ],
    ids=["error page", "re-encoded", "cut off", "empty"],
)
def test_a_spoilt_file_is_refused_and_the_old_version_stays(name, spoil, tmp_path):
    store = ListStore(tmp_path)
    taken(sample(name), store, fmt=name)
    before = {key: store.versions(key) for key in store.lists()}
    with pytest.raises(ListRefused):
        taken(spoil(sample(name)), store, fmt=name)
    assert {key: store.versions(key) for key in store.lists()} == before


@pytest.mark.parametrize("name", ["csl-csv", "eu-journal-csv", "act-csv", "uk-conlist-csv"])
def test_a_new_column_is_refused(name, tmp_path):
    lines = sample(name).decode().splitlines()
    at = 1 if name == "uk-conlist-csv" else 0
    spoilt = "\n".join(line + ',"new"' if number >= at else line for number, line in enumerate(lines))
    with pytest.raises(ListRefused, match="column"):
        taken(spoilt.encode(), ListStore(tmp_path), fmt=name)


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("eu-fsf-xml", "<subjectType"),
        ("uk-sanctions-xml", "<RegimeName>"),
        ("ofac-xml", "<sdnType>"),
        ("un-xml", "<UN_LIST_TYPE>"),
    ],
)
def test_a_new_element_is_refused(name, before, tmp_path):
    spoilt = sample(name).replace(before.encode(), b"<surprise/>" + before.encode(), 1)
    with pytest.raises(ListRefused, match="surprise"):
        taken(spoilt, ListStore(tmp_path), fmt=name)


def test_a_new_column_of_the_eu_list_is_refused(tmp_path):
    spoilt = sample("eu-fsf-csv").replace(b"Entity_Remark;", b"Entity_Remark;Surprise;", 1)
    with pytest.raises(ListRefused, match="Surprise"):
        taken(spoilt, ListStore(tmp_path), fmt="eu-fsf-csv")


def test_the_eu_list_says_the_same_as_xml_and_as_csv():
    as_xml = loaders()["eu-fsf-xml"].parse(sample("eu-fsf-xml"), "eu-consolidated")
    as_csv = loaders()["eu-fsf-csv"].parse(sample("eu-fsf-csv"), "eu-consolidated")
    assert as_xml == as_csv
    first, second = as_xml.entries
    assert (first.name, first.aliases) == ("Example Corps Public Security Bureau", ("示例兵团公安局",))
    assert (first.listed_from, second.listed_from, second.schema) == ("2021-03-22", "2020-12-08", "Person")
    assert (as_xml.as_of, second.name) == ("2026-09-22", "Jan Voorbeeld")


def test_the_uk_list_gives_the_primary_name_first_and_its_date():
    parsed = loaders()["uk-sanctions-xml"].parse(sample("uk-sanctions-xml"), "uk-consolidated")
    first = parsed.entries[0]
    assert (first.name, parsed.as_of) == ("Public Security Bureau of the Example Corps", "2026-10-02")
    assert first.aliases == ("Example Bureau", "示例兵团公安局")
    assert (first.listed_from, first.country) == ("2021-03-22", "China")


def test_ofac_xml_with_fewer_entries_than_it_states_is_refused(tmp_path):
    spoilt = sample("ofac-xml").replace(b"<Record_Count>2<", b"<Record_Count>3<")
    with pytest.raises(ListRefused, match="2 entries, where the file states 3"):
        taken(spoilt, ListStore(tmp_path), fmt="ofac-xml")


def test_the_consolidated_screening_list_says_the_same_with_tabs():
    rows = list(csv.reader(io.StringIO(sample("csl-csv").decode("utf-8-sig"), newline="")))
    tabs = io.StringIO()
    csv.writer(tabs, delimiter="\t", lineterminator="\n").writerows(rows)
    data = tabs.getvalue().encode()
    assert recognise(data) == "csl-csv"
    assert loaders()["csl-csv"].parse(data, "") == loaders()["csl-csv"].parse(sample("csl-csv"), "")


def test_an_unknown_field_of_a_json_list_is_refused(tmp_path):
    spoilt = sample("agency-json").replace(b'"notes": null', b'"surprise": 1, "notes": null', 1)
    with pytest.raises(ListRefused, match="surprise"):
        taken(spoilt, ListStore(tmp_path))


def test_a_count_outside_what_is_expected_is_refused(tmp_path):
    strict = msgspec.structs.replace(HEADER, expect_min=3)
    with pytest.raises(ListRefused, match="3 to 50"):
        taken(sample("agency-json"), ListStore(tmp_path), (strict,))


def many(count):
    rows = [{"name": f"Firm {number}", "country": "China"} for number in range(count)]
    return msgspec.json.encode(
        {"list_id": "dow-1260h", "source_file": "x", "extracted": "2026-01-01", "count": count, "entities": rows}
    )


def test_a_list_that_lost_half_its_rows_is_refused(tmp_path):
    store = ListStore(tmp_path)
    taken(many(40), store)
    with pytest.raises(ListRefused, match="20 entries"):
        taken(many(20), store)
    assert store.versions("dow-1260h")[-1].entries == 40


def test_versions_are_kept_and_their_differences_told(tmp_path):
    store = ListStore(tmp_path)
    taken(many(40), store, as_of="2026-01-01")
    (second,) = taken(many(39).replace(b'Firm 3"', b'Firm Three"'), store, as_of="2026-02-01")
    kinds = sorted((event.kind, event.name) for event in second.events)
    assert kinds == [(EventKind.ADD, "Firm Three"), (EventKind.REMOVE, "Firm 3"), (EventKind.REMOVE, "Firm 39")]
    assert len(store.versions("dow-1260h")) == 2
    newest = {entry.name: entry for entry in store.newest("dow-1260h")[1]}
    assert newest["Firm 39"].listed_until == "2026-02-01"
    assert len(store.history("dow-1260h")) == 3


def test_the_same_file_again_is_no_new_version(tmp_path):
    store = ListStore(tmp_path)
    taken(many(12), store)
    assert taken(many(12), store)[0].is_new is False
    assert len(store.versions("dow-1260h")) == 1


def test_an_altered_stored_version_is_noticed(tmp_path):
    store = ListStore(tmp_path)
    taken(many(12), store)
    version = store.versions("dow-1260h")[0]
    path = tmp_path / "dow-1260h" / f"{version.sha256}.jsonl"
    path.write_bytes(path.read_bytes().replace(b"Firm 3", b"Firm 9"))
    with pytest.raises(KnowledgeError, match="digest"):
        store.newest("dow-1260h")


class Answer:
    complete = True

    def __init__(self, status, body=b"", headers=None):
        self.status, self.body, self.headers = status, body, headers or {}

    def header(self, name):
        return self.headers.get(name)

    def content(self):
        return self.body


def test_an_update_asks_with_the_validators_of_the_last_version(tmp_path):
    store, asked = ListStore(tmp_path), []

    def publisher(url, headers):
        asked.append(headers)
        return Answer(304) if headers.get("If-None-Match") == '"v1"' else Answer(200, many(12), {"etag": '"v1"'})

    ask = {"store": store, "headers": (HEADER,), "fetch": publisher, "now": NOW}
    assert [update(HEADER, **ask).state, update(HEADER, **ask).state] == ["new", "unchanged"]
    assert asked == [{}, {"If-None-Match": '"v1"'}]


@pytest.mark.parametrize(
    "answer",
    [Answer(500, b"oops"), Answer(200, b"<html>sorry</html>"), Answer(200, b'{"list_id": "dow-1260h", "entities": [')],
)
def test_a_publisher_that_answers_badly_changes_nothing(answer, tmp_path):
    done = update(HEADER, store=ListStore(tmp_path), headers=(HEADER,), fetch=lambda url, headers: answer, now=NOW)
    assert done.state == "refused"
    assert ListStore(tmp_path).lists() == ()


def test_ftm_goes_out_and_comes_back():
    entries = loaders()["csl-csv"].parse(sample("csl-csv"), "").entries
    back = parse_ftm(b"".join(export_ftm(entries)), "").entries
    assert [(row.id, row.name, set(row.aliases), row.listed_from) for row in back] == [
        (row.id, row.name, set(row.aliases), row.listed_from) for row in entries
    ]


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_any_bytes_are_refused_or_read(data):
    for loader in loaders().values():
        with suppress(ListRefused):
            loader.parse(data, "")


def test_a_normalised_list_names_the_line_that_is_wrong():
    with pytest.raises(UsageError, match="line 2"):
        parse_jsonl(sample("normalised-jsonl") + b'{"id": "x:2", "list": "l", "name": "n", "surprise": 1}\n', "mine")
    with pytest.raises(UsageError, match="two names"):
        parse_jsonl(sample("normalised-jsonl") + sample("normalised-jsonl").replace(b"Example", b"Other"), "mine")


def test_a_csv_list_is_read_like_the_json_one():
    (row,) = parse_csv(
        b"id,list,name,aliases,citations,listed_from\nx:1,mine,Example,Ex;Exa,84 FR 1,2019-10-09\n", "mine.csv"
    )
    assert (row.aliases, row.citations[0].cite, row.listed_from) == (("Ex", "Exa"), "84 FR 1", "2019-10-09")


def test_our_own_files_are_well_formed():
    starter = load_starter()
    assert sum(len(file.entry) for file in starter if file.as_of) > 60
    assert sum(1 for file in starter for row in file.entry if any(c.cite == "84 FR 54002" for c in row.citations)) == 28
    assert all(row.citations and row.listed_from for file in starter for row in file.entry)
    assert {header.format for header in load_headers()} <= set(loaders())
    known = load_relations()
    sourced = (*known.firm, *known.relation, *known.lookalike)
    assert all(row.source and row.source[0].url.startswith("http") for row in sourced)


def test_without_any_list_the_starter_set_answers_and_says_its_age(tmp_path):
    have = holdings((), today=NOW.date(), folder=tmp_path)
    assert "starter set" in have.statement()
    assert "days old" in have.statement()
    assert "not clearance" in have.statement()
    assert any(
        event.effective == "2023-11-16" and event.kind == EventKind.REMOVE for event in have.events_since("2023-01-01")
    )
