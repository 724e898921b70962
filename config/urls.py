"""All addresses."""

from django.urls import include, path

from config import health, manifest

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("manifest.webmanifest", manifest.manifest, name="manifest"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("api/", include("access.api.urls")),
    path("", include("properties.urls")),
    path("", include("access.urls")),
]
