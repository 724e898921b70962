"""Where Nuki Web calls us: genuine news are stored and answered for, before anything is done about them."""

from dataclasses import dataclass, field
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from access import deliveries
from nuki_gateway import webhooks
from properties import tenancy
from properties.clock import monotonic, now
from properties.models import NukiAccount

KNOWN_FOR = 60.0  # seconds that an account's secret is kept in this process
NOT_ASKED_AGAIN_FOR = 1.0  # seconds: a flood of forgeries costs one look at the row in this time
MOST_KNOWN = 10_000  # accounts


@dataclass(frozen=True)
class Sender:
    """Who may call one account's address."""

    organization_id: int
    secret: str = field(repr=False)
    read_at: float  # monotonic seconds


class Senders:
    """The secrets by which this process knows Nuki's calls, kept for a while: a burst asks the database once.

    An account that is not there is one whose secret nobody has.
    """

    def __init__(self) -> None:
        self._known: dict[int, Sender] = {}

    def genuine(self, account_id: int, body: bytes, signed: str) -> Sender | None:
        """Who sent this, or None if the signature does not fit. A secret that is new is found, too."""
        sender = self._known.get(account_id)
        if sender is None or _age(sender) > KNOWN_FOR:
            sender = self._read(account_id)
        if not _fits(sender, body, signed) and _age(sender) > NOT_ASKED_AGAIN_FOR:
            sender = self._read(account_id)
        return sender if _fits(sender, body, signed) else None

    def forget(self) -> None:
        """Ask the database again."""
        self._known.clear()

    def _read(self, account_id: int) -> Sender:
        if len(self._known) >= MOST_KNOWN:
            self.forget()
        with tenancy.across_organizations(because="the caller shows whose it is by its signature"):
            account = NukiAccount.objects.filter(pk=account_id).first()
        sender = Sender(
            organization_id=account.organization_id if account else 0,
            secret=account.webhook_secret if account else "",
            read_at=monotonic(),
        )
        self._known[account_id] = sender
        return sender


senders = Senders()


@csrf_exempt
@require_POST
def nuki_webhook(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account's address. Whoever cannot sign gets 401, and nothing has happened."""
    if _length(request) > webhooks.LARGEST_DELIVERY:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    body = request.body
    sender = senders.genuine(account_id, body, request.headers.get(webhooks.SIGNATURE_HEADER, ""))
    if sender is None:
        return HttpResponse(status=HTTPStatus.UNAUTHORIZED)
    try:
        news = webhooks.read(body)
    except webhooks.UnreadableDelivery:
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    deliveries.store(account_id=account_id, organization_id=sender.organization_id, news=news, now=now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _length(request: HttpRequest) -> int:
    """What the caller says it sends; without it nothing is read, and no signature fits nothing."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isdecimal() else 0


def _age(sender: Sender) -> float:
    return monotonic() - sender.read_at


def _fits(sender: Sender, body: bytes, signed: str) -> bool:
    try:
        webhooks.check(secret=sender.secret, body=body, signed=signed)
    except webhooks.ForgedDelivery:
        return False
    return True
