"""How the pages about teams answer: forms, questions, and words for what was refused."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages as notices
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from properties import invitations, team
from properties.clock import now


def done(request: HttpRequest, operation: Callable[[datetime], None]) -> bool:
    """Make the call; a refusal becomes a sentence on the next page."""
    try:
        operation(now())
    except team.LastOwner:
        notices.warning(request, _("A business needs an owner. Make somebody else an owner first."))
    except (team.MayNotChangeTheTeam, invitations.MayNotInvite):
        notices.warning(request, _("Your role does not include it."))
    except team.NoMemberAnyMore:
        notices.warning(request, _("This person is not in the team any more."))
    except team.NoSecondFactorOfOnesOwn:
        notices.warning(request, _("Set up your own second factor first, so that you are not shut out."))
    except invitations.InvitationIsOver:
        notices.warning(request, _("This invitation was accepted or withdrawn in the meantime."))
    else:
        return True
    return False


def form_page(request: HttpRequest, form: Form, title: str, intro: str, submit_word: str) -> HttpResponse:
    """A form about a role on a page of its own, which leads back to the team."""
    context = {
        "section": "team",
        "form": form,
        "title": title,
        "intro": intro,
        "submit_word": submit_word,
        "back_url": reverse("properties:team"),
    }
    return render(request, "properties/role_form.html", context)


def confirm(request: HttpRequest, *, title: str, consequences: list[str], submit_word: str) -> HttpResponse:
    """The question before something that is not easily undone, with what it does to whom."""
    context = {
        "section": "team",
        "title": title,
        "consequences": consequences,
        "submit_word": submit_word,
        "back_url": reverse("properties:team"),
    }
    return render(request, "properties/confirm.html", context)
