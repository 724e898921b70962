"""An installation's environment: what ends the start with a sentence, and what a real one passes."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NEEDED = [
    "ALLOWED_HOSTS",
    "DATABASE_URL",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "FIELD_KEYS",
    "PUBLIC_URL",
    "REDIS_URL",
    "SECRET_KEY",
]
PRODUCTION = {
    "ALLOWED_HOSTS": "keys.example",
    "BEHIND_PROXY": "on",
    "DATABASE_OWNER_URL": "postgres://owner:owners-password@db.example/keyturn",
    "DATABASE_URL": "postgres://app:apps-password@db.example/keyturn",
    "DEFAULT_FROM_EMAIL": "Keyturn <keys@keys.example>",
    "EMAIL_URL": "smtp+tls://post:mails-password@mail.example:587",
    "FIELD_KEYS": "a2V5LW9uZS1rZXktb25lLWtleS1vbmUta2V5LW9uZSE=",
    "PUBLIC_URL": "https://keys.example",
    "REDIS_URL": "rediss://:redis-password@redis.example:6380/0",
    "SECRET_KEY": "q8Zr2LxV0nWc7TtYbK4mJh9PsDfG3aEuRi6oXz1vBqNwMyCk5HjU",
}


def manage(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run manage.py with these variables and no other of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def read_variables() -> set[str]:
    """The names that config/settings.py hands to the readers of the environment."""
    tree = ast.parse((PROJECT / "config" / "settings.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "environment"
        and isinstance(call.args[0], ast.Constant)
    }


def test_the_environment_of_a_real_installation_passes_the_deploy_check() -> None:
    done = manage(PRODUCTION, "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "System check identified no issues (0 silenced).\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_ends_the_start_with_one_sentence(name: str) -> None:
    environment = {key: value for key, value in PRODUCTION.items() if key != name}

    done = manage(environment, "check")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (f"Keyturn cannot start: {name} is missing. docs/settings.md says what it holds.\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        pytest.param(
            "SECRET_KEY",
            "hunter2",
            "SECRET_KEY is too short: it needs at least 50 characters.",
            id="SECRET_KEY",
        ),
        pytest.param(
            "DATABASE_URL",
            "//app:hunter2@db.example/keyturn",
            "DATABASE_URL must be a PostgreSQL address such as postgres://user:password@host:5432/keyturn.",
            id="DATABASE_URL",
        ),
        pytest.param(
            "REDIS_URL",
            "http://:hunter2@redis.example",
            "REDIS_URL must be a Redis address such as redis://host:6379/0.",
            id="REDIS_URL",
        ),
        pytest.param("LOG_JSON", "hunter2", "LOG_JSON must be on or off.", id="LOG_JSON"),
        pytest.param(
            "NUKI_OAUTH_CLIENT_SECRET",
            "hunter2",
            "NUKI_OAUTH_CLIENT_ID and NUKI_OAUTH_CLIENT_SECRET belong together: set both or none.",
            id="a secret without its id",
        ),
        pytest.param(
            "NUKI_OAUTH_CLIENT_ID",
            "hunter2",
            "NUKI_OAUTH_CLIENT_ID and NUKI_OAUTH_CLIENT_SECRET belong together: set both or none.",
            id="an id without its secret",
        ),
        pytest.param(
            "NUKI_CALLS_PER_MINUTE",
            "hunter2",
            "NUKI_CALLS_PER_MINUTE must be a whole number of at least 1.",
            id="NUKI_CALLS_PER_MINUTE",
        ),
    ],
)
def test_a_bad_variable_ends_the_start_without_being_repeated(name: str, value: str, sentence: str) -> None:
    done = manage({**PRODUCTION, name: value}, "check")

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == f"Keyturn cannot start: {sentence}\n"


@pytest.mark.parametrize(
    ("variables", "allowed"),
    [
        pytest.param({}, "'self'", id="nobody signs in at Nuki"),
        pytest.param(
            {"NUKI_OAUTH_CLIENT_ID": "keyturn", "NUKI_OAUTH_CLIENT_SECRET": "hunter2"},
            "'self' https://api.nuki.io https://web.nuki.io",
            id="hosts sign in at Nuki",
        ),
    ],
)
def test_forms_lead_to_nuki_only_where_hosts_can_sign_in_there(
    variables: dict[str, str], allowed: str
) -> None:
    policy = "from django.conf import settings; print(*settings.CONTENT_SECURITY_POLICY['DIRECTIVES']"

    done = manage({**PRODUCTION, **variables}, "shell", "-v", "0", "-c", f"{policy}['form-action'])")

    assert (done.returncode, done.stdout) == (0, f"{allowed}\n"), done.stderr


def test_the_table_in_the_docs_has_every_variable_that_is_read_and_no_other() -> None:
    page = (PROJECT / "docs" / "settings.md").read_text(encoding="utf-8")

    documented = re.findall(r"^\| `([A-Z][A-Z0-9_]*)` \|", page, flags=re.MULTILINE)

    assert len(documented) == len(set(documented))
    assert set(documented) == read_variables()
    assert set(NEEDED) <= read_variables()
