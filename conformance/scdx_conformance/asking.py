"""The suite asks for footprints by events, and waits for the answers at its receiver.

Other tests run between asking and hearing, so that a run doesn't stand still. A request stays open
for as long as a supplier likes, so that the wait is bounded: it ends when all that can be expected
has come, or when nothing has come for a while, with a short silence after it. Then one more request
is asked, whose answer is refused once, to see it come again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from scdx_conformance.callback_receiver import EVENTS_PATH, Receiver
from scdx_conformance.conversation import Asked, Conversation
from scdx_conformance.criteria import Criteria, telling
from scdx_conformance.events import MEDIA, NOBODY, PATH, Event, request
from scdx_conformance.footprints import Footprints, values_of
from scdx_conformance.settings import Callback, is_loopback
from scdx_conformance.target import Target
from scdx_conformance.wire import Exchange

NO_CALLBACK = (
    "it takes --callback-url: an address of yours that the server's operator registered for this "
    "buyer, where the suite listens"
)
READ_ONLY = "a run with --read-only sends no events"
IDLE_SECONDS, FEW_IDLE_SECONDS, SLOW_IDLE_SECONDS = 20.0, 10.0, 180.0
"""How long nothing may come before the wait ends: usually, with ``--fast``, with ``--slow``."""
MOST_IDLES = 3
"""How many times as long a wait may be altogether."""


class Talk:
    """One conversation by events: asked at once, heard when a test wants to know what came."""

    def __init__(self, target: Target, footprints: Footprints) -> None:
        self._target, self._footprints = target, footprints
        self._here = Conversation()
        self._receiver = Receiver(target.settings.callback)
        self._stranger = Receiver(Callback("http://127.0.0.1:0", "127.0.0.1:0", "x", "x"))
        self._asking: _Asking | None = None
        self._is_heard = False

    def asked(self) -> Conversation:
        """What was asked, and how it was taken. CannotRunError where nothing can listen."""
        settings, here = self._target.settings, self._here
        if settings.read_only or not settings.callback.url:
            here.lack = READ_ONLY if settings.read_only else NO_CALLBACK
        elif self._asking is None:
            self._receiver.start()
            self._stranger.start()
            if is_loopback(urlsplit(settings.base).hostname or ""):
                _ask_as_stranger(here, self._target, self._stranger.port)
            self._asking = _Asking(here, self._target, self._footprints, self._receiver)
            self._asking.ask()
        return here

    def heard(self) -> Conversation:
        """The same with all that came, waited for once. CannotRunError where nothing can listen."""
        here = self.asked()
        if self._asking is not None and not self._is_heard:
            self._is_heard = True
            self._asking.hear()
            here.stranger_calls = list(self._stranger.calls)
        return here

    def close(self) -> None:
        """Listen no more."""
        self._receiver.stop()
        self._stranger.stop()


def _post(target: Target, what: Event) -> Exchange:
    return target.send("POST", PATH, json.dumps(what).encode(), MEDIA)


def _ask_as_stranger(here: Conversation, target: Target, port: int) -> None:
    """Requests with a source that nobody registered, and with ways to make it look registered."""
    host = urlsplit(target.settings.callback.url).netloc
    place = f"127.0.0.1:{port}"
    for told, source in (
        ("another port", f"http://{place}"),
        ("another host", f"http://localhost:{port}"),
        ("another one's path of events", f"http://{place}{EVENTS_PATH}"),
        ("another one without a scheme", f"//{place}"),
        ("the registered host as another one's user", f"http://{host}@{place}"),
        ("another one with the registered host in its path", f"http://{place}/{host}"),
    ):
        what = request({"productId": [NOBODY]}, source)
        here.strangers.append((told, what, _post(target, what)))


class _Asking:
    """The side of the conversation that asks and waits."""

    def __init__(
        self, here: Conversation, target: Target, footprints: Footprints, receiver: Receiver
    ) -> None:
        self.here, self.target, self.receiver = here, target, receiver
        self.footprints = footprints
        self.base = target.settings.callback.url.rstrip("/")
        self.fast = target.settings.fast
        self.since = 0.0
        """When the last request was sent (monotonic seconds)."""

    def ask(self) -> None:
        """Ask everything."""
        products = self.footprints.values("productIds", 2)
        if products:
            self._in_all_forms(products[0])
        for product in products[1:]:
            self._send("for another product", {"productId": [product]})
            self._send("for two products", {"productId": products})
        for name, criteria in () if self.fast else telling(self.footprints.all):
            self._send(f"for products by {name}", criteria)
        self._send("for what nobody has", {"productId": [NOBODY]}, nobody=True)
        for company in self.footprints.values("companyIds", 1):
            criteria = {"productId": [NOBODY], "companyId": [company]}
            self._send("for what nobody has, of a company", criteria, nobody=True)

    def hear(self) -> None:
        """Wait for what comes, and for one answer that is refused."""

        def nothing_is_missing() -> bool:
            return len(self.here.open) <= len(self.here.unattributed)

        self._wait(nothing_is_missing, self._idle(FEW_IDLE_SECONDS if self.fast else IDLE_SECONDS))
        seen = [asked for asked in self.here.asked if self.here.answers_to(asked)]
        if seen and not self.fast:
            self._refuse_once(seen[0])

    def _in_all_forms(self, product: str) -> None:
        """Requests for the same: what answers one of them answers all."""
        bare = "//" + self.base.partition("://")[2]
        wanted: Criteria = {"productId": [product]}
        status = next(
            str(one.get("status"))
            for one in self.footprints.all
            if product in values_of(one, "productIds")
        )
        self._send("with the base URL as its source", wanted, judged="PAC-70")
        for told, source in (
            ("with the path of events as its source", self.base + EVENTS_PATH),
            ("with a source without a scheme", bare),
            ("with the path of events, without a scheme, as its source", bare + EVENTS_PATH),
        ):
            self._send(told, wanted, source=source, judged="PAC-78")
        self._send("with status as text", {**wanted, "status": status}, judged="PAC-68")
        self._send("with status as a list", {**wanted, "status": [status]}, judged="PAC-68")
        nulls: Criteria = {"companyId": None, "geography": None, "validOn": None}
        self._send("with criteria that are null", {**wanted, **nulls}, judged="PAC-66")
        asked = self._send("that is sent three times", wanted, judged="PAC-67")
        asked.again = True
        asked.posts += [_post(self.target, asked.event) for _ in range(2)]

    def _refuse_once(self, before: Asked) -> None:
        """Ask once more for what was answered, and answer the answer with 503."""
        asked = self._send(
            "whose answer is refused once",
            before.criteria,
            judged=before.judged and "PAC-70",
            nobody=before.nobody,
            refused=True,
        )
        slow = self.target.settings.slow
        self.here.waited = self._idle(SLOW_IDLE_SECONDS if slow else IDLE_SECONDS)

        def came_again() -> bool:
            came = [one.status for one in self.here.deliveries if one.request_id == asked.id]
            return 200 in came or not asked.accepted

        self._wait(came_again, self.here.waited)

    def _send(
        self,
        told: str,
        criteria: Criteria,
        *,
        source: str = "",
        judged: str = "",
        nobody: bool = False,
        refused: bool = False,
    ) -> Asked:
        what = request(criteria, source or self.base)
        if refused:
            self.receiver.refused.add(str(what["id"]))
        asked = Asked(told, what, criteria, [_post(self.target, what)], judged, nobody)
        self.here.asked.append(asked)
        self.since = time.monotonic()
        return asked

    def _idle(self, usual: float) -> float:
        stated = self.target.settings.idle_seconds
        return usual if stated is None else stated

    def _wait(self, is_over: Callable[[], bool], idle: float) -> None:
        """Hear what comes until it is over, or nothing came for ``idle`` seconds.

        What came is only known to be all after a silence.
        """
        last = self.since
        while time.monotonic() < min(last + idle, self.since + MOST_IDLES * idle):
            self.here.hear(self.receiver.seen())
            last = max([last, *(one.at for one in self.here.deliveries)])
            if is_over():
                break
            time.sleep(0.05)
        silence = last + self.target.settings.silence_seconds - time.monotonic()
        time.sleep(max(silence, 0.0))
        self.here.hear(self.receiver.seen())
