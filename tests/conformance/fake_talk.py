"""A conversation by events without a network, and by a clock of its own."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fake_wire import exchange, pages, target

from scdx_conformance.asking import Talk
from scdx_conformance.callback_receiver import Delivery, Receiver
from scdx_conformance.events import FULFILLED, Event
from scdx_conformance.footprints import Footprints
from scdx_conformance.settings import Callback
from scdx_conformance.wire import Exchange

LISTED: list[dict[str, object]] = [
    {"id": "a", "productIds": ["p3"], "companyIds": ["c3"], "status": "Active"},
    {"id": "b", "productIds": ["p1", "p2"], "companyIds": ["c1", "c2"], "status": "Deprecated"},
]
CALLBACK = Callback("https://me.example.com/INBOX/", "127.0.0.1:0", "name", "secret")


class Clock:
    """Time that passes only where somebody sleeps, and what happens in it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._due: list[tuple[float, Callable[[], None]]] = []

    def monotonic(self) -> float:
        """What time it is."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        for when, happens in sorted(self._due, key=lambda one: one[0]):
            if when <= end:
                self.now = when
                self._due.remove((when, happens))
                happens()
        self.now = end

    def later(self, seconds: float, happens: Callable[[], None]) -> None:
        """Let something happen."""
        self._due.append((self.now + seconds, happens))


@dataclass
class Deaf(Receiver):
    """A receiver that listens on no socket; ``told`` is what it was told to do."""

    told: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Listen to nothing."""
        self.told.append("start")

    def stop(self) -> None:
        """Listen no more."""
        self.told.append("stop")

    @property
    def port(self) -> int:
        """Where it would listen."""
        return 4711


class Scene:
    """A conversation with a supplier; ``answers`` says how it takes a request and what it does."""

    def __init__(
        self,
        clock: Clock,
        made: list[Deaf],
        listed: Sequence[Mapping[str, object]] = LISTED,
        **settings: object,
    ) -> None:
        self.clock = clock
        self.answers: Callable[[Event], int] = lambda _: 200
        shown = pages(listed, 100, path="/3/footprints")

        def answer(asked: str) -> Exchange:
            if asked == "POST /3/events":
                return exchange(status=self.answers(json.loads(self.fake.sent[-1])))
            return shown(asked)

        told = {"callback": CALLBACK, "fast": True, **settings}
        self.asked, self.fake = target(answer, **told)
        self.talk = Talk(self.asked, Footprints(self.asked))
        self.receiver, self.stranger = made[-2:]

    def comes(self, request: Event, *, kind: str = FULFILLED, answers: str = "") -> None:
        """An answer comes; the first one to what is to be refused gets 503."""
        name = answers or str(request["id"])
        status = 503 if name in self.receiver.refused else 200
        self.receiver.refused.discard(name)
        data = {"requestEventId": name}
        event = {"id": f"{name} {self.clock.now}", "source": "s", "type": kind, "data": data}
        body = json.dumps(event).encode()
        self.receiver.deliveries.append(
            Delivery("/3/events", {}, body, True, status, self.clock.now)
        )

    def hear(self) -> float:
        """Hear what comes; the seconds that it took."""
        before = self.clock.now
        self.talk.heard()
        return self.clock.now - before
