"""The argument names and types of the google provider, read from the typings of a PyPI package."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "cdktn_provider_google"  # its archive of typings is read; the package itself is never imported
SCALARS = {"string": "string", "boolean": "bool", "number": "number"}
# Arguments that may be left out and then come from the cloud. The typings don't tell them from plain
# optional ones, so those that our configuration reads without setting them are named here.
ALSO_COMPUTED = frozenset({"id", "project", "region", "zone", "self_link", "address"})

_INTERFACE = re.compile(r"export interface (\w+)(?: extends [\w.]+)? \{(.*?)\n\}", re.S)
_PROPERTY = re.compile(r"(?:/\*\*((?:(?!\*/).)*)\*/\s*)?readonly (\w+)(\?)?: ([^;]+);", re.S)
_KIND = re.compile(r"export declare class (\w+) extends cdkt[nf]\.Terraform(Resource|DataSource|Provider)\b")
_TYPE_NAME = re.compile(r"terraformResourceType: '(\w+)'|tfResourceType = \"(\w+)\"")
_READ = re.compile(r"get(String|Number|Boolean|List|StringMap)Attribute\('(\w+)'\)")
_READ_BLOCKS = re.compile(r"List\(this, \"(\w+)\", (?:true|false)\)")
_READ_TYPES: dict[str, Any] = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "StringMap": ["map", "string"],
}

Schema = dict[str, Any]


def load(cache: Path) -> Schema:
    """The schema, built once and kept beside the environment."""
    if cache.exists():
        return json.loads(gzip.decompress(cache.read_bytes()))  # type: ignore[no-any-return]  # it was written from this type
    schema = _build()
    cache.write_bytes(gzip.compress(json.dumps(schema).encode()))
    return schema


def _build() -> Schema:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{PACKAGE} is not installed: run this by `make iac-terraform`")
    (archive,) = (Path(spec.origin).parent / "_jsii").glob("*.tgz")
    schema: Schema = {"version": "", "provider": {}, "resources": {}, "data": {}}
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        for part in sorted(Path(folder, "package", "lib").iterdir()):
            if (part / "index.d.ts").exists():
                _add(schema, part)
    return schema


def _add(schema: Schema, part: Path) -> None:
    """One resource, data source or the provider itself: a folder of typings."""
    typings = (part / "index.d.ts").read_text()
    code = (part / "index.js").read_text()
    kind, name = _KIND.search(typings), _TYPE_NAME.search(code)
    if kind is None or name is None:
        return
    # Large resources keep their nested types in files of their own.
    structs = (file.read_text() for file in sorted(part.glob("index-structs/structs*.d.ts")))
    types = dict(pair for text in (typings, *structs) for pair in _interfaces(text))
    block = _block(types, f"{kind[1]}Config", ())
    if kind[2] == "Provider":
        block["attributes"].pop("alias", None)
        schema["provider"] = block
        schema["version"] = _version(code)
        return
    _add_computed(block, code[code.index(f"class {kind[1]} extends") :])
    schema["resources" if kind[2] == "Resource" else "data"][name[1] or name[2]] = block


def _version(code: str) -> str:
    found = re.search(r"providerVersion: '([^']+)'", code)
    return found[1] if found else ""


def _interfaces(typings: str) -> Iterator[tuple[str, dict[str, tuple[bool, str]]]]:
    for name, body in _INTERFACE.findall(typings):
        properties = {}
        for comment, camel, optional, written in _PROPERTY.findall(body):
            documented = re.search(r"#([a-z0-9_]+) ", comment)
            own_name = documented[1] if documented else re.sub(r"(?<!^)(?=[A-Z])", "_", camel).lower()
            properties[own_name] = (
                bool(optional),
                re.sub(r"\s*\|\s*cdkt[nf]\.IResolvable", "", written.strip()),
            )
        yield name, properties


def _block(types: dict[str, dict[str, tuple[bool, str]]], name: str, above: tuple[str, ...]) -> Schema:
    block: Schema = {"attributes": {}, "blocks": {}}
    for argument, (optional, written) in sorted(types[name].items()):
        nested = written.split(" | ")[0].rstrip("[]")
        if nested in above:
            continue  # a type within itself; none that we use
        if nested in types:
            block["blocks"][argument] = {
                "block": _block(types, nested, (*above, name)),
                "required": not optional,
                "many": "[]" in written,
            }
        else:
            block["attributes"][argument] = {
                "type": _cty(written),
                "required": not optional,
                "optional": optional,
                "computed": optional and argument in ALSO_COMPUTED,
                "write_only": argument.endswith("_wo"),
            }
    return block


def _cty(written: str) -> Any:
    """A typing as Terraform's own notation of types."""
    written = written.strip()
    if "[key: string]" in written:
        return ["map", SCALARS.get(written.split("]:", 1)[1].strip(" ;}[]\n"), "string")]
    if written.endswith("[]"):
        return ["list", _cty(written[:-2])]
    return SCALARS.get(written.split(" | ")[0], "dynamic")


def _add_computed(block: Schema, code: str) -> None:
    """What can only be read. `code` starts at the resource's own class, after those of its blocks."""
    found = {name: _READ_TYPES[kind] for kind, name in _READ.findall(code)}
    found |= dict.fromkeys(_READ_BLOCKS.findall(code), "dynamic")
    for name, kind in found.items():
        if name not in block["attributes"] and name not in block["blocks"]:
            only_read = {"required": False, "optional": False, "computed": True, "write_only": False}
            block["attributes"][name] = {"type": kind, **only_read}
