"""The catalogue of faults: what each does, when it strikes, and which requirements it puts to test.

``once`` strikes at one page of each walk and is over when the client asks again; ``ending`` strikes
at a page of each walk for good; ``standing`` is how the host is; ``documents`` is in the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

ONCE, ENDING, STANDING, DOCUMENTS = "once", "ending", "standing", "documents"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to misbehave. ``alone``: it would hide others, and strikes only when it is named."""

    name: str
    when: str
    says: str
    requirements: tuple[str, ...] = ()
    alone: bool = False


_ALL = (
    Fault("token-ended", ONCE, "a token ends between two pages: 401", ("COR-22",)),
    Fault("too-many-requests", ONCE, "429, Retry-After in seconds", ("COR-29",)),
    Fault("too-many-requests-date", ONCE, "429, Retry-After as a date", ("COR-29",)),
    Fault("unavailable", ONCE, "503 with Retry-After", ("COR-29",)),
    Fault("slow", ONCE, "a page comes in small pieces, for two seconds"),
    Fault("dropped", ONCE, "the connection ends in the middle of a page"),
    Fault("repeated-page", ONCE, "a page comes again, and positions go back", ("PAC-51",)),
    Fault("link-elsewhere", ENDING, "the next page is at another host", ("COR-20", "EXC-34")),
    Fault("redirect-elsewhere", ENDING, "302 to another host", ("COR-20", "COR-21")),
    Fault("redirect-within", ENDING, "307 to the same host", ("COR-21",)),
    Fault("circle", ENDING, "the next page is the first one, for ever", ("COR-30",)),
    Fault("endless-pages", ENDING, "there is always a next page, of 8 MiB", ("COR-30",)),
    Fault("bomb", ENDING, "a page of 512 MiB, gzip where it is accepted", ("COR-30",)),
    Fault("endless-page", ENDING, "a page of one byte each fifth of a second", ("COR-30",), True),
    Fault("endless-head", ENDING, "headers of one byte each fifth of a second", ("COR-30",), True),
    Fault("deep-json", ENDING, "a page nested 100,000 deep", ("COR-30",)),
    Fault("broken-json", ENDING, "a page that breaks off, by status and length a whole one"),
    Fault("no-json", ENDING, "a sign-in page in HTML, with status 200"),
    Fault("byte-order-mark", ENDING, "a page begins with a byte order mark and claims Latin-1"),
    Fault("wrong-charset", ENDING, "a page in UTF-16"),
    Fault("lone-surrogate", ENDING, "a page with half a character"),
    Fault("come-back-tomorrow", ENDING, "429, Retry-After of a day", ("COR-29",)),
    Fault("no-token-is-good", ENDING, "every token is refused from a page on", ("COR-30",)),
    Fault(
        "breaks-off", ENDING, "500 from the third page on, after a first whole walk", ("PAC-50",)
    ),
    Fault(
        "short-tokens", STANDING, "tokens live for a second, pages take half of one", ("COR-22",)
    ),
    Fault("news", STANDING, "new documents after a first whole walk", ("EXC-33",)),
    Fault("lying-etags", STANDING, "every page has the same ETag, and 304 answers any condition"),
    Fault("unknown-members", STANDING, "unknown members in capability, pages and entries"),
    Fault("pact-only", STANDING, "a PACT 3 host that knows nothing of SCDX", alone=True),
    Fault("no-openid", STANDING, "no OpenID configuration", ("PAC-03",), True),
    Fault("token-elsewhere", STANDING, "the token endpoint is at another host", ("COR-20",), True),
    Fault(
        "token-redirect",
        STANDING,
        "the token endpoint redirects to another host",
        ("COR-20", "COR-21"),
        True,
    ),
    Fault("discovery-lost", STANDING, "404 for all of SCDX after a whole walk", ("COR-04",), True),
    Fault("wrong-digest", DOCUMENTS, "a document with another's sha256", ("EXC-30",)),
    Fault("not-a-number", DOCUMENTS, "a document with NaN and Infinity", ("EXC-30",), True),
    Fault("repeated-members", DOCUMENTS, "a total that stands twice", ("EXC-30",), True),
    Fault("changed-history", DOCUMENTS, "other bytes under a known id", ("EXC-31",)),
    Fault("forged-statements", DOCUMENTS, "statements signed by somebody else", ("EXC-32",)),
    Fault("tokens-for-statements", DOCUMENTS, "signed tokens of another kind", ("STM-01",)),
    Fault("moved-statements", DOCUMENTS, "statements about other documents", ("STM-02",)),
    Fault("findings", DOCUMENTS, "unknown codes and members, a wrong sum", ("COR-31",)),
    Fault("unknown-kind", DOCUMENTS, "a kind of document of the future"),
    Fault("null-members", DOCUMENTS, "a footprint with nulls", ("PAC-31",)),
    Fault("deprecated", DOCUMENTS, "a deprecated footprint", ("PAC-30",)),
    Fault("hostile-names", DOCUMENTS, "formulas, terminal commands and paths as names"),
    Fault("hostile-ids", DOCUMENTS, "a path as an id"),
)
FAULTS = {fault.name: fault for fault in _ALL}
"""Every fault by name, in the order of the guide."""


def chosen(names: Iterable[str]) -> tuple[Fault, ...]:
    """The faults of these names; ``all`` stands for those that don't hide others.

    Raises ``LookupError`` with the first name that is none.
    """
    found: dict[str, Fault] = {}
    for name in names:
        if name == "all":
            found |= {one.name: one for one in _ALL if not one.alone}
        elif name in FAULTS:
            found[name] = FAULTS[name]
        else:
            raise LookupError(name)
    return tuple(found.values())
