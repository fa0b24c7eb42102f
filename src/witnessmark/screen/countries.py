"""Country names and codes as publishers write them, as one name."""

_CODES = {
    "cn": "China",
    "hk": "Hong Kong",
    "tw": "Taiwan",
    "mo": "Macau",
    "ru": "Russia",
    "by": "Belarus",
    "ua": "Ukraine",
    "kz": "Kazakhstan",
    "ir": "Iran",
    "pk": "Pakistan",
    "tr": "Turkey",
    "sy": "Syria",
    "ae": "United Arab Emirates",
    "in": "India",
    "sg": "Singapore",
    "my": "Malaysia",
    "th": "Thailand",
    "vn": "Vietnam",
    "kr": "South Korea",
    "kp": "North Korea",
    "jp": "Japan",
    "il": "Israel",
    "de": "Germany",
    "fr": "France",
    "it": "Italy",
    "es": "Spain",
    "gb": "United Kingdom",
    "us": "United States",
    "ca": "Canada",
    "mx": "Mexico",
    "nl": "Netherlands",
    "ch": "Switzerland",
    "gr": "Greece",
    "ie": "Ireland",
    "hu": "Hungary",
    "mk": "North Macedonia",
    "lb": "Lebanon",
    "iq": "Iraq",
    "ky": "Cayman Islands",
    "cy": "Cyprus",
    "mm": "Burma",
    "af": "Afghanistan",
    "eg": "Egypt",
    "za": "South Africa",
}
_WORDINGS = {
    "people's republic of china": "China",
    "china, people's republic of": "China",
    "prc": "China",
    "mainland china": "China",
    "russian federation": "Russia",
    "islamic republic of iran": "Iran",
    "uae": "United Arab Emirates",
    "usa": "United States",
    "uk": "United Kingdom",
    "türkiye": "Turkey",
    "turkiye": "Turkey",
    "burma (myanmar)": "Burma",
    "myanmar": "Burma",
    "north korea (dprk)": "North Korea",
    "korea, south": "South Korea",
    "korea, north": "North Korea",
}
ANYWHERE = frozenset((None, "Cayman Islands"))
"""No country, or one where firms of any country are registered: never a reason against."""


def country_name(text: str | None) -> str | None:
    """One name for a country, whatever its code or wording; other text as it is."""
    if not text:
        return None
    plain = text.strip()
    return _CODES.get(plain.lower()) or _WORDINGS.get(plain.lower().replace("’", "'")) or plain
