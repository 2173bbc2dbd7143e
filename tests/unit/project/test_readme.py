"""The README's table of settings says what the code says; this file prints it when it is run."""

from __future__ import annotations

from pathlib import Path

from classroom_app.settings import Settings

README = Path(__file__).parents[3] / "README.md"


def table() -> list[str]:
    lines = []
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = default.get_secret_value() if hasattr(default, "get_secret_value") else str(default)
        lines.append(
            f"| `CLASSROOM_{name.upper()}` | {f'`{shown}`' if shown else 'empty'} | {field.description} |"
        )
    return lines


def test_the_readme_lists_every_setting_with_its_default() -> None:
    text = README.read_text(encoding="utf-8")
    assert [line for line in table() if line not in text] == []


if __name__ == "__main__":
    print("\n".join(table()))
