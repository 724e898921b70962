"""Everything about Nuki Web and nothing about Keyturn: a plain library, without Django and without Celery.

`client` speaks to the service, `models` are its values, `errors` what can go wrong, `codes` what a keypad
takes, `time_zones` the service's numbering of zones, `webhooks` what the service calls us with.
`simulator` is a stand-in for the service that shares no code with the rest.
"""
