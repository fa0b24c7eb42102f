import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from witnessmark.errors import NetworkRefused, UsageError
from witnessmark.net.address_bar import follow, parse
from witnessmark.net.addresses import refusal


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "100.100.100.200", "198.18.0.1", "192.0.0.192", "192.0.2.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
        "255.255.255.255", "168.63.129.16", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
        "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "::127.0.0.1",
        "2001:db8::1", "2002:a00:1::1", "64:ff9b:1::a00:1",
    ],
)  # fmt: skip
def test_an_address_inside_somebodys_network_is_refused_with_a_reason(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_not_refused(address: str) -> None:
    assert refusal(address) == ""


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_refused_alike_in_every_ipv6_clothing(address: ipaddress.IPv4Address) -> None:
    plain = bool(refusal(str(address)))
    for prefix in (0xFFFF << 32, int(ipaddress.IPv6Address("64:ff9b::"))):
        assert bool(refusal(str(ipaddress.IPv6Address(prefix | int(address))))) == plain


@pytest.mark.parametrize(
    "url",
    [
        "http://a b/", "http://", "http://ex\\ample.org/", "http://example.org\x00/", "http://[::1", "http://a..b:x/",
        "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://0177.0.0.1/", "http://" + "a" * 300 + ".org/",
        "http://exa\nmple.org/", "https://x/" + "y" * 9_000,
    ],
)  # fmt: skip
def test_a_malformed_or_disguised_address_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError):
        parse(url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/", "gopher://x/", "javascript:alert(1)", "x",
                                 "http://user:pw@example.org/", "http://example.org@127.0.0.1/"])  # fmt: skip
def test_other_schemes_and_credentials_are_refused(url: str) -> None:
    with pytest.raises(NetworkRefused):
        parse(url)


def test_an_address_is_sent_as_it_was_checked() -> None:
    target = parse("HTTPS://Bücher.Example:443/ä b".replace(" ", "%20") + "?q=民族&x=%41#frag")
    assert (target.host, target.port, target.authority) == ("xn--bcher-kva.example", 443, "xn--bcher-kva.example")
    assert target.path == "/%C3%A4%20b?q=%E6%B0%91%E6%97%8F&x=%41"
    assert follow(target, "../c d").url == "https://xn--bcher-kva.example/c%20d"
    assert parse("http://[::1]:8080/").authority == "[::1]:8080"


@given(st.text(max_size=200))
def test_any_text_is_an_address_or_one_of_our_errors(text: str) -> None:
    try:
        target = parse("https://" + text)
    except (UsageError, NetworkRefused):
        return
    assert target.host.isascii() and target.path.isascii() and not set(target.url) & set(" \r\n\t\\")
