"""How the program logs: one line per event through structlog, ids and steps only."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRET_KEYS = frozenset(
    {"authorization", "code", "codes", "cookie", "email", "guest", "name", "password", "secret", "token"}
)
# addresses that are as good as a key, in whatever text a library writes them
TOKEN_IN_TEXT = re.compile(
    r"(/(?:g|invitations|accounts/confirm-email|accounts/password/reset/key)/)[^\s/?#\"'<>]+"
)
HTTP_STATUSES = range(
    100, 600
)  # django-structlog calls an answer's status its code; a keypad code has six digits


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what must never stand in a log, should anybody pass it."""
    for key, value in event.items():
        event[key] = _without_secrets(key, value)
    return event


def _without_secrets(key: str, value: Any) -> Any:
    if key in SECRET_KEYS and not (key == "code" and value in HTTP_STATUSES):
        return "hidden"
    if isinstance(value, dict):
        return {inner: _without_secrets(inner, held) for inner, held in value.items()}
    if isinstance(value, list):
        return [_without_secrets("", held) for held in value]
    if isinstance(value, str):
        return TOKEN_IN_TEXT.sub(r"\1…", value)
    return value


class WithoutTicks(logging.Filter):
    """Drops the line that beat writes for each tick, every five seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line says more than that time passes."""
        return not str(record.msg).startswith("Scheduler: Sending due task")


def configuration(*, as_json: bool) -> dict[str, Any]:
    """Logging's configuration; also sets structlog up, which everything logs through."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
                "foreign_pre_chain": shared,
            },
        },
        "filters": {"without ticks": {"()": WithoutTicks}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"filters": ["without ticks"]},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
