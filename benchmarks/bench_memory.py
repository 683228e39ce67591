"""How much memory a server takes while it lists and while it exports, beside an idle one.

Resident bytes of the process, at their peak; 100,000 documents. Idle is a server that nobody has
asked anything yet, once its memory has stopped growing: it goes on loading for a second after it
says that it serves.
"""

import random
import time

import load
import stage
from load import Ask
from measure import Server, cache, goal, products_wanted, scdx, serving

LIST = "/scdx/1/documents"
PAGES, EXPORTS, EXPORTED = 4_000, 16, 20_000


def main() -> None:
    staged = stage.staged(cache(), products_wanted())
    chance, count = random.Random(6), products_wanted()
    pages = [Ask(f"{LIST}?limit=100&after={chance.randrange(1, count - 100)}")
             for _ in range(PAGES)]  # fmt: skip
    export = Ask(f"{LIST}?limit={EXPORTED}", headers={"Accept": "application/x-ndjson"})
    packed = Ask(export.path, headers={**export.headers, "Accept-Encoding": "zstd"})
    jobs = {
        "listing": pages,
        "exporting": [export] * EXPORTS,
        "exporting, zstd": [packed] * EXPORTS,
    }
    peaks: dict[str, float] = {}
    for name, asks in jobs.items():
        with serving(scdx(staged.folder)) as server:
            idle = settled(server)
            headers = staged.bearer(server.url)
            server.forget_peak()
            load.run(server.url, asks, headers=headers)
            peaks[name] = server.peak() / idle
            told = f"{idle / 1e6:.0f} MB idle, {server.peak() / 1e6:.0f} MB at most"
            print(f"  {name}: {told}, {server.memory() / 1e6:.0f} MB after it")
    goal("listing over 16 connections ÷ idle, resident", peaks["listing"], 1.3)
    goal("16 exports at once ÷ idle, resident", peaks["exporting"], 2)
    goal("16 compressed exports at once ÷ idle, resident", peaks["exporting, zstd"], 2)


def settled(server: Server) -> int:
    """Resident bytes once they have stayed the same for two seconds. Raises ``RuntimeError``."""
    found = [server.memory()]
    for _ in range(60):
        time.sleep(0.5)
        found.append(server.memory())
        if len(found) > 4 and max(found[-5:]) <= min(found[-5:]) * 1.01:
            return found[-1]
    raise RuntimeError("an idle server's memory keeps growing")


if __name__ == "__main__":
    main()
