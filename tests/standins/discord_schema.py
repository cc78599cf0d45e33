"""Request bodies against Discord's official OpenAPI document, where it lies beside the checkout (``tests/shared.py``).

The document says snowflakes are text; Discord takes numbers too and discord.py sends some, so that type is loosened.
"""

import gzip
import json
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from tests.shared import specs
from tests.standins.discord_errors import RefusalError, invalid_form

NAMES = {
    "/webhooks/{app}/{token}": "/webhooks/{webhook_id}/{webhook_token}",
    "/webhooks/{app}/{token}/messages/{which}": "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
    "/interactions/{id}/{token}/callback": "/interactions/{interaction_id}/{interaction_token}/callback",
    "/applications/{app}/commands": "/applications/{application_id}/commands",
}
"""Our templates whose names differ from the document's."""


def prepare() -> None:
    """Read the document; the place to skip, or to fail where it must be and is not."""
    _document()


@cache
def _document() -> Any:
    try:
        path = specs("discord", "openapi.json.gz")
    except pytest.skip.Exception:
        return None
    with gzip.open(path) as file:
        document = json.load(file)
    document["components"]["schemas"]["SnowflakeType"]["type"] = ["string", "integer"]
    return document


@cache
def _validator(method: str, template: str, has_message: bool) -> jsonschema_rs.Draft202012Validator | None:
    document = _document()
    name = NAMES.get(template, template)
    if document is None or "requestBody" not in document["paths"].get(name, {}).get(method.lower(), {}):
        return None
    escaped = name.replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
    pointer = f"/paths/{escaped}/{method.lower()}/requestBody/content/application~1json/schema"
    if template == "/channels/{channel_id}/threads":  # anyOf would let a wrong message pass as an unknown key
        kind = "CreateForumThreadRequest" if has_message else "CreateTextThreadWithoutMessageRequest"
        pointer = f"/components/schemas/{kind}"
    registry = jsonschema_rs.Registry([("urn:discord", document)])
    return jsonschema_rs.Draft202012Validator({"$ref": f"urn:discord#{pointer}"}, registry=registry)


def check(method: str, template: str, body: Any) -> RefusalError | None:
    """What is wrong with a body by the document, as the answer Discord gives. ``None`` without schema or document."""
    validator = _validator(method, template, isinstance(body, dict) and "message" in body)
    found = list(validator.iter_errors(body)) if validator is not None else []
    problems = [inmost for problem in found for inmost in _inmost(problem)]
    if not problems:
        return None
    return invalid_form([(list(p.instance_path), "SCHEMA", p.message[:300]) for p in problems])


def _inmost(problem: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    """Of a choice between kinds of things, what is wrong with the kind that the body says it is."""
    named = [*problem.instance_path, "type"]
    choices: list[list[jsonschema_rs.ValidationError]] = getattr(problem.kind, "context", None) or []
    fitting = [choice for choice in choices if all(list(p.instance_path) != named for p in choice)]
    return [inmost for p in fitting[0] for inmost in _inmost(p)] if fitting else [problem]
