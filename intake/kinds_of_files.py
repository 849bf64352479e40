"""What kind of file an attachment is by its bytes, and which kinds may be opened from CAIT."""

from __future__ import annotations

import io
import lzma
import re
import struct
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass

import puremagic

# Documents, pictures, recordings and emails. No program, no web page, nothing with macros, no archive.
PDF, TEXT, EMAIL = "application/pdf", "text/plain", "message/rfc822"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MAY_BE_OPENED = {
    PDF: "PDF",
    TEXT: "text",
    EMAIL: "email",
    WORD: "Word document",
    EXCEL: "Excel workbook",
    POWERPOINT: "PowerPoint presentation",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument spreadsheet",
    "application/rtf": "rich text",
    "application/msword": "Word, Excel or PowerPoint file of before 2007",
    "image/jpeg": "picture (JPEG)",
    "image/png": "picture (PNG)",
    "image/gif": "picture (GIF)",
    "image/tiff": "picture (TIFF)",
    "image/bmp": "picture (BMP)",
    "image/webp": "picture (WebP)",
    "image/heic": "picture (HEIC)",
    "audio/mpeg": "sound (MP3)",
    "audio/wave": "sound (WAV)",
    "audio/mp4": "sound (M4A)",
    "audio/ogg": "sound (Ogg)",
    "video/mp4": "film (MP4)",
    "video/quicktime": "film (QuickTime)",
    "video/3gpp": "film (3GP)",
    "video/x-msvideo": "film (AVI)",
}
# The same kind under other names.
_ALSO = {
    "text/rtf": "application/rtf",
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/wav": "audio/wave",
    "audio/x-wav": "audio/wave",
    "audio/x-m4a": "audio/mp4",
    "image/x-ms-bmp": "image/bmp",
    "image/heif": "image/heic",
    "video/avi": "video/x-msvideo",
}
_OF_EXTENSION = {".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mov": "video/quicktime", ".heic": "image/heic"}
_OF_PACKED = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL, "ppt/presentation.xml": POWERPOINT}
MOST_PARTS = 5000
PROGRAMS = (b"MZ", b"\x7fELF", b"#!")
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# By these Office before 2007 says that there are macros; and what those are called that are packed since.
MACROS = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "VBA_PROJECT_CUR", "Macros"))
PACKED_MACROS = ("vbaproject.bin", "vbadata.xml")
HAS_MACROS = "It has macros, which are programs. Ask the sender for a PDF."


@dataclass(frozen=True)
class FileKind:
    """`kind`: its media type, empty where nobody knows. `why_not`: why it may not be opened, in words; empty where it
    may."""

    kind: str
    why_not: str = ""


def kind_of_file(content: bytes) -> FileKind:
    """What a file is by its bytes; what it is called, or said to be, does not count."""
    if not content:
        return FileKind("", "It is empty.")
    if content.startswith(PROGRAMS):
        return FileKind("", "It is a program, whatever it is called.")
    if content.startswith(OLD_OFFICE) and any(part in content for part in MACROS):
        return FileKind("application/msword", HAS_MACROS)
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    named = _named(content)
    for kind in named:
        if kind in MAY_BE_OPENED and kind != TEXT:
            return FileKind(kind)
    if _is_text(content):
        if re.search(rb"<(!doctype\s+html|html|script|svg|body|iframe)\b", content[:100_000], re.I):
            return FileKind("text/html", "It is a web page, which can do things when it is opened.")
        return FileKind(TEXT)
    kind = named[0] if named else ""
    return FileKind(kind, _words(kind))


# What a file of a kind is called at its end; the first where it is called otherwise.
_ENDS = {
    PDF: (".pdf",),
    TEXT: (".txt", ".csv", ".log", ".ics", ".vcf"),
    EMAIL: (".eml",),
    WORD: (".docx",),
    EXCEL: (".xlsx",),
    POWERPOINT: (".pptx",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "application/rtf": (".rtf", ".doc"),
    "application/msword": (".doc", ".xls", ".ppt", ".msg"),
    "image/jpeg": (".jpg", ".jpeg", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/tiff": (".tif", ".tiff"),
    "image/bmp": (".bmp",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "audio/mpeg": (".mp3",),
    "audio/wave": (".wav",),
    "audio/mp4": (".m4a", ".mp4"),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "video/mp4": (".mp4", ".m4v", ".m4a"),
    "video/quicktime": (".mov", ".qt"),
    "video/3gpp": (".3gp",),
    "video/x-msvideo": (".avi",),
}


def name_for(name: str, kind: str) -> str:
    """What a file is called when it is downloaded: as the email calls it, without what leads to another folder or
    cannot be seen, and with the end of its own kind, so that a computer does with it what its bytes are for."""
    seen = "".join(each for each in name if unicodedata.category(each) not in ("Cf", "Zl", "Zp"))
    plain = re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", seen)
    plain = " ".join(plain.split()).strip(". ")[:150] or "attachment"
    ends = _ENDS.get(kind, ())
    return plain if not ends or plain.lower().endswith(ends) else f"{plain}{ends[0]}"


def _named(content: bytes) -> list[str]:
    """Its media types by puremagic, the likeliest first."""
    try:
        found = puremagic.magic_string(content[:1_000_000])
    except (puremagic.PureError, ValueError):
        return []
    found = sorted(found, key=lambda each: -each.confidence)
    kinds = [each.mime_type or _OF_EXTENSION.get(each.extension, "") for each in found]
    return [_ALSO.get(kind, kind) for kind in kinds if kind]


_NOT_PACKED = (NotImplementedError, RuntimeError, ValueError, EOFError, OSError, KeyError)


def _packed(content: bytes) -> FileKind:
    """What newer Office programs write is an archive; so is what hides a program."""
    archive = "It is a packed archive. Ask the sender for the files themselves."
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            names = packed.namelist()
            lower = [name.lower() for name in names]
            if len(names) > MOST_PARTS:
                return FileKind("application/zip", archive)
            if any(
                n.endswith(PACKED_MACROS) or n.startswith(("xl/macrosheets/", "basic/", "scripts/")) for n in lower
            ):
                return FileKind("application/zip", HAS_MACROS)
            if "[content_types].xml" in lower:
                types = packed.getinfo(names[lower.index("[content_types].xml")])
                if types.file_size > 1_000_000 or re.search(rb"macroenabled|vbaproject", packed.read(types), re.I):
                    return FileKind("application/zip", HAS_MACROS)
            for part, kind in _OF_PACKED.items():
                if part in names:
                    return FileKind(kind)
            if "mimetype" in names and packed.getinfo("mimetype").file_size < 100:
                kind = packed.read("mimetype").decode("ascii", "replace").strip()
                if kind in MAY_BE_OPENED:
                    return FileKind(kind)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, *_NOT_PACKED):
        return FileKind("application/zip", archive)
    return FileKind("application/zip", archive)


def _is_text(content: bytes) -> bool:
    beginning = content[:200_000]
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", beginning)


def _words(kind: str) -> str:
    if "executable" in kind:
        return "It is a program, whatever it is called."
    return "CAIT does not open this kind of file. Ask the sender for a PDF or a picture."
