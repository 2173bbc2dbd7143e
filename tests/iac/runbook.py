"""The commands of docs/runbook.md, of our scripts and of the alerts' advice, taken out of the text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs/runbook.md"
SCRIPTS = sorted([*(ROOT / "terraform").glob("*.sh"), *(ROOT / "k8s").glob("*.sh")])
PROGRAMS = ("gcloud", "kubectl", "terraform", "docker", "make", "python")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.M | re.S)
_SPAN = re.compile(r"`([^`]+)`")
_SHELL = re.compile(r"^(?:\|\||&&|\||;|then|do|if|!|\()+$")


@dataclass(frozen=True)
class Block:
    """One fenced block: the number of its section, its first line in the file, what is in it."""

    section: str
    line: int
    text: str
    where: str


def blocks() -> list[Block]:
    text = RUNBOOK.read_text()
    found = []
    for match in _FENCE.finditer(text):
        before = text[: match.start()]
        section = re.findall(r"^## (\w+)\. ", before, re.M)[-1]
        lines = match[3].splitlines()
        body = "\n".join(line.removeprefix(match[1]) for line in lines)
        found.append(Block(section, before.count("\n") + 2, body, match[2]))
    return found


def spans(text: str) -> Iterator[str]:
    """Code in a sentence that begins with one of our programs; lines are joined, blanks filled in."""
    for code in _SPAN.findall(_FENCE.sub("", text)):
        words = re.sub(r"\s+", " ", code.replace("\\\n", " ")).strip()
        words = words.removeprefix(".venv/bin/")
        if words.split(" ")[0] in PROGRAMS and " " in words and "…" not in words:
            yield words


def commands(code: str) -> Iterator[list[str]]:
    """The commands of a line of shell, one by one, without redirections and what is put in between."""
    lexer = shlex.shlex(code, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    current: list[str] = []
    for word in [*lexer, ";"]:
        if _SHELL.match(word):
            if current:
                yield current
            current = []
        else:
            current.append(word)


def of_advice(path: Path) -> Iterator[str]:
    """What the alerts advise, as a person reads it: Terraform has filled its blanks."""
    for line in path.read_text().splitlines():
        if re.match(r"\s+(?:advice|content) +=", line):
            yield from spans(re.sub(r"\$\{[^}]*\}", "x", line))
