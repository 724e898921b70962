"""The addresses of properties and Nuki accounts."""

from django.urls import path

from properties import nuki_sign_in, nuki_views, views

app_name = "properties"

urlpatterns = [
    path("organization", views.switch_organization, name="switch_organization"),
    path("properties", views.property_list, name="properties"),
    path("properties/add", views.add_property, name="add_property"),
    path("properties/<int:property_id>", views.property_page, name="property"),
    path("properties/<int:property_id>/edit", views.edit_property, name="edit_property"),
    path("properties/<int:property_id>/doors/add", views.add_door, name="add_door"),
    path("properties/<int:property_id>/units/add", views.add_unit, name="add_unit"),
    path("doors/<int:door_id>", views.edit_door, name="edit_door"),
    path("units/<int:unit_id>", views.edit_unit, name="edit_unit"),
    path("nuki-accounts", nuki_views.nuki_account_list, name="nuki_accounts"),
    path("nuki-accounts/connect", nuki_views.connect_nuki, name="connect_nuki"),
    path("nuki-accounts/sign-in", nuki_sign_in.sign_in_at_nuki, name="sign_in_at_nuki"),
    path("nuki-accounts/signed-in", nuki_sign_in.signed_in_at_nuki, name="signed_in_at_nuki"),
    path("nuki-accounts/<int:account_id>/sign-in", nuki_sign_in.sign_in_again, name="sign_in_again"),
    path("nuki-accounts/<int:account_id>/token", nuki_views.replace_token, name="replace_token"),
    path("nuki-accounts/<int:account_id>/import", nuki_views.import_locks, name="import_locks"),
]
