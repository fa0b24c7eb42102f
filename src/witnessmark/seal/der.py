"""Just enough DER to put a timestamp's certificates in order.

CMS says that a SET's members are sorted. Several authorities (and `openssl ts`) do not sort the certificates, which no
signature covers, and strict readers then refuse the whole token. Sorting a copy changes nothing that is signed.
"""

from collections.abc import Iterator

from witnessmark.errors import VerificationFailed

_MAX_PARTS = 64


def sorted_certificates(response: bytes) -> bytes:
    """The same timestamp response with its certificates in DER order. Raises VerificationFailed otherwise."""
    outer = list(_parts(response, 0, len(response)))
    if len(outer) != 1 or outer[0][0] != 0x30:
        raise VerificationFailed("the answer is not an RFC 3161 timestamp response")
    token = _nth(response, outer[0], 1)
    explicit = _nth(response, token, 1)
    signed_data = _nth(response, explicit, 0)
    for part in _inside(response, signed_data):
        if part[0] == 0xA0:
            certificates = sorted(response[start:end] for _, start, _, end in _inside(response, part))
            return response[: part[2]] + b"".join(certificates) + response[part[3] :]
    return response


def _inside(data: bytes, part: tuple[int, int, int, int]) -> list[tuple[int, int, int, int]]:
    return list(_parts(data, part[2], part[3]))


def _nth(data: bytes, part: tuple[int, int, int, int], index: int) -> tuple[int, int, int, int]:
    parts = _inside(data, part)
    if index >= len(parts):
        raise VerificationFailed("the answer carries no timestamp")
    return parts[index]


def _parts(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (tag, start, start of content, end) of each element between two offsets."""
    for _ in range(_MAX_PARTS):
        if at == end:
            return
        if at + 2 > end:
            raise VerificationFailed("the timestamp is cut short")
        first = data[at + 1]
        count = first & 0x7F if first & 0x80 else 0
        if count > 4 or first == 0x80 or at + 2 + count > end:
            raise VerificationFailed("the timestamp is not in DER")
        length = int.from_bytes(data[at + 2 : at + 2 + count], "big") if count else first
        content = at + 2 + count
        if content + length > end:
            raise VerificationFailed("the timestamp is cut short")
        yield data[at], at, content, content + length
        at = content + length
    raise VerificationFailed("the timestamp has too many parts")
