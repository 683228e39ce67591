"""The reference server: a supplier's documents, each buyer's own list of them."""

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    """Public names are loaded when they are first used, so that importing the package is cheap."""
    if name not in __all__:
        raise AttributeError(f"module 'scdx_server' has no attribute {name!r}")
    from scdx_server.app import create_app

    return create_app
