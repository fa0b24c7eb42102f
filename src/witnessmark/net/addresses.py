"""Which addresses we do not go to, so that a page or redirect cannot make us look inside somebody's network."""

import ipaddress

# IANA special-purpose registries, beyond what `ipaddress` calls private, loopback, link-local, multicast or reserved.
_ALSO = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598; some clouds keep their metadata service here
        "192.88.99.0/24",  # 6to4 relay anycast, RFC 7526
        "fec0::/10",  # site-local, RFC 3879
        "2001::/23",  # IETF protocol assignments, Teredo among them
    )
)
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))  # NAT64, RFC 6052/8215
_METADATA = frozenset({"169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def refusal(text: str) -> str:
    """Why we do not go to this IP address, in words; empty when we may."""
    address = ipaddress.ip_address(text.partition("%")[0])
    for candidate in (address, *_embedded(address)):
        if reason := _reason(candidate):
            return reason
    return ""


def _embedded(address: Address) -> tuple[Address, ...]:
    """IPv4 addresses inside an IPv6 one: mapped, 6to4, Teredo, NAT64 and IPv4-compatible."""
    if not isinstance(address, ipaddress.IPv6Address):
        return ()
    found: list[Address] = [a for a in (address.ipv4_mapped, address.sixtofour) if a is not None]
    if address.teredo is not None:
        found += address.teredo
    low = int(address) & 0xFFFFFFFF
    if any(address in network for network in _TRANSLATED) or (int(address) >> 32 == 0 and low > 1):
        found.append(ipaddress.IPv4Address(low))
    return tuple(found)


def _reason(address: Address) -> str:
    if str(address) in _METADATA:
        return "a cloud metadata address"
    tests = (
        (address.is_unspecified, "the unspecified address"),
        (address.is_loopback, "a loopback address"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        (address.is_private and not _mapped(address), "a private address"),
        (address.is_reserved and not _mapped(address), "a reserved address"),
        (any(address in network for network in _ALSO if network.version == address.version), "a special address"),
    )
    return next((words for held, words in tests if held), "")


def _mapped(address: Address) -> bool:
    """IPv4 inside IPv6: `ipaddress` calls all of these private or reserved; the inner address decides."""
    return bool(_embedded(address))
