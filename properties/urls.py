"""The addresses of properties and Nuki accounts."""

from django.urls import path

from properties import (
    api_key_views,
    founding_views,
    invitation_views,
    nuki_sign_in,
    nuki_views,
    settings_views,
    team_views,
    text_views,
    views,
)

app_name = "properties"

urlpatterns = [
    path("organization/found", founding_views.found_business, name="found_business"),
    path("properties", views.property_list, name="properties"),
    path("properties/add", views.add_property, name="add_property"),
    path("properties/<int:property_id>", views.property_page, name="property"),
    path("properties/<int:property_id>/edit", views.edit_property, name="edit_property"),
    path("properties/<int:property_id>/texts", text_views.property_texts, name="texts"),
    path("properties/<int:property_id>/facts", text_views.property_facts, name="facts"),
    path("properties/<int:property_id>/doors/add", views.add_door, name="add_door"),
    path("properties/<int:property_id>/units/add", views.add_unit, name="add_unit"),
    path("nuki-accounts", nuki_views.nuki_account_list, name="nuki_accounts"),
    path("nuki-accounts/connect", nuki_views.connect_nuki, name="connect_nuki"),
    path("nuki-accounts/sign-in", nuki_sign_in.sign_in_at_nuki, name="sign_in_at_nuki"),
    path("nuki-accounts/signed-in", nuki_sign_in.signed_in_at_nuki, name="signed_in_at_nuki"),
    path("nuki-accounts/<int:account_id>/sign-in", nuki_sign_in.sign_in_again, name="sign_in_again"),
    path("nuki-accounts/<int:account_id>/token", nuki_views.replace_token, name="replace_token"),
    path("nuki-accounts/<int:account_id>/import", nuki_views.import_locks, name="import_locks"),
    path("settings", settings_views.settings_page, name="settings"),
    path("settings/business", settings_views.change_business, name="change_business"),
    path("settings/codes", settings_views.choose_code_style, name="choose_code_style"),
    path("settings/language", settings_views.choose_language, name="choose_language"),
    path("settings/alert-mail", settings_views.choose_alert_mail, name="choose_alert_mail"),
    path("settings/api-keys", api_key_views.api_key_list, name="api_keys"),
    path("settings/api-keys/make", api_key_views.make_api_key, name="make_api_key"),
    path("settings/api-keys/try", api_key_views.try_api, name="try_api"),
    path("settings/api-keys/<int:key_id>/revoke", api_key_views.revoke_api_key, name="revoke_api_key"),
    path("team", team_views.team_page, name="team"),
    path("team/leave", team_views.leave_team, name="leave_team"),
    path("team/second-factor", team_views.second_factor_rule, name="second_factor_rule"),
    path("team/<int:membership_id>/role", team_views.change_role, name="change_role"),
    path("team/<int:membership_id>/remove", team_views.remove_member, name="remove_member"),
    path("team/<int:membership_id>/owner", team_views.transfer_ownership, name="transfer_ownership"),
    path("team/invite", invitation_views.invite, name="invite"),
    path("team/invitations/<int:invitation_id>/again", invitation_views.invite_again, name="invite_again"),
    path(
        "team/invitations/<int:invitation_id>/withdraw",
        invitation_views.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("invitations/<str:token>", invitation_views.invitation, name="invitation"),
]
