"""The pages about Nuki accounts: connecting them by a token, and what they list."""

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nuki_gateway import errors
from properties import nuki_accounts, nuki_oauth, pages, queries
from properties.clock import now
from properties.forms import NukiAccountForm, SignInForm, TokenForm
from properties.middleware import OrganizationRequest
from properties.models import Door, NukiAccount, Organization
from properties.rights import needs
from properties.roles import Right, may

USUAL_NAME = "Nuki"


@require_GET
@needs(Right.VIEW_PROPERTIES)
def nuki_account_list(request: OrganizationRequest) -> HttpResponse:
    """All Nuki accounts with what they list."""
    accounts = [
        pages.nuki_account_row(account, role=request.role, can_sign_in=nuki_oauth.is_set_up(), now=now())
        for account in queries.nuki_accounts_of(request.organization, request.reach)
    ]
    can_connect = may(request.role, Right.CHANGE_NUKI_ACCOUNTS)
    context = {
        "section": "nuki_accounts",
        "accounts": accounts,
        "needs_host": any(account.needs_host for account in accounts),
        "connect_url": reverse("properties:connect_nuki") if can_connect else "",
    }
    return render(request, "properties/nuki_accounts.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def connect_nuki(request: OrganizationRequest) -> HttpResponse:
    """Connect a Nuki account by a token, which is tried before it is kept."""
    form = NukiAccountForm(request.POST or None, initial={"name": _free_name(request.organization)})
    if request.method == "POST" and form.is_valid():
        try:
            nuki_accounts.connect(
                organization=request.organization,
                name=form.cleaned_data["name"],
                token=form.cleaned_data["token"],
                now=now(),
            )
        except nuki_accounts.NameTaken:
            form.add_error("name", _("You have a Nuki account of this name already."))
        except nuki_accounts.TokenRefused:
            form.add_error("token", _TOKEN_REFUSED)
        except nuki_accounts.NukiDoesNotAnswer:
            form.add_error("token", _NOT_CHECKED)
        else:
            return once_connected(request)
    return connect_page(request, form=form)


def once_connected(request: OrganizationRequest) -> HttpResponse:
    """To the accounts; or to their locks, while none of them is on a door."""
    is_new = not Door.objects.filter(organization=request.organization, smart_lock__isnull=False).exists()
    return redirect("access:start_locks" if is_new else "properties:nuki_accounts")


def connect_page(
    request: OrganizationRequest,
    *,
    form: NukiAccountForm | None = None,
    sign_in_form: SignInForm | None = None,
) -> HttpResponse:
    """The page with both ways to connect an account; signing in only where that is set up."""
    organization = request.organization
    usual = {"name": _free_name(organization)}
    if sign_in_form is None and nuki_oauth.is_set_up():
        sign_in_form = SignInForm(organization=organization, initial=usual)
    context = {
        "section": "nuki_accounts",
        "form": form or NukiAccountForm(initial=usual),
        "sign_in_form": sign_in_form,
        "scopes": nuki_oauth.SCOPES,
        "back_url": reverse("properties:nuki_accounts"),
    }
    return render(request, "properties/connect_nuki.html", context)


@require_http_methods(["GET", "POST"])
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def replace_token(request: OrganizationRequest, account_id: int) -> HttpResponse:
    """Give an account another token."""
    account = account_of(request, account_id)
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            nuki_accounts.replace_token(account=account, token=form.cleaned_data["token"], now=now())
        except nuki_accounts.TokenRefused:
            form.add_error("token", _TOKEN_REFUSED)
        except nuki_accounts.NukiDoesNotAnswer:
            form.add_error("token", _NOT_CHECKED)
        else:
            return redirect("properties:nuki_accounts")
    context = {
        "section": "nuki_accounts",
        "form": form,
        "title": account.name,
        "intro": _("The new token is tried before the old one is forgotten."),
        "submit_word": _("Use this token"),
        "back_url": reverse("properties:nuki_accounts"),
    }
    return render(request, "properties/simple_form.html", context)


@require_POST
@needs(Right.CHANGE_NUKI_ACCOUNTS)
def import_locks(request: OrganizationRequest, account_id: int) -> HttpResponse:
    """Read an account's smart locks anew."""
    account = account_of(request, account_id)
    try:
        nuki_accounts.refresh(account=account, now=now())
    except errors.NukiUnauthorized as failure:
        nuki_accounts.pause(account=account, failure=failure, now=now())
        notices.error(request, _SIGN_IN_ENDED if account.is_signed_in_at_nuki else _TOKEN_ENDED)
    except errors.NukiOverBudget:
        notices.error(request, _("This account asks Nuki a lot just now. Try again in a minute."))
    except errors.NukiError:
        notices.error(request, _("Nuki does not answer now. The list is as it was."))
    else:
        notices.success(request, _("The list is up to date."))
    return redirect(
        "access:start_locks" if request.POST.get("back") == "start" else "properties:nuki_accounts"
    )


def account_of(request: OrganizationRequest, account_id: int) -> NukiAccount:
    """One of the business's own accounts, or 404."""
    return get_object_or_404(NukiAccount, organization=request.organization, pk=account_id)


_TOKEN_REFUSED = later(
    "Nuki does not accept this token. Check that it was copied whole and has the scopes that Keyturn needs."
)
_NOT_CHECKED = later(
    "Nuki does not answer, so the token could not be checked. Nothing was saved. Try again soon."
)
_TOKEN_ENDED = later("Nuki no longer accepts this account's token. Put in a new one.")
_SIGN_IN_ENDED = later("Your sign-in with Nuki has ended. Sign in again.")


def _free_name(organization: Organization) -> str:
    """A name to begin with that no other account has."""
    taken = set(NukiAccount.objects.filter(organization=organization).values_list("name", flat=True))
    names = [USUAL_NAME, *(f"{USUAL_NAME} {number}" for number in range(2, len(taken) + 2))]
    return next(name for name in names if name not in taken)
