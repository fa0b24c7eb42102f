"""From a change to a capture in the case, a seal and a message; each once, whatever happens in between."""

import random
import socketserver
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from notifications import Notifications, desktop
from testsite.fixtures import browser
from watchsite import PAGE, Pages, clock, make_means, pages, store
from witnessmark.case import create_case, open_case
from witnessmark.errors import NetworkFailed, UsageError, WitnessmarkError
from witnessmark.model.capture import Capture
from witnessmark.model.case import Contact
from witnessmark.model.evidence import Actor, EventKind
from witnessmark.model.fact import UntrustedText
from witnessmark.model.screening import Candidate, Judgement, Sameness, Screening, Screenings
from witnessmark.model.sighting import Cause, Sighting, Verdict
from witnessmark.net import Policy
from witnessmark.net.mail import MailServer, send_mail, server_from
from witnessmark.pipeline import watching
from witnessmark.pipeline.watch_browser import browser_fetcher
from witnessmark.pipeline.watch_channels import Sending, check_channel, masked, tell
from witnessmark.pipeline.watch_clerk import Clerk
from witnessmark.pipeline.watch_timeline import before_and_after, of_address, of_case
from witnessmark.report.timeline import as_html, as_json, as_text
from witnessmark.watch.looking import with_page
from witnessmark.watch.schedule import Scheduler
from witnessmark.watch.store import Settings, WatchStore
from witnessmark.watch.telling import Message, alarm

__all__ = ["browser", "clock", "desktop", "make_means", "pages", "store"]
LESS = PAGE.replace("<p>Detects ethnicity.</p>", "")


def options_for(pages: Pages, **more: object) -> watching.Options:
    given = {"allow_hosts": frozenset({f"localhost:{pages.port}"}), "host_gap": 0.0, "browser": False}
    return watching.Options(**{**given, **more})  # type: ignore[arg-type]


def parts(store: WatchStore, options: watching.Options, said: list[str]) -> tuple[Scheduler, Clerk]:
    scheduler = Scheduler(
        store,
        watching.means(store, options),
        clock=watching.utc_now,
        rng=random.Random(1),
        running=watching.running(options),
        say=said.append,
    )
    return scheduler, watching.clerk(store, options, said.append)


def look_now(store: WatchStore, scheduler: Scheduler, clerk: Clerk) -> None:
    with store.writing():
        for target in store.targets():
            store.postpone(target.url, 0)
    watching.keep_watch(scheduler, clerk, once=True)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    create_case(tmp_path / "case", title="Cameras").close()
    return tmp_path / "case"


def watch(store: WatchStore, url: str, case: Path | None = None, **settings: object) -> None:
    given = Settings(interval=3600, case=str(case or ""), **settings)  # type: ignore[arg-type]
    with store.writing():
        store.add(watching.new_target(url, given, watching.utc_now()))


def test_a_change_is_noted_captured_sealed_and_told_once(
    pages: Pages, store: WatchStore, case: Path, tmp_path: Path
) -> None:
    sealed: list[Path] = []
    options = options_for(
        pages, notify=(f"{pages.url}/hook",), seal=lambda _case, out: sealed.append(out), bundles=tmp_path / "bundles"
    )
    said: list[str] = []
    scheduler, clerk = parts(store, options, said)
    watch(store, pages.url + "/camera", case)
    look_now(store, scheduler, clerk)
    pages.pages["/camera"] = (200, LESS)
    pages.pages["/hook"] = (500,)
    look_now(store, scheduler, clerk)
    look_now(store, scheduler, clerk)
    assert len([line for line in pages.asked if line.startswith("POST")]) == 1
    assert "  section-removed  " in said[0] and "/camera" in said[0]  # the person at the terminal sees it, too
    assert "answered 500" in said[1]
    assert pages.url not in said[0].split(":", 1)[0]
    pages.pages["/hook"] = (200,)
    clerk.clock = lambda: datetime.now(UTC) + timedelta(hours=2)
    assert clerk.errands() == 1 and clerk.errands() == 0
    posts = [line for line in pages.asked if line.startswith("POST")]
    assert len(posts) == 2 and posts[0] == posts[1] and "Detects ethnicity." in posts[1]
    assert len(sealed) == 2 and sealed[0].suffix == ".zip"  # what it was at first, and what became of it
    with open_case(case, read_only=True) as opened:
        sightings = [record for _, record in opened.payloads(Sighting)]
        assert [item.verdict for item in sightings] == [Verdict.SAME, Verdict.SECTION_REMOVED, Verdict.SAME]
        captured = [record for _, record in opened.payloads(Capture)]
        assert [(item.url, item.status) for item in captured] == [(pages.url + "/camera", 200)] * 2


def test_an_errand_that_was_done_before_a_crash_is_not_done_again(pages: Pages, store: WatchStore, case: Path) -> None:
    scheduler, clerk = parts(store, options_for(pages), [])
    watch(store, pages.url + "/camera", case)
    scheduler.run(once=True)
    errand, capture = store.errands(9e9)
    assert (errand.kind, capture.kind) == ("case", "capture")
    clerk.work.note(errand)  # and the crash comes before it is crossed off
    clerk.work.capture(capture)
    assert clerk.errands() == 2
    with open_case(case, read_only=True) as opened:
        kinds = [event.type for event in opened.events()]
    assert kinds.count(EventKind.SIGHTED) == 1 and len([kind for kind in kinds if "captur" in kind]) == 1


def test_a_contact_in_the_case_makes_looks_come_close_together(pages: Pages, store: WatchStore, case: Path) -> None:
    scheduler, clerk = parts(store, options_for(pages), [])
    watch(store, pages.url + "/camera", case)
    watch(store, pages.url + "/")
    look_now(store, scheduler, clerk)
    now = watching.utc_now()
    with open_case(case) as opened:
        contact = Contact(
            findings=(), recipient=UntrustedText("press"), channel="mail", sent_at=now.isoformat(),
            deadline=now.isoformat(), sealed_capture=None, forced="test",
        )  # fmt: skip
        opened.record(EventKind.CONTACTED, contact, text=UntrustedText("Is it true?"))
    assert clerk.hear_contacts() == 1 and clerk.hear_contacts() == 0
    watching.keep_watch(scheduler, clerk, once=True)
    camera = store.get(pages.url + "/camera")
    assert camera is not None and camera.state.contacted_at and camera.next_at - now.timestamp() < 60
    other = store.get(pages.url + "/")
    assert other is not None and other.next_at - now.timestamp() > 3000
    timeline = of_case(case, store)
    assert {"contacted", "same"} <= {moment.kind for moment in timeline.moments}


def test_a_case_that_is_not_there_stops_nothing(pages: Pages, store: WatchStore, tmp_path: Path) -> None:
    said: list[str] = []
    scheduler, clerk = parts(store, options_for(pages), said)
    watch(store, pages.url + "/camera", tmp_path / "nowhere")
    look_now(store, scheduler, clerk)
    assert len(store.history(pages.url + "/camera")) == 1
    assert store.open_errands()[0][2] == 1 and any("nowhere" in line for line in said)


def test_a_timeline_names_the_interval_and_shows_no_markup_of_the_page(pages: Pages, store: WatchStore) -> None:
    scheduler, clerk = parts(store, options_for(pages), [])
    pages.pages["/camera"] = (200, PAGE.replace("Detects", "&lt;script&gt;alert(1)&lt;/script&gt; \u202eDetects"))
    watch(store, pages.url + "/camera")
    look_now(store, scheduler, clerk)
    pages.pages["/camera"] = (200, LESS)
    look_now(store, scheduler, clerk)
    timeline = of_address(store, pages.url + "/camera")
    assert timeline is not None
    last = store.history(pages.url + "/camera")[-1]
    both = before_and_after(store, last.url, last.at)
    assert both is not None and "Detects ethnicity" not in both[1] and "Detects ethnicity" in both[0]
    assert before_and_after(store, last.url, "never") is None
    shown = as_html(timeline).decode()
    assert "<script" not in shown and "\u202e" not in shown + as_text(timeline) and "&lt;script&gt;" in shown
    assert msgspec.json.decode(as_json(timeline))["moments"][-1]["kind"] == "section-removed"


def test_a_digest_is_sent_once_a_day(pages: Pages, store: WatchStore) -> None:
    scheduler, clerk = parts(store, options_for(pages), [])
    watch(store, pages.url + "/camera")
    look_now(store, scheduler, clerk)
    today = watching.utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    options = options_for(pages, notify=(f"{pages.url}/hook",))
    for _ in range(2):
        message = watching.send_digest(store, today, options)
        assert "1 looks, 1 addresses" in message.text
    assert len([line for line in pages.asked if line.startswith("POST")]) == 1


class _Mail(socketserver.StreamRequestHandler):
    """The least of a mail server."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        for line in self.rfile:
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(b"".join(lines))  # type: ignore[attr-defined]
            elif verb == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            elif verb == b"RCPT" and b"nobody" in line:
                self.wfile.write(b"550 unknown\r\n")
                continue
            self.wfile.write(b"250 ok\r\n")


@pytest.fixture
def mail() -> Iterator[tuple[MailServer, list[bytes]]]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    server.daemon_threads = True
    server.mails = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server_from(f"smtp://127.0.0.1:{server.server_address[1]}"), server.mails  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_mail_says_what_went_and_carries_the_same_id_each_time(mail: tuple[MailServer, list[bytes]]) -> None:
    server, mails = mail
    sighting = Sighting(
        url=UntrustedText("http://v.example/\r\nBcc: all@v.example"),
        at="2026-03-01T12:00:00Z",
        verdict=Verdict.SECTION_REMOVED,
        cause=Cause.TEXT,
        removed_text=(UntrustedText("民族 is detected"),),
    )
    message = alarm(sighting, None, "a1b2")
    for _ in range(2):
        tell("mailto:desk@news.example", message, Sending(policy=Policy(offline=False), mail=lambda: server))
    assert len(mails) == 2 and all(b"Message-ID: <a1b2@" in text for text in mails)
    assert b"\nBcc:" not in mails[0].partition(b"\r\n\r\n")[0]
    with pytest.raises(NetworkFailed):
        send_mail(server, "nobody@news.example", "s", "t", mark="1")
    secret = with_password(server)
    with pytest.raises(NetworkFailed, match="STARTTLS"):
        send_mail(secret, "desk@news.example", "s", "t", mark="1")


def with_password(server: MailServer) -> MailServer:
    return MailServer(host=server.host, port=server.port, secure=False, user="u", password="p")


def test_ways_of_telling_that_cannot_work_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WITNESSMARK_SMTP", raising=False)
    for channel in ("pigeon:loft", "https://", "mailto:a@b.example", "command:", "ntfy:"):
        with pytest.raises(UsageError):
            check_channel(channel)
    assert masked("https://hooks.example/T0/SECRET") == "https://hooks.example/…"
    message = Message(mark="m", subject=UntrustedText("s"), text=UntrustedText("t"))
    with pytest.raises(WitnessmarkError, match="ended with"):
        tell("command:false", message, Sending(policy=Policy(offline=False)))
    tell("command:true", message, Sending(policy=Policy(offline=False)))


def test_the_desktop_shows_any_script_and_no_markup_of_the_page(desktop: Notifications) -> None:
    message = Message(
        mark="m", subject=UntrustedText("Gone: 页面 ئۇيغۇر"), text=UntrustedText("<b>bold</b> & --urgency=low\n维吾尔")
    )
    for _ in range(50):  # until the server has its name
        try:
            tell("desktop:", message, Sending(policy=Policy(offline=False)))
            break
        except WitnessmarkError:
            time.sleep(0.1)
    (shown,) = desktop.shown
    assert shown == ("witnessmark", "Gone: 页面 ئۇيغۇر", "&lt;b&gt;bold&lt;/b&gt; &amp; --urgency=low\n维吾尔")


def test_without_a_desktop_the_alarm_is_tried_again_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    message = Message(mark="m", subject=UntrustedText("s"), text=UntrustedText("t"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'none'}")
    with pytest.raises(WitnessmarkError, match="notify-send"):
        tell("desktop:", message, Sending(policy=Policy(offline=False)))


def test_ntfy_gets_plain_text(pages: Pages) -> None:
    message = Message(mark="m", subject=UntrustedText("Gone: 页面"), text=UntrustedText("line one\n\u202eline two"))
    policy = Policy(allow_hosts=frozenset({f"localhost:{pages.port}"}), offline=False)
    tell(f"ntfy+http://localhost:{pages.port}/topic", message, Sending(policy=policy))
    assert pages.asked == ["POST /topic m line one\n\\u202eline two"]


@pytest.mark.browser
def test_a_browser_sees_what_scripts_build_and_what_is_gone(pages: Pages, browser: Path) -> None:
    assert browser
    options = options_for(pages)
    look = browser_fetcher(watching.policy_of(options), watching.utc_now, lambda size: b"r" * size)
    assert look is not None
    pages.pages["/app"] = (200, "<body><div id=a></div><script>a.innerHTML = '<p>Built by a script.</p>'</script>")
    seen = with_page(look(pages.url + "/app")).seen
    assert seen.page is not None and "Built by a script." in seen.page.text
    assert (seen.status, seen.final_url) == (200, pages.url + "/app")
    assert look(pages.url + "/nothing").seen.status == 404


def test_a_timeline_counts_from_the_question_to_what_happened_then_and_names_list_entries(
    pages: Pages, store: WatchStore, case: Path
) -> None:
    scheduler, clerk = parts(store, options_for(pages), [])
    pages.pages["/sdk.zip"] = (200, "PK\x03\x04 one", "Content-Type", "application/zip")
    for path in ("/camera", "/sdk.zip"):
        watch(store, pages.url + path, case, capture=False)
    look_now(store, scheduler, clerk)
    asked = watching.utc_now() - timedelta(minutes=30)
    candidate = Candidate(
        entry="us-el:1", list="us-entity-list", name=UntrustedText("Examplecam Co."), score=0.9, listed=True,
        listed_from="2019-10-09", listed_until=None, citation="84 FR 54002", reasons=(),
    )  # fmt: skip
    answer = Screening(id="s1", query=UntrustedText("Examplecam"), as_of="2026-03-01", candidates=(candidate,))
    with open_case(case) as opened:
        contact = Contact(
            findings=(), recipient=UntrustedText("press"), channel="mail", sent_at=asked.isoformat(),
            deadline=asked.isoformat(), sealed_capture=None, forced="test",
        )  # fmt: skip
        opened.record(EventKind.CONTACTED, contact, text=UntrustedText("Is it true?"))
        asked_about = opened.record(EventKind.SCREENED, Screenings(lists=("us-entity-list",), answers=(answer,)))
    unconfirmed = of_case(case, store)
    assert not any("Examplecam Co." in line for line in unconfirmed.milestones)  # a name alike is no history
    with open_case(case, actor=Actor(name="B.")) as opened:
        judged = Judgement(screening=asked_about.id, entry="us-el:1", verdict=Sameness.SAME, reason="the same address")
        opened.record(EventKind.JUDGED, judged, reason="the same address")
    pages.pages["/camera"] = (200, LESS)
    pages.pages["/sdk.zip"] = (200, "PK\x03\x04 two", "Content-Type", "application/zip")
    look_now(store, scheduler, clerk)
    timeline = of_case(case, store)
    said = "\n".join(timeline.milestones)
    assert "first change seen, section-removed" in said or "first change seen, changed" in said
    assert "(30 min after the vendor was first asked)" in said
    assert "a download was replaced" in said and "/sdk.zip" in said
    assert timeline.milestones[0] == (
        "2019-10-09: Examplecam Co.: listed on us-entity-list (84 FR 54002); held for the same firm by B."
    )
    for shown in (as_text(timeline), as_html(timeline).decode(), as_json(timeline)):
        assert "30 min after the vendor was first asked" in shown and "held for the same firm by B." in shown
