"""What a file is written in, and what the whole file is for, from its name and its first bytes."""

import re

from witnessmark.blob import Blob

_LANGUAGES = {
    "c": "c", "h": "cpp", "hh": "cpp", "hpp": "cpp", "hxx": "cpp", "inl": "cpp", "cc": "cpp", "cpp": "cpp",
    "cxx": "cpp",
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
    (
        "package-metadata",
        r"(?:^|/)(?:metadata|pkg-info|package\.json|pyproject\.toml|setup\.(?:py|cfg)|.*\.(?:nuspec|gemspec)|control)$",
    ),
    ("timezone", r"zoneinfo|tzdata|(?:^|/)zone(?:1970)?\.tab$|leapseconds|(?:^|/)asia/"),
    ("locale-data", r"(?:^|/)(?:locales?|cldr|i18n-data)/|/locale/|moment/|dayjs/"),
    (
        "language-list",
        r"languages?[-_.]?(?:list|codes?|info|data|names|subtag)|iso[-_]?639|(?:^|/)langs?(?:\.|/)|lang_?names",
    ),
    (
        "region-list",
        r"(?:province|provinces|cit(?:y|ies)|areas?|region|pcas?|division|countries|country|district)[-_\w]*"
        r"\.(?:js|json|csv|ts|txt|sql|xml)$",
    ),
    ("dictionary", r"\.(?:dic|aff)$|(?:^|/)(?:words?|dictionar(?:y|ies)|wordlist|hunspell|myspell)(?:/|$|\.)|dict/"),
    ("font", r"\.(?:ttf|otf|woff2?|ttc|pf[ab])$|/fonts?/"),
    ("keyboard", r"xkb|keymaps?|keyboard"),
    (
        "translation",
        r"\.(?:po|pot|mo|qm|strings|resx|properties|arb|xlf|xliff)$|/(?:lang|langs|i18n|l10n|translations?|values-\w+)/",
    ),
    ("test", r"(?:^|/)(?:tests?|testing|specs?|__tests__)/|(?:^|/)test_\w+\.\w+$|[_.-](?:test|spec)\.\w+$"),
    ("manual", r"\.(?:pdf|docx?|chm|rst|adoc|md|page)$|(?:^|/)docs?/|readme"),
    ("web-page", r"\.(?:html?|xhtml|mhtml?)$"),
    ("schema", r"\.(?:xsd|wsdl|proto|avsc|graphql)$|swagger|openapi"),
    ("dataset", r"\.(?:csv|tsv|arff)$"),
)
_ROLE_PATTERNS = tuple((role, re.compile(pattern, re.IGNORECASE)) for role, pattern in _ROLES)


_JSON = frozenset({"json", "geojson", "webmanifest", "map", "har", "ipynb", "arb", "jsonl", "ndjson"})
_MARKUP = frozenset(
    {"html", "htm", "xhtml", "xml", "xsd", "wsdl", "ui", "resx", "vue", "jsp", "aspx", "cshtml", "svg", "plist", "xaml"}
    | {
        "storyboard",
        "xib",
        "axml",
        "page",
        "docbook",
        "xlf",
        "xliff",
        "qrc",
        "svelte",
        "ftl",
        "dtd",
        "xsl",
        "rdf",
        "fxml",
    }
)
_LINES = frozenset(
    {
        "yaml",
        "yml",
        "ini",
        "cfg",
        "conf",
        "properties",
        "strings",
        "po",
        "pot",
        "csv",
        "tsv",
        "tab",
        "sql",
        "ddl",
        "toml",
    }
    | {"env", "lang", "lng", "lua", "rb", "pl", "pm", "r", "sh", "bash", "ps1", "tcl", "jl", "ex", "exs", "erl", "hs"}
    | {"clj", "f90", "pas", "dpr", "dfm", "vb", "bas", "frm", "vbs", "asp", "nim"}
)


def language_of(name: str, blob: Blob) -> str:
    """The programming language by suffix, else by a look at the first bytes; empty for running text."""
    suffix = name.rsplit("/", 1)[-1].rsplit(".", 1)[-1].lower() if "." in name else ""
    head = blob.read(0, 512).lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")
    if suffix == "ts" and head.startswith((b"<", b"<\0")):
        return "markup"  # Qt translations share their suffix with TypeScript
    for kind, suffixes in (("json", _JSON), ("markup", _MARKUP), ("lines", _LINES)):
        if suffix in suffixes:
            return kind
    if suffix in _LANGUAGES:
        return _LANGUAGES[suffix]
    if head.startswith(b"#!") and b"python" in head.split(b"\n", 1)[0]:
        return "python"
    if re.match(rb"<\0?(?:[!?]|html|\w+[ >])", head, re.IGNORECASE):
        return "markup"
    return "json" if re.match(rb"[{\[]\s*[\"\[{]", head) else ""


def role_of(path: str, language: str, *, text: bool) -> str:
    """What the whole file is for; empty where nothing tells."""
    for role, pattern in _ROLE_PATTERNS:
        if pattern.search(path):
            return role
    if not text:
        return "binary"
    if language == "cpp" and path.lower().endswith((".h", ".hpp", ".hxx")):
        return "header"
    return "source" if language not in ("", "json", "markup", "lines") else ""
