"""Capture one address by plain HTTP, without a browser: every redirect and the document itself."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from witnessmark.capture.folder import CaptureFolder, Clock
from witnessmark.capture.keeping import Keeper
from witnessmark.errors import NetworkFailed, NetworkRefused
from witnessmark.model.capture import Capture, CaptureState, Wire
from witnessmark.model.fact import UntrustedText
from witnessmark.model.problem import Problem, ProblemCode
from witnessmark.net.client import Response, fetch
from witnessmark.net.http1 import parse_head
from witnessmark.net.policy import Policy
from witnessmark.net.politeness import Politeness
from witnessmark.net.recording import Exchange, Part, Spool
from witnessmark.net.session import CertificateRefused


def capture_document(
    url: str, policy: Policy, folder: CaptureFolder, keeper: Keeper, capture: Capture, clock: Clock
) -> Capture:
    """Fetch the document and record each answer. What the network does is in the result's state and problems."""

    def observe(response: Response) -> None:
        keeper.keep(exchange_of(response, folder.unfinished, keeper.next_number(), clock))

    try:
        final = fetch(url, policy=policy, politeness=Politeness(policy.interval), observe=observe, clock=clock)
    except (NetworkRefused, NetworkFailed) as error:
        keeper.drain()
        return refused(capture, error, some=bool(keeper.index))
    keeper.drain()
    return msgspec.structs.replace(
        capture,
        state=CaptureState.COMPLETE if final.complete else CaptureState.PARTIAL,
        final_url=UntrustedText(final.url),
        status=final.status,
        redirects=final.redirects,
        wire=final.wire,
        problems=(),
    )


def refused(capture: Capture, error: NetworkRefused | NetworkFailed, *, some: bool) -> Capture:
    """The capture that did not come about, with the reason and, for a bad certificate, its chain."""
    code = ProblemCode.REFUSED if isinstance(error, NetworkRefused | CertificateRefused) else ProblemCode.NETWORK
    problem = Problem(
        code=code, message=UntrustedText(str(error)), consequence="the address was not captured", hint=error.hint
    )
    tls = error.tls if isinstance(error, CertificateRefused) else None
    wire = Wire(host=tls.server_name, port=0, tls=tls) if tls else capture.wire
    state = CaptureState.PARTIAL if some else CaptureState.REFUSED
    return msgspec.structs.replace(capture, state=state, wire=wire, problems=(problem,))


def exchange_of(response: Response, spool: Path, number: int, ended: Callable[[], datetime]) -> Exchange:
    """A fetched response in the form the keeper takes."""
    request = Spool(spool / f"{number:06}.request")
    request.head(response.request_head, parse_head(response.request_head))
    answer = Spool(spool / f"{number:06}.response")
    chunked = "chunked" in response.head.tokens("transfer-encoding")
    answer.head(response.head.raw, response.head, chunked=chunked)
    answer.body(memoryview(response.framed), [memoryview(response.body)])
    part: Part = answer.finish(complete=response.complete)
    return Exchange(
        number=number,
        url=response.url,
        method=response.method,
        status=response.status,
        protocol="http/1.1",
        started=response.at,
        ended=ended(),
        wire=response.wire,
        request=request.finish(complete=True),
        response=part,
        problems=response.problems,
    )
