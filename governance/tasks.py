"""What beat knocks for, each a door handle; the twins: `manage.py sweep`, `retention`,
`verify_history`."""

from celery import shared_task

from governance import actor, bursts, clock, expiry, outbox, rates, seals, sending, timers


@shared_task
def sweep() -> int:
    return timers.sweep()


@shared_task
def deliver() -> int:
    with actor.acting(None, "outbox"):
        return outbox.deliver()


@shared_task
def deliver_outside() -> int:
    return sending.deliver_all()


@shared_task
def seal() -> int:
    with actor.acting(None, "seal"):
        rates.forget_old(clock.now())
        return seals.seal(clock.now())


@shared_task
def retention() -> int:
    with actor.acting(None, "retention"):
        return sum(line.rows for line in expiry.run(clock.now()))


@shared_task
def watch() -> int:
    with actor.acting(None, "sweep"):
        return bursts.watch(clock.now())
