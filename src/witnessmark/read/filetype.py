"""What a file is written in, and what the whole file is for, from its name and its first bytes."""

import re

from witnessmark.blob import Blob

_LANGUAGES = {
    "c": "c", "h": "cpp", "hh": "cpp", "hpp": "cpp", "hxx": "cpp", "inl": "cpp", "cc": "cpp", "cpp": "cpp", "cxx": "cpp",
    "m": "objc", "mm": "objc", "cs": "c-sharp", "java": "java", "kt": "kotlin", "kts": "kotlin", "swift": "swift",
    "go": "go", "rs": "rust", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "javascript",
    "ts": "typescript", "tsx": "typescript", "dart": "dart", "scala": "scala", "groovy": "groovy", "php": "php",
    "proto": "protobuf", "py": "python", "pyw": "python", "pyi": "python", "idl": "cpp", "thrift": "c", "aidl": "java",
}  # fmt: skip
BRACES = frozenset(_LANGUAGES.values()) - {"python"}
_ROLES = (
    ("code-of-conduct", r"code.?of.?conduct"),
    ("licence", r"(?:^|/)(?:licen[cs]e|copying|copyright|notice)\b"),
    ("changelog", r"(?:^|/)(?:changelog|changes|history|news|releases?)(?:\.\w+)?$"),
    ("package-metadata", r"(?:^|/)(?:metadata|pkg-info|package\.json|pyproject\.toml|setup\.(?:py|cfg)|.*\.(?:nuspec|gemspec)|control)$"),
    ("timezone", r"zoneinfo|tzdata|(?:^|/)zone(?:1970)?\.tab$|leapseconds|(?:^|/)asia/"),
    ("locale-data", r"(?:^|/)(?:locales?|cldr|i18n-data)/|/locale/|moment/|dayjs/"),
    ("language-list", r"languages?[-_.]?(?:list|codes?|info|data|names|subtag)|iso[-_]?639|iso_639|(?:^|/)langs?(?:\.|/)|lang_?names"),
    ("region-list", r"(?:province|provinces|cit(?:y|ies)|areas?|region|pcas?|division|countries|country|district)[-_\w]*\.(?:js|json|csv|ts|txt|sql|xml)$"),
    ("dictionary", r"\.(?:dic|aff)$|(?:^|/)(?:words?|dictionar(?:y|ies)|wordlist|hunspell|myspell)(?:/|$|\.)|dict/"),
    ("font", r"\.(?:ttf|otf|woff2?|ttc|pf[ab])$|/fonts?/"),
    ("keyboard", r"xkb|keymaps?|keyboard"),
    ("translation", r"\.(?:po|pot|mo|qm|ts|strings|resx|properties|arb|xlf|xliff)$|/(?:lang|langs|i18n|l10n|translations?|values-\w+)/"),
    ("test", r"(?:^|/)(?:tests?|testing|specs?|__tests__)/|(?:^|/)test_\w+\.\w+$|[_.-](?:test|spec)\.\w+$"),
    ("manual", r"\.(?:pdf|docx?|chm|rst|adoc|md|page)$|(?:^|/)docs?/|readme"),
    ("web-page", r"\.(?:html?|xhtml|mhtml?)$"),
    ("schema", r"\.(?:xsd|wsdl|proto|avsc|graphql)$|swagger|openapi"),
    ("dataset", r"\.(?:csv|tsv|arff)$"),
)  # fmt: skip
_ROLE_PATTERNS = tuple((role, re.compile(pattern, re.IGNORECASE)) for role, pattern in _ROLES)


def language_of(name: str, blob: Blob) -> str:
    """The programming language by suffix, else by a look at the first bytes; empty for running text and data."""
    suffix = name.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower() if "." in name else ""
    if suffix in ("json", "geojson", "webmanifest", "map", "har"):
        return "json"
    if suffix in _LANGUAGES:
        return _LANGUAGES[suffix]
    head = blob.read(0, 256)
    if head.startswith(b"#!") and b"python" in head.split(b"\n", 1)[0]:
        return "python"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return "json"
    return ""


def role_of(path: str, language: str, *, text: bool) -> str:
    """What the whole file is for; empty where nothing tells."""
    for role, pattern in _ROLE_PATTERNS:
        if pattern.search(path):
            return role
    if not text:
        return "binary"
    return "header" if language == "cpp" and path.lower().endswith((".h", ".hpp")) else "source" if language else ""
