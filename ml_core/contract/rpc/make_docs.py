"""Writes docs/api.md from the contract's descriptor set: `make api-docs`.

The sentences are the comments of the .proto.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from google.protobuf import descriptor_pb2 as d

MESSAGES, ENUMS, SERVICES, FIELDS, VALUES, METHODS = 4, 5, 6, 2, 2, 2  # field numbers in descriptor.proto
PACKAGE, SYNTAX = (2,), (12,)
_SCALARS = {
    number: name.removeprefix("TYPE_").lower() for name, number in d.FieldDescriptorProto.Type.items()
}


def document(file: d.FileDescriptorProto) -> str:
    """The contract as Markdown: methods first, then every message they are made of."""
    notes = {tuple(at.path): _text(at) for at in file.source_code_info.location}
    lines = [
        "<!-- Made from the .proto by `make api-docs`; edit the comments there. -->",
        "",
        "# gRPC API",
        "",
    ]
    lines += [notes.get(SYNTAX, ""), ""]
    for index, service in enumerate(file.service):
        lines += [f"## Service `{file.package}.{service.name}`", ""]
        for number, method in enumerate(service.method):
            lines += [f"### {method.name}", "", f"`{_signature(method)}`", ""]
            lines += _paragraph(notes.get((SERVICES, index, METHODS, number), ""))
    lines += ["## Messages", ""]
    for index, message in enumerate(file.message_type):
        lines += [f"### {message.name}", "", *_paragraph(notes.get((MESSAGES, index), ""))]
        lines += list(_fields(message, (MESSAGES, index), notes))
    for index, enum in enumerate(file.enum_type):
        lines += [f"### {enum.name}", "", *_paragraph(notes.get((ENUMS, index), ""))]
        lines += ["| value | number | meaning |", "|---|---|---|"]
        for number, value in enumerate(enum.value):
            lines.append(_row(f"`{value.name}`", value.number, notes.get((ENUMS, index, VALUES, number), "")))
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _fields(
    message: d.DescriptorProto, path: tuple[int, ...], notes: dict[tuple[int, ...], str]
) -> Iterator[str]:
    if not message.field:
        yield from ("No fields.", "")
        return
    yield from ("| field | type | number | meaning |", "|---|---|---|---|")
    for number, field in enumerate(message.field):
        meaning = notes.get((*path, FIELDS, number), "")
        if field.HasField("oneof_index"):
            meaning = f"one of `{message.oneof_decl[field.oneof_index].name}`. {meaning}".rstrip()
        yield _row(f"`{field.name}`", _type(field), field.number, meaning)
    yield ""


def _type(field: d.FieldDescriptorProto) -> str:
    name = field.type_name.rpartition(".")[2]
    shown = f"[{name}](#{name.lower()})" if name else _SCALARS[field.type]
    return f"repeated {shown}" if field.label == d.FieldDescriptorProto.LABEL_REPEATED else shown


def _signature(method: d.MethodDescriptorProto) -> str:
    asked, answered = (name.rpartition(".")[2] for name in (method.input_type, method.output_type))
    asks = f"stream {asked}" if method.client_streaming else asked
    return f"{method.name}({asks}) returns ({'stream ' if method.server_streaming else ''}{answered})"


def _text(at: d.SourceCodeInfo.Location) -> str:
    said = (*at.leading_detached_comments, at.leading_comments, at.trailing_comments)
    return " ".join(" ".join(said).split())


def _paragraph(text: str) -> list[str]:
    return [text, ""] if text else []


def _row(*cells: object) -> str:
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    files = d.FileDescriptorSet.FromString(sys.stdin.buffer.read()).file
    sys.stdout.write(document(files[-1]))
