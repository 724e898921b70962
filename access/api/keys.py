"""Who calls: `Authorization: Bearer kt_…`."""

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from access.api.problems import Code, Problem
from properties import api_keys
from properties.clock import now
from properties.models import ApiKey, User

SCHEME = "bearer"


class KeyAuthentication(BaseAuthentication):
    """A key says for which business a program acts, and a person answers for it: who made it."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Who made the key, and the key; None where none was sent."""
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME or not text.strip():
            return None
        try:
            key = api_keys.find(text.strip(), now=now())
        except api_keys.KeyIsUnknown:
            raise Problem(Code.API_KEY_UNKNOWN, "Look whether it was copied whole.") from None
        except api_keys.KeyIsRevoked:
            raise Problem(Code.API_KEY_REVOKED, "Make another one under Settings → API keys.") from None
        except api_keys.KeyHasExpired:
            raise Problem(Code.API_KEY_EXPIRED, "Make another one under Settings → API keys.") from None
        return key.made_by, key
