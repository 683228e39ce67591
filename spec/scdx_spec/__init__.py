"""The SCDX standard, and the few modules that read it."""

__version__ = "0.1.0"
SPEC_VERSION = "1.0.0"
"""The version of the standard that this package carries (documents' ``specVersion``)."""
BASE_URI = "https://w3id.org/scdx/1.0/"
"""Where requirements, schemas and conformance classes have their names. Not registered yet; never fetched."""

__all__ = ["BASE_URI", "SPEC_VERSION", "__version__"]
