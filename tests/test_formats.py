"""Bytes become text: what the bytes say themselves is believed, and nothing is decoded halfway."""

from __future__ import annotations

import codecs
import random

import pytest

from bodycopy.errors import DecodeError
from bodycopy.formats.txt import decode

RUSSIAN = "Мост закрыли на три дня после бури. Инженеры осмотрели опоры.\n"
FRENCH = "L’été dernier, la rivière est sortie de son lit et a emporté le pont — c’était la troisième fois.\n"
GERMAN = "Die Brücke über den Fluß war für drei Tage gesperrt, nachdem der Sturm vorüber war. Später größere Schäden.\n"
JAPANESE = "橋は嵐の後、三日間閉鎖された。技術者たちが点検した。\n"
CHINESE = "暴风雨过后，大桥关闭了三天。工程师们检查了桥墩。\n"


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        pytest.param("", "utf-8", "utf-8", id="empty"),
        pytest.param("plain", "ascii", "utf-8", id="ascii"),
        pytest.param(RUSSIAN, "utf-8", "utf-8", id="utf-8"),
        pytest.param(RUSSIAN, "cp1251", "windows-1251", id="cp1251"),
        pytest.param(FRENCH, "cp1252", "windows-1252", id="cp1252"),
        pytest.param(GERMAN, "latin-1", "windows-1252", id="latin-1"),
        pytest.param(JAPANESE, "shift_jis", "cp932", id="shift_jis"),
        pytest.param(CHINESE, "gb18030", "gb18030", id="gb18030"),
    ],
)
def test_text_without_a_mark(text: str, encoding: str, found: str) -> None:
    assert decode(text.encode(encoding)) == (text, found)


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        pytest.param(codecs.BOM_UTF8, "utf-8", id="utf-8"),
        pytest.param(codecs.BOM_UTF16_LE, "utf-16-le", id="utf-16-le"),
        pytest.param(codecs.BOM_UTF16_BE, "utf-16-be", id="utf-16-be"),
        pytest.param(codecs.BOM_UTF32_LE, "utf-32-le", id="utf-32-le"),
        pytest.param(codecs.BOM_UTF32_BE, "utf-32-be", id="utf-32-be"),
    ],
)
def test_a_byte_order_mark_decides_and_is_not_part_of_the_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + JAPANESE.encode(encoding)) == (JAPANESE, encoding)


@pytest.mark.parametrize("text", ["\0", "one\0two\n", "a\x1b[31mred\x1b[0m\n" * 50, "tab\tand\fform feed\n"])
def test_a_stray_control_character_is_text(text: str) -> None:
    assert decode(text.encode()).text == text


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(random.Random(1).randbytes(5000), "a binary file, not text", id="compressed"),
        pytest.param(b"\x7fELF\x02\x01\x01" + bytes(60), "a binary file, not text", id="machine code"),
        pytest.param(
            RUSSIAN.encode()[:-3],
            "looks like utf-8, and is not at byte 108 (unexpected end of data)",
            id="utf-8 cut off",
        ),
        pytest.param(
            FRENCH.encode() + b"\xff" + FRENCH.encode(),
            "looks like utf-8, and is not at byte 110 (invalid start byte)",
            id="utf-8 with one wrong byte",
        ),
        pytest.param(
            codecs.BOM_UTF16_LE + b"a",
            "looks like utf-16-le, and is not at byte 2 (truncated data)",
            id="half a character",
        ),
        pytest.param(
            codecs.BOM_UTF16_LE + "\ud800".encode("utf-16-le", "surrogatepass"),
            "looks like utf-16-le, and is not at byte 2 (unexpected end of data)",
            id="half a pair",
        ),
        pytest.param(
            bytes(random.Random(1).choices(range(128, 256), k=400)),
            "no encoding fits; as UTF-8 it fails at byte 0 (invalid start byte)",
            id="noise",
        ),
    ],
)
def test_what_cannot_be_decoded_says_why(data: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(data)
    assert str(caught.value) == message
