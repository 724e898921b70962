"""All mutants: wrong ideas that somebody had, or could have, about locks, Nuki, workers and people.

A killer is as narrow as it can be. Where a short rehearsal notices, that is the killer; it cannot notice what
it uses itself (wall-clock times), nor what it has no word for (when an intent is written).
"""

from tests.mutants.mutant import Change, Mutant, Rehearsal, SomeTests

RECONCILE = "tests/access/test_reconcile.py"
DURING = "test_a_change_during_the_write_of_another_code_of_the_look_is_not_overwritten"
WRITES = "tests/faults/test_writes.py"
LIFECYCLE = "tests/access/test_lifecycle.py"
WALL_CLOCK = "tests/properties/test_wall_clock.py"
WEBHOOK = "tests/access/test_nuki_webhook.py"


def _tests(file: str, *names: str) -> SomeTests:
    return SomeTests(file, names)


def _one(name: str, idea: str, change: Change, killer: SomeTests | Rehearsal) -> Mutant:
    return Mutant(name, idea, (change,), killer)


MUTANTS = (
    # Believing what nobody has seen
    _one(
        "believe-204",
        "A write that Nuki accepted is on the lock: confirm, and tell the guest.",
        Change(
            "access/lock_writes.py",
            "        confirmed_at=None,\n    )\n",
            "        confirmed_at=None if step is Step.REVOKE else look.now,\n    )\n"
            "    from django.db import transaction\n"
            "    from access import messages\n"
            "    with transaction.atomic():\n"
            "        messages.write_if_ready(stay_id=grant.stay_id, now=look.now)\n",
        ),
        Rehearsal(frozenset({1, 8, 9})),
    ),
    _one(
        "believe-the-list",
        "What Nuki lists is on the lock: no sync, no proof.",
        Change(
            "access/reconcile.py",
            "elif syncs.proves_presence(look, grant, found.updated_at):",
            "elif found.updated_at:",
        ),
        _tests(WRITES, "test_f6_a_phantom_that_is_listed_late_after_a_sync_is_seen_through"),
    ),
    _one(
        "believe-a-deletion",
        "A removal that Nuki accepted is done: close the grant.",
        Change(
            "access/lock_writes.py",
            '    log.info("lock_write_accepted", grant_id=grant.pk, step=step)\n',
            '    log.info("lock_write_accepted", grant_id=grant.pk, step=step)\n'
            "    if step is Step.REVOKE:\n"
            "        record(grant, closed_at=look.now, due_at=None)\n",
        ),
        _tests(WRITES, "test_a_grant_is_open_for_as_long_as_its_code_is_on_the_lock"),
    ),
    Mutant(
        "believe-a-webhook",
        "When a webhook says that an authorization was deleted, its grant is closed.",
        (
            Change(
                "access/deliveries.py",
                "from access.models import Delivery\n",
                "from access.models import Delivery, Grant\n",
            ),
            Change(
                "access/deliveries.py",
                "    work_queue.deliveries_came(account_id)\n",
                "    work_queue.deliveries_came(account_id)\n"
                '    if news.feature == Feature.DEVICE_AUTHS and getattr(news, "deleted", False):\n'
                '        with tenancy.across_organizations(because="the authorization is gone"):\n'
                '            own_id = getattr(news, "authorization_id", "")\n'
                "            gone = Grant.objects.filter(authorization_id=own_id, closed_at=None)\n"
                "            gone.update(closed_at=now, due_at=None)\n",
            ),
        ),
        _tests(
            WEBHOOK, "test_a_delivery_that_says_that_a_code_is_gone_makes_its_lock_due_and_closes_nothing"
        ),
    ),
    _one(
        "believe-everybody",
        "Whoever knows the address of an account's webhook is Nuki.",
        Change(
            "access/nuki_webhook.py",
            "    except webhooks.ForgedDelivery:\n        return False\n",
            "    except webhooks.ForgedDelivery:\n        return True\n",
        ),
        _tests(WEBHOOK, "test_a_forged_or_broken_delivery_does_nothing"),
    ),
    _one(
        "one-door-is-enough",
        "The guest is told the code when the first door has it.",
        Change(
            "access/told.py",
            "    return bool(wanted) and all(grant.confirmed_at is not None for grant in wanted)\n",
            "    return any(grant.confirmed_at is not None for grant in wanted)\n",
        ),
        Rehearsal(frozenset({8}), faults="base"),
    ),
    # Writing to Nuki
    _one(
        "partial-update",
        "An update names what has changed, and nothing else.",
        Change(
            "nuki_gateway/client/authorizations.py",
            '        """Ask for a change. Every field is sent, since what is left out is cleared."""\n',
            '        until = entry.to_json()["allowedUntilDate"]\n'
            '        body = {"name": entry.name, "allowedUntilDate": until}\n'
            '        return self._transport.call("POST", _path(smartlock_id, authorization_id), body=body)\n',
        ),
        _tests(WRITES, "test_f7_a_change_repeats_every_field_of_the_entry"),
    ),
    _one(
        "no-window-on-the-lock",
        "We remove the code at checkout, so the lock need not know when that is.",
        Change(
            "access/looks.py",
            "window = Window(grant.allowed_from, grant.allowed_until)",
            "window = Window(grant.allowed_from, None)",
        ),
        _tests(
            "tests/access/test_wall_time.py",
            "test_a_stay_across_a_change_of_the_clocks_opens_until_ten_on_the_wall",
        ),
    ),
    _one(
        "blind-resend",
        "A push that nobody answered was not carried out: send it again.",
        Change(
            "access/lock_writes.py",
            "    if isinstance(failure, errors.NukiUnavailable):\n",
            "    if isinstance(failure, errors.NukiUnavailable):\n        record(grant, **before)\n",
        ),
        _tests(WRITES, "test_f8_a_write_whose_answer_was_lost_is_looked_for_before_it_is_sent_again"),
    ),
    _one(
        "resend-with-another-code",
        "A push that does not show is tried again with another code.",
        Change(
            "access/reconcile.py",
            "    elif step is not Step.REVOKE and _collides(look, grant, found):\n",
            "    elif step is not Step.REVOKE and (\n"
            "        (step is Step.PUSH and grant.asked_generation == grant.generation)\n"
            "        or _collides(look, grant, found)\n"
            "    ):\n",
        ),
        _tests(WRITES, "test_a_write_that_does_not_show_is_repeated_with_the_same_code"),
    ),
    _one(
        "impatient-with-operations",
        "An operation that runs on an authorization is no reason to wait.",
        Change(
            "access/lifecycle.py",
            "    if seen.operation_runs:\n        return Step.WAIT\n",
            "    # no wait\n",
        ),
        _tests(LIFECYCLE, "test_nothing_is_decided_while_an_operation_runs"),
    ),
    _one(
        "another-code-on-each-door",
        "Each lock has codes of its own, so each door gets one of its own.",
        Change(
            "access/wanted.py",
            "_grant(stay, position, door, drawn, now) for",
            "_grant(stay, position, door, codes.draw(taken=taken), now) for",
        ),
        Rehearsal(frozenset({1, 7, 8})),
    ),
    # Taking away
    _one(
        "close-while-a-push-is-out",
        "Nothing is wanted and nothing is listed, so nothing is there.",
        Change(
            "access/lifecycle.py",
            "return Step.WAIT if _push_is_out(asked, now) else Step.CLOSE",
            "return Step.CLOSE",
        ),
        _tests(LIFECYCLE, "test_the_step_follows_from_wanted_seen_and_asked"),
    ),
    _one(
        "close-while-a-push-waits-offline",
        "A push for a lock that was offline is dead once the lock was read without it.",
        Change(
            "access/lifecycle.py",
            "not was_seen and now < asked.at + STILL_DELIVERED",
            "not was_seen and now < asked.at",
        ),
        _tests(LIFECYCLE, "test_a_push_may_arrive_long_after_it_was_asked_for"),
    ),
    _one(
        "revoke-once",
        "A removal is asked for once; Nuki will see to it.",
        Change(
            "access/lifecycle.py",
            "        return Step.REVOKE\n",
            "        return Step.WAIT if asked and asked.step is Step.REVOKE else Step.REVOKE\n",
        ),
        _tests(WRITES, "test_a_cancelled_guest_is_out_and_the_lock_is_left_alone_afterwards[F5 ignored]"),
    ),
    _one(
        "leave-it-to-the-window",
        "A code whose time is over opens nothing, so it may stay on the lock.",
        Change(
            "access/lifecycle.py", "if is_wanted and now < allowed_until else None", "if is_wanted else None"
        ),
        _tests(LIFECYCLE, "test_an_entry_is_wanted_until_its_window_ends"),
    ),
    # Whose is it
    _one(
        "strays-of-others",
        "What no grant of ours wants has no business on the lock.",
        Change(
            "access/strays.py",
            "        if codes.is_ours(entry.name, token)\n",
            "        if entry.name or token\n",
        ),
        _tests("tests/faults/test_collisions.py", "test_no_write_ever_names_what_is_not_ours"),
    ),
    _one(
        "strays-of-our-own",
        "Whatever has our label and is not due now is a stray.",
        Change("access/strays.py", "        and entry.id not in keepers\n", ""),
        _tests(
            "tests/access/test_one_stay.py", "test_a_booked_code_opens_each_door_of_the_stay_and_no_other"
        ),
    ),
    Mutant(
        "find-by-the-code",
        "The entry with our code is ours; labels are for people.",
        (
            Change(
                "access/looks.py",
                "if entry.name == grant.label or (own_id",
                "if entry.code == grant.code or (own_id",
            ),
            Change(
                "access/looks.py",
                "entry for entry in candidates if entry.name == grant.label",
                "entry for entry in candidates if entry.code == grant.code",
            ),
        ),
        _tests(
            "tests/faults/test_collisions.py",
            "test_a_foreign_code_that_is_there_long_before_keeps_its_door",
        ),
    ),
    Mutant(
        "attribute-by-the-guest",
        "Whoever opened is the guest of the name that the log has.",
        (
            Change(
                "access/activity.py", "        label=grant.label,\n", "        label=grant.stay.guest.name,\n"
            ),
            Change("access/attribution.py", "candidates = known or [", "candidates = ["),
        ),
        Rehearsal(frozenset({10})),
    ),
    _one(
        "attribute-whenever",
        "Whose it was does not depend on when it was.",
        Change(
            "access/attribution.py",
            "living = [right for right in candidates if right.lived_at(at)]",
            "living = list(candidates)",
        ),
        _tests("tests/access/test_attribution.py", "test_it_was"),
    ),
    # Many at once
    _one(
        "no-lease",
        "There is one worker, so a lock need not be held.",
        Change(
            "access/leases.py",
            ".filter(pk=lock.pk).filter(Q(leased_until=None) | Q(leased_until__lte=now))",
            ".filter(pk=lock.pk)",
        ),
        _tests(RECONCILE, "test_a_worker_that_finds_the_lock_held_does_nothing"),
    ),
    _one(
        "a-lease-that-nobody-checks",
        "Who was given the lock has it until it gives it back.",
        Change(
            "access/leases.py",
            '        raise LeaseLost(f"smart lock {lock.pk}")\n',
            "        return\n",
        ),
        _tests(RECONCILE, "test_a_worker_that_lost_its_lease_writes_nothing_more"),
    ),
    _one(
        "no-generation",
        "What a worker has read is still so when it writes.",
        Change(
            "access/looks.py",
            "Grant.objects.filter(pk=grant.pk, generation=grant.generation, closed_at=None)",
            "Grant.objects.filter(pk=grant.pk, closed_at=None)",
        ),
        _tests(RECONCILE, f"{DURING}[about to be confirmed]"),
    ),
    _one(
        "no-generation-for-the-unchanged",
        "What was as wanted when the look began is left alone until its end, whatever came meanwhile.",
        Change(
            "access/reconcile.py",
            "Q(pk=grant.pk, generation=grant.generation) for grant in look.unchanged",
            "Q(pk=grant.pk) for grant in look.unchanged",
        ),
        _tests(RECONCILE, f"{DURING}[confirmed]"),
    ),
    _one(
        "a-letter-without-a-claim",
        "A message is rung for once, so nobody else is sending it.",
        Change(
            "access/messages.py",
            " or (current.claimed_until is not None and current.claimed_until > now):\n",
            ":\n",
        ),
        _tests(
            "tests/access/test_messages.py", "test_a_worker_that_died_while_sending_is_followed_by_another"
        ),
    ),
    # Time
    _one(
        "fixed-offset",
        "A zone is so many hours from Greenwich.",
        Change(
            "properties/wall_clock.py",
            "    return on_the_wall.replace(tzinfo=place, fold=fold).astimezone(UTC)\n",
            "    winter = on_the_wall.replace(month=1, day=15, tzinfo=place).utcoffset() or timedelta(0)\n"
            "    return (on_the_wall - winter).replace(tzinfo=UTC, fold=fold and 0)\n",
        ),
        _tests(WALL_CLOCK, "test_a_stay_keeps_its_wall_clock_times_when_clocks_change"),
    ),
    _one(
        "wrong-fold",
        "An hour that comes twice is the first one.",
        Change("properties/wall_clock.py", "FIRST, SECOND = 0, 1", "FIRST, SECOND = 0, 0"),
        _tests(WALL_CLOCK, "test_a_time_that_comes_twice_is_taken_to_the_guests_advantage"),
    ),
    # Secrets, businesses, and what was done
    _one(
        "codes-logged",
        "A code in the log helps whoever answers the phone.",
        Change(
            "access/lock_writes.py",
            '    log.info("lock_write_accepted", grant_id=grant.pk, step=step)\n',
            '    log.info("lock_write_accepted", grant_id=grant.pk, step=step, digits=grant.code)\n',
        ),
        Rehearsal(frozenset({17})),
    ),
    _one(
        "a-task-in-everybodys-scope",
        "A task knows what it does, and needs no scope.",
        Change(
            "access/tasks.py",
            "    with tenancy.within(lock.organization):\n        reconcile.reconcile(lock, now=now())\n",
            '    with tenancy.across_organizations(because="a task knows what it does"):\n'
            "        reconcile.reconcile(lock, now=now())\n",
        ),
        _tests(
            "tests/tenancy/test_tasks.py",
            "test_a_task_works_in_the_scope_of_the_organization_whose_row_it_was_given[a lock]",
        ),
    ),
    Mutant(
        "intent-after-the-call",
        "The audit says what was done, so it is written afterwards.",
        (
            Change(
                "access/lock_writes.py",
                "    intent = audit.intend(grant, step, now=look.now)\n"
                "    try:\n"
                "        _call(look, grant, step, authorization_id)\n",
                "    try:\n"
                "        _call(look, grant, step, authorization_id)\n"
                "        intent = audit.intend(grant, step, now=look.now)\n",
            ),
            Change(
                "access/lock_writes.py",
                "        audit.answered(intent, type(failure).__name__, now=look.now)\n",
                "        intent = audit.intend(grant, step, now=look.now)\n"
                "        audit.answered(intent, type(failure).__name__, now=look.now)\n",
            ),
        ),
        _tests(RECONCILE, "test_the_intent_of_a_write_stands_in_the_audit_before_its_answer"),
    ),
)
