"""The parts of an Excel workbook, found as Excel finds them: by relationship, whatever their names are.

A workbook is a zip of XML parts. Each part that is asked for is unpacked and checked here before a parser sees it: its size, its
text encoding, its entities, and the numbers of its tags, which bound what parsing it costs.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers import expat

from optimizer.errors import WorkbookError
from optimizer.intake.files.limits import LONGEST_TOKEN, MOST_RELATIONS, MOST_TAGS, MOST_XML_BYTES
from optimizer.intake.files.refusals import SAVE_AS, refusal

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
"""The namespaces of a workbook's elements: as Excel saves them, and as its Strict Open XML Spreadsheet does."""

_ENCODINGS = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"}
_COSTLY = (b"<", b"=", b"\n", b"\r", b"&")
"""What parsing a part costs goes with the numbers of these."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_RELATION_IDS = tuple(
    f"{base}/relationships id" for base in ("http://schemas.openxmlformats.org/officeDocument/2006", "http://purl.oclc.org/ooxml/officeDocument")
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship of a part. kind: the last word of its type, such as worksheet. target: the name of the part that it leads to."""

    kind: str
    target: str
    external: bool


class TooMuch(Exception):
    """More than may be read, or than there is room for."""


class UnsafePart(Exception):
    """A part that must not be parsed. part: its name; fault: why, as the rest of a sentence; fix: what to do."""

    def __init__(self, part: str, fault: str, fix: str) -> None:
        super().__init__(part, fault, fix)
        self.part, self.fault, self.fix = part, fault, fix


class Package:
    """The parts of a workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive, self._tags, self._bytes = archive, 0, 0
        self._parts = {part_key(part.filename): part for part in archive.infolist()}

    def __contains__(self, part: str) -> bool:
        return part_key(part) in self._parts

    def read(self, part: str, needed: bool = True) -> bytes:
        """Return the XML of a part that is there. UnsafePart where it must not be parsed.

        needed: whether the case needs it; of one that is not, TooMuch says that there is no room for it.
        """
        entry = self._parts[part_key(part)]
        if self._bytes + entry.file_size > MOST_XML_BYTES:
            self._refuse(part, needed)
        data = as_utf_8(self._archive.read(entry))
        if fault := xml_fault(data):
            raise UnsafePart(part, fault, SAVE_AS)
        tags = self._tags + max(map(data.count, _COSTLY))
        if tags > MOST_TAGS:
            self._refuse(part, needed)
        self._tags, self._bytes = tags, self._bytes + len(data)
        return data

    def _refuse(self, part: str, needed: bool) -> None:
        if not needed:
            raise TooMuch
        fix = "Delete sheets that are not needed, and rows and columns that are formatted but empty."
        raise UnsafePart(part, "holds, with the parts before it, far more cells, texts or formats than the limit admits", fix)

    def relations(self, part: str) -> dict[str, Relation]:
        """Return the relationships of a part by their ids; of "" the package's own."""
        folder, base = posixpath.split(part)
        own = posixpath.join(folder, "_rels", f"{base}.rels")
        found: dict[str, Relation] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag.endswith(" Relationship"):
                target = attributes.get("Target", "")
                path = unquote(target.replace("\\", "/"))
                whole = path.lstrip("/") if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
                kind = attributes.get("Type", "").rpartition("/")[2]
                found[attributes.get("Id", "")] = Relation(kind, whole, attributes.get("TargetMode") == "External")
                if len(found) > MOST_RELATIONS:
                    raise ValueError("a part has more relationships than any workbook")

        if own in self:
            parse(self.read(own), start)
        return found


def part_key(name: str) -> str:
    """Return a part's name as it is matched: without regard to case, with slashes, without a leading one."""
    return name.replace("\\", "/").lstrip("/").casefold()


def relation_id(attributes: dict[str, str]) -> str:
    """Return the relationship that an element names."""
    return next((attributes[name] for name in _RELATION_IDS if name in attributes), "")


def parse(
    data: bytes, start: Callable[[str, dict[str, str]], None], end: Callable[[str], None] | None = None, text: Callable[[str], None] | None = None
) -> None:
    """Walk through a part's XML; names are its namespace, a blank and its local name. expat.ExpatError where it is not well-formed."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = 2**16
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.Parse(data, True)


def _no_doctype(*_: object) -> None:
    raise ValueError("a part declares entities of its own")


def as_utf_8(data: bytes) -> bytes:
    """Return a part in UTF-16, which is as sound as one in UTF-8, in UTF-8; any other as it is."""
    if data[:2] not in _UTF_16:
        return data
    plain = data.decode("utf-16").encode()
    return _ENCODING.sub(b'encoding="utf-8"', plain[:200], count=1) + plain[200:]


def xml_fault(data: bytes) -> str | None:
    """Return why a part must not be parsed, if it must not."""
    declared = _ENCODING.search(data[:200])
    if b"\0" in data or (declared and declared[1].lower() not in _ENCODINGS):
        return "has an unusual text encoding"
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return "declares entities of its own"
    if has_long_token(data):
        return "holds a tag or comment of over a million letters"
    return None


def has_long_token(data: bytes) -> bool:
    """Return whether one tag, comment or the like may be longer than LONGEST_TOKEN."""
    if len(data) <= LONGEST_TOKEN:
        return False
    for opening, closing in ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")):
        start = data.find(opening)
        while start >= 0:
            end = data.find(closing, start)
            if end < 0 or end - start > LONGEST_TOKEN:
                return True
            start = data.find(opening, end)
    position = 0
    while position + LONGEST_TOKEN < len(data):
        # The last "<" within reach: between it and the one before lies less than a token's length.
        following = data.rfind(b"<", position + 1, position + LONGEST_TOKEN)
        if following < 0:
            return True
        position = following
    return False


def damaged(name: str, error: Exception) -> WorkbookError:
    """Return the refusal of a workbook whose parts do not read as such."""
    message = "The workbook cannot be read: one of its parts is damaged or of an unknown kind."
    fix = "Open it in Excel, save it as a new Excel Workbook (.xlsx) and try that."
    return refusal(name, message, f"{type(error).__name__}", "a workbook as Excel saves it", fix)
