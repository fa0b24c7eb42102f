"""`witnessmark contact`: ask the vendor before publishing, and keep what was said."""

import sys
from pathlib import Path

import click
import msgspec

from witnessmark.case import open_case
from witnessmark.case.clock import format_utc, parse_utc
from witnessmark.case.progress import (
    chosen,
    record_answer,
    record_contact,
    record_publication,
    sealed_capture,
)
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.cli._letter import letter
from witnessmark.cli._signing import AS_JSON, CASE
from witnessmark.errors import UsageError
from witnessmark.model.case import Answer, Contact, Publication
from witnessmark.model.fact import UntrustedText
from witnessmark.pipeline.case_report import dossier_of
from witnessmark.report.escape import lines, terminal

TEXT = click.option("--text", "text_file", type=click.File("rb"), help="File with the exact text; - for input.")
FINDINGS = click.option(
    "--finding", "findings", multiple=True, help="A finding's id; default: all but innocent mentions."
)


@click.group()
def command() -> None:
    """Right of reply: draft the letter, record what was sent and what came back.

    \b
    Examples:
      witnessmark contact draft mycase --sender "A. Reporter, Example News" --deadline 2026-03-10T17:00Z > letter.txt
      witnessmark contact sent mycase --to press@vendor.example --how e-mail --text letter.txt \\
          --deadline 2026-03-10T17:00Z --actor A.
      witnessmark contact answered mycase CONTACT --text answer.txt --actor A.
      witnessmark contact no-answer mycase CONTACT --actor A.
      witnessmark contact published mycase --where https://news.example/story --actor A.
    """


@command.command("draft")
@CASE
@FINDINGS
@click.option("--sender", default="", help="Who asks, and how to reach them.")
@click.option("--deadline", default="", help="Until when they may answer.")
def draft_letter(case_path: Path, findings: tuple[str, ...], sender: str, deadline: str) -> None:
    """Print the no-surprises letter for the findings. It is a draft: read it, change it, send it yourself."""
    with open_case(case_path, read_only=True) as case:
        if not chosen(case, findings):
            raise UsageError("the case has no finding to ask about", hint="`witnessmark scan … --case CASE` adds them.")
        text = letter(dossier_of(case), chosen(case, findings), sender=sender, deadline=deadline)
        if sealed_capture(case) is None:
            click.echo("Nothing is sealed yet. Seal before you send: pages disappear once a vendor is asked.", err=True)
    click.echo("\n".join(lines(text)), nl=False)


@command.command()
@CASE
@FINDINGS
@click.option("--to", "recipient", required=True, help="Whom: name or address.")
@click.option("--how", "channel", required=True, help="E-mail, telephone, letter, web form …")
@click.option("--sent-at", default="", help="When (RFC 3339 with zone); default: now.")
@click.option("--deadline", required=True, help="Until when they may answer (RFC 3339 with zone).")
@click.option("--force", default="", metavar="REASON", help="Record it although nothing was sealed before; say why.")
@TEXT
@actor_options
def sent(  # noqa: PLR0913
    case_path: Path,
    findings: tuple[str, ...],
    recipient: str,
    channel: str,
    sent_at: str,
    deadline: str,
    force: str,
    text_file: click.File,
    actor: str,
    role: str,
) -> None:
    """Record a contact: who, when, how, the exact text, the deadline. Refused until evidence is sealed."""
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        contact = Contact(
            findings=tuple(finding.id for finding in chosen(case, findings)),
            recipient=UntrustedText(recipient),
            channel=channel,
            sent_at=_time(sent_at) if sent_at else case.clock.read().t_utc,
            deadline=_time(deadline),
            sealed_capture=sealed_capture(case),
            forced=force,
        )
        click.echo(record_contact(case, contact, _text(text_file)).id)
    click.echo(
        f"This is the id of the contact, about {len(contact.findings)} findings. When an answer comes, give it to "
        "`witnessmark contact answered`; when the deadline passes without one, to `witnessmark contact no-answer`.",
        err=True,
    )


@command.command()
@CASE
@click.argument("contact")
@click.option("--received-at", default="", help="When (RFC 3339 with zone); default: now.")
@click.option("--how", "channel", default="")
@TEXT
@actor_options
def answered(
    case_path: Path, contact: str, received_at: str, channel: str, text_file: click.File, actor: str, role: str
) -> None:
    """Record an answer, verbatim."""
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        at = _time(received_at) if received_at else case.clock.read().t_utc
        text = _text(text_file)
        if not text:
            raise UsageError("an answer has a text; use `no-answer` if none came")
        record_answer(case, Answer(contact=contact, received_at=at, channel=channel), text)


@command.command("no-answer")
@CASE
@click.argument("contact")
@actor_options
def no_answer(case_path: Path, contact: str, actor: str, role: str) -> None:
    """Record that the deadline passed without an answer. Refused before the deadline, and after an answer."""
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        record_answer(case, Answer(contact=contact, received_at=""), "")


@command.command()
@CASE
@FINDINGS
@click.option("--where", required=True, help="Address or reference of the publication.")
@click.option("--at", default="", help="When (RFC 3339 with zone); default: now.")
@click.option("--correction", default="", help="What was put right, and why: records a correction instead.")
@actor_options
def published(
    case_path: Path, findings: tuple[str, ...], where: str, at: str, correction: str, actor: str, role: str
) -> None:
    """Record that findings were made public, or corrected afterwards."""
    with open_case(case_path, actor=actor_of(actor, role)) as case:
        made = Publication(
            findings=tuple(finding.id for finding in chosen(case, findings)),
            where=UntrustedText(where),
            at=_time(at) if at else case.clock.read().t_utc,
        )
        record_publication(case, made, correction=correction)


@command.command("list")
@CASE
@AS_JSON
def list_contacts(case_path: Path, as_json: bool) -> None:
    """List contacts and what came of them."""
    with open_case(case_path, read_only=True) as case:
        made = [(event, contact) for event, contact in case.payloads(Contact)]
        answers = [(event, answer) for event, answer in case.payloads(Answer)]
    if as_json:
        click.echo(msgspec.json.encode({"contacts": made, "answers": answers}))
        return
    for event, contact in made:
        click.echo(f"{event.id}  {contact.sent_at[:16]}Z  {terminal(contact.recipient)} by {terminal(contact.channel)}")
        click.echo(f"    {len(contact.findings)} findings, answer until {contact.deadline[:16]}Z")
        for later, answer in answers:
            if answer.contact == event.id:
                shown = f"answered {answer.received_at[:16]}Z" if answer.received_at else "no answer by the deadline"
                click.echo(f"    {shown}  {terminal(later.text[:200])}")


def _text(file: click.File | None) -> str:
    stream = file if file is not None else sys.stdin.buffer
    data: bytes = stream.read(1 << 20)  # type: ignore[union-attr]
    try:
        return data.decode("utf-8").strip("\ufeff")
    except UnicodeDecodeError as error:
        raise UsageError(
            "the text is not UTF-8", hint="Save it as UTF-8 text; keep the original with `case add`."
        ) from error


def _time(text: str) -> str:
    try:
        return format_utc(parse_utc(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a time with a zone", hint="For example 2026-03-10T17:00Z.") from error
