"""The addresses of stays, and the one that Nuki Web calls."""

from django.urls import path

from access import (
    alert_views,
    audit_views,
    board_views,
    guest_views,
    live_pages,
    lock_move_views,
    lock_views,
    other_views,
    place_views,
    stay_views,
    timeline_views,
    views,
)
from access.nuki_webhook import nuki_webhook

app_name = "access"

urlpatterns = [
    path("", board_views.today, name="stays"),
    path("today/live", board_views.today_live, name="today_live"),
    path("timeline", timeline_views.timeline, name="timeline"),
    path("stays/all", stay_views.all_stays, name="all_stays"),
    path("stays/book", views.book_stay, name="book_stay"),
    path("stays/<int:stay_id>", views.stay, name="stay"),
    path("stays/<int:stay_id>/live", views.stay_live, name="stay_live"),
    path("stays/<int:stay_id>/code", views.reveal_code, name="reveal_code"),
    path("stays/<int:stay_id>/change", views.change_stay, name="change_stay"),
    path("stays/<int:stay_id>/tell-again", stay_views.tell_again, name="tell_again"),
    path("stays/<int:stay_id>/sheet", stay_views.print_sheet, name="print_sheet"),
    path("stays/<int:stay_id>/renew-code", stay_views.renew_code, name="renew_code"),
    path("stays/<int:stay_id>/cancel", views.cancel_stay, name="cancel_stay"),
    path("alerts", alert_views.alerts, name="alerts"),
    path("alerts/past", alert_views.past_alerts, name="past_alerts"),
    path("guests", guest_views.guest_list, name="guests"),
    path("guests/<int:guest_id>", guest_views.guest, name="guest"),
    path("guests/<int:guest_id>/edit", guest_views.edit_guest, name="edit_guest"),
    path("guests/<int:guest_id>/erase", guest_views.erase_guest, name="erase_guest"),
    path("doors", lock_views.doors, name="doors"),
    path("doors/<int:door_id>", place_views.edit_door, name="edit_door"),
    path("units/<int:unit_id>", place_views.edit_unit, name="edit_unit"),
    path("doors/<int:door_id>/lock", lock_move_views.replace_lock, name="replace_lock"),
    path("locks/<int:lock_id>", lock_views.lock, name="lock"),
    path("locks/<int:lock_id>/activity.csv", lock_views.export_activity, name="export_activity"),
    path("locks/<int:lock_id>/open", lock_views.open_lock, name="open_lock"),
    path("locks/<int:lock_id>/read", lock_views.read_lock, name="read_lock"),
    path("locks/<int:lock_id>/rename", lock_views.rename_lock, name="rename_lock"),
    path("locks/<int:lock_id>/move", lock_move_views.move_lock, name="move_lock"),
    path("locks/<int:lock_id>/swap", lock_move_views.swap_locks, name="swap_locks"),
    path("locks/<int:lock_id>/others", other_views.others, name="others"),
    path("others/<int:authorization_id>/holder", other_views.name_holder, name="name_holder"),
    path("holders/<int:holder_id>/forget", other_views.forget_holder, name="forget_holder"),
    path("activity", views.activity, name="activity"),
    path("activity/latest", views.activity_latest, name="activity_latest"),
    path("audit", audit_views.audit, name="audit"),
    path("live", live_pages.live_stream, name="live"),
    path("webhooks/nuki/<int:account_id>", nuki_webhook, name="nuki_webhook"),
]
