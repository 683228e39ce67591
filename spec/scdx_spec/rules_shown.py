"""What ``scdx rules`` shows: the requirements in the terminal, or one with everything about it."""

import difflib
import json
import sys
from typing import Any

from scdx_spec.index import requirement_index


def run(requirement: str, *, chapter: str, as_json: bool) -> int:
    """Print all requirements, a chapter's, or one; gives the exit status (2: there is none)."""
    entries = requirement_index()["requirements"]
    if requirement:
        return _one(entries, requirement.upper(), as_json)
    chapters = list(dict.fromkeys(one["chapter"] for one in entries))
    if chapter and chapter not in chapters:
        print(f"--chapter takes one of {', '.join(chapters)}", file=sys.stderr)
        return 2
    shown = [one for one in entries if not chapter or one["chapter"] == chapter]
    if as_json:
        print(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        _print_all(shown)
    return 0


def _one(entries: list[dict[str, Any]], requirement: str, as_json: bool) -> int:
    by_id = {one["id"]: one for one in entries}
    if requirement not in by_id:
        near = difflib.get_close_matches(requirement, by_id, n=3, cutoff=0.5)
        hint = f"; near it are {', '.join(near)}" if near else ""
        print(f"There is no requirement of that ID{hint}.", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps(by_id[requirement], ensure_ascii=False, indent=2))
    else:
        _print_one(by_id[requirement])
    return 0


def _print_all(entries: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console(highlight=False)
    for chapter in dict.fromkeys(one["chapter"] for one in entries):
        table = Table(title=chapter, title_justify="left", box=None, pad_edge=False)
        table.add_column("ID", no_wrap=True)
        table.add_column("level", no_wrap=True)
        table.add_column("sentence")
        for one in entries:
            if one["chapter"] == chapter:
                table.add_row(one["id"], one["level"], escape(one["sentence"]))
        console.print(table)
        console.print()


def _print_one(one: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.markup import escape

    console = Console(highlight=False)
    console.print(f"[bold]{one['id']}[/]  {one['level']}, {one['actor']}, in {one['chapter']}")
    console.print(escape(one["sentence"]))
    console.print(f"[dim]{one['link']}[/]")
    if "notTestable" in one:
        console.print(f"Not testable: {escape(one['notTestable'])}")
    if "pact" in one:
        console.print(f"Restates PACT's {', '.join(one['pact'])} (numbers of the mappings' table)")
    for test in one["testedBy"]:
        console.print()
        for line in _test_lines(test):
            console.print(line, markup=False)
    if one["vectors"]:
        console.print("\n[bold]Vectors[/]")
    for vector in one["vectors"]:
        verdict = "[red]breaks[/]" if vector["breaks"] else "[green]keeps[/] "
        where = f"{vector['file']}:{vector['number']}"
        console.print(f"  {verdict}  {escape(vector['description'])}  [dim]{where}[/]")


def _test_lines(test: dict[str, Any]) -> list[str]:
    if test["kind"] == "code":
        return [f"Tested in code: {test['module']}"]
    if test["kind"] == "schema":
        return [f"Schema {test['file']}#{test['pointer']}"]
    lines = [f"{test['kind'].capitalize()} in {test['file']}", f"  at    {', '.join(test['at'])}"]
    if "when" in test:
        lines.append(f"  when  {test['when']}")
    return [
        *lines,
        f"  rule  {test['rule']}",
        f"  says  {test['message']}",
        f"  do    {test['fix']}",
    ]
