"""What buyers use: pull from many suppliers, keep what came, calculate Scope 3 line by line."""

__all__ = ["Budget", "PullResult", "StoredDocument", "Supplier", "Workspace", "pull"]

_HOMES = {
    "Budget": "transport",
    "PullResult": "sync",
    "StoredDocument": "workspace",
    "Supplier": "workspace",
    "Workspace": "workspace",
    "pull": "sync",
}


def __getattr__(name: str) -> object:
    """Public names are loaded when they are first used, so that importing the package is cheap."""
    if name not in _HOMES:
        raise AttributeError(f"module 'scdx_client' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"scdx_client.{_HOMES[name]}"), name)
