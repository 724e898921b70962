"""The values behind the list of alerts, and what e-mails say of them: subject, sentence, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import ngettext

from access import came_back, help_pages, help_queries, risks
from access.models import Alert, AlertKind, Stay
from access.models.alerts import FOR_INFORMATION, URGENT
from access.shown import Tone
from properties.roles import Right, Role, may


@dataclass(frozen=True)
class AlertLine:
    """One alert: what it is about, what is so, and where the next step is."""

    subject: str
    sentence: str
    tone: Tone
    word: str
    url: str
    action: str
    opened_at: datetime
    closed_at: datetime | None
    zone: str


@dataclass(frozen=True)
class AlertList:
    """Some alerts under one sentence."""

    answer: str
    tone: Tone
    lines: list[AlertLine]
    next_url: str | None


KINDS = [str(kind) for kind in AlertKind]  # the most urgent first
SENTENCES: dict[str, Promise] = {
    AlertKind.GUEST_NEEDS_HELP: later("%(subject)s asked for help at %(door)s."),
    AlertKind.GUEST_MAY_NOT_GET_IN: later("It was not certain that %(subject)s would get in."),
    AlertKind.ADDRESS_TAKES_NO_MAIL: later("The message to %(subject)s came back."),
    AlertKind.GUEST_NOT_TOLD: later("The message with the code had not been sent to %(subject)s."),
    AlertKind.ACCOUNT_BROKEN: later(
        "Nuki refuses the sign-in of this account. Codes that are on its locks go on working; "
        "nothing can be changed until it is connected again."
    ),
    AlertKind.LOCK_GONE: later("This lock is no longer in your Nuki account. Put another one on the door."),
    AlertKind.LOCK_OFFLINE: later(
        "Nuki does not reach this lock. Codes that are on it go on working; changes wait until it is back."
    ),
    AlertKind.BATTERY_LOW: later("The batteries of this lock are nearly empty. Change them."),
    AlertKind.KEYPAD_BATTERY_LOW: later("The battery of this door's keypad is nearly empty. Change it."),
    AlertKind.SUBSCRIPTION_ENDED: later(
        "The Smart Hosting subscription of this lock has ended: its codes can no longer be changed. "
        "Renew it in Nuki Web."
    ),
    AlertKind.GUEST_OPENED_DOOR: later("%(subject)s opened %(door)s from the guest's page."),
    AlertKind.BACKUP_HANDED_OUT: later("%(subject)s got a backup code for %(door)s."),
    AlertKind.WEBHOOK_OFF: later(
        "This webhook is switched off: for days nothing took what it told, or its address said that it is "
        "gone."
    ),
}
OF_A_DOOR = {AlertKind.GUEST_NEEDS_HELP, *FOR_INFORMATION}
ACTIONS: dict[str, Promise] = {
    AlertKind.GUEST_NEEDS_HELP: later("Help the guest"),
    AlertKind.GUEST_OPENED_DOOR: later("Open stay"),
    AlertKind.BACKUP_HANDED_OUT: later("Open stay"),
    AlertKind.GUEST_MAY_NOT_GET_IN: later("Open stay"),
    AlertKind.ADDRESS_TAKES_NO_MAIL: later("Correct the address"),
    AlertKind.GUEST_NOT_TOLD: later("Open stay"),
    AlertKind.ACCOUNT_BROKEN: later("Connect again"),
    AlertKind.WEBHOOK_OFF: later("Open webhook"),
}


def open_alerts(alerts: Sequence[Alert], *, role: Role, unshown: bool, now: datetime) -> AlertList:
    """What is open: what cannot wait first, as the kinds stand; of one kind the oldest first."""
    in_order = sorted(alerts, key=lambda one: (KINDS.index(one.kind), one.pk))
    lines = [line(alert, now, may_correct=may(role, Right.CHANGE_STAYS)) for alert in in_order]
    count = sum(alert.kind not in FOR_INFORMATION for alert in alerts)
    if not count:
        return AlertList(_("Nothing needs you."), Tone.READY, lines, None)
    answer = ngettext("One thing needs you.", "%(count)d things need you.", count) % {"count": count}
    if unshown:
        answer = _("More than %(count)d things need you.") % {"count": count}
    tone = Tone.ACT if any(one.tone is Tone.ACT for one in lines) else Tone.LOOK
    return AlertList(answer, tone, lines, None)


def past_alerts(alerts: Sequence[Alert], *, most: int, now: datetime) -> AlertList:
    """What was open once, what closed last first."""
    next_url = None
    if len(alerts) > most:
        next_url = f"{reverse('access:past_alerts')}?{urlencode({'before': alerts[most - 1].pk})}"
    return AlertList("", Tone.PAST, [line(alert, now) for alert in alerts[:most]], next_url)


def line(alert: Alert, now: datetime, *, may_correct: bool = True) -> AlertLine:
    """One alert. Its subject has been fetched with it. Who may correct no address is led to the stay."""
    corrects = alert.kind == AlertKind.ADDRESS_TAKES_NO_MAIL and may_correct and alert.closed_at is None
    is_urgent = alert.kind in URGENT
    tone, word = (Tone.ACT, _("Needs you")) if is_urgent else (Tone.LOOK, _("Look at it"))
    if alert.kind in FOR_INFORMATION:
        tone, word = Tone.PLANNED, _("For your information")
    if alert.closed_at is not None:
        tone, word = Tone.PAST, _("Over")
    return AlertLine(
        subject=subject_of(alert),
        sentence=_sentence(alert, now),
        tone=tone,
        word=word,
        url=_correcting_url(alert) if corrects else url_of(alert),
        action=_action(alert, corrects=corrects),
        opened_at=alert.opened_at,
        closed_at=alert.closed_at,
        zone=_zone(alert),
    )


def subject_of(alert: Alert) -> str:
    """Whom or what it is about, in the words of the business."""
    if alert.stay is not None:
        return f"{alert.stay.guest.called} · {alert.stay.unit.name}"
    if alert.smart_lock is not None:
        door = getattr(alert.smart_lock, "door", None)
        return f"{door.name} · {door.property.name}" if door else alert.smart_lock.called
    if alert.webhook_endpoint is not None:
        return alert.webhook_endpoint.name
    return alert.nuki_account.name if alert.nuki_account else ""


def url_of(alert: Alert) -> str:
    """Where the next step is."""
    if alert.stay_id is not None:
        return reverse("access:stay", kwargs={"stay_id": alert.stay_id})
    if alert.smart_lock_id is not None:
        return reverse("access:lock", kwargs={"lock_id": alert.smart_lock_id})
    if alert.webhook_endpoint_id is not None:
        return reverse("access:webhook", kwargs={"endpoint_id": alert.webhook_endpoint_id})
    return reverse("properties:nuki_accounts")


def _correcting_url(alert: Alert) -> str:
    if alert.stay is None:
        return url_of(alert)
    guest = came_back.dead_address(alert.stay).guest
    return reverse("access:edit_guest", kwargs={"guest_id": guest.pk})


def _action(alert: Alert, *, corrects: bool) -> str:
    if alert.kind == AlertKind.ADDRESS_TAKES_NO_MAIL and not corrects:
        return _("Open stay")
    return str(ACTIONS.get(alert.kind, _("Open door")))


def _came_back(stay: Stay) -> str:
    dead = came_back.dead_address(stay)
    facts = {"guest": dead.guest.called, "address": dead.guest.email}
    if dead.is_unwanted:
        sentence = _("%(guest)s has marked our message as unwanted. Tell the guest in another way.")
        return sentence % facts
    return _("The message to %(guest)s came back: %(address)s takes no mail.") % facts


def _sentence(alert: Alert, now: datetime) -> str:
    """For a stay what is known of its doors now; for what is over, what it was."""
    if alert.stay is not None and alert.closed_at is None and alert.kind == AlertKind.ADDRESS_TAKES_NO_MAIL:
        return _came_back(alert.stay)
    if alert.kind in OF_A_DOOR:
        return _at_a_door(alert)
    if alert.stay is not None and alert.closed_at is None:
        risk = risks.risk_of(alert.stay, list(alert.stay.grants.all()), now)
        return risk.sentence
    guest = alert.stay.guest.called if alert.stay is not None else ""
    return str(SENTENCES[alert.kind]) % {"subject": guest}


def _at_a_door(alert: Alert) -> str:
    """What the guest of a stay did at one door; while help is needed, with what was found there."""
    door = getattr(alert.smart_lock, "door", None)
    lock_name = alert.smart_lock.called if alert.smart_lock else ""
    facts = {
        "subject": alert.stay.guest.called if alert.stay else "",
        "door": door.name if door else lock_name,
    }
    sentence = str(SENTENCES[alert.kind]) % facts
    if alert.stay is None or alert.closed_at is not None or alert.kind != AlertKind.GUEST_NEEDS_HELP:
        return sentence
    here = [grant for grant in alert.stay.grants.all() if grant.smart_lock_id == alert.smart_lock_id]
    latest = next(iter(help_queries.requests_of(here)), None)
    return f"{sentence} {help_pages.CAUSES[latest.cause]}" if latest else sentence


def _zone(alert: Alert) -> str:
    if alert.stay is not None:
        return alert.stay.unit.property.time_zone
    door = getattr(alert.smart_lock, "door", None)
    return door.property.time_zone if door else "UTC"
