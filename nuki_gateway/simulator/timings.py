"""How long things take in the simulated cloud and on the simulated locks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Timings:
    """All durations in seconds; the defaults are an ordinary day.

    Sources: a new authorization is listed after 'some seconds', polls of up to 16 s are reported (Nuki staff,
    developer forum 29886, and users there); changes made on the device arrive once a day (forum 16273).
    """

    operation_seconds: float = 1.5  # carrying one write to the device and out there
    lag_shortest_seconds: float = 0.5  # reading the result back into the cloud's copy, at best
    lag_longest_seconds: float = 2.0  # and at worst
    sync_seconds: float = 2.0  # reading the whole device
    log_lag_seconds: float = 2.0  # a log entry's way from the device to the cloud
    webhook_seconds: float = 0.3  # from a change in the cloud to the webhook about it
    daily_sync_seconds: float = 24 * 60 * 60  # from one unasked sync to the next
    invite_seconds: float = 48 * 60 * 60  # how long an app invite can be redeemed (developer forum 30845)
    lock_out_seconds: float = 60.0  # the keypad's pause after three wrong codes
    oauth_code_seconds: float = 60.0  # from a consent to the end of its code (a guess: 'short')
    access_token_seconds: float = 60 * 60  # an OAuth access token's life (documentation on authorization)
