"""The addresses of stays, and the one that Nuki Web calls."""

from django.urls import path

from access import views
from access.nuki_webhook import NukiWebhook

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
    path("webhooks/nuki/<int:account_id>", NukiWebhook.as_view(), name="nuki_webhook"),
]
