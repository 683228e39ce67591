"""The SCDX standard, and the few modules that read it."""

__version__ = "0.4.0"
SPEC_VERSION = "1.0.0"
"""The version of the standard that this package carries (documents' ``specVersion``)."""
BASE_URI = "https://w3id.org/scdx/1.0/"
"""Where requirements, schemas and classes have their names. Not registered yet; never fetched."""

__all__ = [
    "BASE_URI",
    "SPEC_VERSION",
    "Finding",
    "__version__",
    "breaks_must",
    "canonical_bytes",
    "check_bytes",
    "digest",
    "kind_of",
    "load_requirements",
]

_HOMES = {
    "Finding": "findings",
    "breaks_must": "findings",
    "canonical_bytes": "canonical",
    "check_bytes": "check",
    "digest": "canonical",
    "kind_of": "check",
    "load_requirements": "requirements",
}


def __getattr__(name: str) -> object:
    """Public names are loaded when they are first used, so that importing the package is cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scdx_spec' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"scdx_spec.{_HOMES[name]}"), name)
