"""The only door to the network.

`fetch` gets one address and returns a `Response`; `Policy` says where we go, how politely and how far. Private,
loopback and link-local addresses are refused at the moment of connecting unless allowed by name. `proxy.RecordingProxy`
stands between a browser and the network and hands on every byte that passed.
"""

from witnessmark.net.client import Response, fetch
from witnessmark.net.policy import Limits, Policy

__all__ = ["Limits", "Policy", "Response", "fetch"]
