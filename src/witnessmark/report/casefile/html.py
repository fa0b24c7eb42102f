"""The report on a case as one page: no network, no script; what prints is what shows."""

from collections.abc import Callable
from itertools import groupby

from markupsafe import Markup

from witnessmark.model.change import Change
from witnessmark.model.evidence import Event
from witnessmark.report.casefile.dossier import Dossier
from witnessmark.report.figures.layout import layout_figure
from witnessmark.report.figures.path import path_figure
from witnessmark.report.figures.timeline import timeline_figure
from witnessmark.report.figures.treemap import treemap_figure
from witnessmark.report.page import page
from witnessmark.report.timeline import interval_in_words
from witnessmark.report.translation import translations

Say = Callable[[str], str]
MOST_FINDINGS = 300
MOST_PATHS = 30
MOST_LAYOUTS = 12
MOST_MOMENTS = 500
MOST_ITEMS = 300


def render_html(dossier: Dossier, *, language: str = "en") -> bytes:
    """The page in English, Chinese, Russian or French. Raises UsageError for another language."""
    catalogue = translations(language)
    say = catalogue.gettext
    moments = dossier.timeline.moments if dossier.timeline else ()
    return page(
        "case.html",
        words=catalogue,
        language=language,
        dossier=dossier,
        path_figures={
            finding.id: path_figure(f"path-{number}", finding.locator, say)
            for number, finding in enumerate(dossier.findings[:MOST_PATHS], 1)
        },
        most_paths=MOST_PATHS,
        treemap=treemap_figure("map", dossier.findings[:MOST_FINDINGS], say) if dossier.findings else "",
        most_findings=MOST_FINDINGS,
        timeline_drawn=timeline_figure("when", moments, say) if moments else "",
        layouts={event.seq: _layouts(event, report.changes, say) for event, report in dossier.diffs},
        law_numbers={item.law.id: number for number, item in enumerate(dossier.laws, 1)},
        graph_drawn=Markup(dossier.graph),  # drawn by our own code, which escapes what it prints
        in_words=interval_in_words,
        most_moments=MOST_MOMENTS,
        most_items=MOST_ITEMS,
    )


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
