"""Signing in with Nuki: there with a state that only this session knows, and back again."""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import wraps

import structlog
from django.contrib import messages as notices
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from nuki_gateway.oauth import SignInNotOurs, SignInRefusal, SignInRefused, code_of
from properties import addresses, nuki_accounts, nuki_oauth
from properties.clock import now
from properties.forms import SignInForm
from properties.middleware import OrganizationRequest
from properties.models import Organization
from properties.nuki_views import account_of, connect_page, once_connected
from properties.rights import needs
from properties.roles import Right

log = structlog.get_logger(__name__)

BEGUN = "nuki_sign_in"  # in the session
STATE_BYTES = 32


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun here: for a new account of this name, or for one that is there."""

    state: str
    organization_id: int
    name: str = ""
    account_id: int | None = None


@require_POST
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def sign_in_at_nuki(request: OrganizationRequest) -> HttpResponse:
    """Lead to Nuki's sign-in, to connect an account."""
    _require_set_up()
    form = SignInForm(request.POST, organization=request.organization)
    if not form.is_valid():
        return connect_page(request, sign_in_form=form)
    return _lead_to_nuki(request, name=form.cleaned_data["name"])


@require_POST
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def sign_in_again(request: OrganizationRequest, account_id: int) -> HttpResponse:
    """The same for an account whose sign-in has ended."""
    account = account_of(request, account_id)
    _require_set_up()
    return _lead_to_nuki(request, account_id=account.pk)


def _where_it_was_begun(
    page: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Lead to the page in the business that began: Nuki knows one way back for all of them."""

    @wraps(page)
    def led(request: HttpRequest) -> HttpResponseBase:
        ours: list[Organization] = getattr(request, "organizations", [])
        kept = request.session.get(BEGUN)
        key = kept.get("organization_id") if isinstance(kept, dict) else None
        began = next((one for one in ours if one.pk == key), None)
        if began in {None, getattr(request, "organization", None)} or getattr(
            request, "names_business", True
        ):
            return page(request)
        return redirect(addresses.within(began.slug, request.get_full_path()))

    return led


@require_GET
@never_cache
@_where_it_was_begun
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def signed_in_at_nuki(request: OrganizationRequest) -> HttpResponse:
    """Where Nuki sends the host back to. Whatever came of it is said on the page that it leads to."""
    begun = _begun(request)
    if begun is None:
        notices.error(request, _NOT_BEGUN)
        return redirect("properties:nuki_accounts")
    try:
        code = code_of(request.GET.dict(), state=begun.state)
    except SignInNotOurs:
        notices.error(request, _NOT_BEGUN)
        return redirect("properties:nuki_accounts")
    except SignInRefused as refusal:
        del request.session[BEGUN]
        log.info("nuki_sign_in_refused", reason=refusal.reason.value)
        is_their_wish = refusal.reason is SignInRefusal.ACCESS_DENIED
        level = notices.INFO if is_their_wish else notices.ERROR
        notices.add_message(request, level, _REFUSALS.get(refusal.reason, _NOT_ADMITTED))
        return _back(begun)
    del request.session[BEGUN]
    return _finish(request, begun, code)


def _finish(request: OrganizationRequest, begun: Begun, code: str) -> HttpResponse:
    try:
        name = _use(request, begun, code)
    except nuki_accounts.NameTaken:
        notices.error(request, _("You have a Nuki account of this name already. Choose another one."))
    except nuki_accounts.SignInIsOver:
        notices.error(request, _OVER)
    except nuki_accounts.TokenRefused:
        notices.error(request, _LOCKS_HIDDEN)
    except nuki_accounts.NukiDoesNotAnswer:
        notices.error(request, _NO_ANSWER)
    except nuki_accounts.NukiDoesNotAdmitUs:
        notices.error(request, _NOT_ADMITTED)
    else:
        notices.success(request, _("%(name)s is connected.") % {"name": name})
        return once_connected(request)
    return _back(begun)


def _use(request: OrganizationRequest, begun: Begun, code: str) -> str:
    """Connect the account, or mend the one that is there; its name."""
    if begun.account_id is None:
        nuki_accounts.connect_signed_in(
            organization=request.organization, name=begun.name, code=code, now=now()
        )
        return begun.name
    account = account_of(request, begun.account_id)
    nuki_accounts.sign_in_again(account=account, code=code, now=now())
    return account.name


def _lead_to_nuki(
    request: OrganizationRequest, *, name: str = "", account_id: int | None = None
) -> HttpResponse:
    begun = Begun(secrets.token_urlsafe(STATE_BYTES), request.organization.pk, name, account_id)
    request.session[BEGUN] = asdict(begun)
    return redirect(nuki_oauth.sign_in_address(state=begun.state))


def _begun(request: OrganizationRequest) -> Begun | None:
    """What was begun in this session for the business that it acts for now."""
    kept = request.session.get(BEGUN)
    if not isinstance(kept, dict):
        return None
    begun = Begun(**kept)
    return begun if begun.organization_id == request.organization.pk else None


def _back(begun: Begun) -> HttpResponse:
    """Where the sign-in was begun."""
    return redirect("properties:connect_nuki" if begun.account_id is None else "properties:nuki_accounts")


def _require_set_up() -> None:
    if not nuki_oauth.is_set_up():
        raise Http404


_NOT_BEGUN = later("This sign-in was not begun here, or was used before. Nothing was changed. Begin it anew.")
_OVER = later("That sign-in took too long or was used before. Nothing was saved. Sign in once more.")
_NO_ANSWER = later(
    "Nuki does not answer, so the sign-in could not be finished. Nothing was saved. Try again soon."
)
_NOT_ADMITTED = later(
    "Nuki does not accept how this installation of Keyturn is registered there. Nothing was saved. "
    "Tell whoever runs it; until then an API token works."
)
_LOCKS_HIDDEN = later(
    "Nuki signed you in, but does not show Keyturn your smart locks. Nothing was saved. "
    "Sign in once more and allow all that is asked for."
)
_REFUSALS = {
    SignInRefusal.ACCESS_DENIED: later("You did not allow it at Nuki, so nothing was changed."),
    SignInRefusal.SERVER_ERROR: _NO_ANSWER,
    SignInRefusal.TEMPORARILY_UNAVAILABLE: _NO_ANSWER,
}
