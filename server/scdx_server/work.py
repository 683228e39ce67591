"""What a running server does by itself: ends grants, answers PACT requests, delivers events.

It looks about once a second, and at once when an event came. On PostgreSQL every worker process
runs it; leases and the writers' lock see to it that nothing is done twice.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from scdx_server import outbox, partners, requests, visibility
from scdx_server.callbacks import GIVE_UP, Partner, Sender, Undeliverable, backoff
from scdx_server.context import Context
from scdx_server.database import STORE_FAULTS, Connection, StoreError
from scdx_server.outbox import Waiting
from scdx_server.partners import Registered

Log = Callable[[dict[str, object]], None]
EVERY_SECONDS = 1.0
_SWEEP_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class _Due:
    """What there is to do now."""

    grants: bool
    requests: bool
    events: bool


async def run(here: Context, log: Log) -> None:
    """Work until cancelled; a fault is logged, and the next round tries again."""
    settings = here.settings
    sender = Sender(insecure_loopback=settings.insecure_loopback, private=settings.private_partners)
    try:
        await _rounds(here, sender, log)
    finally:
        sender.close()


async def _rounds(here: Context, sender: Sender, log: Log) -> None:
    swept = 0.0
    while True:
        try:
            await once(here, sender, log)
            if here.metrics is not None:
                await here.read(lambda db: _count(db, here))
            if time.monotonic() - swept > _SWEEP_SECONDS:
                swept = time.monotonic()
                await here.write(lambda db: _sweep(db, here.clock()))
        except STORE_FAULTS as error:
            log({"event": "background", "problem": str(error)})
        here.wake.clear()
        try:
            await asyncio.wait_for(here.wake.wait(), EVERY_SECONDS)
        except TimeoutError:
            continue


def _count(db: Connection, here: Context) -> None:
    if here.metrics is not None:
        waiting, dead = outbox.counts(db)
        oldest = outbox.oldest_waiting(db)
        here.metrics.events(waiting, dead, here.clock() - oldest if oldest is not None else 0.0)


async def once(here: Context, sender: Sender, log: Log) -> None:
    """One round: what is due is done."""
    now = here.clock()
    due = await here.read(lambda db: _look(db, now))
    if due.grants:
        await here.write(lambda db: visibility.expire(db, now))
    if due.requests:
        moment = datetime.fromtimestamp(now, UTC)
        await here.write(
            lambda db: [requests.answer(db, one, moment) for one in requests.ready(db, now)]
        )
        due = _Due(grants=False, requests=False, events=True)
    if due.events:
        await _deliver(here, sender, log)


def _look(db: Connection, now: float) -> _Due:
    ends, next_event = visibility.next_expiry(db), outbox.next_due(db)
    return _Due(
        grants=ends is not None and ends <= now,
        requests=bool(requests.ready(db, now)),
        events=next_event is not None and next_event <= now,
    )


async def _deliver(here: Context, sender: Sender, log: Log) -> None:
    """Deliver what is due, one of each buyer at a time, buyers side by side."""
    while True:
        taken = await here.write(partial(_take, now=here.clock()))
        if not taken:
            return
        await asyncio.gather(*(_one(here, sender, log, one, to) for one, to in taken))


def _take(db: Connection, now: float) -> list[tuple[Waiting, Registered | None]]:
    return [(one, partners.of_buyer(db, one.buyer)) for one in outbox.due(db, now)]


async def _one(
    here: Context, sender: Sender, log: Log, one: Waiting, to: Registered | None
) -> None:
    error, retry = "", None
    if to is None:
        error = "the buyer takes no events any more"
    else:
        try:
            secret = to.secret(here.keys)
            partner = Partner(to.base_url, to.auth_url, to.client_id, secret)
            await asyncio.to_thread(sender.send, partner, _message(here, one))
        except StoreError as fault:
            error = str(fault)
        except Undeliverable as fault:
            error = fault.reason
            now = here.clock()
            waits = max(backoff(one.attempts, random=random.random), fault.retry_after or 0)
            if not fault.permanent and now + waits <= one.created + GIVE_UP:
                retry = now + waits
    log({"event": "delivery", "type": one.type, "id": one.event_id, "problem": error or None})
    await here.write(lambda db: outbox.settle(db, one, error=error, next_try=retry))


def _message(here: Context, one: Waiting) -> bytes:
    """An event as CloudEvents 1.0; its data stands as it was written."""
    moment = datetime.fromtimestamp(one.created, UTC).isoformat(timespec="seconds")
    return (
        f'{{"type":"{one.type}","specversion":"1.0","id":"{one.event_id}",'
        f'"source":"{here.tokens.issuer}","time":"{moment.replace("+00:00", "Z")}",'
        f'"data":{one.data}}}'
    ).encode()


def _sweep(db: Connection, now: float) -> None:
    outbox.sweep(db, now)
    db.execute("DELETE FROM used_assertion WHERE expires < ?", (int(now) - 3600,))
    db.execute("DELETE FROM event_inbox WHERE received < ?", (int(now) - 30 * 86_400,))
