"""What happens at a page when a fault strikes there."""

from __future__ import annotations

import functools
import gzip
import itertools
import random
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.utils import formatdate

from scdx_conformance.chaos.messages import Answer, Request, refusal

MIB = 2**20
PADDING_MIB = 8
BOMB_MIB = 512
WAIT_SECONDS = 2
DAY_SECONDS = 86_400
DEPTH = 100_000
_SLOW_PARTS = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """A request for a page that a fault strikes. ``link`` gives the address of another page."""

    request: Request
    page: int
    honest: Answer
    stranger: str
    link: Callable[[int], str]
    end_token: Callable[[str], None]
    before: Callable[[], Answer]
    """The page before this one, with a link to this one."""

    @property
    def takes_gzip(self) -> bool:
        """Whether the client asked for gzip."""
        return "gzip" in self.request.headers.get("accept-encoding", "").lower()

    def body(self) -> bytes:
        """The honest page's bytes."""
        return self.honest.body if isinstance(self.honest.body, bytes) else b""

    def instead(self, body: bytes, content_type: str = "application/json") -> Answer:
        """The honest answer with another body."""
        headers = {**self.honest.headers, "Content-Type": content_type}
        return replace(self.honest, body=body, headers=headers)

    def leading_to(self, url: str) -> Answer:
        """The honest answer with another next link."""
        return replace(self.honest, headers={**self.honest.headers, "Link": f'<{url}>; rel="next"'})


Strike = Callable[[Moment], Answer]


def _token_ended(at: Moment) -> Answer:
    at.end_token(at.request.bearer)
    return _refused(at)


def _refused(at: Moment) -> Answer:
    challenge = 'Bearer error="invalid_token"'
    return refusal(at.request.path, 401, www_authenticate=challenge)


def _wait(status: int, seconds: int, *, as_date: bool = False) -> Strike:
    def strike(at: Moment) -> Answer:
        # A date counts whole seconds: one more, so that it is never less than asked for.
        told = formatdate(time.time() + seconds + 1, usegmt=True) if as_date else str(seconds)
        answer = refusal(at.request.path, status, retry_after=told)
        answer.wait = seconds
        return answer

    return strike


def _slow(at: Moment) -> Answer:
    body = at.body()
    size = max(1, -(-len(body) // _SLOW_PARTS))
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return replace(at.honest, body=parts, pause=WAIT_SECONDS / _SLOW_PARTS)


def _redirect_within(at: Moment) -> Answer:
    return Answer(307, {"Location": f"/moved{at.request.target}"})


def _redirect_elsewhere(at: Moment) -> Answer:
    return Answer(302, {"Location": f"{at.stranger}{at.request.target}"})


def _endless_pages(at: Moment) -> Answer:
    answer = at.leading_to(at.link(at.page + 1))
    body = at.body() + _spaces(PADDING_MIB)
    if not at.takes_gzip:
        return replace(answer, body=body)
    # One member of gzip: many clients stop after the first.
    packed = gzip.compress(body, compresslevel=1, mtime=0)
    return replace(answer, body=packed, headers={**answer.headers, "Content-Encoding": "gzip"})


@functools.lru_cache(maxsize=1)
def _spaces(mib: int) -> bytes:
    return b" " * (mib * MIB)


def _bomb(at: Moment) -> Answer:
    headers = dict(at.honest.headers)
    parts = _bomb_parts()
    if at.takes_gzip:
        headers["Content-Encoding"] = "gzip"
        parts = _packed(parts)
    return replace(at.honest, headers=headers, body=parts)


def _bomb_parts() -> Iterator[bytes]:
    """A lawful empty page with one long member. A sixteenth of it is noise, so that its packed
    form is too large to wait in a socket's buffer: what was sent, was read."""
    noise = random.Random("bomb").randbytes(MIB // 32).hex().encode()  # noqa: S311
    block = noise + b" " * (MIB - len(noise))
    yield b'{"data": [], "padding": "'
    yield from itertools.repeat(block, BOMB_MIB)
    yield b'"}'


def _packed(parts: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


def _endless_page(at: Moment) -> Answer:
    parts = itertools.chain([b'{"data": ['], itertools.repeat(b" "))
    return replace(at.honest, body=parts, pause=0.2)


def _endless_head(at: Moment) -> Answer:
    return replace(at.honest, head=itertools.repeat(b"x"), pause=0.2)


def _deep(at: Moment) -> Answer:
    return at.instead(b'{"data": ' + b"[" * DEPTH + b"]" * DEPTH + b"}")


def _with_mark(at: Moment) -> Answer:
    return at.instead(b"\xef\xbb\xbf" + at.body(), "application/json; charset=iso-8859-1")


STRIKES: dict[str, Strike] = {
    "token-ended": _token_ended,
    "too-many-requests": _wait(429, WAIT_SECONDS),
    "too-many-requests-date": _wait(429, WAIT_SECONDS, as_date=True),
    "unavailable": _wait(503, WAIT_SECONDS),
    "slow": _slow,
    "dropped": lambda at: replace(at.honest, cut=True),
    "repeated-page": lambda at: at.before(),
    "byte-order-mark": _with_mark,
    "link-elsewhere": lambda at: at.leading_to(f"{at.stranger}{at.request.path}?page=2"),
    "redirect-elsewhere": _redirect_elsewhere,
    "redirect-within": _redirect_within,
    "circle": lambda at: at.leading_to(at.link(0)),
    "endless-pages": _endless_pages,
    "bomb": _bomb,
    "endless-page": _endless_page,
    "endless-head": _endless_head,
    "deep-json": _deep,
    "broken-json": lambda at: at.instead(at.body()[: len(at.body()) // 2]),
    "no-json": lambda at: at.instead(b"<!doctype html><title>Sign in</title>", "text/html"),
    "wrong-charset": lambda at: at.instead(at.body().decode().encode("utf-16")),
    "lone-surrogate": lambda at: at.instead(b'{"data": [], "note": "\\ud83d"}'),
    "come-back-tomorrow": _wait(429, DAY_SECONDS),
    "no-token-is-good": _refused,
    "breaks-off": lambda at: refusal(at.request.path, 500),
}
