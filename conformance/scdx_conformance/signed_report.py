"""A report that shows who made it, and that nobody changed it since.

The JSON report gets a member ``statement``: a compact JWS (Ed25519, ``typ``
``scdx-report+jwt``) over a summary of the report and the digest of its canonical bytes, without
that member. So the report stays readable, and one that is changed by a letter proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from scdx_conformance.redaction import printable
from scdx_conformance.report import Report
from scdx_conformance.report_words import STATES
from scdx_conformance.settings import CannotRunError
from scdx_spec import strict_json
from scdx_spec.canonical import canonical_bytes, digest
from scdx_spec.statements import ALGORITHM, sign

TYPE: Final = "scdx-report+jwt"
MEMBER: Final = "statement"
_ABOUT = ("target", "spec", "suite", "date")
_LONGEST = 20_000


class ReportSignatureError(ValueError):
    """A report whose signature proves nothing; the text says why."""


def read_key(path: Path) -> dict[str, str]:
    """A private Ed25519 key from a file: a JWK (JSON) or PEM.

    Raises CannotRunError, which quotes nothing of the file, for what is none.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise CannotRunError(f"--sign-key: {path} can't be read.") from None
    try:
        given = json.loads(text) if text.lstrip().startswith("{") else text
        key = OKPKey.import_key(given)
        if key.curve_name != "Ed25519" or not key.is_private:
            raise ValueError
        members = {str(name): str(value) for name, value in key.as_dict(private=True).items()}
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise CannotRunError(
            f"--sign-key: {path} holds no private Ed25519 key, neither as a JWK nor as PEM."
        ) from None
    return {**members, "kid": members.get("kid") or key.thumbprint()}


def signed(report: Report, key: Mapping[str, str]) -> str:
    """The report as JSON with its statement, ending in a line break."""
    told = report.as_dict()
    payload = {
        **{name: told[name] for name in _ABOUT},
        "classes": {name: report.state(name) for name in report.classes},
        "profiles": report.profiles,
        "exitCode": report.exit_code,
        "sha256": _digest(told),
    }
    told[MEMBER] = sign(payload, key, kind=TYPE)
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def verify_report(text: str | bytes, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary that one of the public ``keys`` signed, if it is about this very report.

    Raises :class:`ReportSignatureError`, and nothing else, whatever the text.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        told = strict_json.loads(raw)
    except strict_json.StrictJsonError as error:
        raise ReportSignatureError(f"it is not JSON: {error.reason}") from None
    token = told.pop(MEMBER, None) if isinstance(told, dict) else None
    if not isinstance(told, dict) or not isinstance(token, str):
        raise ReportSignatureError("it isn't signed: it has no statement")
    payload = _verified(token, keys)
    try:
        found = _digest(told)
    except ValueError:
        raise ReportSignatureError("it can't be a report of this suite") from None
    if payload.get("sha256") != found:
        raise ReportSignatureError("it was changed after it was signed")
    return payload


def read_public_keys(path: Path) -> list[dict[str, Any]]:
    """The keys of a file: a JWKS, one JWK, a discovery or capability document, or PEM.

    Raises CannotRunError for what holds none.
    """
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    try:
        text = path.read_text("utf-8")
        if text.lstrip().startswith("-----"):
            key = OKPKey.import_key(text)
            return [{**key.as_dict(private=False), "kid": key.thumbprint()}]
        found = strict_json.loads(text)
    except (OSError, UnicodeDecodeError):
        raise CannotRunError(f"{path} can't be read.") from None
    except (JoseError, ValueError, TypeError):
        raise CannotRunError(f"{path} holds no public keys.") from None
    holder = found.get("keys", [found]) if isinstance(found, dict) else None
    if isinstance(holder, dict):
        holder = holder.get("keys")
    if not isinstance(holder, list):
        raise CannotRunError(f"{path} holds no public keys.")
    return [_named(key) for key in holder if isinstance(key, dict)]


def _named(key: dict[str, Any]) -> dict[str, Any]:
    """A key with a ``kid``: its thumbprint (RFC 7638) where it says none."""
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    if "kid" in key:
        return key
    try:
        return {**key, "kid": OKPKey.import_key(dict(key)).thumbprint()}
    except (JoseError, ValueError, TypeError, KeyError):
        return key


def verify_file(report: Path, keys: Sequence[Path]) -> int:
    """Verify a report's file and print what is proven; gives the exit code (0, 1 or 2)."""
    from rich.console import Console
    from rich.text import Text

    console, aside = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        known = [key for path in keys for key in read_public_keys(path)]
        raw = report.read_bytes()
    except CannotRunError as error:
        aside.print(Text(printable(str(error))))
        return 2
    except OSError:
        aside.print(Text(f"{report} can't be read."))
        return 2
    try:
        told = verify_report(raw, known)
    except ReportSignatureError as error:
        console.print(Text(printable(f"Not proven: {error}."), style="bold red"))
        return 1
    stated = [
        pair
        for part in (told.get("classes"), told.get("profiles"))
        for pair in (part.items() if isinstance(part, dict) else ())
    ]
    classes = ", ".join(f"{name} {STATES.get(str(state), state)}" for name, state in stated)
    text = f"Proven: {told.get('suite')} on {told.get('target')} at {told.get('date')}: {classes}."
    console.print(Text(printable(text), style="bold green"), soft_wrap=True)
    return 0


def _digest(told: Mapping[str, object]) -> str:
    plain = json.loads(json.dumps(told))
    return digest(canonical_bytes(plain))


def _verified(token: str, keys: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    if len(token) > _LONGEST:
        raise ReportSignatureError("its statement is longer than one can be")
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, RecursionError):
        raise ReportSignatureError("its statement is not a compact JWS") from None
    if header.get("typ") != TYPE or header.get("alg") != ALGORITHM:
        raise ReportSignatureError(f"its statement's typ is not {TYPE}")
    key = next((k for k in keys if k.get("kid") and k["kid"] == header.get("kid")), None)
    if key is None:
        raise ReportSignatureError("it is signed with a key that is not among the given ones")
    try:
        public = OKPKey.import_key({n: str(key[n]) for n in ("kty", "crv", "x") if n in key})
        found = jws.deserialize_compact(token.encode("ascii"), public, algorithms=[ALGORITHM])
        payload = strict_json.loads(found.payload)
    except (JoseError, ValueError, TypeError, KeyError):
        raise ReportSignatureError("its signature does not fit its key") from None
    return payload if isinstance(payload, dict) else {}
