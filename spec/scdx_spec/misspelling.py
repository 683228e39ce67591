"""When a name is a misspelling of a defined one, as the chapter on documents has it."""

from collections.abc import Collection
from typing import Final

SHORTEST: Final = 5
"""Names below this length are misspellings only by case and separators."""


def misspelt(name: str, defined: Collection[str]) -> str | None:
    """The name among ``defined`` that ``name`` misspells; the first in order of several."""
    plain, lower = _flat(name), name.lower()
    for candidate in sorted(defined):
        if _flat(candidate) == plain:
            return candidate
    for candidate in sorted(defined):
        if min(len(name), len(candidate)) >= SHORTEST and one_edit(lower, candidate.lower()):
            return candidate
    return None


def one_edit(first: str, second: str) -> bool:
    """Whether two words differ by one letter added, left out, changed, or swapped with the next."""
    if len(first) > len(second):
        first, second = second, first
    if len(second) - len(first) > 1 or first == second:
        return False
    same = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), len(first)
    )
    if len(first) < len(second):
        return first[same:] == second[same + 1 :]
    if first[same + 1 :] == second[same + 1 :]:
        return True
    swapped = first[same + 1 : same + 2] + first[same : same + 1] + first[same + 2 :]
    return swapped == second[same:]


def _flat(name: str) -> str:
    return name.replace("_", "").replace("-", "").replace(" ", "").lower()
