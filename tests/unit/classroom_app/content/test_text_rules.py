"""The rules of docs/texts.md that can be looked up in the locale files."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

from classroom_app import errors
from classroom_app.content import i18n

ROOT = Path(__file__).parents[4]
JA, EN = (
    json.loads((ROOT / f"classroom_app/content/locales/{lang}.json").read_text(encoding="utf-8"))
    for lang in i18n.LANGUAGES
)
RUBY = re.compile(r"\{([^{}|]+)\|([^{}|]+)\}")
KANJI = re.compile("[一-龯々]")
JAPANESE = "[ぁ-んァ-ヶ一-龯々、。「」]"

# Who reads a sentence. Adults: by the beginning of its key, or its end; a certificate's page of settings on
# an iPad is read by both, with readings. Everything else is for children.
ADULTS = (
    *("al_", "cc_", "ch_", "challenge_", "check_", "class_", "co_", "ex_", "fa_", "final_", "jo_", "kind_"),
    *("login_", "mo_", "phase_", "plan_", "re_", "ready_", "sb_", "sc_", "scope_", "sheet_", "staff_", "th_"),
    *(
        "round_minutes_wrong",
        "round_not_now",
        "error_password_short",
        "projector_link_old",
        "pj_loopback",
        "rules_wrong",
        "runs_finishing",
    ),
    *("guide_", "date_", "cards_"),
    *("language_", "receipt_", "audit_", "account_", "venue_", "cs_", "deletion_", "door_", "role_"),
    *(
        "privacy_",
        "end_",
        "device_adult",
        "error_role",
        "run_is_over",
        "run_not_to_retry",
        "staff_text_wrong",
        "swap_needs_two",
        "swap_not_now",
    ),
)
CHILDREN_TOO = {
    "venue_outside",
    "venue_outside_do",
    "class_has_ended",
    "privacy_link",
    "class_over",
    "final_text",
    "final_title",
    "phase_no_photos",
    "phase_no_training",
}
BOTH = ("ca_",)

# These quote what another program shows (Settings, Safari, the Finder, a camera's dialog), what somebody says
# or wrote, or what is written elsewhere (a file, an export, a printed page).
QUOTES_OF_OTHERS = {
    *("ca_others_android", "ca_others_mac", "ca_others_windows", "ca_step1_body", "ca_step3_body"),
    *("camera_asking", "camera_asking__adult", "camera_others", "camera_others__adult"),
    *("challenge_path_strange", "first_cookies_adult", "first_noscript_adult", "first_old_adult"),
    *("guide_parent", "guide_phone_2", "guide_zip_2", "join_no_cookie", "phase_once_more"),
    *("plan_labels_or_subject", "ready_clock_ipads_off_how", "tryout_allow_2", "tryout_allow_3"),
}


def is_for_adults(key: str) -> bool:
    if key.endswith(("_adult", "_adult_do")):
        return True
    return key.startswith(ADULTS) and key not in CHILDREN_TOO


CHILDREN = {key: text for key, text in JA.items() if not is_for_adults(key) and not key.startswith(BOTH)}
GROWN_UPS = {key: text for key, text in JA.items() if is_for_adults(key)}


def without_ruby(text: str) -> str:
    return RUBY.sub("", text)


def test_every_kanji_that_a_child_sees_has_its_reading() -> None:
    assert {key: text for key, text in CHILDREN.items() if KANJI.search(without_ruby(text))} == {}


def test_readings_are_of_kanji_alone_in_hiragana_and_word_by_word() -> None:
    """Three kanji are a word with its counter; more are two words."""
    wrong = [
        f"{key}: {base}|{reading}"
        for key, text in JA.items()
        for base, reading in RUBY.findall(text)
        if not re.fullmatch("[一-龯々]{1,3}", base) or not re.fullmatch("[ぁ-んー]+", reading)
    ]
    assert wrong == []


def test_children_are_not_spoken_to_in_the_form_for_adults() -> None:
    formal = re.compile("です|ます|ません|ました|でした|ください|ましょう")
    assert {key: text for key, text in CHILDREN.items() if formal.search(i18n.kanji(text))} == {}


def test_adults_read_plain_japanese() -> None:
    """No readings, and no blanks between words, as in a book for small children."""
    childish = re.compile(rf"{JAPANESE} {JAPANESE}")
    assert {key: text for key, text in GROWN_UPS.items() if RUBY.search(text) or childish.search(text)} == {}


# Written with kanji and reading everywhere: a word in two forms is two words to who learns to read.
ONE_FORM = (
    "しゃしん",
    "けっか",
    "せいかい",
    "もんだい",
    "れんしゅう",
    "ばしょ",
    "じゅんび",
    "しゅるい",
    "みる",
)
BEFORE_THE_PAGE = "first_"  # shown while nothing is there yet, as plain as can be


def test_a_word_is_written_in_one_form() -> None:
    kana = [
        f"{key}: {word}"
        for key, text in CHILDREN.items()
        for word in ONE_FORM
        if not key.startswith(BEFORE_THE_PAGE) and re.search(f"(?<![ぁ-ん]){word}", without_ruby(text))
    ]
    assert kana == []


def error_keys() -> set[str]:
    def tree(kind: type[errors.ClassroomError]) -> set[str]:
        return {kind.key}.union(*(tree(child) for child in kind.__subclasses__()))

    raised = set(tree(errors.ClassroomError))
    for path in (ROOT / "classroom_app").rglob("*.py"):
        raised |= set(re.findall(r'Error\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    return {key for key in raised if key in JA}


def test_every_error_says_what_to_do() -> None:
    child = re.compile("てね|でね|よう！|よう。|まって|もういちど|いれてね|みよう")
    adult = re.compile("ください")
    silent = []
    for key in sorted(error_keys()):
        if is_for_adults(key):
            silent += [key] if not adult.search(JA[key]) else []
            continue
        silent += [key] if not child.search(i18n.plain(JA[key])) else []
        own = JA.get(f"{key}{i18n.FOR_ADULTS}")
        if own is not None and not adult.search(own):
            silent.append(f"{key}{i18n.FOR_ADULTS}")
    assert silent == []


def test_adults_have_their_own_words_for_every_error_that_they_may_meet_with_children() -> None:
    """An error that only a group's iPad can cause needs none."""
    of_groups_alone = {
        *("choice_closed", "class_over", "join_code_wrong", "join_token_unknown", "photos_full"),
        *(
            "practice_hidden",
            "round_over",
            "round_paused",
            "trainings_used_up",
            "photo_set_aside",
            "no_model",
            "join_class_over",
        ),
        "take_home_over",  # to whoever opens a group's link, in both languages
        *("photo_was_deleted", "group_waits", "group_waits_photo", "class_has_ended", "venue_outside"),
        "swap_over",
    }
    alone = {
        key
        for key in error_keys()
        if not is_for_adults(key) and f"{key}{i18n.FOR_ADULTS}" not in JA and key not in of_groups_alone
    }
    assert alone == set()


def test_an_adults_sentence_stands_beside_a_childs() -> None:
    twins = [key for key in JA if key.endswith(i18n.FOR_ADULTS)]
    assert twins
    assert {key.removesuffix(i18n.FOR_ADULTS) for key in twins} - JA.keys() == set()
    for key in twins:
        assert i18n.t_kanji(key.removesuffix(i18n.FOR_ADULTS), "ja", seconds=3) == JA[key].replace(
            "{seconds}", "3"
        )


def test_where_a_sentence_ends_with_a_full_stop_the_last_one_does() -> None:
    """A heading, a button and a label have none."""
    ends = re.compile(r"[。！？…）」]\s*$")
    missing = {
        key: text for key, text in CHILDREN.items() if "。" in text and not ends.search(i18n.kanji(text))
    }
    assert missing == {}


def test_signs_are_those_of_the_language() -> None:
    japanese = {key: text for key, text in JA.items() if re.search(rf"{JAPANESE}[!?,]|\.\.\.", text)}
    english = {key: text for key, text in EN.items() if re.search(r" …|\.\.\.|[、。「」！？]|'", text)}
    assert (japanese, english) == ({}, {})


def test_words_in_quotes_are_words_of_our_pages() -> None:
    """Who is told to press one finds it: a button that is named anew takes its mentions along."""
    strange: dict[str, list[str]] = {}
    for texts, quoted in ((JA, r"「([^{」][^」]*|{[^}|]+\|[^」]*)」"), (EN, r"“([^{”][^”]*)”")):
        ours = {_as_seen(text) for text in texts.values()}
        for key, text in texts.items():
            if found := [words for words in re.findall(quoted, text) if _as_seen(words) not in ours]:
                strange[key] = found
    assert strange.keys() == QUOTES_OF_OTHERS, strange


def _as_seen(text: str) -> str:
    return re.sub(r"\s", "", i18n.kanji(text))


def test_code_puts_no_signs_of_one_language_between_words() -> None:
    """`texts.side_by_side` has the reader's own. Not meant: files that are Japanese alone, or read both."""
    own = {"catalog.py", "dates.py", "flow.py", "furigana.py", "venue.py"}
    found = []
    for path in (*ROOT.glob("classroom_app/**/*.py"), *ROOT.glob("pages/*.py")):
        if path.name in own:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr | ast.Call):
                texts = [part for part in ast.walk(node) if isinstance(part, ast.Constant)]
                found += [
                    f"{path.name}:{part.lineno}: {part.value}"
                    for part in texts
                    if isinstance(part.value, str) and re.search("[、。・：　（）]", part.value)
                ]
    assert sorted(set(found)) == []


def test_english_is_british() -> None:
    american = re.compile(r"\b(learned|color|favorite|center|program(?!s? that))\b", re.IGNORECASE)
    assert {key: text for key, text in EN.items() if american.search(text)} == {}


def test_children_read_no_percentages() -> None:
    """Neither in sentences nor in what a script adds to them; how sure an AI is has words (sureness.js)."""
    sentences = [key for key in CHILDREN if re.search(r"[\d}][%％]", JA[key] + EN[key])]
    widgets = ROOT / "classroom_app/ui/widgets"
    scripts = [
        path.name
        for path in widgets.rglob("*.js")
        if re.search(r"textContent = [^;]*%`|setText\([^;]*%`", path.read_text(encoding="utf-8"))
    ]
    assert sentences + scripts == []
