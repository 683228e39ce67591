"""Finding an organisation in a register: by SBTi id, LEI, ISIN, then by name with country.

A name alone is never more than ambiguous (REG-03), and neither is an identifier under which the
register has somebody else: identifiers are public, anybody can write down another's.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

KEYS: Final = ("sbti_id", "lei", "isin")
"""Identifiers that registers and documents share, in the order in which they count."""
_TITLES: Final = {"sbti_id": "SBTi id", "lei": "LEI", "isin": "ISIN"}
_FORM_WORDS: Final = (
    "ab abp ag aktiebolag aps as asa bv bvba co company corp corporation ehf gmbh hf inc "
    "incorporated kg kgaa kk limited llc llp ltd nv oy oyj plc pte pty publ sa sas se sl spa srl "
    "sro"
)
_LEGAL_FORMS: Final = frozenset(_FORM_WORDS.split())
_FREQUENT_WORDS: Final = (
    "and business et for global group holding holdings international management nordic of "
    "services solutions systems technologies technology the und"
)
_SAY_LITTLE: Final = frozenset(_FREQUENT_WORDS.split())
_LETTERS: Final = str.maketrans({"ø": "o", "æ": "ae", "đ": "d", "ł": "l", "œ": "oe", "þ": "th"})


class Listed(Protocol):
    """An organisation as a register lists it; ``country`` is a code of two letters, or unknown."""

    @property
    def name(self) -> str:
        """Name as listed."""

    @property
    def country(self) -> str | None:
        """Code of two letters, where the register tells."""

    @property
    def identifiers(self) -> Mapping[str, frozenset[str]]:
        """Values by the schemes in ``KEYS``."""


T = TypeVar("T", bound=Listed)


@dataclass(frozen=True, slots=True)
class Sought:
    """An organisation as a document describes it; the first name is its legal name."""

    names: tuple[str, ...]
    country: str | None
    identifiers: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """What a register has of an organisation.

    ``key`` is by what it was found (``sbti_id``, ``lei``, ``isin``, ``name_and_country``,
    ``name``); ``doubt`` says why it may be another, and is empty where it is sure.
    """

    found: T
    key: str
    doubt: str = ""

    @property
    def sure(self) -> bool:
        """Whether the register's entry is this organisation's."""
        return not self.doubt


class Index(Generic[T]):
    """A register's organisations by their identifiers and names."""

    def __init__(self, listed: Iterable[T]) -> None:
        self._by_key: dict[tuple[str, str], list[T]] = defaultdict(list)
        for one in listed:
            for scheme, values in one.identifiers.items():
                for value in values:
                    self._by_key[scheme, value].append(one)
            self._by_key["full", plain_name(one.name)].append(one)
            self._by_key["core", core_name(one.name)].append(one)

    def match(self, sought: Sought) -> Match[T] | None:
        """The entry of an organisation, or None where no key leads to one."""
        for scheme in KEYS:
            found = self._all((scheme, value) for value in sought.identifiers.get(scheme, ()))
            if found:
                return Match(found[0], scheme, self._doubt(sought, found, scheme))
        legal = self._all(("full", plain_name(name)) for name in sought.names[:1])
        here = [one for one in legal if one.country and one.country == sought.country]
        if here:
            return Match(here[0], "name_and_country", self._doubt(sought, here, "name"))
        found = self._all(("core", core_name(name)) for name in sought.names)
        if not found:
            return None
        why = self._doubt(sought, found, "name")
        return Match(found[0], "name", why or "a name alone may be somebody else's")

    def _all(self, keys: Iterable[tuple[str, str]]) -> list[T]:
        unique: dict[int, T] = {}
        for scheme, value in keys:
            if value:
                unique.update((id(one), one) for one in self._by_key.get((scheme, value), ()))
        return list(unique.values())

    def _doubt(self, sought: Sought, found: list[T], key: str) -> str:
        if len(found) > 1:
            return f"{len(found)} entries of the register have it"
        (one,) = found
        for scheme in KEYS:
            ours, theirs = sought.identifiers.get(scheme), one.identifiers.get(scheme)
            if ours and theirs and not ours & theirs:
                return f"the register has another {_TITLES[scheme]} beside it"
        others = self._all(
            (scheme, value) for scheme in KEYS for value in sought.identifiers.get(scheme, ())
        )
        if any(other is not one for other in others):
            return "another of its identifiers leads to another entry of the register"
        agreeing = [s for s in KEYS if sought.identifiers.get(s) and one.identifiers.get(s)]
        if key != "name" and len(agreeing) < 2 and not _related(sought.names, one.name):
            return "the register has this identifier under quite another name"
        return ""


def organisation(party: Mapping[str, Any], sbti_id: object = None) -> Sought:
    """A document's organisation or party (``legalName`` or ``name``) as it is sought."""
    names = [party.get("legalName"), party.get("name"), *_list(party.get("tradeNames"))]
    country = party.get("country")
    by_scheme: dict[str, set[str]] = defaultdict(set)
    if isinstance(sbti_id, str):
        by_scheme["sbti_id"].add(sbti_id)
    for one in _list(party.get("identifiers")):
        if isinstance(one, dict) and one.get("scheme") in KEYS:
            by_scheme[one["scheme"]].add(str(one.get("value", "")).strip().upper())
    return Sought(
        tuple(name for name in names if isinstance(name, str)),
        country if isinstance(country, str) else None,
        {scheme: frozenset(values - {""}) for scheme, values in by_scheme.items()},
    )


def plain_name(name: str) -> str:
    """A name without case, accents and punctuation: ``A. Møller A/S`` → ``a moller as``."""
    text = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w\s]", lambda m: "" if m[0] in "./'’" else " ", text).split())


def core_name(name: str) -> str:
    """The same without legal forms: ``Example Devices AB (publ)`` → ``example devices``."""
    words = plain_name(name).split()
    return " ".join(word for word in words if word not in _LEGAL_FORMS)


def country_code(text: str) -> str | None:
    """A country's code of two letters, from a code or an English name; None for what is neither."""
    text = text.strip()
    if text.upper() in _countries().values():
        return text.upper()
    return _countries().get(plain_name(text))


@cache
def _countries() -> dict[str, str]:
    with Path(__file__).with_name("countries.csv").open(encoding="utf-8", newline="") as file:
        return {plain_name(row["name"]): row["code"] for row in csv.DictReader(file)}


def _related(names: Iterable[str], listed: str) -> bool:
    """Whether a name shares a word that says something with the listed one, or its letters."""
    theirs = core_name(listed)
    for name in names:
        ours = core_name(name)
        if set(ours.split()) & set(theirs.split()) - _SAY_LITTLE:
            return True
        run, other = ours.replace(" ", ""), theirs.replace(" ", "")
        if min(len(run), len(other)) > 3 and (run in other or other in run):
            return True
    return False


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
