"""Removing what carries our label and nobody wants: codes of closed grants, and doubles.

Only labels of this installation are touched. Fingerprints hang on codes of other people.
"""

import structlog

from access import audit, codes, installation, leases
from access.lock_writes import ACCEPTED
from access.looks import Look
from access.models import Grant
from nuki_gateway import errors
from nuki_gateway.models import Authorization

log = structlog.get_logger(__name__)


def remove(look: Look) -> None:
    """Ask for the removal of every stray on this lock's list."""
    strays = _strays(look)
    for stray in strays:
        leases.check(look.lock, look.lease)
        intent = audit.intend_removal_of_stray(organization_id=look.lock.organization_id, now=look.now)
        try:
            look.client.delete_authorization(look.lock.smartlock_id, stray.id)
            answer = ACCEPTED
        except errors.NukiError as failure:
            answer = type(failure).__name__
        audit.answered(intent, answer, now=look.now)
        log.info("stray_removed", lock_id=look.lock.pk, answer=answer)


def _strays(look: Look) -> list[Authorization]:
    ours = [
        entry
        for entry in look.listed
        if codes.is_ours(entry.name, installation.token()) and not entry.operation_runs
    ]
    if not ours:
        return []
    wanted_somehow = Grant.objects.filter(smart_lock=look.lock, closed_at=None)
    keepers = {found.id for grant in wanted_somehow if (found := look.find(grant))}
    return [entry for entry in ours if entry.id not in keepers]
