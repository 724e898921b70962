"""The addresses of stays, and the one that Nuki Web calls."""

from django.urls import path

from access import guest_views, live_pages, views
from access.nuki_webhook import nuki_webhook

app_name = "access"

urlpatterns = [
    path("", views.board, name="stays"),
    path("stays/past", views.past_stays, name="past_stays"),
    path("stays/book", views.book_stay, name="book_stay"),
    path("stays/<int:stay_id>", views.stay, name="stay"),
    path("stays/<int:stay_id>/live", views.stay_live, name="stay_live"),
    path("stays/<int:stay_id>/code", views.reveal_code, name="reveal_code"),
    path("stays/<int:stay_id>/change", views.change_stay, name="change_stay"),
    path("stays/<int:stay_id>/cancel", views.cancel_stay, name="cancel_stay"),
    path("guests", guest_views.guest_list, name="guests"),
    path("guests/<int:guest_id>", guest_views.guest, name="guest"),
    path("guests/<int:guest_id>/edit", guest_views.edit_guest, name="edit_guest"),
    path("guests/<int:guest_id>/erase", guest_views.erase_guest, name="erase_guest"),
    path("activity", views.activity, name="activity"),
    path("activity/latest", views.activity_latest, name="activity_latest"),
    path("live", live_pages.live_stream, name="live"),
    path("webhooks/nuki/<int:account_id>", nuki_webhook, name="nuki_webhook"),
]
