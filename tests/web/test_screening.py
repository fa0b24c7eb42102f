"""Lists in the page: makers named inside an upload, and the answers that programs get."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.screen import makers_samples as samples
from web.served import Visitor, served
from witnessmark.case import create_case, open_case
from witnessmark.model.evidence import Actor
from witnessmark.model.finding import ScanReport
from witnessmark.model.maker import MakerMark

Ask = Callable[..., tuple[int, Any]]


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


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("yente")
    create_case(folder / "case", title="x", actor=Actor(name="A.")).close()
    with served(folder / "case", run_jobs=False) as site:
        page = site.visitor().get("/screening").text
        key = page.partition("ApiKey ")[2].partition("<")[0].strip()

        def asking(path: str, body: object = None) -> tuple[int, Any]:
            sent = None if body is None else json.dumps(body).encode()
            reply = Visitor(port=site.port).request(
                "GET" if body is None else "POST", path, sent, Authorization=f"ApiKey {key}"
            )
            assert reply.headers["content-type"] == "application/json"
            return reply.status, json.loads(reply.body)

        assert Visitor(port=site.port).get("/readyz").status == 200  # no key: it tells nothing
        yield asking


def about(schema: str = "Company", **properties: object) -> dict[str, object]:
    return {"queries": {"q": {"schema": schema, "properties": properties}}}


def test_a_match_has_the_shapes_that_a_yente_client_reads(ask: Ask) -> None:
    status, answer = ask("/match/default?algorithm=logic-v1&limit=1", about(name=["Hikvision"], country="cn"))
    assert (status, answer["limit"]) == (200, 1)
    one = answer["responses"]["q"]
    assert one["query"] == {"id": None, "schema": "Company", "properties": {"name": ["Hikvision"], "country": ["cn"]}}
    assert len(one["results"]) == 1 < one["total"]["value"]
    row = one["results"][0]
    assert datetime.fromisoformat(row["first_seen"]).year >= 2018
    assert row["match"] is True and row["properties"]["topics"] == ["sanction"]
    assert set(row["features"]) == set(row["explanations"])
    assert all(set(said) >= {"detail", "score"} for said in row["explanations"].values())
    assert all(set(said) == {"description", "coefficient", "url"} for said in answer["matcher"].values())
    assert set(row["explanations"]) <= set(answer["matcher"])


def test_the_parameters_of_a_match_are_obeyed(ask: Ask) -> None:
    def rows(parameters: str) -> list[dict[str, Any]]:
        answer = ask(f"/match/default?limit=50&{parameters}", about(name="Hikvision"))[1]
        return list(answer["responses"]["q"]["results"])

    everything = rows("")
    first, name = everything[0]["id"], everything[0]["datasets"][0]
    assert {row["datasets"][0] for row in everything} > {name}
    assert first not in {row["id"] for row in rows(f"exclude_entity_ids={quote(first)}")}
    assert {row["datasets"][0] for row in rows(f"include_dataset={name}")} == {name}
    assert name not in {row["datasets"][0] for row in rows(f"exclude_dataset={name}")}
    assert rows("exclude_schema=LegalEntity") == []
    assert not any(row["match"] for row in rows("threshold=1"))
    assert len(rows("threshold=0.99&cutoff=0.99")) < len(rows("cutoff=0.1"))


def test_a_person_may_be_asked_about_in_parts_of_the_name(ask: Ask) -> None:
    status, found = ask("/search/default?schema=Person&limit=500")
    person = next(row for row in found["results"] if row["schema"] == "Person")
    given, _, family = person["caption"].partition(" ")
    parts = about("Person", firstName=[given], lastName=[family])
    kinds = {"Person": True, "LegalEntity": True, "Company": False}
    for schema, is_found in kinds.items():
        parts["queries"]["q"]["schema"] = schema  # type: ignore[index]
        answer = ask("/match/default?limit=50", parts)[1]["responses"]["q"]
        assert (person["id"] in {row["id"] for row in answer["results"]}) is is_found, schema
    assert status == 200


def test_a_search_tells_its_total_and_facets_and_pages(ask: Ask) -> None:
    _, whole = ask("/search/default?q=Hikvision&limit=500")
    _, second = ask("/search/default?q=Hikvision&limit=1&offset=1")
    assert second["total"] == whole["total"] == {"value": len(whole["results"]), "relation": "eq"}
    assert second["results"] == whole["results"][1:2] and (second["limit"], second["offset"]) == (1, 1)
    counted = {row["name"]: row["count"] for row in whole["facets"]["datasets"]["values"]}
    assert sum(counted.values()) == len(whole["results"])
    name = next(iter(counted))
    assert ask(f"/search/default?q=Hikvision&datasets={name}")[1]["total"]["value"] == counted[name]
    assert ask("/search/default?limit=1")[1]["total"]["value"] > 60


def test_entities_catalog_algorithms_and_health_answer(ask: Ask) -> None:
    row = ask("/search/default?q=Hikvision&limit=1")[1]["results"][0]
    status, entity = ask(f"/entities/{quote(row['id'])}")
    assert (status, entity["caption"], entity["datasets"]) == (200, row["caption"], row["datasets"])
    catalog = ask("/catalog")[1]
    named = {one["name"]: one for one in catalog["datasets"]}
    assert set(named["default"]["children"]) | {"default", "sanctions", "all"} == set(catalog["current"]) == set(named)
    algorithms = ask("/algorithms")[1]
    assert algorithms["default"] in {one["name"] for one in algorithms["algorithms"]}
    assert ask("/healthz") == ask("/readyz") == (200, {"status": "ok"})


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/match/no-such-list", about(name="x"), 404),
        ("/search/no-such-list?q=x", None, 404),
        ("/entities/nobody", None, 404),
        ("/match/default", {"queries": {}}, 400),
        ("/match/default", {"queries": {"q": 3}}, 400),
        ("/match/default", {}, 400),
        ("/match/default?limit=many", about(name="x"), 400),
        ("/match/default?threshold=nan", about(name="x"), 400),
        ("/search/default?offset=-1", None, 400),
    ],
)
def test_a_wrong_request_is_told_in_json_what_is_wrong(ask: Ask, path: str, body: object, status: int) -> None:
    given, answer = ask(path, body)
    assert given == status
    assert set(answer) == {"detail"} and answer["detail"]
