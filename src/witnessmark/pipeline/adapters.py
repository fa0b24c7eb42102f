"""Stand-ins for stages that are not in the tree yet; each falls away when the real one is there."""

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from witnessmark.blob import Blob
from witnessmark.model.artifact import Locator
from witnessmark.model.fact import UntrustedText
from witnessmark.model.match import Match, Term
from witnessmark.model.observation import Observation, Shape
from witnessmark.model.problem import Problem


class _PlainMatcher:
    def __init__(self, terms: Iterable[Term], cache_dir: Path | None = None) -> None:
        self._terms = tuple(terms)
        texts = sorted({term.text for term in self._terms}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, texts)).encode(), re.IGNORECASE)
        self._by_text = {term.text.lower(): term for term in self._terms}

    def scan(self, blob: Blob, *, name: str) -> tuple[tuple[Match, ...], tuple[Problem, ...]]:
        found = []
        for hit in self._pattern.finditer(blob.view()) if self._terms else ():
            term = self._by_text.get(bytes(hit.group()).decode(errors="replace").lower())
            if term is not None:
                found.append(
                    Match(
                        term=term.id,
                        concept=term.concept,
                        role=term.role,
                        text=UntrustedText(bytes(hit.group()).decode()),
                        offset=hit.start(),
                        length=len(hit.group()),
                        encoding="utf-8",
                    )
                )
        return tuple(found), ()


def _plain_observe(
    blob: Blob, locator: Locator, matches: tuple[Match, ...]
) -> tuple[tuple[Observation, ...], tuple[Problem, ...]]:
    return tuple(
        Observation(
            shape=Shape.SENTENCE,
            name=match.text,
            locator=locator,
            text=UntrustedText(blob.read(max(0, match.offset - 100), 200).decode(errors="replace")),
            matches=(match,),
        )
        for match in matches
    ), ()


def _plain_explain(observations: Any, knowledge: Any) -> tuple[tuple[Any, ...], tuple[Problem, ...]]:
    return (), ()


def stage(module: str, name: str, fallback: Any) -> Any:
    """The real stage if its module is there."""
    try:
        if importlib.util.find_spec(module) is None:
            return fallback
        return getattr(importlib.import_module(module), name, fallback)
    except ImportError:
        return fallback


Matcher = stage("witnessmark.scan.matcher", "Matcher", _PlainMatcher)
observe = stage("witnessmark.read", "observe", _plain_observe)
explain = stage("witnessmark.explain", "explain", _plain_explain)
