"""The schema in the checkout is that of the code, and the pages that show it work under our policy."""

import re
from pathlib import Path

from django.conf import settings
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from access.api.problems import Code
from properties.api_scopes import Scope

DOCS: Path = settings.BASE_DIR / "docs"
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)


def test_the_schema_in_the_checkout_is_that_of_the_code() -> None:
    with GENERATOR_STATS.silence():
        made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]

    validate_schema(made)  # type: ignore[no-untyped-call]
    written: str = OpenApiYamlRenderer().render(made, renderer_context={}).decode()  # type: ignore[no-untyped-call]
    assert (DOCS / "openapi.yaml").read_text() == written, "Write it anew: make openapi"


def test_every_operation_has_a_summary_a_name_and_its_scope() -> None:
    made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]

    operations = [one for path in made["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(one["summary"] and "Needs the scope `" in one["description"] for one in operations)
    assert all({"401", "403", "429", "500"} <= one["responses"].keys() for one in operations)


def test_every_code_and_scope_is_explained() -> None:
    text = (DOCS / "api.md").read_text()

    assert [code for code in Code if f"`{code}`" not in text] == []
    assert [scope for scope in Scope if f"`{scope}`" not in text] == []


def test_the_pages_about_the_api_run_no_script_of_the_page_and_need_no_sign_in(client: Client) -> None:
    pages = [client.get(path) for path in ("/api/docs", "/api/reference")]
    schema = client.get("/api/openapi.yaml")
    redoc = client.get("/api/redoc.js").content

    assert [one.status_code for one in pages] == [200, 200]
    assert [SCRIPT.findall(one.content.decode()) for one in pages] == [[], []]
    assert "unsafe" not in pages[0].headers["Content-Security-Policy"]
    assert "script-src 'self';" in pages[1].headers["Content-Security-Policy"] + ";"
    assert redoc.startswith(b"/*! For license information")
    assert (b"Redoc" in redoc, b"cdn.redoc" in redoc) == (True, False)
    assert schema.content.startswith(b"openapi: 3.1.0")
