"""The fire drills of an account and of the whole service."""

from nuki_gateway.simulator.drill import CARRIED_OUT, SECONDS, Drill, Parameter, Scope
from nuki_gateway.simulator.world import ALL_SCOPES

COUNT = Parameter("count", "How many", 1, most=10_000)
RETRY_AFTER = Parameter("retry_after", "Retry-After in seconds (0: not said)", 0)

ACCOUNT_DRILLS = (
    Drill(
        "throttle-account",
        "Throttle it",
        "Every call of the account is answered with 429 (F11).",
        Scope.ACCOUNT,
        lambda scenes, account, values: scenes.throttle_for(
            values["seconds"], retry_after=values["retry_after"] or None, account=account
        ),
        (Parameter("seconds", "For how many seconds", 60.0), RETRY_AFTER),
    ),
    Drill(
        "revoke-token",
        "Revoke the token",
        "Every call of the account is answered with 401 (F12).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.revoke_token(account),
    ),
    Drill(
        "restore-token",
        "Restore the token",
        "The account's calls are answered again (F12).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.restore_token(account),
    ),
    Drill(
        "lose-scope",
        "Take a scope away",
        "Calls that need it are answered with 403 (F12).",
        Scope.ACCOUNT,
        lambda scenes, account, values: scenes.lose_scope(account, values["scope"]),
        (Parameter("scope", "Scope", "smartlock.auth", ALL_SCOPES),),
    ),
    Drill(
        "regain-scope",
        "Give a scope back",
        "Calls that need it are answered again (F12).",
        Scope.ACCOUNT,
        lambda scenes, account, values: scenes.regain_scope(account, values["scope"]),
        (Parameter("scope", "Scope", "smartlock.auth", ALL_SCOPES),),
    ),
    Drill(
        "refuse-refresh",
        "Refuse to refresh",
        "OAuth programs get no new access token for the account (F12).",
        Scope.ACCOUNT,
        lambda scenes, account, values: scenes.refuse_refresh(account, refused=values["refused"]),
        (Parameter("refused", "It is refused", default=True),),
    ),
    Drill(
        "expire-tokens",
        "Let access tokens expire",
        "OAuth programs get 401 in the middle of what they do (F12).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.expire_access_tokens(account),
    ),
    Drill(
        "forge-webhook",
        "Forge a webhook",
        "A delivery without a signature arrives; it must do nothing (F21).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.forge_webhook(account),
    ),
    Drill(
        "missign-webhook",
        "Sign a webhook wrongly",
        "A delivery signed with a guess arrives; it must do nothing (F21).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.sign_webhook_wrongly(account),
    ),
    Drill(
        "foreign-signature",
        "Sign a webhook as somebody else",
        "A delivery signed with another account's secret arrives; it must do nothing (F21).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.sign_webhook_as_another(account),
    ),
    Drill(
        "replay-webhook",
        "Replay the last webhook",
        "A true delivery arrives once more; it must change nothing (F21).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.replay_webhook(account),
    ),
    Drill(
        "oversize-webhook",
        "Send a huge webhook",
        "A well signed delivery of two megabytes arrives; it must do nothing (F21).",
        Scope.ACCOUNT,
        lambda scenes, account, _: scenes.oversize_webhook(account),
    ),
)
WORLD_DRILLS = (
    Drill(
        "fail",
        "Fail with 5xx",
        "Every call is answered with 503 (F10).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.fail_for(values["seconds"]),
        (SECONDS,),
    ),
    Drill(
        "throttle",
        "Throttle everybody",
        "Every call is answered with 429 (F11).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.throttle_for(
            values["seconds"], retry_after=values["retry_after"] or None
        ),
        (Parameter("seconds", "For how many seconds", 60.0), RETRY_AFTER),
    ),
    Drill(
        "abuse-block",
        "Block who calls too often",
        "An account that calls more often gets 429 for a minute, without a hint (F11).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.block_beyond(values["calls_a_second"]),
        (Parameter("calls_a_second", "Calls a second (0: no block)", 5),),
    ),
    Drill(
        "end-spans",
        "Answer truly again",
        "What was to last for a while is over (F3, F10, F11).",
        Scope.WORLD,
        lambda scenes, _, __: scenes.end_spans(),
    ),
    Drill(
        "slow",
        "Answer slowly once",
        "The next call is carried out and answered late (F9).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.slow_next(values["seconds"]),
        (Parameter("seconds", "After how many seconds", 10.0, most=600),),
    ),
    Drill(
        "silence",
        "Fall silent once",
        "The next call gets no byte until the caller gives up (F9).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.silent_next(carried_out=values["carried_out"]),
        (CARRIED_OUT,),
    ),
    Drill(
        "half-answer",
        "Give half an answer",
        "The next call is carried out and its answer breaks off (F9).",
        Scope.WORLD,
        lambda scenes, _, __: scenes.half_answer_next(),
    ),
    Drill(
        "not-json",
        "Answer with no JSON",
        "The next call gets 200 and text, and is not carried out (F9).",
        Scope.WORLD,
        lambda scenes, _, __: scenes.not_json_next(),
    ),
    Drill(
        "html-502",
        "Answer with a gateway's page",
        "The next call gets 502 and HTML, and is not carried out (F9).",
        Scope.WORLD,
        lambda scenes, _, __: scenes.html_502_next(),
    ),
    Drill(
        "lose-webhooks",
        "Lose webhooks",
        "The next ones are never sent (F20).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.lose_next_webhooks(values["count"]),
        (COUNT,),
    ),
    Drill(
        "silence-webhooks",
        "Send no webhooks",
        "None is sent until this is taken back (F20).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.silence_webhooks(until_told=values["silent"]),
        (Parameter("silent", "Send none", default=True),),
    ),
    Drill(
        "double-webhook",
        "Double webhooks",
        "The next ones are sent twice (F20).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.double_next_webhook(values["count"]),
        (COUNT,),
    ),
    Drill(
        "delay-webhook",
        "Delay a webhook",
        "The next one comes late, after those that follow it (F20).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.delay_next_webhook(values["seconds"]),
        (SECONDS,),
    ),
    Drill(
        "reverse-webhooks",
        "Reverse webhooks",
        "The next ones are kept back and come in reverse order (F20).",
        Scope.WORLD,
        lambda scenes, _, values: scenes.reverse_next_webhooks(values["count"]),
        (Parameter("count", "How many", 3, most=1000),),
    ),
    Drill(
        "ignore-invite",
        "Leave an invite lying",
        "The next person invited to the app never redeems it (F26).",
        Scope.WORLD,
        lambda scenes, _, __: scenes.ignore_next_invite(),
    ),
)
