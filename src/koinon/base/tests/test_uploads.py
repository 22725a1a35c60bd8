"""What people send is kept without what it carries along, or refused in plain words; nothing in it ever runs."""

import contextlib
import io
import random
import struct
import time
import zipfile
import zlib
from collections.abc import Mapping
from email.message import Message

import openpyxl
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from koinon.base import uploads, washing
from koinon.base.uploads import MOST_BYTES, Clean, Refused, clean, headers

SECRET = "Secret Anna"
HTML = b"<html><script>alert(1)</script></html>"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def refusal(content: bytes, name: str = "file") -> str:
    """Why a file is refused."""
    with pytest.raises(Refused) as refused:
        clean(name, content)
    return refused.value.why


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    made = Image.new("RGB", size, "#287a46")
    made.paste("#ffffff", (0, 0, size[0] // 2, size[1] // 2))
    out = io.BytesIO()
    made.save(out, kind, **options)
    return out.getvalue()


def exif_with_place() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x013B] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (44.0, 29.0, 38.0), 3: "E", 4: (11.0, 20.0, 34.0)})
    return exif


def pdf(pages: int = 1) -> PdfWriter:
    writer = PdfWriter()
    for number in range(pages):
        page = writer.add_blank_page(200, 200)
        drawing = DecodedStreamObject()
        drawing.set_data(b"BT /F1 12 Tf 20 100 Td (Page %d) Tj ET" % (number + 1))
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): writer._add_object(named)})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(drawing)
    return writer


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def note(subtype: str, **more: object) -> DictionaryObject:
    made = DictionaryObject(
        {NameObject("/Type"): NameObject("/Annot"), NameObject("/Subtype"): NameObject(subtype)}
    )
    made[NameObject("/Rect")] = ArrayObject([NumberObject(n) for n in (10, 10, 90, 30)])
    made.update({NameObject("/" + key): value for key, value in more.items()})
    return made


def action(kind: str, key: str, value: str) -> DictionaryObject:
    values = {NameObject("/S"): NameObject(kind), NameObject(key): TextStringObject(value)}
    return DictionaryObject(values)


def packed(parts: dict[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return out.getvalue()


def relations(*lines: str) -> str:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{_HEAD}<Relationships xmlns="{space}">{"".join(lines)}</Relationships>'


def docx(
    body: str = "<w:p><w:r><w:t>Guten Tag</w:t></w:r></w:p>", more: Mapping[str, str | bytes] | None = None
) -> bytes:
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations(
            f'<Relationship Id="r1" Type="{_REL}/officeDocument" Target="word/document.xml"/>'
        ),
        "word/document.xml": f'{_HEAD}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
        "docProps/core.xml": f'{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/'
        'metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{SECRET}</dc:creator></cp:coreProperties>",
        "docProps/app.xml": f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'extended-properties"><Company>{SECRET}</Company></Properties>',
    }
    return packed(parts | dict(more or {}))


def odt(body: str = "<text:p>Dobrý den</text:p>", more: Mapping[str, str | bytes] | None = None) -> bytes:
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"'
        for name, space in [("office", "office"), ("text", "text"), ("draw", "drawing"), ("script", "script")]
    )
    spaces += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    content = f"{_HEAD}<office:document-content{spaces}><office:scripts/><office:body>{body}</office:body>"
    parts: dict[str, str | bytes] = {
        "mimetype": washing.ODT,
        "content.xml": content + "</office:document-content>",
        "meta.xml": f"{_HEAD}<office:document-meta{spaces}><office:meta>{SECRET}</office:meta></office:document-meta>",
    }
    return packed(parts | dict(more or {}))


def insides(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


# -- Pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "becomes", "name"),
    [
        ("PNG", washing.PNG, "Foto.png"),
        ("JPEG", washing.JPEG, "Foto.jpg"),
        ("WEBP", washing.WEBP, "Foto.webp"),
        ("GIF", washing.PNG, "Foto.png"),
    ],
)
def test_a_picture_is_kept_and_named_by_what_it_is(kind: str, becomes: str, name: str) -> None:
    kept = clean("Foto.exe", picture(kind))

    assert (kept.kind, kept.name, kept.size) == (becomes, name, len(kept.content))
    assert Image.open(io.BytesIO(kept.content)).size == (60, 40)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_loses_place_and_author_and_stands_upright(kind: str) -> None:
    sent = picture(kind, exif=exif_with_place())
    assert SECRET.encode() in sent

    kept = Image.open(io.BytesIO(clean("a", sent).content))

    assert kept.size == (40, 60)
    assert dict(kept.getexif()) == {}
    assert not {"exif", "icc_profile", "comment", "xmp", "Author"} & set(kept.info)


def test_texts_and_comments_in_pictures_are_gone() -> None:
    marks = PngImagePlugin.PngInfo()
    marks.add_text("Author", SECRET)
    sent = [
        picture("PNG", pnginfo=marks),
        picture("JPEG", comment=SECRET.encode(), icc_profile=SECRET.encode() * 9),
        picture("GIF", comment=SECRET.encode()),
    ]
    assert all(SECRET.encode() in content for content in sent)

    kept = [clean("a", content).content for content in sent]

    assert [SECRET.encode() in content for content in kept] == [False] * 3


def test_what_hangs_behind_or_within_a_picture_is_gone() -> None:
    sent = [
        picture() + HTML,
        picture("PNG") + HTML,
        picture(comment=HTML),
        picture("GIF") + packed({"a": "b"}),
    ]

    kept = [clean("x.html", content) for content in sent]

    assert [b"<script>" in file.content or b"PK\x03\x04" in file.content for file in kept] == [False] * 4
    assert {file.name for file in kept} == {"x.jpg", "x.png"}


def test_of_a_moving_picture_the_first_is_kept() -> None:
    red, blue = (Image.new("RGB", (9, 9), colour) for colour in ("red", "blue"))
    out = io.BytesIO()
    red.save(out, "GIF", save_all=True, append_images=[blue])

    kept = Image.open(io.BytesIO(clean("a.gif", out.getvalue()).content))

    assert kept.convert("RGB").getpixel((4, 4)) == (255, 0, 0)
    assert getattr(kept, "n_frames", 1) == 1


def test_see_through_stays_see_through() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (9, 9), (0, 0, 0, 0)).quantize().save(out, "PNG")

    kept = Image.open(io.BytesIO(clean("a.png", out.getvalue()).content))

    assert kept.convert("RGBA").getpixel((4, 4)) == (0, 0, 0, 0)


def png_of(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = zlib.compress(bytes(min((width + 1) * height, 50_000_000)), 9)
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_picture_that_swells_is_refused() -> None:
    began = time.monotonic()

    assert refusal(png_of(6400, 6300)) == "pixels"
    assert refusal(png_of(100_000, 100_000)) in {"pixels", "broken"}
    assert time.monotonic() - began < 4


def test_a_large_picture_of_a_telephone_is_kept() -> None:
    assert clean("a.jpg", picture(size=(4000, 3000))).kind == washing.JPEG


# -- PDF --------------------------------------------------------------------------------------------------------------


def test_a_pdf_keeps_its_pages_and_loses_what_it_carries() -> None:
    writer = pdf(3)
    writer.add_metadata({"/Author": SECRET, "/Title": SECRET})
    writer.add_attachment("secret.txt", b"attached bytes")
    script = action("/JavaScript", "/JS", "app.alert('script of the document')")
    tree = DictionaryObject(
        {NameObject("/Names"): ArrayObject([TextStringObject("a"), writer._add_object(script)])}
    )
    names = writer.root_object["/Names"]
    assert isinstance(names, DictionaryObject)
    names[NameObject("/JavaScript")] = writer._add_object(tree)
    writer.root_object[NameObject("/OpenAction")] = action("/JavaScript", "/JS", "app.alert('opening')")
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/XFA"): TextStringObject("xfa form")}
    )
    about = DecodedStreamObject()
    about.set_data(f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode())
    writer.root_object[NameObject("/Metadata")] = writer._add_object(about)
    page = writer.pages[0]
    page[NameObject("/AA")] = DictionaryObject(
        {NameObject("/O"): action("/JavaScript", "/JS", "app.alert('page')")}
    )
    page[NameObject("/Metadata")] = writer._add_object(about)

    kept = clean("Bericht.pdf", written(writer))

    opened = PdfReader(io.BytesIO(kept.content), strict=True)
    assert [page.extract_text() for page in opened.pages] == ["Page 1", "Page 2", "Page 3"]
    assert (kept.kind, kept.name) == (washing.PDF, "Bericht.pdf")
    assert sorted(opened.root_object) == ["/Pages", "/Type"]
    assert (opened.metadata, opened.attachments) == (None, {})
    for trace in (
        SECRET,
        "alert",
        "attached",
        "secret.txt",
        "xfa",
        "/JS",
        "/JavaScript",
        "/OpenAction",
        "/AA",
    ):
        assert trace.encode() not in kept.content
    for trace in ("/Info", "/EmbeddedFile", "/Metadata", "/Names", "/XFA", "xmpmeta"):
        assert trace.encode() not in kept.content


def test_links_of_a_pdf_lead_on_and_do_nothing_else() -> None:
    writer = pdf(2)
    page = writer.pages[0]
    good = action("/URI", "/URI", "https://example.org/call")
    good[NameObject("/Next")] = action("/JavaScript", "/JS", "alert(1)")
    inside = ArrayObject([writer.pages[1].indirect_reference, NameObject("/XYZ"), FloatObject(1.5)])
    appearance = DecodedStreamObject()
    appearance.set_data(b"0 0 10 10 re f")
    filled = DictionaryObject({NameObject("/N"): writer._add_object(appearance)})
    notes = [
        note("/Link", A=good),
        note("/Link", Dest=inside),
        note("/Link", A=action("/URI", "/URI", "javascript:alert(2)")),
        note("/Link", A=action("/Launch", "/F", "calc.exe")),
        note("/Link", A=action("/GoToR", "/F", "other.pdf")),
        note("/FileAttachment", Contents=TextStringObject("attached")),
        note("/Screen", A=action("/Rendition", "/JS", "alert(3)")),
        note("/Text", Contents=TextStringObject("a remark"), T=TextStringObject(SECRET)),
        note(
            "/Widget",
            AP=filled,
            AA=DictionaryObject({NameObject("/K"): action("/JavaScript", "/JS", "alert(4)")}),
        ),
    ]
    page[NameObject("/Annots")] = ArrayObject([writer._add_object(entry) for entry in notes])

    kept = clean("a.pdf", written(writer)).content

    opened = PdfReader(io.BytesIO(kept), strict=True)
    found = [entry.get_object() for entry in opened.pages[0].annotations or []]
    assert [entry["/Subtype"] for entry in found] == ["/Link", "/Link", "/Text", "/Stamp"]
    assert found[0]["/A"] == {"/S": "/URI", "/URI": "https://example.org/call"}
    assert found[1]["/Dest"][0] == opened.pages[1].indirect_reference
    assert found[3]["/AP"]["/N"].get_object().get_data() == b"0 0 10 10 re f"
    for trace in (
        b"alert",
        b"calc.exe",
        b"other.pdf",
        b"attached",
        SECRET.encode(),
        b"/AA",
        b"/JS",
        b"/Next",
    ):
        assert trace not in kept


def test_photos_in_a_pdf_lose_their_place() -> None:
    writer = pdf()
    photo = DecodedStreamObject()
    photo.set_data(picture(exif=exif_with_place()) + HTML)
    names = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB", "/Filter": "/DCTDecode"}
    photo.update({NameObject(key): NameObject(value) for key, value in names.items()})
    numbers = {"/Width": 60, "/Height": 40, "/BitsPerComponent": 8}
    photo.update({NameObject(key): NumberObject(value) for key, value in numbers.items()})
    pictures = DictionaryObject({NameObject("/Im1"): writer._add_object(photo)})
    resources = writer.pages[0]["/Resources"]
    assert isinstance(resources, DictionaryObject)
    resources[NameObject("/XObject")] = pictures
    sent = written(writer)
    assert SECRET.encode() in sent

    kept = clean("a.pdf", sent).content

    (image,) = PdfReader(io.BytesIO(kept)).pages[0].images
    assert image.image is not None
    assert (image.image.size, dict(image.image.getexif())) == ((60, 40), {})
    assert SECRET.encode() not in kept
    assert b"<script>" not in kept


def test_a_pdf_that_is_a_page_as_well_is_only_a_pdf() -> None:
    sent = written(pdf())

    kept = clean("a.html", sent.replace(b"%PDF-1.3\n", b"%PDF-1.3\n%" + HTML + b"\n", 1) + b"\n%" + HTML)

    assert b"<script>" not in kept.content
    assert kept.name == "a.pdf"
    assert refusal(HTML + sent, "a.pdf") in {"markup", "kind", "letters"}


def test_pdfs_that_are_locked_cut_or_too_long_are_refused() -> None:
    whole = written(pdf(3))
    locked = pdf()
    locked.encrypt("", "owner", algorithm="RC4-128")

    assert refusal(written(locked)) == "locked"
    assert refusal(whole[: len(whole) // 2]) == "broken"
    assert refusal(b"%PDF-1.7\n%%EOF") == "broken"
    assert refusal(b"%PDF-1.4\ntrailer<</Root 1 0 R>>\n%%EOF") == "broken"


def test_a_pdf_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(washing, "MOST_PAGES", 2)

    assert washing.wash("pdf", written(pdf(2)))[0] == washing.PDF
    with pytest.raises(washing.Unwanted, match="pages"):
        washing.wash("pdf", written(pdf(3)))


def test_a_pdf_of_many_pages_is_kept_in_time() -> None:
    assert clean("a.pdf", written(pdf(200))).kind == washing.PDF


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_SECONDS", 0.01)

    assert refusal(picture()) == "slow"


def test_two_are_checked_at_a_time_and_more_are_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_SECONDS", 0.01)

    with uploads._turns, uploads._turns:
        assert refusal(picture()) == "busy"
        assert clean("a", b"text needs no turn").kind == "text/plain"
    assert refusal(picture()) == "slow"  # a turn that failed was given back
    assert refusal(picture()) == "slow"
    assert refusal(picture()) == "slow"


def pdf_of(*objects: bytes) -> bytes:
    """A PDF put together by hand, of things that no program would write."""
    body = b"%PDF-1.4\n"
    places = []
    for thing in (b"<</Type/Catalog/Pages 2 0 R>>", *objects):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (len(places), thing)
    start, size = len(body), len(places) + 1
    body += b"xref\n0 %d\n0000000000 65535 f \n" % size
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, start)


_ONE_PAGE = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
_SWELLING = zlib.compress(bytes(80_000_000), 9)


@pytest.mark.parametrize(
    "content",
    [
        pdf_of(
            _ONE_PAGE,
            b"<</Type/Page/MediaBox[0 0 9 9]/Resources 4 0 R/Contents 5 0 R>>",
            b"<</XObject 4 0 R/Font[4 0 R 4 0 R]>>",
            b"5 0 R",
        ),
        pdf_of(b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9999999>>"),
        pdf_of(b"<</Type/Pages/Kids[" + b"3 0 R " * 500_000 + b"]/Count 500000>>", b"<</Type/Page>>"),
        pdf_of(_ONE_PAGE, b"<</Type/Page/Resources " + b"[" * 500_000 + b"]" * 500_000 + b">>"),
        pdf_of(
            _ONE_PAGE, b"<</Type/Page/Resources 4 0 R>>", *[b"<</N %d 0 R>>" % n for n in range(5, 3_000)]
        ),
        pdf_of(
            _ONE_PAGE,
            b"<</Type/Page/MediaBox[0 0 9 9]/Contents 4 0 R>>",
            b"<</Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream" % (len(_SWELLING), _SWELLING),
        ),
        b"%PDF-1.4\n" + b"%%EOF\n" * 500_000,
    ],
    ids=["tail", "circle", "children", "depth", "chain", "swelling", "ends"],
)
def test_a_pdf_made_to_harm_does_none(content: bytes) -> None:
    began = time.monotonic()

    with contextlib.suppress(Refused):
        clean("a.pdf", content)

    assert time.monotonic() - began < 2 * uploads.MOST_SECONDS


# -- Text -------------------------------------------------------------------------------------------------------------


def test_text_comes_back_whole() -> None:
    text = "Ποιος βοηθά;\r\n\tžluťoučký kůň 🙂 1 < 2 > 0\n"

    kept = clean("Fragen", text.encode())

    assert (kept.name, kept.kind, kept.content.decode()) == ("Fragen.txt", "text/plain", text)
    assert clean("zahlen.CSV", b"a;b\n1;2\n").name == "zahlen.csv"
    assert clean("zahlen.csv", b"\xef\xbb\xbfa;b\n").content == b"a;b\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"x" * (MOST_BYTES + 1), "large"),
        (HTML, "markup"),
        (b"Guten Tag <script src=//x.example></script>", "markup"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "markup"),
        (b"  \n<svg onload=alert(1)>", "markup"),
        (b"{\\rtf1 hello}", "markup"),
        (b"#!/bin/sh\nrm -rf /", "markup"),
        (b"a\x1b[31mred", "letters"),
        (b"a\x00b", "kind"),
        ("turn \u202e it".encode(), "letters"),
        ("Öl".encode("latin-1"), "letters"),
        ("UTF-16".encode("utf-16"), "letters"),
        (b"MZ\x90\x00\x03\x00", "kind"),
        (b"\x7fELF\x02\x01\x01\x00\xff", "kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "kind"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "kind"),
        (picture()[:300], "broken"),
        (picture("PNG")[:60], "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (b"\xff\xd8\xff" + HTML, "broken"),
        (b"GIF89a" + HTML, "broken"),
        (b"PK\x03\x04" + bytes(40), "broken"),
    ],
)
def test_anything_else_is_refused(content: bytes, why: str) -> None:
    assert refusal(content, "picture.png") == why


@pytest.mark.parametrize("letters", ["αβγδ ", "a;b\n", "<", "< ", " ", "<s", "\u0301"])
def test_long_texts_take_no_long(letters: str) -> None:
    content = (letters * MOST_BYTES).encode()[: MOST_BYTES - MOST_BYTES % len(letters.encode())]

    began = time.monotonic()
    with contextlib.suppress(Refused):
        clean("a.txt", content)

    assert time.monotonic() - began < 2


# -- Documents --------------------------------------------------------------------------------------------------------


def test_a_document_loses_its_author_and_keeps_its_words() -> None:
    kept = clean("Brief.docx", docx())

    parts = insides(kept.content)
    assert (kept.kind, kept.name) == (washing.DOCX, "Brief.docx")
    assert b"Guten Tag" in parts["word/document.xml"]
    assert [SECRET.encode() in data for data in parts.values()] == [False] * len(parts)


def test_a_spreadsheet_opens_afterwards() -> None:
    book = openpyxl.Workbook()
    book.properties.creator = SECRET
    sheet = book.active
    assert sheet is not None
    sheet.append(["Città", 3])
    sheet["A2"].hyperlink = "https://example.org/"
    out = io.BytesIO()
    book.save(out)

    kept = clean("x.docx", out.getvalue())

    opened = openpyxl.load_workbook(io.BytesIO(kept.content))
    assert opened.active is not None
    assert [cell.value for cell in opened.active[1]] == ["Città", 3]
    assert opened.active["A2"].hyperlink.target == "https://example.org/"
    assert (kept.name, opened.properties.creator == SECRET) == ("x.xlsx", False)


def test_an_opendocument_keeps_its_order_and_loses_its_author() -> None:
    kept = clean("dopis.odt", odt(more={"Configurations2/accelerator/current.xml": ""}))

    parts = insides(kept.content)
    assert (next(iter(parts)), parts["mimetype"].decode(), kept.kind) == (
        "mimetype",
        washing.ODT,
        washing.ODT,
    )
    assert sorted(parts) == ["content.xml", "meta.xml", "mimetype"]
    assert kept.content[30:38] == b"mimetype"
    assert "Dobrý den".encode() in parts["content.xml"]
    assert SECRET.encode() not in parts["meta.xml"]


def test_photos_in_a_document_lose_their_place() -> None:
    marks = PngImagePlugin.PngInfo()
    marks.add_text("Author", SECRET)
    photo, drawing = picture(exif=exif_with_place()) + HTML, picture("PNG", pnginfo=marks)
    sent = docx(more={"word/media/image1.jpeg": photo, "word/media/image2.png": drawing})

    parts = insides(clean("a.docx", sent).content)

    for name in ("word/media/image1.jpeg", "word/media/image2.png"):
        assert SECRET.encode() not in parts[name]
        assert b"<script>" not in parts[name]
        with Image.open(io.BytesIO(parts[name])) as kept:
            kept.load()
            assert (kept.size, dict(kept.getexif())) == ((60, 40), {})


def test_links_of_a_document_stay_and_its_template_is_forgotten() -> None:
    lines = [
        f'<Relationship Id="r1" Type="{_REL}/hyperlink" Target="https://example.org/?a=1&amp;b=2" TargetMode="External"/>',
        f'<Relationship Id="r2" Type="{_REL}/hyperlink" Target="file:///C:/x.exe" TargetMode="External"/>',
        f'<Relationship Id="r3" Type="{_REL}/attachedTemplate" Target="\\\\evil\\t.dotm" TargetMode="External"/>',
    ]
    setting = (
        f'{_HEAD}<w:settings xmlns:w="{_W}" xmlns:r="{_REL}"><w:attachedTemplate r:id="r3"/></w:settings>'
    )

    sent = docx(more={"word/_rels/settings.xml.rels": relations(*lines), "word/settings.xml": setting})
    parts = insides(clean("a.docx", sent).content)

    kept = parts["word/_rels/settings.xml.rels"].decode()
    assert "https://example.org/?a=1&amp;b=2" in kept
    assert "about:blank" in kept
    assert [word in kept for word in ("x.exe", "evil", "attachedTemplate")] == [False] * 3
    assert b"attachedTemplate" not in parts["word/settings.xml"]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (docx(more={"word/vbaProject.bin": b"x"}), "macros"),
        (docx(more={"word/activeX/activeX1.xml": "<a/>"}), "macros"),
        (docx(more={"word/embeddings/oleObject1.bin": b"x"}), "embedded"),
        (docx(more={"word/media/image1.png": packed({"a": "b"})}), "embedded"),
        (docx(more={"word/media/image1.emf": b"MZ programme"}), "embedded"),
        (docx(more={"word/run.exe": b"x"}), "embedded"),
        (
            docx(
                more={
                    "word/_rels/document.xml.rels": relations(
                        f'<Relationship Id="r" Type="{_REL}/image" Target="http://spy.example/" TargetMode="External"/>'
                    )
                }
            ),
            "outside",
        ),
        (
            docx(
                more={
                    "word/_rels/document.xml.rels": relations(
                        f'<Relationship Id="r" Type="{_REL}/oleObject" Target="mhtml:x" TargetMode="External"/>'
                    )
                }
            ),
            "embedded",
        ),
        (
            docx(
                "<w:p><w:r><w:instrText> DDE</w:instrText><w:instrText>AUTO c:\\\\cmd</w:instrText></w:r></w:p>"
            ),
            "outside",
        ),
        (docx('<w:p><w:fldSimple w:instr="DDEAUTO cmd"/></w:p>'), "outside"),
        (docx(more={"word/a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "broken"),
        (
            docx(more={"word/a.xml": '<!DOCTYPE a SYSTEM "http://spy.example/">\n<a/>'.encode("utf-16")}),
            "broken",
        ),
        (docx("<w:p>"), "broken"),
        (docx(more={"../evil.xml": "<a/>"}), "broken"),
        (
            docx(more={"word/media/i.svg": '<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'}),
            "macros",
        ),
        (docx(more={"word/media/i.svg": '<svg xmlns="http://www.w3.org/2000/svg" onload="a()"/>'}), "macros"),
        (odt(more={"Basic/Standard/Module1.xml": "<a/>"}), "macros"),
        (odt(more={"Scripts/python/a.py": "x"}), "macros"),
        (odt('<script:event-listener xlink:href="vnd.sun.star.script:a"/>'), "macros"),
        (odt('<draw:image xlink:href="http://spy.example/a.png"/>'), "outside"),
        (odt('<text:a xlink:href="javascript:alert(1)">x</text:a>'), "outside"),
        (odt('<draw:object-ole xlink:href="./Object 1"/>'), "embedded"),
        (packed({"a.txt": "x"}), "kind"),
        (packed({"a.txt": "x", "mimetype": "application/epub+zip", "content.xml": "<a/>"}), "kind"),
    ],
)
def test_documents_that_could_do_something_are_refused(sent: bytes, why: str) -> None:
    assert refusal(sent, "a.docx") == why


def test_links_in_an_opendocument_stay() -> None:
    kept = clean("a.odt", odt('<text:a xlink:href="https://example.org/">x</text:a>'))

    assert b"https://example.org/" in insides(kept.content)["content.xml"]


def test_macro_documents_under_another_name_are_refused() -> None:
    types = f'{_HEAD}<Types><Default ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'

    assert refusal(packed({"[Content_Types].xml": types, "word/document.xml": "<a/>"})) == "macros"


def test_bombs_are_refused_before_they_unpack() -> None:
    began = time.monotonic()

    assert refusal(docx(more={"word/a.xml": b" " * 29_000_000})) == "unpacked"
    assert (
        refusal(docx(more={f"word/{n}.xml": random.Random(n).randbytes(9) * 100_000 for n in range(40)}))
        == "unpacked"
    )
    assert refusal(docx(more={f"word/{n}.xml": "<a/>" for n in range(2_001)})) == "unpacked"
    assert time.monotonic() - began < 6


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    honest = docx(more={"word/a.xml": b"<a>" + b" " * 900_000 + b"</a>"})
    size = struct.pack("<I", 900_007)

    assert honest.count(size) == 2
    assert refusal(honest.replace(size, struct.pack("<I", 7))) == "broken"


# -- Names and headers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("C:\\Users\\anna\\Notes.TXT", "Notes.txt"),
        ("a\x00b.txt", "ab.txt"),
        ("invoice\u202etxt.exe", "invoicetxt.txt"),
        ("", "file.txt"),
        ("...", "file.txt"),
        ("/", "file.txt"),
        (".htaccess", "htaccess.txt"),
        ("Plan v1.2", "Plan v1.2.txt"),
        ('a"; filename="b.html', "a filename= b.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie x.txt"),
        ("Ερώτηση.docx", "Ερώτηση.txt"),
        ("x" * 300 + ".txt", "x" * 96 + ".txt"),
        ("lone \ud800.txt", "lone.txt"),
    ],
)
def test_names_are_plain_and_end_as_their_kind(sent: str, kept: str) -> None:
    assert clean(sent, b"text").name == kept


def test_what_is_kept_is_saved_and_never_run() -> None:
    sent = headers("Ερώτηση 1.pdf", washing.PDF)

    assert sent == {
        "Content-Disposition": "attachment; filename*=utf-8''%CE%95%CF%81%CF%8E%CF%84%CE%B7%CF%83%CE%B7%201.pdf",
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
    }
    assert headers("a.txt", uploads.TEXT)["Content-Type"] == "text/plain; charset=utf-8"
    assert headers("a.docx", washing.DOCX)["Content-Type"] == "application/octet-stream"
    assert headers("a.html", "text/html")["Content-Type"] == "application/octet-stream"


@given(st.text(max_size=200))
def test_any_name_is_safe_in_a_header(name: str) -> None:
    kept = clean(name, b"text").name

    line = headers(kept, uploads.TEXT)["Content-Disposition"]
    message = Message()
    message["Content-Disposition"] = line
    assert message.get_content_disposition() == "attachment"
    assert line.isascii()
    assert line.isprintable()
    assert 1 <= len(kept) <= 100
    assert kept.endswith(".txt")
    assert not set(kept) & set('/\\:*?"<>|\x00')


def test_reasons_are_whole_sentences() -> None:
    for why in uploads._SENTENCES:
        reason = Refused(why).reason
        assert reason.endswith(".")
        assert "%" not in reason
    with translation.override("de"):
        assert str(Refused("empty"))


# -- Anything at all --------------------------------------------------------------------------------------------------

_BEGINNINGS = [
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF89a",
    b"RIFF\0\0\0\0WEBP",
    b"%PDF-1.4\n",
    b"PK\x03\x04",
]
_WHOLE = [picture("PNG"), picture(), picture("GIF"), picture("WEBP"), written(pdf(2)), docx(), odt()]


def washed(content: bytes) -> str:
    """What becomes of a file that is no text, without a process of its own, so that many can be tried."""
    family = "pdf" if content.startswith(b"%PDF") else "office" if content.startswith(b"PK") else "picture"
    try:
        kind, kept = washing.wash(family, content)
    except washing.Unwanted as unwanted:
        return str(unwanted)
    # What was written is again a file of its kind.
    assert washing.wash(family, kept)[0] == kind
    return kind


@given(st.sampled_from(_BEGINNINGS), st.binary(max_size=500), st.sampled_from([b"", b"%%EOF"]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_are_kept_or_refused_in_time(beginning: bytes, rest: bytes, end: bytes) -> None:
    began = time.monotonic()

    kept: Clean | Refused
    try:
        kept = clean("file", beginning + rest + end)
    except Refused as refused:
        kept = refused

    assert isinstance(kept, Clean) or kept.reason
    assert time.monotonic() - began < 2


@given(st.sampled_from(_BEGINNINGS), st.binary(max_size=500), st.sampled_from([b"", b"%%EOF"]))
@settings(max_examples=100, deadline=None)
def test_any_bytes_behind_a_right_beginning_have_an_answer(beginning: bytes, rest: bytes, end: bytes) -> None:
    assert washed(beginning + rest + end) in {*uploads._SENTENCES, *uploads._ENDINGS}


@given(st.sampled_from(_WHOLE), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_file_with_some_bytes_changed_has_an_answer(whole: bytes, at: int, noise: bytes) -> None:
    at %= len(whole)

    became = washed(whole[:at] + noise + whole[at + len(noise) :])

    assert became in {*uploads._SENTENCES, *uploads._ENDINGS}
