"""The file that a group takes home: one HTML page with runtime, network, head and story in it.

What is the same for every group is made once and shared; it stands at the end, so that a file that was cut
off still opens far enough to say so. The page may load nothing: its policy allows its own script and what
that makes itself (`blob:`).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from classroom_app.content import i18n
from classroom_app.ui.widgets import device
from classroom_app.ui.widgets.assets import script, source
from classroom_app.views.play import TakeHome
from ml_core.contract.backbone import FOLDER, BackboneFileError, exported_file
from ml_core.contract.whole_graph import HeadFileError, head_of_file

BYTES_MAX: Final = 20_000_000
STRINGS: Final = (
    *("language_other", "look_bright", "look_nowhere", "look_wait", "look_where", "player_around_done"),
    *("player_around_here", "player_unsure"),
    *("player_unsure_torn", "sure_maybe", "sure_probably", "sure_surely"),
    *("camera_again", "camera_asking", "camera_asleep", "camera_busy", "camera_dark", "camera_flip"),
    *("camera_lost", "camera_opening"),
    *("take_home_alone", "take_home_ask", "take_home_back", "take_home_broken", "take_home_camera"),
    *(
        "take_home_damaged",
        "take_home_looks",
        "take_home_old",
        "take_home_opening",
        "take_home_picture",
        "take_home_story",
    ),
    "take_home_unreadable",
)
# What the camera's words are at home: there is no iPad of the class, and the page is a file.
CAMERA: Final = {
    "camera_start": "take_home_hello",
    "camera_take": "take_home_picture",
    "camera_denied": "take_home_no_camera",
    "camera_insecure": "take_home_no_camera",
    "camera_none": "take_home_without_camera",
}
_STYLES: Final = (
    "common/tokens.css",
    "common/look.css",
    "common/heatmap.css",
    "player/player.css",
    "take_home/take_home.css",
)
_RUNS: Final = "{script}\nstartHome((url) => import(url));\n"  # the one line that joined scripts cannot have
_POLICY: Final = (
    "default-src 'none'; script-src '{script}' blob: 'wasm-unsafe-eval'; style-src '{style}'; "
    "img-src blob: data:; media-src blob:; connect-src blob:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class HomePage:
    """A file in pieces, one after another; all but the first are shared by all groups."""

    name: str
    pieces: tuple[bytes, ...]

    def __len__(self) -> int:
        return sum(map(len, self.pieces))

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)


@dataclass(frozen=True)
class _Shared:
    space: str
    parts: bytes


@cache
def _shared() -> _Shared | None:
    """Some 14 MB that stay in memory once anybody has taken something home. None: there is no runtime."""
    try:
        exported = exported_file()
        runtime, glue, wasm = (
            (device.RUNTIME_FOLDER / name).read_bytes() for name in (device.RUNTIME, device.GLUE, device.WASM)
        )
        parts = {
            "runtime": runtime,
            "glue": glue,
            "wasm": wasm,
            "graph": exported.read(),
        }
    except (BackboneFileError, OSError):
        return None
    return _Shared(exported.space, b"".join(_part(name, data) for name, data in parts.items()))


def is_possible() -> bool:
    """Whether this environment has what the file needs."""
    return device.device_files() is not None


def home_page(taken: TakeHome, lang: str) -> HomePage | None:
    """The file, beginning in this language. None where the environment lacks the runtime, and for a head on
    another network: a large one of a GPU goes into no page."""
    shared = _shared()
    if shared is None or _space(taken.model) != shared.space:
        return None
    story = _story(taken, shared.space, lang)
    first = _document(story, lang).encode() + _part("model", taken.model)
    return HomePage(f"{file_name(taken)}.html", (first, shared.parts, b"</body></html>\n"))


def _space(model: bytes) -> str:
    """Empty for bytes that are no model."""
    try:
        return head_of_file(model).space
    except HeadFileError:
        return ""


def file_name(taken: TakeHome) -> str:
    """In plain letters, without an ending: memory sticks and old computers know no others."""
    key = "".join(sign for sign in taken.key if sign.isascii() and (sign.isalnum() or sign in "-_"))
    return f"ai-{key or 'group'}-{taken.version}"


def _part(name: str, data: bytes) -> bytes:
    packed = base64.b64encode(gzip.compress(data, compresslevel=9, mtime=0))
    begins = f'<script type="text/plain" id="part-{name}" data-bytes="{len(data)}">'
    return begins.encode() + packed + b"</script>\n"


def _story(taken: TakeHome, space: str, lang: str) -> dict[str, object]:
    def both(key: str, **params: object) -> dict[str, str]:
        return {each: i18n.t_html(key, each, **params) for each in i18n.LANGUAGES}

    def lines(each: str) -> list[tuple[str, str]]:
        said = [
            ("📷", i18n.t_html("take_home_line_photos", each, number=taken.photos)),
            (
                "🌱",
                i18n.t_html("take_home_line_version", each, number=taken.version, versions=taken.versions),
            ),
        ]
        if taken.total:
            score = {"correct": taken.correct, "total": taken.total}
            said.insert(0, ("🏆", i18n.t_html("take_home_line_score", each, **score)))
        return said

    return {
        "lang": lang,
        "space": space,
        "version": taken.version,
        "color": taken.color,
        "emoji": taken.emoji,
        "title": {
            each: i18n.t_html("take_home_title", each, name=taken.name(each)) for each in i18n.LANGUAGES
        },
        "made": both("take_home_made", name=taken.class_name, day=f"{taken.day:%Y.%m.%d}"),
        "labels": [
            {
                "label_id": label.id,
                "emoji": label.emoji,
                **{each: html.escape(label.name(each)) for each in i18n.LANGUAGES},
            }
            for label in taken.labels
        ],
        "lines": {each: lines(each) for each in i18n.LANGUAGES},
        "texts": {each: _texts(each) for each in i18n.LANGUAGES},
    }


def _texts(lang: str) -> dict[str, str]:
    keys = {key: key for key in STRINGS} | CAMERA
    return {name: i18n.t_html(key, lang) for name, key in keys.items()}


def _document(story: Mapping[str, object], lang: str) -> str:
    style, runs = _style(), _RUNS.format(script=script("take_home/take_home.js"))
    policy = _POLICY.format(script=_hash(runs), style=_hash(style))
    # Whatever a name has in it: inside of a script element only "<" could end it or begin another.
    told = json.dumps(story, ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<!doctype html>\n<html lang="{lang}" translate="no"><head><meta charset="utf-8">\n'
        f"<!--\n{_licences()}-->\n"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">\n'
        f"<title>AI</title>\n<style>{style}</style></head><body>\n{source('take_home/take_home.html')}\n"
        f'<script type="application/json" id="story">{told}</script>\n'
        f'<script type="module">{runs}</script>\n'
    )


@cache
def _style() -> str:
    return source(*_STYLES)


@cache
def _licences() -> str:
    """Of what is in the file and is not ours; "--" would end the comment in some readers."""
    apache = (FOLDER / "LICENSE").read_text(encoding="utf-8")
    runtime = source("take_home/onnxruntime_licence.txt")
    return f"{runtime}\nEfficientNet-Lite0, Apache License 2.0:\n{apache}".replace("--", "==")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
