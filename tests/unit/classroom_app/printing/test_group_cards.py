"""The printed cards: every group has one that opens its own link, and no child's card shows a code."""

import functools
import io
import re
import shutil
import subprocess
from itertools import islice

import pytest
import segno
from PIL import Image

from classroom_app.content import catalog
from classroom_app.printing import drawing, group_cards


def card(index: int = 0, **changes: object) -> group_cards.GroupCard:
    group = catalog.groups_for(index + 1)[index]
    values: dict[str, object] = {
        "name_ja": group.name_ja,
        "name_en": group.name_en,
        "emoji": group.emoji,
        "color": group.color,
        "join_url": f"https://192.0.2.10:8501/join/{index:043d}",
        "picture_code": ("apple", "star", "apple", "key"),
    }
    return group_cards.GroupCard(**{**values, **changes})  # type: ignore[arg-type]  # mixed values by name


@functools.cache
def make(count: int, lang: str = "ja", class_name: str = "なつやすみの AI {教室}") -> bytes:
    return group_cards.group_cards_pdf(
        class_name=class_name, cards=[card(n) for n in range(count)], lang=lang
    )


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def text_of(pdf: bytes, *options: str) -> str:
    """What a reader can select and copy."""
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext of poppler-utils is not installed")
    run = subprocess.run([tool, *options, "-", "-"], input=pdf, capture_output=True, check=True)
    return run.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("groups", "expected"), [(1, 1 + 1), (2, 1 + 1), (5, 3 + 1), (20, 10 + 1), (21, 11 + 2)]
)
def test_two_cards_a_page_and_the_codes_apart(groups: int, expected: int) -> None:
    assert pages(make(groups)) == expected


def test_fonts_are_embedded_with_their_text() -> None:
    pdf = make(1)
    assert pdf.count(b"/FontFile2") == pdf.count(b"/ToUnicode") == 2
    assert len(pdf) < 100_000


def test_a_childs_card_shows_the_group_and_no_code() -> None:
    pdf = make(2)
    child = text_of(pdf, "-l", "1")
    for words in ("ペンギン", "Penguins", "ライオン", "なつやすみの AI {教室}", "カメラで", "かぎだよ"):
        assert words in child
    for word in ("りんご", "ほし", "ファシリテーター", "join"):
        assert word not in child


def test_the_last_page_tells_facilitators_every_code() -> None:
    staff = text_of(make(2), "-f", "2")
    assert "ファシリテーター用：ひみつの絵" in staff
    assert (staff.count("りんご"), staff.count("ほし"), staff.count("かぎ")) == (4, 2, 2)
    assert "ペンギン" in staff


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_facilitators_page_has_the_address_for_an_ipad_whose_camera_is_broken(lang: str) -> None:
    def sheet(url: str) -> bytes:
        cards = [card(n) for n in range(2)]  # on the first page; the facilitators' is the second
        return group_cards.group_cards_pdf(class_name="A", cards=cards, lang=lang, typed_url=url)

    address = "https://192.0.2.10:8501/join"
    assert address in text_of(sheet(address), "-f", "2")
    assert address not in text_of(sheet(address), "-l", "1"), "it is of no use to whoever has a card"
    assert "127.0.0.1" not in text_of(sheet("http://127.0.0.1:8501/join"))


def test_english_cards() -> None:
    text = text_of(make(1, lang="en"))
    for words in ("Scan it with the", "Penguins", "ペンギン", "For facilitators", "Apple"):
        assert words in text


def test_the_qr_code_is_that_of_the_link_with_its_quiet_zone() -> None:
    url = card().join_url
    code = segno.make(url, error="q")
    assert code.error in {"Q", "H"}
    scale = group_cards.QR_PIXELS_PER_MODULE
    with Image.open(io.BytesIO(group_cards.qr_png(url))) as image:
        assert image.width == image.height == code.symbol_size(scale=scale, border=4)[0]
        pixels = image.convert("L")
    size = pixels.width // scale
    centres = ((x * scale + scale // 2, y * scale + scale // 2) for y in range(size) for x in range(size))
    modules = iter([int(pixels.getpixel(centre) == 0) for centre in centres])
    drawn = [bytearray(islice(modules, size)) for _ in range(size)]
    assert drawn == [bytearray(row) for row in code.matrix_iter(border=4)]


def test_names_that_facilitators_may_type() -> None:
    assert drawing.printable("夏休み🎉 山﨑\n髙橋\x7f") == "夏休み 山﨑 髙橋"
    assert drawing.printable("한 A") == "〓 A"
    long = text_of(make(1, class_name="とても長い名前の教室" * 30), "-l", "1")
    assert "とても長い名前の教室" in long
    assert "…" in long
    assert pages(make(1, class_name="")) == 2


def test_a_group_without_a_drawing_gets_its_first_letter() -> None:
    own = card(emoji="🦖", name_ja="きょうりゅう", picture_code=("apple", "unknown"))
    pdf = group_cards.group_cards_pdf(class_name="クラス", cards=[own], lang="ja")
    assert "きょうりゅう" in text_of(pdf, "-l", "1")


def test_no_groups_is_a_pdf_all_the_same() -> None:
    assert group_cards.group_cards_pdf(class_name="クラス", cards=[], lang="ja").startswith(b"%PDF")


def test_cards_that_no_ipad_can_open_say_so_on_every_card() -> None:
    def printed(url: str) -> str:
        cards = [card(n, join_url=f"{url}/join/{n:043d}") for n in range(2)]
        return text_of(group_cards.group_cards_pdf(class_name="1", cards=cards, lang="en"))

    for url in ("http://127.0.0.1:8501", "http://localhost:8501", "http://[::1]:8501", "http://127.0.1.1"):
        assert printed(url).count("No iPad can open this") == 2, url
    assert "No iPad can open this" not in printed("https://192.0.2.10:8501")
