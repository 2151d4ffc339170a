"""The client against the OpenAPI document of the whole application, and against a real server."""

from __future__ import annotations

import types
from typing import Any, get_type_hints

import pytest
from pydantic import BaseModel

from goldsmith.client import Client
from goldsmith.client.client import ENDPOINTS
from goldsmith.client.http import API
from tests.integration.quality.installation import Installation


@pytest.fixture
def document(small: Installation) -> dict[str, Any]:
    found: dict[str, Any] = small.browser().get(f"{API}/openapi.json").json()
    return found


def test_every_endpoint_is_one_of_the_server(document: dict[str, Any]) -> None:
    for name, endpoint in ENDPOINTS.items():
        operations = document["paths"].get(API + endpoint.path)
        assert operations is not None, f"{name}: there is no {endpoint.path}"
        assert endpoint.method.lower() in operations, f"{name}: {endpoint.path} has no {endpoint.method}"


def test_every_endpoint_has_its_method() -> None:
    assert [name for name in ENDPOINTS if name not in _USED_BY] == []
    for name in _USED_BY.values():
        assert callable(getattr(Client, name))


def _schema_of(document: dict[str, Any], name: str) -> dict[str, Any] | None:
    operation = document["paths"][API + ENDPOINTS[name].path][ENDPOINTS[name].method.lower()]
    for status in ("200", "201", "202"):
        content = operation["responses"].get(status, {}).get("content", {}).get("application/json")
        if content is not None:
            schema = content["schema"]
            ref = schema.get("$ref")
            return document["components"]["schemas"][ref.rsplit("/", 1)[-1]] if ref else schema
    return None


def test_what_the_client_reads_is_what_the_server_says(document: dict[str, Any]) -> None:
    checked = set()
    for endpoint, method in _USED_BY.items():
        returned = get_type_hints(getattr(Client, method)).get("return")
        if isinstance(returned, types.UnionType):
            returned = returned.__args__[0]
        schema = _schema_of(document, endpoint)
        if not isinstance(returned, type) or not issubclass(returned, BaseModel) or schema is None:
            continue
        if "properties" not in schema or set(schema["properties"]) == {"job_id"}:
            continue  # a job that the client waits for
        ours = returned.model_json_schema()
        assert set(ours["properties"]) == set(schema["properties"]), endpoint
        checked.add(endpoint)
    assert len(checked) >= 12, checked


_USED_BY = {
    **{name: name for name in ENDPOINTS},
    "import_files": "import_archive",
    "import_problems": "iter_problems",
    "list_items": "iter_items",
    "bulk_items": "bulk_items",
    "download_export": "export_version",
    "list_jobs": "open_jobs",
}
