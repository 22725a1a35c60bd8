"""Files from outside, written anew without what they carry along. Run by `uploads` in a process of its own.

What people send is read by large libraries that can be made to loop or to eat all memory; here that ends
one small process and nothing else. Called as `python washing.py FAMILY` with the file on standard input; the
answer on standard output is one line and the clean file: `clean KIND`, or `refused WHY` and nothing more.
It knows nothing of Koinon or Django, so that it starts quickly.
"""

import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

MOST_PIXELS: Final = 40_000_000
MOST_PAGES: Final = 500
MOST_ENTRIES: Final = 2_000
MOST_UNPACKED: Final = 30 * 1024 * 1024
# Nothing that people write packs better than this; from 1 MB on, for short parts pack well.
MOST_RATIO: Final = 250
_RATIO_FROM: Final = 1024 * 1024
MOST_MEMORY: Final = 1024 * 1024 * 1024

PNG: Final = "image/png"
JPEG: Final = "image/jpeg"
WEBP: Final = "image/webp"
PDF: Final = "application/pdf"
_OOXML: Final = "application/vnd.openxmlformats-officedocument."
DOCX: Final = _OOXML + "wordprocessingml.document"
XLSX: Final = _OOXML + "spreadsheetml.sheet"
PPTX: Final = _OOXML + "presentationml.presentation"
ODT: Final = "application/vnd.oasis.opendocument.text"
ODS: Final = "application/vnd.oasis.opendocument.spreadsheet"
ODP: Final = "application/vnd.oasis.opendocument.presentation"


class Unwanted(Exception):
    """The file is not taken; the only argument is one of the reasons that `uploads` has a sentence for."""


def wash(family: str, content: bytes) -> tuple[str, bytes]:
    """The kind of a file and its bytes written anew; raises `Unwanted` for anything that is not as it should be."""
    try:
        return _FAMILIES[family](content)
    except Unwanted:
        raise
    except MemoryError:
        raise Unwanted("slow") from None
    except Exception as problem:
        # The libraries raise whatever comes to their mind; a file that they cannot read is damaged.
        raise Unwanted("broken") from problem


# -- Pictures ---------------------------------------------------------------------------------------------------------


def _picture(content: bytes) -> tuple[str, bytes]:
    from PIL import Image, ImageOps, JpegImagePlugin

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP", "GIF"]) as opened:
        kind = opened.format
        if opened.width * opened.height > MOST_PIXELS:
            raise Unwanted("pixels")
        opened.load()
        # How finely a JPEG was saved, so that it neither grows nor gets worse than it must.
        fine: dict[str, Any] = {"quality": 88}
        if isinstance(opened, JpegImagePlugin.JpegImageFile) and opened.mode in {"RGB", "L"}:
            fine = {"qtables": opened.quantization, "subsampling": JpegImagePlugin.get_sampling(opened)}
        picture = ImageOps.exif_transpose(opened)
    if picture.mode not in {"1", "L", "LA", "RGB", "RGBA", "I;16"} or "transparency" in picture.info:
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    # Only the pixels go on: no EXIF, colour profile, comment, text or second picture.
    picture.info = {}
    out = io.BytesIO()
    if kind in {"JPEG", "MPO"}:
        picture.convert("L" if picture.mode in {"1", "L"} else "RGB").save(out, "JPEG", **fine)
        return JPEG, out.getvalue()
    if kind == "WEBP":
        try:
            picture.save(out, "WEBP", quality=80, method=0, exif=b"", xmp=b"", icc_profile=b"")
        except ValueError:  # its way to say that memory is not enough
            raise Unwanted("slow") from None
        return WEBP, out.getvalue()
    picture.save(out, "PNG", compress_level=4)
    return PNG, out.getvalue()


_KEPT_PNG: Final = {
    b"IHDR",
    b"PLTE",
    b"IDAT",
    b"IEND",
    b"tRNS",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"sBIT",
    b"pHYs",
    b"bKGD",
}


def _without_marks(data: bytes) -> bytes:
    """A JPEG or PNG inside a document without place, author, comments and what hangs behind; other data as it is."""
    if data.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd8" + b"".join(_jpeg_parts(data)) + b"\xff\xd9"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data[:8] + b"".join(_png_parts(data))
    return data


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise Unwanted("broken")
        marker = data[at + 1]
        if marker == 0xD9:  # the end
            return
        if marker == 0xFF:  # filling
            at += 1
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:  # after the head of a scan come its pixels, up to the next real marker
            found = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL).search(data, end)
            end = found.start() if found else len(data)
        # Kept are the application segments 0 (JFIF) and 14 (how colours are meant), and all that is no application's.
        if marker in {0xE0, 0xEE} or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            yield data[at:end]
        at = end


def _png_parts(data: bytes) -> Iterator[bytes]:
    at = 8
    while at + 12 <= len(data):
        name = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if name in _KEPT_PNG:
            yield data[at:end]
        if name == b"IEND":
            return
        at = end
    raise Unwanted("broken")


# -- PDF --------------------------------------------------------------------------------------------------------------


def _pdf(content: bytes) -> tuple[str, bytes]:
    from pypdf import PdfReader

    # A file cut short has lost its end. (pypdf would put together what is left.)
    if b"%%EOF" not in content[-2048:]:
        raise Unwanted("broken")
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        raise Unwanted("locked")
    if not 1 <= len(reader.pages) <= MOST_PAGES:
        raise Unwanted("pages" if len(reader.pages) else "broken")
    return PDF, _Copy(reader).written()


class _Copy:
    """The pages of a PDF copied into a new one, object by object, and only what is needed to see them.

    Of the document itself (actions on opening, scripts, attachments, forms, metadata, outline) nothing is copied.
    """

    _PAGE = {"/Type", "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox", "/ArtBox", "/Rotate", "/UserUnit"}
    _PAGE |= {"/Resources", "/Contents", "/Group"}
    _NOTES = {"/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight"}
    _NOTES |= {"/Underline", "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Link", "/Widget"}
    _NOTE = {
        "/Type",
        "/Subtype",
        "/Rect",
        "/Contents",
        "/F",
        "/AP",
        "/AS",
        "/Border",
        "/BS",
        "/C",
        "/IC",
        "/CA",
    }
    _NOTE |= {"/QuadPoints", "/InkList", "/L", "/LE", "/Vertices", "/RD", "/BE", "/DA", "/Q", "/Name", "/H"}
    # Nowhere: metadata, files inside and outside, actions, scripts.
    _NEVER = {"/Metadata", "/PieceInfo", "/LastModified", "/AF", "/EF", "/Ref", "/OPI", "/Thumb", "/A", "/AA"}
    _NEVER |= {"/JS", "/JavaScript", "/OpenAction", "/XFA", "/StructParent", "/StructParents", "/Parent"}
    # In these the keys are names that the writer of the file chose.
    _NAMED = {
        "/Font",
        "/XObject",
        "/ExtGState",
        "/ColorSpace",
        "/Pattern",
        "/Shading",
        "/Properties",
        "/CharProcs",
    }

    def __init__(self, reader: Any) -> None:
        from pypdf import generic

        self.make = generic
        self.reader = reader
        self.objects: list[Any] = []
        self.done: dict[tuple[int, int], Any] = {}

    def written(self) -> bytes:
        make = self.make
        catalogue, tree = make.DictionaryObject(), make.DictionaryObject()
        root, top = self._add(catalogue), self._add(tree)
        pages = [(page, make.DictionaryObject()) for page in self.reader.pages]
        for page, new in pages:
            reference = self._add(new)
            if page.indirect_reference is not None:
                self.done[self._number(page.indirect_reference)] = reference
        kids = make.ArrayObject(make.IndirectObject(3 + n, 0, self.reader) for n in range(len(pages)))
        for page, new in pages:
            self._fill(new, page, only=self._PAGE)
            new[make.NameObject("/Parent")] = top
            notes = make.ArrayObject(self._notes(page))
            if notes:
                new[make.NameObject("/Annots")] = notes
        tree.update(
            self._dictionary({"/Type": make.NameObject("/Pages"), "/Count": make.NumberObject(len(pages))})
        )
        tree[make.NameObject("/Kids")] = kids
        catalogue[make.NameObject("/Type")] = make.NameObject("/Catalog")
        catalogue[make.NameObject("/Pages")] = top
        layers = self.reader.trailer["/Root"].get("/OCProperties")
        if layers is not None:
            catalogue[make.NameObject("/OCProperties")] = self._value(layers)
        return self._file(root)

    def _file(self, root: Any) -> bytes:
        out = io.BytesIO()
        out.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        places = []
        for number, thing in enumerate(self.objects, 1):
            places.append(out.tell())
            out.write(b"%d 0 obj\n" % number)
            thing.write_to_stream(out)
            out.write(b"\nendobj\n")
        start = out.tell()
        out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
        out.writelines(b"%010d 00000 n \n" % place for place in places)
        size = len(places) + 1
        out.write(b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (size, root.idnum))
        out.write(b"startxref\n%d\n%%%%EOF\n" % start)
        return out.getvalue()

    def _notes(self, page: Any) -> Iterator[Any]:
        """Links that only lead somewhere, comments without their author, and forms as they look, filled in."""
        make = self.make
        listed = self._resolved(page.get("/Annots"))
        for entry in listed if isinstance(listed, list) else []:
            note = self._resolved(entry)
            if not isinstance(note, dict) or self._resolved(note.get("/Subtype")) not in self._NOTES:
                continue
            new = make.DictionaryObject()
            self._fill(new, note, only=self._NOTE)
            if note["/Subtype"] == "/Link":
                target = self._target(note)
                if target is None:
                    continue
                new.update(target)
            elif note["/Subtype"] == "/Widget":
                if "/AP" not in new:
                    continue
                new[make.NameObject("/Subtype")] = make.NameObject("/Stamp")
            yield self._add(new)

    def _target(self, note: Any) -> Any:
        make = self.make
        action = self._resolved(note.get("/A"))
        action = action if isinstance(action, dict) else {}
        doing = self._resolved(action.get("/S"))
        address = self._resolved(action.get("/URI"))
        if doing == "/URI" and isinstance(address, str | bytes):
            plain = address if isinstance(address, str) else address.decode("latin-1")
            if not _leads_out(plain):
                return None
            values = {"/S": make.NameObject("/URI"), "/URI": make.TextStringObject(plain)}
            return self._dictionary({"/A": self._dictionary(values)})
        place = self._resolved(note.get("/Dest") or (action.get("/D") if doing == "/GoTo" else None))
        if isinstance(place, list) and place and isinstance(place[0], make.IndirectObject):
            page = self.done.get(self._number(place[0]))
            if page is not None and page.idnum - 3 in range(len(self.reader.pages)):
                plain_kinds = (make.NumberObject, make.FloatObject, make.NameObject, make.NullObject)
                rest = [value for value in place[1:] if isinstance(value, plain_kinds)]
                return self._dictionary({"/Dest": make.ArrayObject([page, *rest])})
        return None

    def _dictionary(self, values: dict[str, Any]) -> Any:
        make = self.make
        return make.DictionaryObject({make.NameObject(key): value for key, value in values.items()})

    def _fill(self, new: Any, old: Any, *, only: set[str] | None = None, free: bool = False) -> None:
        for key in list(old):
            if (key in only) if only else (free or key not in self._NEVER):
                value = self._value(old.raw_get(key), free=key in self._NAMED)
                new[self.make.NameObject(key)] = value

    def _value(self, old: Any, *, free: bool = False) -> Any:
        make = self.make
        if isinstance(old, make.IndirectObject):
            number = self._number(old)
            if number not in self.done:
                self.done[number] = make.NullObject()  # what points at nothing but itself
                self.done[number] = self._copied(self._resolved(old), free=free, number=number)
            return self.done[number]
        return self._copied(old, free=free)

    def _copied(self, old: Any, *, free: bool, number: tuple[int, int] | None = None) -> Any:
        make = self.make
        new: Any
        if isinstance(old, make.DictionaryObject):
            if old.get("/Type") in {"/Catalog", "/Pages", "/Page", "/Filespec", "/EmbeddedFile"}:
                return make.NullObject()
            stream = isinstance(old, make.StreamObject)
            new = make.StreamObject() if stream else make.DictionaryObject()
        elif isinstance(old, make.ArrayObject):
            new = make.ArrayObject()
        else:
            return self._add(old) if number else (make.NullObject() if old is None else old)
        if number:
            self.done[number] = reference = self._add(new)
        if isinstance(old, make.ArrayObject):
            new.extend(self._value(value) for value in list.__iter__(old))
            return reference if number else new
        self._fill(new, old, free=free)
        if isinstance(new, make.StreamObject):
            for key in ("/Length", "/F", "/FFilter", "/FDecodeParms", "/DL"):
                new.pop(key, None)
            if new.get("/Subtype") == "/PS":  # a program for printers of old
                return make.NullObject()
            data = old._data
            if self._resolved(old.get("/Filter")) in ("/DCTDecode", ["/DCTDecode"]):
                data = _without_marks(data)
            new._data = data
        return reference if number else new

    def _add(self, thing: Any) -> Any:
        self.objects.append(thing)
        return self.make.IndirectObject(len(self.objects), 0, self.reader)

    def _resolved(self, value: Any) -> Any:
        return value.get_object() if isinstance(value, self.make.IndirectObject) else value

    def _number(self, reference: Any) -> tuple[int, int]:
        return reference.idnum, reference.generation


def _leads_out(address: str) -> bool:
    return re.match(r"(https?://|mailto:)[^\x00-\x20]", address, re.IGNORECASE) is not None


# -- Documents of Word, Excel, PowerPoint, LibreOffice ----------------------------------------------------------------

_MAIN_PARTS: Final = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX, "ppt/presentation.xml": PPTX}
_ARCHIVES_AND_PROGRAMS: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"MZ",
    b"\x7fELF",
    b"%PDF",
)
_ARCHIVES_AND_PROGRAMS_TOO: Final = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"#!", b"BZh", b"\xfd7zXZ")
_MACROS: Final = re.compile(
    r"vba\w*\.(bin|xml)$|(^|/)(activex|macrosheets|customui|basic|scripts|dialogs)/", re.IGNORECASE
)
_EMBEDDED: Final = re.compile(r"(^|/)embeddings/", re.IGNORECASE)
_PARTS: Final = re.compile(
    r"(\.(xml|rels|rdf|png|jpe?g|gif|bmp|tiff?|webp|emf|wmf|svm|svg|odttf|fntdata|ttf|otf)"
    r"|(^|/)mimetype|printerSettings/printerSettings\d*\.bin|ObjectReplacements/[^/]+|layout-cache)$",
    re.IGNORECASE,
)
_PROPERTIES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/"
_CORE: Final = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_OFFICE: Final = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
# Who wrote it, with what, when: by the name of the outermost element, replaced by what says nothing.
_BLANK: Final = {
    f"{_CORE} coreProperties": f'{_HEAD}<coreProperties xmlns="{_CORE}"/>',
    f"{_PROPERTIES}extended-properties Properties": f'{_HEAD}<Properties xmlns="{_PROPERTIES}extended-properties"/>',
    f"{_PROPERTIES}custom-properties Properties": f'{_HEAD}<Properties xmlns="{_PROPERTIES}custom-properties"/>',
    f"{_OFFICE} document-meta": f'{_HEAD}<office:document-meta xmlns:office="{_OFFICE}" office:version="1.3">'
    "<office:meta/></office:document-meta>",
}
_SCRIPTED: Final = {
    "script",
    "event-listener",
    "applet",
    "plugin",
    "dde-link",
    "dde-source",
    "dde-connection",
}
_SCRIPTED_TOO: Final = {"dde-connection-decl", "ddeLink", "foreignObject"}
_CALLS: Final = re.compile(r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE)\b", re.IGNORECASE)
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_LINK_SPACE: Final = "http://www.w3.org/1999/xlink"


def _office(content: bytes) -> tuple[str, bytes]:
    parts = dict(_unpacked(content))
    kind = _kind_of(parts)
    kept = {
        name: _part(name, data) for name, data in parts.items() if not name.startswith("Configurations2/")
    }
    if kind in {ODT, ODS, ODP}:
        kept = {"mimetype": kind.encode()} | kept
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in kept.items():
            # A fixed date; the kind of an OpenDocument lies unpacked at the beginning.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            packed.writestr(entry, data)
    return kind, out.getvalue()


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    seen: set[str] = set()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        entries = packed.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise Unwanted("unpacked")
        for entry in entries:
            name = entry.filename
            if entry.flag_bits & 0x1:
                raise Unwanted("locked")
            if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
                raise Unwanted("broken")
            if entry.file_size > max(_RATIO_FROM, entry.compress_size * MOST_RATIO):
                raise Unwanted("unpacked")
            odd = name.startswith("/") or ".." in name.split("/") or re.search(r"[\\:\x00-\x1f]", name)
            if odd or name.casefold() in seen:
                raise Unwanted("broken")
            seen.add(name.casefold())
            if not entry.is_dir():
                # zipfile gives no more than was declared, and checks the sum.
                yield name, packed.read(entry)


def _kind_of(parts: dict[str, bytes]) -> str:
    if "mimetype" in parts and "content.xml" in parts:
        kind = parts["mimetype"].decode("ascii", "replace").strip()
        if kind in {ODT, ODS, ODP}:
            return kind
    if "[Content_Types].xml" in parts:
        if b"macroenabled" in parts["[Content_Types].xml"].replace(b"\0", b"").lower():
            raise Unwanted("macros")
        for name, kind in _MAIN_PARTS.items():
            if name in parts:
                return kind
    raise Unwanted("kind")


def _part(name: str, data: bytes) -> bytes:
    if _MACROS.search(name):
        raise Unwanted("macros")
    archive = data.startswith((*_ARCHIVES_AND_PROGRAMS, *_ARCHIVES_AND_PROGRAMS_TOO))
    if archive or _EMBEDDED.search(name) or not _PARTS.search(name):
        raise Unwanted("embedded")
    if name.lower().endswith(".rels"):
        return _relations(data)
    if name.lower().endswith((".xml", ".rdf", ".svg")):
        blank = _BLANK.get(_outermost(data))
        if blank is not None:
            return blank.encode()
        # Goes together with its relation, which is left out below.
        return re.sub(rb"<(?:\w+:)?attachedTemplate\b[^<>]*/>", b"", data)
    return _without_marks(data)


def _parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_arguments: object) -> None:
        raise Unwanted("broken")

    # No definitions of a document's own: that is where letters multiply and other files are fetched.
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    return parser


def _outermost(data: bytes) -> str:
    """The outermost element of a part in XML; raises `Unwanted` for scripts and for what is loaded from elsewhere."""
    outermost = ""
    calls: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal outermost
        outermost = outermost or name
        if outermost in _BLANK:
            return
        local = name.rpartition(" ")[2]
        if local in _SCRIPTED or local in _SCRIPTED_TOO:
            raise Unwanted("macros")
        if local == "encryption-data":
            raise Unwanted("locked")
        if local in {"object-ole", "floating-frame"}:
            raise Unwanted("embedded")
        if local == "instrText":
            parser.CharacterDataHandler = calls.append
        for key, value in attributes.items():
            attribute = key.rpartition(" ")[2]
            if attribute == "href":
                _check_reference(local, value)
            elif attribute == "instr":
                calls.append(f" {value} ")
            elif outermost.endswith(" svg") and attribute.startswith("on"):
                raise Unwanted("macros")

    def end(name: str) -> None:
        if name.endswith(" instrText"):
            parser.CharacterDataHandler = None

    parser = _parser(start)
    parser.EndElementHandler = end
    parser.Parse(data, True)
    if _CALLS.search("".join(calls)):
        raise Unwanted("outside")
    return outermost


def _check_reference(element: str, address: str) -> None:
    address = re.sub(r"[\x00-\x20]", "", address)
    away = re.match(r"[A-Za-z][\w+.-]*:|//|\\\\|\.\./\.\.", address)
    if not away or address.startswith("data:image/"):
        return
    if element != "a":
        raise Unwanted("outside")
    if not _leads_out(address):
        raise Unwanted("outside")


def _relations(data: bytes) -> bytes:
    """What a part refers to: links that lead out stay, a template is left out, anything loaded from elsewhere is refused."""
    lines: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name != f"{_RELATIONS} Relationship":
            return
        kind = attributes.get("Type", "").rpartition("/")[2]
        target = attributes.get("Target", "")
        if kind in {"vbaProject", "control", "activeXControlBinary", "xlMacrosheet", "ui", "extensibility"}:
            raise Unwanted("macros")
        if kind in {"oleObject", "package", "externalLinkPath", "aFChunk", "subDocument", "frame"}:
            raise Unwanted("embedded")
        if kind == "attachedTemplate":
            return
        away = attributes.get("TargetMode", "").lower() == "external"
        if away or re.match(r"[A-Za-z][\w+.-]*:|//|\\\\", target):
            if kind != "hyperlink":
                raise Unwanted("outside")
            target = target if _leads_out(target) else "about:blank"
        kept = attributes | {"Target": target}
        words = " ".join(
            f"{key}={quoteattr(kept[key])}" for key in ("Id", "Type", "Target", "TargetMode") if key in kept
        )
        lines.append(f"<Relationship {words}/>")

    _parser(start).Parse(data, True)
    return f'{_HEAD}<Relationships xmlns="{_RELATIONS}">{"".join(lines)}</Relationships>'.encode()


_FAMILIES: Final[dict[str, Callable[[bytes], tuple[str, bytes]]]] = {
    "picture": _picture,
    "pdf": _pdf,
    "office": _office,
}


def main() -> None:
    """Bound what this process may use, wash what comes in, answer."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # not on this system; the time is bounded all the same
        pass
    try:
        kind, clean = wash(sys.argv[1], sys.stdin.buffer.read())
    except Unwanted as unwanted:
        sys.stdout.buffer.write(f"refused {unwanted}\n".encode())
    else:
        sys.stdout.buffer.write(f"clean {kind}\n".encode() + clean)


if __name__ == "__main__":
    main()
