"""What stands in a log: ids and steps, and no secret even if somebody passes one."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.conf import settings

from config import logs

SECRETS = [
    "authorization",
    "code",
    "codes",
    "cookie",
    "email",
    "guest",
    "name",
    "password",
    "secret",
    "token",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the program would write to stderr, as JSON."""
    stream = io.StringIO()
    configuration = logs.configuration(as_json=True)
    configuration["handlers"]["stderr"]["stream"] = stream
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logging.config.dictConfig(configuration)
    yield stream
    logging.config.dictConfig(settings.LOGGING)
    root.handlers[:], root.level = before


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_the_table_of_secrets_is_whole() -> None:
    assert sorted(logs.SECRET_KEYS) == SECRETS


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_is_hidden(written: io.StringIO, key: str) -> None:
    structlog.get_logger("keyturn.test").warning("something", **{key: "hunter2"})

    (line,) = lines(written)
    assert line[key] == "hidden"
    assert "hunter2" not in written.getvalue()


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_that_was_bound_to_the_request_is_hidden_too(written: io.StringIO, key: str) -> None:
    with structlog.contextvars.bound_contextvars(**{key: "hunter2"}):
        logging.getLogger("some.library").warning("something")

    (line,) = lines(written)
    assert line[key] == "hidden"
    assert "hunter2" not in written.getvalue()


def test_secrets_inside_of_other_values_are_hidden_too(written: io.StringIO) -> None:
    body = {
        "smartlockAuth": {"code": 384174, "name": "Ada Vogel", "id": "66aa"},
        "more": [{"token": "hunter2"}],
    }

    structlog.get_logger("keyturn.test").warning("something", body=body)

    (line,) = lines(written)
    assert line["body"] == {
        "smartlockAuth": {"code": "hidden", "name": "hidden", "id": "66aa"},
        "more": [{"token": "hidden"}],
    }


@pytest.mark.parametrize("code", [384174, "384174", [384174], None])
def test_a_keypad_code_is_hidden_whatever_its_type(written: io.StringIO, code: object) -> None:
    structlog.get_logger("keyturn.test").warning("something", code=code)

    assert lines(written)[0]["code"] == "hidden"


def test_ids_and_steps_are_written_with_their_time_level_and_logger(written: io.StringIO) -> None:
    structlog.get_logger("keyturn.test").info("lock_reconciled", lock_id=7, step="push")

    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "lock_reconciled",
        "level": "info",
        "lock_id": 7,
        "logger": "keyturn.test",
        "step": "push",
    }


def test_an_error_is_written_with_its_traceback_on_one_line(written: io.StringIO) -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        structlog.get_logger("keyturn.test").exception("failed", lock_id=7)

    (line,) = lines(written)
    assert (line["event"], line["level"], line["lock_id"]) == ("failed", "error", 7)
    assert line["exception"].endswith("ZeroDivisionError: division by zero")


def test_what_only_developers_want_is_not_written(written: io.StringIO) -> None:
    structlog.get_logger("keyturn.test").debug("across_organizations", because="a task")

    assert written.getvalue() == ""


def test_people_get_lines_that_are_no_json() -> None:
    formatter = logs.configuration(as_json=False)["formatters"]["line"]

    assert isinstance(formatter["processors"][-1], structlog.dev.ConsoleRenderer)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("Not Found: /g/Zm9v-_bar/code", "Not Found: /g/…/code", id="a guest's page"),
        pytest.param("GET /invitations/Zm9v?x=1 HTTP", "GET /invitations/…?x=1 HTTP", id="an invitation"),
        pytest.param(
            "https://keys.example/accounts/password/reset/key/1-c0ffee/",
            "https://keys.example/accounts/password/reset/key/…/",
            id="a password",
        ),
        pytest.param("GET /guests/7, /stays/8/grants", "GET /guests/7, /stays/8/grants", id="what is no key"),
    ],
)
def test_an_address_that_is_a_key_is_not_written_whoever_writes_it(
    written: io.StringIO, text: str, kept: str
) -> None:
    logging.getLogger("some.library").warning("%s", text)
    structlog.get_logger("keyturn.test").warning("something", path=text, more=[{"path": text}])

    by_library, by_us = lines(written)
    assert (by_library["event"], by_us["path"], by_us["more"]) == (kept, kept, [{"path": kept}])


@pytest.mark.parametrize("status", [200, 404, 503])
def test_the_status_of_an_answer_is_no_keypad_code(written: io.StringIO, status: int) -> None:
    structlog.get_logger("django_structlog").warning("request_finished", code=status)

    assert lines(written)[0]["code"] == status
