"""Django's registration of this app."""

from django.apps import AppConfig


class PropertiesConfig(AppConfig):
    """Who hosts what."""

    name = "properties"
    verbose_name = "Properties"
