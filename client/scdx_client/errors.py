"""What can go wrong between a buyer and a supplier.

::

    ClientError                     anything below, told in words that are safe to print
    ├── WorkspaceError              the workspace is missing, taken, or of another version
    ├── TransportError              the supplier could not be reached, or broke HTTP
    │   ├── OriginError             something led to another origin; nothing was sent there
    │   └── BudgetError             more bytes, pages or time than one supplier may cost
    ├── AuthenticationError         the supplier's token endpoint refused, or gave no token
    └── ProtocolError               the supplier's answer is not what its interface says

    ClientWarning                   imperfect, but usable; ``strict`` makes it an error
    ├── DocumentFindingWarning      a document has findings
    ├── TamperedWarning             a digest, a statement or known bytes do not fit
    └── KeyChangedWarning           a supplier's document keys are not those of the first pull
"""

__all__ = [
    "AuthenticationError",
    "BudgetError",
    "ClientError",
    "ClientWarning",
    "DocumentFindingWarning",
    "KeyChangedWarning",
    "OriginError",
    "ProtocolError",
    "TamperedWarning",
    "TransportError",
    "WorkspaceError",
]


class ClientError(Exception):
    """Anything that went wrong on the buyer's side; its text is safe to print."""


class WorkspaceError(ClientError):
    """The workspace is missing, taken, or of another version."""


class TransportError(ClientError):
    """The supplier could not be reached, or broke HTTP."""


class OriginError(TransportError):
    """Something led to another origin; nothing was sent there."""


class BudgetError(TransportError):
    """More bytes, pages or time than one supplier may cost."""


class AuthenticationError(ClientError):
    """The supplier's token endpoint refused, or gave no token."""


class ProtocolError(ClientError):
    """The supplier's answer is not what its interface says."""


class ClientWarning(UserWarning):
    """Imperfect, but usable."""


class DocumentFindingWarning(ClientWarning):
    """A document has findings."""


class TamperedWarning(ClientWarning):
    """A digest, a statement or known bytes do not fit: the document is not calculated with."""


class KeyChangedWarning(ClientWarning):
    """A supplier's document keys are not those of the first pull."""
