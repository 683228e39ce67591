"""The purchase ledger of an invented municipality's IT year 2025: prices and quantities invented.

The same lines each time: a seeded generator. Dates lie inside the bundled exchange rates.
"""

import csv
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from scdx_client.demo.documents import CLOUD, COMPONENTS, RESELLER, product_urn
from scdx_client.demo.figures import devices

COLUMNS = (
    "line_id",
    "date",
    "supplier",
    "description",
    "product_id",
    "quantity",
    "unit",
    "amount",
    "currency",
    "category_code",
    "business_line",
    "scope3_category",
)
PRICES = {
    "laptop": 11_500,
    "desktop": 10_900,
    "all_in_one": 16_400,
    "monitor": 2_600,
    "workstation": 24_500,
}
NAICS = {
    "laptop": "334111",
    "desktop": "334111",
    "all_in_one": "334111",
    "workstation": "334111",
    "monitor": "334118",
}
ARTICLES = {
    "EC-DOCK-1": 142,
    "EC-KEYS-1": 39,
    "EC-HEAD-2": 58,
    "EC-SSD-1T": 83,
    "EC-SWITCH-24": 415,
    "EC-AP-6": 188,
    "EC-CABLE-2": 7,
}
Row = tuple[str, ...]


def write(path: Path) -> int:
    """Write the ledger as CSV; gives the number of lines."""
    lines = sorted(_lines(random.Random(2025)), key=lambda row: row[0])  # noqa: S311  # no secret
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows((str(number), *row) for number, row in enumerate(lines, 1))
    return len(lines)


def _lines(dice: random.Random) -> Iterator[Row]:
    yield from _devices(dice)
    yield from _components(dice)
    yield from _services(dice)
    yield from _unknown(dice)


def _devices(dice: random.Random) -> Iterator[Row]:
    for _ in range(120):
        device = dice.choice(devices())
        count = dice.randint(1, 24)
        price = PRICES[device.category] * dice.uniform(0.85, 1.25)
        yield (
            _day(dice),
            RESELLER,
            device.product,
            f"sku:{device.sku}",
            str(count),
            "piece",
            f"{count * price:.2f}",
            "SEK",
            f"naics:{NAICS[device.category]}",
            "",
            "2",
        )
    credit = devices()[3]
    yield (
        "2025-09-17",
        RESELLER,
        f"Credit note, {credit.product} returned",
        f"sku:{credit.sku}",
        "-3",
        "piece",
        f"{-3 * PRICES[credit.category]:.2f}",
        "SEK",
        "naics:334111",
        "",
        "2",
    )


def _components(dice: random.Random) -> Iterator[Row]:
    for _ in range(70):
        article = dice.choice(sorted(ARTICLES))
        count = dice.randint(1, 60 if ARTICLES[article] < 100 else 12)
        yield (
            _day(dice),
            COMPONENTS,
            article,
            product_urn(article),
            str(count),
            "piece",
            f"{count * ARTICLES[article] * dice.uniform(0.9, 1.1):.2f}",
            "EUR",
            "naics:334118",
            "",
            "1",
        )


def _services(dice: random.Random) -> Iterator[Row]:
    for month in range(1, 13):
        day = f"2025-{month:02}-28"
        yield (
            day,
            RESELLER,
            "Managed workplace, monthly",
            "",
            "",
            "",
            f"{dice.uniform(380_000, 460_000):.2f}",
            "SEK",
            "naics:541513",
            "managed services",
            "1",
        )
        for place in ("Schools", "Care"):
            yield (
                day,
                CLOUD,
                f"Hosting, {place.lower()}",
                "",
                "",
                "",
                f"{dice.uniform(9_000, 16_000):.2f}",
                "EUR",
                "naics:518210",
                "",
                "1",
            )
    for _ in range(6):
        count = dice.randint(5, 30)
        yield (
            _day(dice),
            CLOUD,
            "Example Terminal 3",
            "mpn:ET-3",
            str(count),
            "piece",
            f"{count * dice.uniform(240, 290):.2f}",
            "EUR",
            "naics:334111",
            "",
            "2",
        )


def _unknown(dice: random.Random) -> Iterator[Row]:
    kinds = (
        ("Example Consulting AS", "Consulting, by the hour", "NOK", "naics:541512", 90_000),
        ("Example Telecom AB", "Telephones", "SEK", "naics:334220", 64_000),
        ("Example Software ApS", "Licences", "EUR", "naics:511210", 12_000),
    )
    for supplier, text, currency, code, amount in kinds:
        for _ in range(18):
            yield (
                _day(dice),
                supplier,
                text,
                "",
                "",
                "",
                f"{amount * dice.uniform(0.3, 1.6):.2f}",
                currency,
                code,
                "",
                "1",
            )
    for _ in range(5):
        yield (
            _day(dice),
            "Example Training AB",
            "Courses",
            "",
            "",
            "",
            f"{dice.uniform(8_000, 30_000):.2f}",
            "SEK",
            "",
            "",
            "1",
        )


def _day(dice: random.Random) -> str:
    return str(date(2025, 1, 2) + timedelta(days=dice.randint(0, 360)))
