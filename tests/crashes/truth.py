"""What is true in the end: on the locks, in the letters, in the rows. Two runs of a story have to agree."""

from collections import Counter
from dataclasses import dataclass

from access.models import Activity, AuditEntry, AuditKind, Grant, Message, Stay
from nuki_gateway.simulator.authorization import Authorization
from properties import tenancy
from properties.models import NukiAccount
from tests.crashes.stage import Stage

OURS = "KT-"

TURNED_AWAY = ["NukiThrottled", "NukiOverBudget"]  # as the audit names a limit that was reached


@dataclass(frozen=True)
class Truth:
    """Lines that are compared as they are: codes drawn by chance are named by whose they are."""

    codes: tuple[str, ...]
    grants: tuple[str, ...]
    stays: tuple[str, ...]
    letters: tuple[str, ...]
    activity: tuple[str, ...]
    account: tuple[str, ...]

    def differences(self, other: "Truth") -> list[str]:
        """What the other one has otherwise."""
        found = []
        for name, mine in vars(self).items():
            theirs = getattr(other, name)
            found += [
                f"{name}: missing {line}" for line in sorted((Counter(mine) - Counter(theirs)).elements())
            ]
            found += [
                f"{name}: besides {line}" for line in sorted((Counter(theirs) - Counter(mine)).elements())
            ]
        return found


def of(stage: Stage) -> Truth:
    """The truth now."""
    with tenancy.within(stage.business.organization):
        grants = list(Grant.objects.select_related("stay__guest", "door", "smart_lock"))
        return Truth(
            codes=tuple(_codes(stage, {grant.label: grant for grant in grants})),
            grants=tuple(sorted(_line_of(grant) for grant in grants if grant.closed_at is None)),
            stays=tuple(sorted(_line_of_stay(stay) for stay in Stay.objects.select_related("guest", "unit"))),
            letters=tuple(sorted(set(_letters(stage)))),
            activity=tuple(sorted(_activity())),
            account=tuple(_account()),
        )


def repeated_letters(stage: Stage) -> int:
    """How many letters came again, under the Message-ID of one before."""
    return len(stage.mail.letters) - len({letter.number for letter in stage.mail.letters})


def intents() -> tuple[int, int]:
    """How many writes were intended, and of how many nothing says how they were answered.

    What a limit turned away, Nuki's or our own, was intended and never written.
    """
    with tenancy.across_organizations(because="a test counts"):
        intended = AuditEntry.objects.filter(kind=AuditKind.WRITE_INTENDED)
        written = intended.exclude(answers__answer__in=TURNED_AWAY)
        return written.count(), intended.filter(answers=None).count()


def _codes(stage: Stage, grants: dict[str, Grant]) -> list[str]:
    return sorted(
        f"{door}: {_whose(one, grants)} {_window(one)}"
        for door in stage.business.locks
        for one in stage.simulator.codes_on(stage.number(door))
    )


def _whose(one: Authorization, grants: dict[str, Grant]) -> str:
    grant = grants.get(one.name)
    if grant is None:
        return f"{one.name} {one.code}" if not one.name.startswith(OURS) else "a stray"
    return (
        f"{grant.own_stay.guest.name}'s, {'as wanted' if grant.code == one.code else 'another than wanted'}"
    )


def _window(one: Authorization) -> str:
    minutes = (one.from_minute or 0, one.until_minute or 0)
    return f"{one.allowed_from} {one.allowed_until} {one.weekdays} {minutes} {one.enabled}"


def _line_of(grant: Grant) -> str:
    wanted = "wanted" if grant.is_wanted else "unwanted"
    seen = "confirmed" if grant.confirmed_at else "unconfirmed"
    return f"{grant.own_stay.guest.name} at {grant.smart_lock.name}: {wanted} {seen} {grant.problem}"


def _line_of_stay(stay: Stay) -> str:
    return f"{stay.guest.name} in {stay.unit.name} revision {stay.revision} {bool(stay.cancelled_at)}"


def _letters(stage: Stage) -> list[str]:
    """Each letter by what it is about, and whether its code is the one that the guest has now."""
    by_number = {str(message.pk): message for message in Message.objects.select_related("stay__guest")}
    last = {letter.to: letter.code for letter in stage.mail.letters}
    found = []
    for letter in stage.mail.letters:
        message = by_number[letter.number.split("-")[1].split("@")[0]]
        is_last = (
            "with the last code" if last[letter.to] == letter.code else "with another code than the last"
        )
        found.append(f"{letter.to} {message.kind} revision {message.revision} {is_last}")
    for address, code in last.items():
        codes = {
            g.code for g in Grant.objects.filter(stay__guest__email=address, is_wanted=True, closed_at=None)
        }
        if codes - {"", code}:
            found.append(f"{address} was told another code than is wanted")
    return found


def _activity() -> list[str]:
    entries = Activity.objects.select_related("smart_lock", "grant__stay__guest")
    return [f"{one.smart_lock.name} {one.kind} {one.means} by {_who(one)}" for one in entries]


def _who(one: Activity) -> str:
    return one.grant.own_stay.guest.name if one.grant else "nobody"


def _account() -> list[str]:
    account = NukiAccount.objects.get()
    return [
        f"broken {account.broken_since is not None}",
        f"paused {account.paused_until is not None}",
        f"called by Nuki {account.webhook_id is not None}",
        f"token {account.token}",
    ]
