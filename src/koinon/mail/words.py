"""What a person wrote in a letter: HTML reduced to text, and what mail programs add at the end taken off.

The stable parts of mail are few, so the rules are few: a quoted letter at the end, the line before it that says who
wrote it, a signature under "-- ". Whatever is in doubt stays.
"""

import html
import re
import unicodedata

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,14})[^<>]*>")
_DROPPED = ("script", "style", "head", "title", "template", "noscript", "object", "svg", "math")
_PARAGRAPHS = {"p", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_BLOCKS = _PARAGRAPHS | {"div", "br", "tr", "li", "hr"}


class _Seen(dict[int, int | None]):
    """For `str.translate`: what nobody sees goes; learnt letter by letter, where letters are few."""

    def __missing__(self, code: int) -> int | None:
        kept = None if unicodedata.category(chr(code)) in {"Cc", "Cs", "Cf", "Co", "Cn"} else code
        if code < 0x10000:
            self[code] = kept
        return kept


# Zero-width joiner and non-joiner are letters' business in some scripts.
_SEEN = _Seen({ord(letter): ord(letter) for letter in "\n\t\u200c\u200d"})
_LONGEST_INTRODUCTION = 300

# "On 3 May, Ana wrote:": the verb in the languages of the EU, and in those in which mail programs often speak.
_WROTE = re.compile(
    r"\b(wrote|schrieb|a écrit|ha scritto|escribió|escreveu|schreef|geschreven|skrev|napisał|napisal|napísal|kirjoitti|"
    r"írta|a scris|написа|έγραψε|rašė|parašė|rakstīja|kirjutas|je napisa|kiteb|scríobh|yazdı|написал|пише)",
    re.IGNORECASE,
)
# The head of a quoted letter as Outlook writes it: "From: …" and at least two more such lines.
_FROM = re.compile(
    r"^\*?(From|Von|De|Da|Van|Från|Fra|Od|Feladó|Από|От|Lähettäjä|Saatja|No|Nuo|Ó|Minn|Mittente|Remitente)\s?:\*?\s",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^\*?[^\W\d_][\w .-]{0,24}\s?:\*?\s")
_RULE = re.compile(r"^\s*([-_=]{5,}|-{2,}[^-]{1,60}-{2,})\s*$")


def clean(text: str) -> str:
    """The text without what nobody sees (NUL, direction overrides, zero width), with plain line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = text.translate(_SEEN)
    lines = [line.rstrip(" \t") if line != "-- " else line for line in text.split("\n")]
    return re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines)).strip("\n")


def of_html(source: str) -> str:
    """The words of an HTML letter; quoted parts get the ">" that they have in plain mail. Nothing is executed or fetched.

    Our own scan and no parser: `html.parser` of Python 3.11 takes minutes for 50,000 hostile letters.
    """
    source = _without(source, "<!--", "-->")
    for name in _DROPPED:
        source = _without_element(source, name)
    lines, depth, end = [""], 0, 0
    for tag in _TAG.finditer(source):
        lines[-1] += _flat(source[end : tag.start()])
        end = tag.end()
        name = tag[2].lower()
        if name in _BLOCKS:
            line = lines[-1].strip()
            lines[-1] = "> " * depth + line if line else ""
            if name == "blockquote":
                depth = max(0, min(5, depth - 1 if tag[1] else depth + 1))
            if line or name == "br":
                lines.append("")
            if name in _PARAGRAPHS and len(lines) > 1 and lines[-2]:
                lines.append("")
        elif name in {"td", "th"}:
            lines[-1] += " "
    lines[-1] = ("> " * depth if lines[-1].strip() else "") + (lines[-1] + _flat(source[end:])).strip()
    return "\n".join(lines).strip("\n")


def trimmed(text: str) -> str:
    """The text without the quoted letter and the signature at its end; the whole where nothing would be left."""
    lines = text.split("\n")
    lines = _without_forwarded_head(lines)
    lines = _without_quote(lines)
    lines = _without_signature(lines)
    # The signature may stand above the quote or below it.
    lines = _without_quote(lines)
    return "\n".join(lines).strip("\n") if any(line.strip() for line in lines) else text


def _without_quote(lines: list[str]) -> list[str]:
    end = _last_written(lines, len(lines))
    quoted = end
    while quoted and (lines[quoted - 1].startswith(">") or not lines[quoted - 1].strip()):
        quoted -= 1
    if not any(line.startswith(">") for line in lines[quoted:end]):
        return lines
    return _without_introduction(lines[:quoted])


def _without_introduction(lines: list[str]) -> list[str]:
    """Take off "On 3 May 2027, Ana wrote:", which may be broken over three lines; any other line stays."""
    for count in (1, 2, 3):
        said = " ".join(lines[-count:]).strip()
        if len(lines) < count or len(said) > _LONGEST_INTRODUCTION or not said.endswith(":"):
            break
        if not lines[-count].strip():
            break
        names_a_time_or_address = any(sign.isdigit() or sign == "@" for sign in said)
        if _WROTE.search(said) and names_a_time_or_address:
            return lines[:-count]
    return lines


def _without_forwarded_head(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        fields = lines[number : number + 3]
        if _FROM.match(line) and len(fields) == 3 and all(map(_FIELD.match, fields)):
            before = _last_written(lines, number)
            if before and _RULE.match(lines[before - 1]):
                return lines[: before - 1]
            # Without a rule before it only an address tells it from somebody's own list: "No: 5", "Phone: …".
            if "@" in line:
                return lines[:number]
    return lines


def _without_signature(lines: list[str]) -> list[str]:
    for number in range(len(lines) - 1, max(-1, len(lines) - 30), -1):
        if lines[number] in {"-- ", "--"}:
            return lines[:number]
    return lines


def _last_written(lines: list[str], end: int) -> int:
    """The number of lines up to the last one before `end` that is not blank."""
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(text))


def _without(source: str, opening: str, closing: str) -> str:
    kept, at = [], 0
    while (start := source.find(opening, at)) >= 0:
        kept.append(source[at:start])
        end = source.find(closing, start + len(opening))
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    return "".join([*kept, source[at:]])


def _without_element(source: str, name: str) -> str:
    opening = re.compile(rf"<{name}(?=[\s/>])", re.IGNORECASE)
    closing = re.compile(rf"</{name}\s{{0,9}}>", re.IGNORECASE)
    kept, at = [], 0
    while (start := opening.search(source, at)) is not None:
        kept.append(source[at : start.start()])
        end = closing.search(source, start.end())
        if end is None:
            return "".join(kept)
        at = end.end()
    return "".join([*kept, source[at:]])
