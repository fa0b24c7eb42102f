"""Formats that need no unpacking: their text lies in the file as such, so offsets are the file's own.

Each has a sample in `tests/samples/<name>/` that proves it.
"""

from dataclasses import dataclass

from witnessmark.unpack.unpacker import FormatDoc


@dataclass(frozen=True, kw_only=True)
class InPlace:
    """A format whose files are matched as they stand."""

    name: str
    doc: FormatDoc


def _doc(title: str, kind: str, suffixes: tuple[str, ...], reference: str, *limits: str) -> FormatDoc:
    return FormatDoc(
        title=title, kind=kind, suffixes=suffixes, references=(reference,), limits=limits, in_place=True
    )  # fmt: skip


IN_PLACE: tuple[InPlace, ...] = (
    InPlace(
        name="android_resources",
        doc=_doc(
            "Android string pools (resources.arsc, binary XML), UTF-8 or UTF-16",
            "app",
            (".arsc", ".xml"),
            "https://developer.android.com/guide/topics/resources/providing-resources",
        ),
    ),
    InPlace(
        name="dex",
        doc=_doc(
            "Android code (dex): strings and names",
            "data",
            (".dex",),
            "https://source.android.com/docs/core/runtime/dex-format",
        ),
    ),
    InPlace(
        name="dotnet",
        doc=_doc(
            ".NET assembly: names (UTF-8), strings (UTF-16), resources",
            "data",
            (".dll", ".exe", ".resources"),
            "https://ecma-international.org/publications-and-standards/standards/ecma-335/",
            "Assemblies packed into resources are found only where their compression has a known mark.",
        ),
    ),
    InPlace(
        name="epub",
        doc=_doc(
            "Electronic book (epub): XHTML in a zip",
            "document",
            (".epub",),
            "https://www.w3.org/TR/epub-33/",
            "Books under digital rights management are reported as unreadable by their zip.",
        ),
    ),
    InPlace(
        name="gettext",
        doc=_doc(
            "gettext catalogue (mo): originals and translations in the catalogue's own charset",
            "data",
            (".mo", ".gmo"),
            "https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html",
        ),
    ),
    InPlace(
        name="hlp",
        doc=_doc(
            "Old Windows help (hlp): parts that are not packed",
            "document",
            (".hlp",),
            "https://www.oocities.org/mwinterhoff/helpfile.htm",
            "Most help files pack their pages by phrases; those pages are not read.",
        ),
    ),
    InPlace(
        name="java_class",
        doc=_doc(
            "Java class: names and strings of its constant pool",
            "data",
            (".class",),
            "https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html",
        ),
    ),
    InPlace(
        name="model_labels",
        doc=_doc(
            "Model files (ONNX, TFLite, TorchScript members, safetensors, Caffe): label lists and metadata; never run",
            "data",
            (".onnx", ".tflite", ".pb", ".safetensors", ".prototxt", ".caffemodel"),
            "https://onnx.ai/onnx/repo-docs/IR.html",
            "Labels inside encrypted or compressed sections of a model are not read.",
        ),
    ),
    InPlace(
        name="native",
        doc=_doc(
            "Programs and libraries (ELF, PE, Mach-O): symbols, strings, resources, in place",
            "data",
            (".so", ".dll", ".exe", ".dylib"),
            "https://learn.microsoft.com/windows/win32/debug/pe-format",
            "Strings that a program decrypts when it runs are not read.",
        ),
    ),
    InPlace(
        name="pickle",
        doc=_doc(
            "Python pickle: its strings, as data; never loaded",
            "data",
            (".pkl", ".pickle", ".joblib", ".pt", ".pth"),
            "https://docs.python.org/3/library/pickle.html",
        ),
    ),
    InPlace(
        name="protobuf",
        doc=_doc(
            "Protocol buffer descriptors and messages: names and strings",
            "data",
            (".desc", ".pb", ".protoset"),
            "https://protobuf.dev/programming-guides/encoding/",
        ),
    ),
    InPlace(
        name="pyc",
        doc=_doc(
            "Compiled Python: names, strings and docstrings; never loaded",
            "data",
            (".pyc",),
            "https://docs.python.org/3/library/marshal.html",
        ),
    ),
    InPlace(
        name="svn_base",
        doc=_doc(
            "Subversion pristine copies",
            "app",
            (".svn-base",),
            "https://svn.apache.org/repos/asf/subversion/trunk/subversion/libsvn_wc/README",
        ),
    ),
)
