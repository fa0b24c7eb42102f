"""`witnessmark capture`: keep a page, a download or somebody's archive, byte for byte."""

import secrets
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import click
import msgspec

from witnessmark.capture.browser import Driving
from witnessmark.capture.custody import capture_into
from witnessmark.capture.download import capture_download
from witnessmark.capture.importing import import_file
from witnessmark.capture.page import Request, capture_page
from witnessmark.case import open_case
from witnessmark.cli._actor import actor_of, actor_options
from witnessmark.errors import WitnessmarkError
from witnessmark.model.capture import Capture, CaptureState
from witnessmark.model.evidence import EventKind
from witnessmark.net.client import utc_now
from witnessmark.net.policy import USER_AGENT, Limits, Policy
from witnessmark.net.tally import ProxyLimits
from witnessmark.report.escape import file_name, terminal

EPILOG = """\b
Examples:
  witnessmark capture https://vendor.example/camera --out camera
  witnessmark capture https://vendor.example/sdk.zip --download --scan --case case
  witnessmark capture --import saved.har --case case
  witnessmark capture https://vendor.example/ --out page --proxy socks5h://127.0.0.1:9050
\b
Exit codes: 0 done · 1 nothing was captured · 2 usage · 4 captured, but parts are missing"""


@click.command(epilog=EPILOG)
@click.argument("url", required=False)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this new folder.")
@click.option("--case", "case_dir", type=click.Path(path_type=Path), help="Put it into this case and its journal.")
@click.option("--download", is_flag=True, help="Fetch a file instead of looking at a page.")
@click.option(
    "--import",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Take in a WARC, WACZ, HAR, MHTML, SingleFile page or any other file.",
)
@click.option(
    "--resume",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Go on from an unfinished download.",
)
@click.option("--scan", "then_scan", is_flag=True, help="Scan what was downloaded or imported.")
@click.option("--no-browser", is_flag=True, help="Keep the document alone, without running the page.")
@click.option("--browser", type=click.Path(path_type=Path), help="The Chromium to use.  [default: the first found]")
@click.option("--allow-host", "allow", multiple=True, metavar="NAME[:PORT]", help="A private host that may be visited.")
@click.option("--insecure", is_flag=True, help="Go on with certificates that do not hold; recorded as such.")
@click.option(
    "--ca", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Trust this authority as well."
)
@click.option("--proxy", default="", help="http://host:port or socks5h://host:port.")
@click.option("--user-agent", default="", help="Say this instead of the browser's or our own name.")
@click.option("--offline", is_flag=True, help="Use no network at all.")
@click.option("--max-bytes", type=click.IntRange(min=1), default=16 << 30, help="Stop after this many bytes.  [16 GiB]")
@click.option("--max-seconds", type=click.FloatRange(min=1), help="[default: 180 for a page, a day for a file]")
@actor_options
@click.option("--note", default="", help="Why, in your words; goes into the record.")
@click.option("--json", "as_json", is_flag=True, help="Print the capture's record as JSON.")
def command(url: str | None, source: Path | None, out: Path | None, case_dir: Path | None, **given: Any) -> None:
    """Keep a page as a browser sees it, a download, or somebody's archive, with proof of where it came from."""
    if (url is None) == (source is None):
        raise click.UsageError("name one address, or one file with --import")
    if (out is None) == (case_dir is None):
        raise click.UsageError("say where to: --out FOLDER or --case CASE")
    if given["resume"] is not None and not given["download"]:
        raise click.UsageError("--resume goes with --download")
    make = _maker(url, source, given)
    if case_dir is None:
        try:
            capture = make(out or Path())
        except OSError as error:
            raise WitnessmarkError(
                f"{out}: {error.strerror or error}", hint="what was kept until then lies in that folder"
            ) from error
        body, where = _body(capture, lambda role, name: (out or Path()) / name), str(out)
    else:
        with open_case(case_dir, actor=actor_of(given["actor"], given["role"])) as case:
            capture, event = capture_into(case, make)
            body = _body(
                capture, lambda role, name: case.store.local(next(f.sha256 for f in capture.files if f.role == role))
            )
            where = f"{case_dir}, event {event.seq}"
    click.echo(msgspec.json.encode(capture) if given["as_json"] else _summary(capture, where))
    sys.exit(_then(capture, body, case_dir, given))


def _maker(url: str | None, source: Path | None, given: dict[str, Any]) -> Callable[[Path], Capture]:
    if source is not None:
        return lambda out: import_file(source, out, utc_now, secrets.token_bytes, note=given["note"], url="")
    address, say = url or "", _teller()
    seconds = given["max_seconds"] or (86_400.0 if given["download"] else 180.0)
    policy = Policy(
        allow_hosts=frozenset(given["allow"]),
        proxy=given["proxy"],
        user_agent=given["user_agent"] or USER_AGENT,
        insecure=given["insecure"],
        ca_file=given["ca"],
        limits=Limits(body_bytes=given["max_bytes"], total_seconds=seconds),
    )
    policy = replace(policy, offline=True) if given["offline"] else policy
    if given["download"]:
        return lambda out: capture_download(
            address, policy, out, utc_now, secrets.token_bytes, note=given["note"], resume=given["resume"], say=say
        )
    request = Request(
        url=address,
        policy=policy,
        driving=Driving(total_seconds=seconds),
        limits=ProxyLimits(total_bytes=given["max_bytes"], seconds=seconds + 60),
        browser=given["browser"],
        without_browser=given["no_browser"],
        note=given["note"],
        say=say,
    )
    return lambda out: capture_page(request, out, utc_now, secrets.token_bytes)


def _teller() -> Callable[[str], None]:
    """Progress goes to a terminal only."""
    quiet = not sys.stderr.isatty()
    return lambda text: None if quiet else click.echo(f"  {terminal(text)}", err=True)


def _body(capture: Capture, place: Callable[[str, str], Path]) -> Path | None:
    return next((place(f.role, f.name) for f in capture.files if f.role in ("body", "original")), None)


def _summary(capture: Capture, where: str) -> str:
    lines = [f"{capture.state.value}: {terminal(capture.url)}", f"  in {terminal(where)}"]
    if capture.status is not None:
        lines.append(f"  status {capture.status}, {capture.exchanges} exchanges, from {terminal(capture.final_url)}")
    if capture.wire is not None and capture.wire.tls is not None:
        lines.append(f"  {capture.wire.tls.version}, certificate: {terminal(capture.wire.tls.verdict)}")
    lines += [f"  {file.sha256}  {file.name}  {file.size} bytes" for file in capture.files]
    for problem in capture.problems:
        lines.append(f"  {problem.severity.value}: {terminal(problem.message)}")
        lines += [f"      {text}" for text in (problem.consequence, problem.hint) if text]
    lines += [f"  not known: {text}" for text in capture.unknown]
    return "\n".join(lines)


def _then(capture: Capture, body: Path | None, case_dir: Path | None, given: dict[str, Any]) -> int:
    """Scan if asked to; the exit code."""
    code = {CaptureState.COMPLETE: 0, CaptureState.PARTIAL: 4, CaptureState.REFUSED: 1}[capture.state]
    if not given["then_scan"] or body is None or code == 1:
        return code
    # Only here: the scanner takes a tenth of a second to load, and most captures do not scan.
    from witnessmark.cli.scan import exit_code
    from witnessmark.knowledge import load_knowledge
    from witnessmark.pipeline import ScanOptions, scan
    from witnessmark.report.output import render

    name = file_name(capture.original_name or PurePosixPath(urlsplit(capture.final_url).path).name or "download")
    with tempfile.TemporaryDirectory(prefix="witnessmark-") as folder:
        shown = Path(folder) / name  # findings name the file as people know it, not by its place in the store
        shown.symlink_to(body.resolve())
        report = scan((str(shown),), load_knowledge(None), ScanOptions())
    if case_dir is not None:
        with open_case(case_dir, actor=actor_of(given["actor"], given["role"])) as case:
            digest = next(f.sha256 for f in capture.files if f.role in ("body", "original"))
            item = case.item(digest, name=name, role="original")
            case.record(EventKind.SCANNED, report, inputs=(item,), errors=report.problems[:100])
    sys.stdout.flush()
    sys.stdout.buffer.write(render(report, "json" if given["as_json"] else "text"))
    return code or exit_code(report, None)
