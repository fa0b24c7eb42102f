"""Sizes and alignments of basic types, by their names in each language."""

import re

POINTER = 8

_ONE = """char uchar byte sbyte bool boolean int8 uint8 int8t uint8t unsignedchar signedchar i8 u8 cchar cbyte
cubyte cbool cint8 cuint8 cint8t cuint8t shortint ansichar bool8 bytebool hbyte"""
_TWO = """short ushort word int16 uint16 int16t uint16t unsignedshort i16 u16 cshort cushort cwchar wchar wchart
smallint hword shortunsignedint unsignedshortint char16t cint16 cuint16 cint16t cuint16t widechar wordbool"""
_FOUR = """int uint dword long ulong unsigned unsignedint unsignedlong signed signedint int32 uint32 int32t uint32t
i32 u32 float single real32 f32 float32 cint cuint clong culong cfloat cint32 cuint32 cint32t cuint32t integer cardinal
longint longword lng bool32 enum cenum cdword hdword hlong hbool hint rune nativelong longbool uinteger colorref"""
_EIGHT = """double int64 uint64 int64t uint64t longlong unsignedlonglong ulonglong i64 u64 f64 float64 clonglong
culonglong cdouble cint64 cuint64 cint64t cuint64t largeinteger qword size sizet intptr uintptr pointer cvoidp ccharp
cwcharp hwnd handle lpvoid pvoid pchar lpstr lpcstr object string currency tdatetime comp real nativeint
nativeuint thandle pansichar pwidechar ansistring unicodestring widestring isize usize hdc hmenu hinstance"""
SIZES = {word: size for size, words in ((1, _ONE), (2, _TWO), (4, _FOUR), (8, _EIGHT)) for word in words.split()}
# Upper case decides between Windows' BOOL (an int) and C++'s bool, so it is looked up before folding.
_CASED = {"BOOL": 4}
_BY_LANGUAGE: dict[str, dict[str, int]] = {
    "java": {"long": 8, "char": 2, "boolean": 4},  # JNA maps boolean to a C int
    "kotlin": {"long": 8, "char": 2},
    "c-sharp": {"long": 8, "ulong": 8, "bool": 4},  # as marshalled: bool is a Win32 BOOL, char an ANSI character
    "go": {"int": 8, "uint": 8},
    "pascal": {"char": 2, "bool": 4, "extended": 8},
    "vb6": {"integer": 2, "long": 4, "boolean": 2, "date": 8},
    "vb": {"integer": 4, "long": 8, "ulong": 8, "boolean": 4, "char": 1, "date": 8, "decimal": 16},
    "rust": {"char": 4, "bool": 1},
}
MAX_ALIGN = {"vb6": 4}
"""The greatest alignment that a language gives by itself."""
ENUM_SIZES = {"pascal": 1}
MARSHALLED = {
    "i1": 1, "u1": 1, "i2": 2, "u2": 2, "i4": 4, "u4": 4, "i8": 8, "u8": 8, "r4": 4, "r8": 8, "bool": 4,
    "variantbool": 2, "sysint": 8, "sysuint": 8, "lpstr": 8, "lpwstr": 8, "lptstr": 8, "lparray": 8, "functionptr": 8,
    "lpstruct": 8, "bstr": 8,
}  # fmt: skip
"""Bytes of what `UnmanagedType` names, folded; also its alignment."""
_RECORDS = {"tguid": (16, 4), "guid": (16, 4), "systemtime": (16, 2), "tsystemtime": (16, 2), "filetime": (8, 4)}


def size_of_word(word: str, language: str) -> tuple[int, int] | None:
    """Size and alignment in bytes of a basic type, or None where the name is no basic type."""
    folded = re.sub(r"[\W_]+", "", word).casefold()
    if language == "go" and folded == "string":
        return 16, 8
    size = _BY_LANGUAGE.get(language, {}).get(folded) or _CASED.get(word) or SIZES.get(folded)
    return (size, size) if size is not None else _RECORDS.get(folded)
