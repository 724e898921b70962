"""What the schema says of answers besides their content: their headers, and the operations they lead to."""

import re
from collections.abc import Iterator
from typing import Any

from access.api.idempotency import HEADER
from access.api.operations import MATCH

Described = dict[str, Any]

SUCCESS, REFUSED_FOR_NOW = re.compile(r"2\d\d"), re.compile(r"429|503")
OF_IT, AS_IT_WAS, OF_THE_NEXT = "$response.body#/id", "$response.header.ETag", "$response.body#/next_cursor"

HEADERS: dict[str, Described] = {
    "X-Request-ID": {
        "description": "How the log calls the request.",
        "required": True,
        "schema": {"type": "string", "minLength": 1},
    },
    "RateLimit-Policy": {
        "description": "How often the key may ask.",
        "schema": {"type": "string", "pattern": r'^"key";q=[0-9]+;w=[0-9]+$'},
    },
    "RateLimit": {
        "description": "How often it still may, and in how many seconds it may again.",
        "schema": {"type": "string", "pattern": r'^"key";r=[0-9]+;t=[0-9]+$'},
    },
    "Retry-After": {
        "description": "In how many seconds it is worth asking again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "ETag": {
        "description": "The `version` in quotes, for `If-Match`.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9a-f]+"$'},
    },
    "Idempotent-Replayed": {
        "description": "The request was carried out before, and answered so.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}


def with_headers(result: Described, **_: Any) -> Described:
    """Say which headers an answer has."""
    result["components"]["headers"] = HEADERS
    for operation in _operations(result):
        is_kept = any(one["name"] == HEADER for one in operation.get("parameters", ()))
        for status, answer in operation["responses"].items():
            names = ["X-Request-ID"]
            if REFUSED_FOR_NOW.fullmatch(status):
                names += ["Retry-After"]
            if SUCCESS.fullmatch(status):
                names += ["RateLimit-Policy", "RateLimit"]
                names += ["ETag"] if _content_of(answer) == "Stay" else []
                names += ["Idempotent-Replayed"] if is_kept else []
            answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return result


def with_links(result: Described, **_: Any) -> Described:
    """Say where an answer leads: from a thing to what is done with it, and from a page to the next one."""
    at_one = _links_by_kind(result)
    links: dict[str, Described] = {}
    for operation in _operations(result):
        for status, answer in operation["responses"].items():
            if SUCCESS.fullmatch(status):
                found = _links_of(result, operation["operationId"], _content_of(answer), at_one)
                links |= found
                if found:
                    answer["links"] = {name: {"$ref": f"#/components/links/{name}"} for name in found}
    result["components"]["links"] = dict(sorted(links.items()))
    return result


def _links_of(
    result: Described, name: str, content: str, at_one: dict[str, dict[str, Described]]
) -> dict[str, Described]:
    if content.endswith("Page"):
        return {f"{name}.next": {"operationId": name, "parameters": {"cursor": OF_THE_NEXT}}}
    found = at_one.get(_kind_of(result, content), {})
    return {target: link for target, link in found.items() if target != name}


def _links_by_kind(result: Described) -> dict[str, dict[str, Described]]:
    """For each kind of id how operations are reached that have it, and nothing else, in their address."""
    found: dict[str, dict[str, Described]] = {}
    for operation in _operations(result):
        taken = operation.get("parameters", ())
        in_path = [one for one in taken if one["in"] == "path"]
        if len(in_path) == 1 and "pattern" in in_path[0]["schema"]:
            values = {in_path[0]["name"]: OF_IT}
            if any(one["name"] == MATCH.name for one in taken):
                values[MATCH.name] = AS_IT_WAS
            name = operation["operationId"]
            found.setdefault(in_path[0]["schema"]["pattern"], {})[name] = {
                "operationId": name,
                "parameters": values,
            }
    return found


def _kind_of(result: Described, content: str) -> str:
    """How ids of such things are written; empty for what has none."""
    properties = result["components"]["schemas"].get(content, {}).get("properties", {})
    pattern: str = properties.get("id", {}).get("pattern", "")
    return pattern


def _content_of(answer: Described) -> str:
    """What an answer is called; empty for one without a name."""
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    name: str = schema.get("$ref", "").rpartition("/")[2]
    return name


def _operations(result: Described) -> Iterator[Described]:
    for path in result["paths"].values():
        yield from path.values()
