"""Whether people have a second factor. Setting one up and asking for it is allauth's."""

from typing import Any

from allauth.mfa.models import Authenticator

from properties.models import User


def usable() -> Any:
    """Those that are asked for when somebody signs in; codes for emergencies alone are none."""
    return Authenticator.objects.filter(type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def has_one(user: User) -> bool:
    """Whether more than a password is asked of this person."""
    return bool(usable().filter(user=user).exists())
