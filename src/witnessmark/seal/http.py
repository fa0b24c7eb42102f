"""Timestamp requests through the network door."""

from dataclasses import dataclass, field

from witnessmark.errors import NetworkFailed
from witnessmark.net import Limits, Policy, fetch


@dataclass(frozen=True, kw_only=True)
class HttpTimestampClient:
    """A `TimestampClient` that posts over HTTP(S), bounded in time and size."""

    policy: Policy = field(default_factory=lambda: Policy(limits=Limits(total_seconds=30.0, body_bytes=1 << 20)))

    def post(self, url: str, body: bytes, content_type: str, *, limit: int) -> bytes:
        """The body of a 200 answer. Raises NetworkFailed or NetworkRefused otherwise."""
        headers = {"Content-Type": content_type, "Accept": "application/timestamp-reply"}
        response = fetch(url, method="POST", body=body, headers=headers, policy=self.policy)
        if response.status != 200:
            raise NetworkFailed(f"the authority answered with HTTP status {response.status}", kind="protocol")
        if not response.complete or response.size > limit:
            raise NetworkFailed("the authority's answer was cut short or too long", kind="size")
        return response.content(limit)
