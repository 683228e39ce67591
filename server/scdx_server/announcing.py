"""PACT's Published events: written to the outbox in the transaction of what they tell."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from scdx_server import outbox
from scdx_server.database import Connection

PUBLISHED = "org.wbcsd.pact.ProductFootprint.PublishedEvent.3"
_IDS_AT_ONCE = 1000


class Changes:
    """Footprints that became visible or changed their state, by buyer, within one transaction."""

    def __init__(self) -> None:
        self._by_buyer: defaultdict[int, dict[str, None]] = defaultdict(dict)

    def add(self, kind: str, document_id: str, buyers: Iterable[int]) -> None:
        """Note a document; only PACT's footprints have events."""
        if kind == "ProductFootprint":
            for buyer in buyers:
                self._by_buyer[buyer][document_id] = None

    def write(self, db: Connection, now: datetime) -> int:
        """Put an event into the outbox for each subscribed buyer; gives their number."""
        if not self._by_buyer:
            return 0
        rows = db.execute("SELECT buyer_id FROM partner WHERE subscribed").fetchall()
        count = 0
        for (buyer,) in rows:
            ids = list(self._by_buyer.get(buyer, ()))
            for start in range(0, len(ids), _IDS_AT_ONCE):
                data = json.dumps({"pfIds": ids[start : start + _IDS_AT_ONCE]})
                outbox.put(db, buyer, PUBLISHED, data, now.timestamp())
                count += 1
        return count
