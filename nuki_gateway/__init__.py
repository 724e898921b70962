"""Everything about Nuki Web and nothing about Keyturn: a plain library, without Django and without Celery.

`client` speaks to the service by `transport`, `models` are its values, `errors` what can go wrong, `codes`
what a keypad takes, `time_zones` the service's numbering of zones, `webhooks` what the service calls us with.
`credentials` and `oauth` are how an account signs in; `limits` and `redis_limits` keep all workers together
within what the service bears. docs/gateway.md tells how to use it.

`simulator` is a stand-in for the service that shares no code with the rest.
"""
