"""Scripts joined for Streamlit: in the order of their imports, and strict about all that could go wrong.

The files are written by the tests; the app's own scripts are looked at in tests/unit/project.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_app.ui.widgets.assets import joined, local_path, put_together

ENTRY = "export default function mount() {}\n"


def written(folder: Path, **scripts: str) -> Path:
    """Files by name without `.js`; returns the one called `entry`."""
    for name, text in scripts.items():
        (folder / f"{name}.js").write_text(text, encoding="utf-8")
    return folder / "entry.js"


def test_a_file_comes_once_and_before_those_that_import_it(tmp_path: Path) -> None:
    entry = written(
        tmp_path,
        entry='import { b } from "./b.js";\nimport { a } from "./a.js";\n\nexport default mountOf(a, b);\n',
        a="export const a = 1;\n",
        b='import {\n  a,\n} from "./a.js";\n\nexport function b() {\n  return a;\n}\n',
    )
    assert joined(entry) == (
        "// a.js\nconst a = 1;\n\n"
        "// b.js\nfunction b() {\n  return a;\n}\n\n"
        "// entry.js\nexport default mountOf(a, b);\n"
    )


def test_what_is_no_export_stays_as_it_is(tmp_path: Path) -> None:
    text = 'const A = { export: "export" };\n// export const B\nasync function c() {\n  const A = 1;\n}\n'
    assert text in joined(written(tmp_path, entry=text + ENTRY))


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ('import { missing } from "./a.js";', "does not export missing"),
        ('import { inner } from "./a.js";', "does not export inner"),
        ('import { a as b } from "./a.js";', "does not export a as b"),
        ('import a from "./a.js";', "not understood"),
        ('import * as a from "./a.js";', "not understood"),
        ('import "./a.js";', "not understood"),
        ('import { a } from "a";', "not understood"),
        ('const a = await import("./a.js");', "not understood"),
        ('export * from "./a.js";', "not understood"),
        ("export { mount };", "not understood"),
        ("export let a = 1;", "not understood"),
        ("const { a, b } = window;", "one plain name"),
        ("export const [a, b] = [1, 2];", "one plain name"),
        ('import { a } from "./a.js";\nconst a = 2;', "a is declared in"),
        ('import { a } from "./a.js";\nclass inner {}', "inner is declared in"),
        ('import { a } from "./a.js";\nfunction mount() {}\nexport default mount;', "one default export"),
        ('import { other } from "./entry.js";', "imports itself"),
        ('import { d } from "./default.js";', "one default export"),
    ],
)
def test_what_could_go_wrong_is_an_error(tmp_path: Path, statement: str, problem: str) -> None:
    entry = written(
        tmp_path,
        entry=f"{statement}\n{ENTRY}",
        a="const inner = 0;\nexport const a = inner;\n",
        default="export const d = 1;\nexport default function other() {}\n",
    )
    with pytest.raises(ValueError, match=problem):
        joined(entry)


def test_an_entry_has_a_default_export(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one default export"):
        joined(written(tmp_path, entry="export function mount() {}\n"))


def test_a_default_export_cannot_be_imported_by_its_name(tmp_path: Path) -> None:
    entry = written(tmp_path, entry='import { mount } from "./a.js";\nexport default mount;\n', a=ENTRY)
    with pytest.raises(ValueError, match="does not export mount"):
        joined(entry)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        joined(written(tmp_path, entry=f'import {{ a }} from "./a.js";\n{ENTRY}'))


def test_html_takes_in_what_it_shares(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<div>\n  <!-- include card.html -->\n</div>\n", encoding="utf-8")
    (tmp_path / "card.html").write_text("<p>\n</p>\n", encoding="utf-8")
    assert put_together(tmp_path, "page.html") == "<div>\n<p>\n</p>\n</div>\n"
    (tmp_path / "card.html").unlink()
    with pytest.raises(FileNotFoundError):
        put_together(tmp_path, "page.html")


@pytest.mark.parametrize("url", ["https://example.com/", "//example.com", "/\\example.com", "join", ""])
def test_only_addresses_of_this_site(url: str) -> None:
    with pytest.raises(ValueError, match="path of this site"):
        local_path(url)
