"""Django's registration of this app."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who may enter when."""

    name = "access"
    verbose_name = "Access"
