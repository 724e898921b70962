"""Whom Nuki invites to the app: the user of the account with the guest's address, who is made where none is.

A person whom somebody else has made is used and left as they are. Whoever dies between the call and the row
finds the person by the address the next time, so that none is made twice.
"""

from datetime import datetime

import structlog

from access import backoff
from access.looks import Look, look_again, record, record_problem
from access.models import AppUser, Grant, Problem
from access.turns import address_of
from nuki_gateway import errors
from nuki_gateway.client import NukiClient
from nuki_gateway.models import Language
from properties import nuki_accounts, plain_text
from properties.encryption import digest

log = structlog.get_logger(__name__)


def is_known(look: Look, grant: Grant) -> bool:
    """Whether the account knows the grant's guest by now; else it is recorded when to try again.

    Account-wide errors go up to whoever looks at the lock.
    """
    if grant.account_user_id is not None:
        return True
    try:
        user_id, is_ours = _find_or_make(look.client, grant)
    except nuki_accounts.OF_THE_WHOLE_ACCOUNT:
        raise
    except errors.NukiRefused as refusal:
        log.info("app_user_refused", grant_id=grant.pk, status=refusal.status)
        due_at = look.now + backoff.spread(backoff.RESYNC)
        record_problem(
            grant, now=look.now, due_at=min(due_at, grant.allowed_until), problem=Problem.INVITE_REFUSED
        )
        return False
    except errors.NukiError:
        look_again(look, grant)
        return False
    _keep(look, grant, user_id, is_ours=is_ours, now=look.now)
    grant.account_user_id = user_id
    return record(grant, account_user_id=user_id)


def forget(look: Look, grant: Grant) -> None:
    """Look for the guest anew: Nuki refuses to invite the person whom we took for them."""
    taken_for_them = AppUser.objects.filter(nuki_account=look.lock.nuki_account_id)
    taken_for_them.filter(email_digest=digest(address_of(grant))).delete()
    record(grant, account_user_id=None)
    grant.account_user_id = None


def _find_or_make(client: NukiClient, grant: Grant) -> tuple[int, bool]:
    guest, email = grant.own_stay.guest, address_of(grant)
    known = client.account_user_of(email)
    if known is not None:
        return known.account_user_id, False
    name = plain_text.one_line(guest.name) or email
    made = client.create_account_user(email=email, name=name, language=_language(guest.language))
    return made.account_user_id, True


def _keep(look: Look, grant: Grant, user_id: int, *, is_ours: bool, now: datetime) -> None:
    AppUser.objects.update_or_create(
        nuki_account=look.lock.nuki_account,
        email_digest=digest(address_of(grant)),
        defaults={"account_user_id": user_id, "is_ours": is_ours, "found_at": now},
        create_defaults={
            "organization_id": look.lock.organization_id,
            "account_user_id": user_id,
            "is_ours": is_ours,
            "found_at": now,
        },
    )


def _language(wanted: str) -> Language:
    """In which of its languages Nuki writes to the guest."""
    spoken = wanted.partition("-")[0]
    return Language(spoken) if spoken in set(Language) else Language.ENGLISH
