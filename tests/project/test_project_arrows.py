"""The arrows of docs/architecture.md: server, client and suite know spec, and nothing else."""

import ast
import textwrap
from pathlib import Path

import pytest

PACKAGES = {
    "scdx_spec": "spec/scdx_spec",
    "scdx_client": "client/scdx_client",
    "scdx_server": "server/scdx_server",
    "scdx_conformance": "conformance/scdx_conformance",
}
ALLOWED = {
    "scdx_spec": {"scdx_spec"},
    "scdx_client": {"scdx_client", "scdx_spec"},
    "scdx_server": {"scdx_server", "scdx_spec"},
    "scdx_conformance": {"scdx_conformance", "scdx_spec"},
}


def imported_packages(source: str) -> set[str]:
    """Names of our packages that ``source`` imports, also inside functions and by name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute | ast.Name)
            and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id)
            in {"import_module", "__import__"}
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            names.add(str(node.args[0].value))
    return {name.split(".")[0] for name in names} & set(PACKAGES)


def wrong_arrows(package: str, folder: Path) -> list[str]:
    return [
        f"{path.name} imports {', '.join(sorted(extra))}"
        for path in sorted(folder.rglob("*.py"))
        if (extra := imported_packages(path.read_text("utf-8")) - ALLOWED[package])
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_nothing_beyond_its_arrows(package: str, repository: Path) -> None:
    folder = repository / PACKAGES[package]
    assert list(folder.rglob("*.py"))
    assert wrong_arrows(package, folder) == []


@pytest.mark.parametrize(
    "line",
    [
        "import scdx_client.sync",
        "from scdx_client import sync",
        "def f():\n    from scdx_client.sync import pull",
        "import importlib\nimportlib.import_module('scdx_client.sync')",
    ],
)
def test_a_planted_wrong_arrow_is_seen(line: str, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(textwrap.dedent(line))
    assert wrong_arrows("scdx_server", tmp_path) == ["planted.py imports scdx_client"]
