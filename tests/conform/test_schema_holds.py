"""Schemathesis tries everything that the committed schema allows and forbids, at a running Keyturn."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings

from properties.clock import now
from tests import crowd
from tests.access.api import programs
from tests.worlds import Business

HERE = Path(__file__).parent
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
SCHEMA = settings.BASE_DIR / "docs" / "openapi.yaml"
EACH_TIME = "--seed 1"
SOME = 4  # of everything that is listed
LONGEST = 3_600  # seconds; with more examples it takes as long as one likes


@pytest.mark.slow
@pytest.mark.timeout(LONGEST)
@pytest.mark.xdist_group("conform")
def test_the_running_api_is_as_its_schema_says(
    product: str, alice: Business, charlie: Business, tmp_path: Path
) -> None:
    crowd.add(alice, alice.book(now=now()), first=0, count=SOME, now=now())
    keys = {name: programs.made(one, now()) for name, one in (("Alice", alice), ("Charlie", charlie))}
    spare, _ = programs.made(alice, now(), name="Spare")
    document = tmp_path / "keys.json"
    document.write_text(json.dumps({"auth": [_as_wfc(name, text) for name, (_, text) in keys.items()]}))

    words = shlex.split(os.environ.get("CONFORM") or EACH_TIME)
    ran = subprocess.run(
        [
            *(SCHEMATHESIS, f"--config-file={HERE / 'schemathesis.toml'}", "run", SCHEMA),
            *(f"--url={urlunsplit(urlsplit(product)._replace(path=''))}", "--workers=1", *words),
        ],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.conform.hooks",
            "KEYTURN_KEYS": str(document),
            "KEYTURN_OWN_KEYS": " ".join(f"key_{key.pk}" for key, _ in keys.values()),
            "KEYTURN_SPARE_KEY": f"key_{spare.pk}",
            "KEYTURN_UNITS": " ".join(f"unit_{flat.pk}" for flat in alice.flats.values()),
        },
        check=False,
    )

    assert ran.returncode == 0


def _as_wfc(name: str, key: str) -> dict[str, object]:
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key}"}]}
