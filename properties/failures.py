"""The answer to a form whose token does not fit: somebody signed in or out since its page was opened."""

from http import HTTPStatus

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRefresh

from properties import ways_back


def form_grown_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that nothing was changed, and lead back to the page of the form; a part of a page loads it anew."""
    del reason  # it is for those who build pages, and Django writes it to the log
    if getattr(request, "htmx", False):
        notices.warning(request, _("This page had grown old, so nothing was done. Please do it once more."))
        return HttpResponseClientRefresh()
    context = {"back_url": ways_back.page_of(request)}
    return render(request, "403_csrf.html", context, status=HTTPStatus.FORBIDDEN)
