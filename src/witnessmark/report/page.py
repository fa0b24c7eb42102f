"""Templates that cannot print untrusted text unescaped, and a page that cannot load or run anything."""

import base64
import gettext
import hashlib
from typing import Any

import jinja2
from markupsafe import Markup

from witnessmark.report import escape, wording


def _show(value: object) -> object:
    """Make every printed value visible text; only Markup built by us passes as it is."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value
    return escape.terminal(value) if isinstance(value, str) else value


def marked(text: str, spans: tuple[tuple[int, int], ...]) -> Markup:
    """The excerpt as HTML with the matched spans in <mark>; spans are character offsets and may touch or overlap."""
    out: list[str] = []
    at = 0
    for start, end in sorted(spans):
        start, end = max(start, at), min(end, len(text))
        if start >= end:
            continue
        out += [_lines(text[at:start]), "<mark>", _lines(text[start:end]), "</mark>"]
        at = end
    return Markup("".join([*out, _lines(text[at:])]))


def _lines(text: str) -> str:
    return "\n".join(escape.html(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n"))


def environment(words: gettext.NullTranslations | None = None) -> jinja2.Environment:
    """The template environment shared by the report and the case page, speaking the language of `words`."""
    env = jinja2.Environment(
        extensions=["jinja2.ext.i18n"],
        loader=jinja2.PackageLoader("witnessmark.report", "templates"),
        finalize=_show,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    # Not the new style: it would take a "%" in a translation for a place to fill in.
    env.install_gettext_translations(words or gettext.NullTranslations(), newstyle=False)  # type: ignore[attr-defined]
    env.filters["basename"] = lambda step: step.rstrip("/").rpartition("/")[2] or step
    env.filters["lined"] = lambda text: marked(text, ())
    env.filters["marked"] = lambda finding: marked(finding.excerpt, finding.marked)
    env.globals.update({name: getattr(wording, name) for name in ("way_in", "not_reached", "extent", "count")})
    say = words.gettext if words is not None else str
    env.globals.update(place=lambda locator: wording.place(locator, say))
    env.globals.update(GRADE_MEANS=wording.GRADE_MEANS, CAPABILITY_MEANS=wording.CAPABILITY_MEANS)
    return env


def style_source(style: str) -> str:
    """The CSP source expression that lets exactly this style sheet in."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() + "'"


def page(
    template: str, *, words: gettext.NullTranslations | None = None, extra_style: str = "", **values: Any
) -> bytes:
    """Render a template into one self-contained page whose policy allows its own style sheet and nothing else."""
    env = environment(words)
    source, _, _ = env.loader.get_source(env, "style.css")  # type: ignore[union-attr]
    source += extra_style
    policy = (
        f"default-src 'none'; style-src {style_source(source)}; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    html = env.get_template(template).render(style=Markup(source), policy=policy, **values)
    return html.encode("utf-8", "backslashreplace")
