"""Webhooks as an account has them, and how Nuki gets on with delivering them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from nuki_gateway.models import reading


class Feature(StrEnum):
    """What a webhook can be about. Source: the vendor's API definition."""

    DEVICE_STATUS = "DEVICE_STATUS"
    DEVICE_MASTERDATA = "DEVICE_MASTERDATA"
    DEVICE_CONFIG = "DEVICE_CONFIG"
    DEVICE_LOGS = "DEVICE_LOGS"
    DEVICE_AUTHS = "DEVICE_AUTHS"
    ACCOUNT_USER = "ACCOUNT_USER"


class WebhookStatus(StrEnum):
    """Whether Nuki delivers at all. Source: the vendor's API definition."""

    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"  # after too many failures; a reactivate call starts it again


@dataclass(frozen=True, repr=False)
class Webhook:
    """A decentral webhook. The secret is told once, by the call that makes it."""

    id: int
    url: str
    secret: str
    features: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one webhook; lists leave the secret out."""
        return cls(
            id=reading.number(body, "id"),
            url=reading.text(body, "webhookUrl"),
            secret=reading.optional_text(body, "secret") or "",
            features=features_of(body),
        )

    def __repr__(self) -> str:
        """Without the secret and the address."""
        return f"<Webhook {self.id}>"


@dataclass(frozen=True)
class ApiKey:
    """An API key of the account: what an OAuth client, a token or an Advanced integration belongs to."""

    api_key_id: int
    created_at: datetime | None

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one key, without the key itself."""
        return cls(
            api_key_id=reading.number(body, "apiKeyId"),
            created_at=reading.if_readable(reading.optional_instant, body, "creationDate"),
        )


@dataclass(frozen=True)
class AdvancedApiKey:
    """The Advanced integration of an API key. Its secret is not kept.

    The counters stand in one of the definition's two shapes of this object only: None where they are not
    told.
    """

    status: str  # INACTIVE, APPLIED, TESTING or ACTIVE
    webhook_status: str | None
    features: tuple[str, ...]
    sent_successfully: int | None
    sent_in_vain: int | None
    last_success_at: datetime | None
    last_milliseconds: int | None
    last_succeeded: bool | None

    @property
    def is_deactivated(self) -> bool:
        """Nuki delivers nothing any more: more than one in twenty deliveries failed."""
        return self.webhook_status == WebhookStatus.DEACTIVATED

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read the integration. `lastPostSuccesful` is spelled so by the service."""
        return cls(
            status=reading.text(body, "status"),
            webhook_status=reading.optional_text(body, "webhookStatus"),
            features=features_of(body),
            sent_successfully=reading.if_readable(reading.optional_number, body, "webhookSentSuccessfully"),
            sent_in_vain=reading.if_readable(reading.optional_number, body, "webhookSentErroneous"),
            last_success_at=reading.if_readable(reading.optional_instant, body, "lastSuccessfulPost"),
            last_milliseconds=reading.if_readable(reading.optional_number, body, "lastPostDuration"),
            last_succeeded=reading.if_readable(reading.optional_flag, body, "lastPostSuccesful"),
        )


@dataclass(frozen=True)
class DeliveryRecord:
    """One delivery as Nuki logged it. What was sent is not kept: it holds codes."""

    id: str
    request_id: str | None  # only of what an Advanced call set off
    succeeded: bool
    response_status: int | None  # what our side answered
    milliseconds: int | None
    at: datetime

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Read one line. `response` is the message that Nuki sent (Nuki's documentation): never read."""
        return cls(
            id=reading.identifier(body, "id"),
            request_id=reading.if_readable(reading.optional_identifier, body, "requestId"),
            succeeded=reading.flag(body, "succeeded"),
            response_status=reading.if_readable(reading.optional_small_number, body, "responseStatus"),
            milliseconds=reading.if_readable(reading.optional_number, body, "duration"),
            at=reading.instant(body, "created"),
        )


def features_of(body: Any) -> tuple[str, ...]:
    """The features, known and new ones; what is no text among them is passed over."""
    told = reading.if_readable(reading.items, body, "webhookFeatures") or []
    return tuple(reading.storable(one) for one in told if isinstance(one, str))
