"""The report on a case as one page: no network, no script; what prints is what shows."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from markupsafe import Markup

from witnessmark.model.change import Change
from witnessmark.model.evidence import Event
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.figures.before_after import before_after_figure
from witnessmark.report.figures.drawing import WIDTH
from witnessmark.report.figures.graph import graph_figure, told_edge
from witnessmark.report.figures.layout import layout_figure
from witnessmark.report.figures.path import path_figure
from witnessmark.report.figures.timeline import timeline_figure
from witnessmark.report.figures.treemap import treemap_figure
from witnessmark.report.fonts.embed import Lettering, lettering
from witnessmark.report.fonts.shelf import Face
from witnessmark.report.page import page
from witnessmark.report.timeline import interval_in_words
from witnessmark.report.translation import translations

Say = Callable[[str], str]
MOST_FINDINGS = 300
MOST_PATHS = 30
MOST_LAYOUTS = 12
MOST_MOMENTS = 500
MOST_ITEMS = 300
MOST_TIES = 100
FIRST_WIDTH = 400
"""Of the way in on the first screen, where it stands beside the claim."""


def render_html(dossier: Dossier, *, language: str = "en", fonts: Iterable[Face] | None = None) -> bytes:
    """The page in English, Chinese, Russian or French; with letters from `fonts` in it where any are given.

    Raises UsageError for another language.
    """
    draft = _page(dossier, language, Lettering()).decode()
    return _page(dossier, language, lettering(draft, fonts))


def _page(dossier: Dossier, language: str, letters: Lettering) -> bytes:
    catalogue = translations(language)
    say = catalogue.gettext
    moments = dossier.timeline.moments if dossier.timeline else ()
    figures = {
        finding.id: path_figure(f"path-{number}", finding.locator, say, width=FIRST_WIDTH if number == 1 else WIDTH)
        for number, finding in enumerate(dossier.findings[:MOST_PATHS], 1)
    }
    ties = dossier.graph if dossier.graph is not None and dossier.graph.edges else None
    return page(
        "case.html",
        words=catalogue,
        extra_style=letters.style,
        letters=letters,
        language=language,
        dossier=dossier,
        path_figures=figures,
        most_paths=MOST_PATHS,
        treemap=treemap_figure("map", dossier.findings[:MOST_FINDINGS], say) if dossier.findings else "",
        most_findings=MOST_FINDINGS,
        timeline_drawn=timeline_figure("when", moments, say) if moments else "",
        layouts={event.seq: _layouts(event, report.changes, say) for event, report in dossier.diffs},
        pages_drawn=[before_after_figure(f"page-{n}", change, say) for n, change in enumerate(dossier.pages)],
        law_numbers={item.law.id: number for number, item in enumerate(dossier.laws, 1)},
        graph_drawn=graph_figure("graph", ties, say) if ties else "",
        ties=[told_edge(edge, ties, say) + f" [{edge.evidence[:16]}]" for edge in ties.edges[:MOST_TIES]]
        if ties
        else [],
        in_words=lambda interval: interval_in_words(interval, say),
        days=relevant_days(dossier, say),
        ranges=ranges,
        most_moments=MOST_MOMENTS,
        most_items=MOST_ITEMS,
    )


def ranges(numbers: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Runs of numbers up to `most`, each as first and last."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if number > most:
            break
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def relevant_days(dossier: Dossier, say: Say) -> list[tuple[str, str, bool]]:
    """Days on which it matters whether the vendor was listed, what happened then, and whether they were screened."""
    screened = {row.as_of for _, row in dossier.screenings}
    days: dict[str, str] = {}
    for finding in dossier.findings[:MOST_FINDINGS]:
        origin = dossier.origin(finding)
        if origin is not None:
            days.setdefault(origin.event.t_utc[:10], say("a file with a finding was collected"))
    for moment in dossier.timeline.moments if dossier.timeline else ():
        if moment.kind in ("removed", "section-removed", "contacted", "published"):
            days.setdefault(moment.at[:10], say(moment.kind))
    return [(day, days[day], day in screened) for day in sorted(days)][:40]


def _layouts(event: Event, changes: tuple[Change, ...], say: Say) -> list[Markup]:
    """Records in which words of a protected trait went, each with all its changes."""
    scrubbed = {(change.record, _file(change)) for change in changes if change.scrub}
    fitting = sorted(
        (change for change in changes if (change.record, _file(change)) in scrubbed),
        key=lambda change: (change.record, _file(change)),
    )
    groups = groupby(fitting, key=lambda change: (change.record, _file(change)))
    return [
        layout_figure(f"layout-{event.seq}-{number}", record, list(group), say)
        for number, ((record, _), group) in enumerate(groups)
        if number < MOST_LAYOUTS
    ]


def _file(change: Change) -> tuple[str, ...]:
    side = change.old or change.new
    return side.locator.path if side else ()
