"""The demo's steps: suppliers publish, a buyer pulls, checks and calculates."""

import json
import os
import secrets
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scdx_client.demo import documents, ledger, local_ca, story
from scdx_client.demo.stage import Stage, StepError, scdx, shown

MARK = ".scdx-demo"
FOLDERS = {documents.RESELLER: "reseller", documents.CLOUD: "cloud"}


@dataclass(frozen=True, slots=True)
class Access:
    """Where a supplier answers, and the buyer's credentials there."""

    name: str
    url: str
    client_id: str
    client_secret: str


def run(folder: Path, *, keep: bool) -> int:
    """Run the demo in a folder of its own; gives the exit status."""
    place = folder.resolve()
    if place.exists() and not (place / MARK).exists() and any(place.iterdir()):
        print(f"{folder} holds something else; choose another --dir", file=sys.stderr)
        return 2
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    (place / MARK).touch()
    started = time.monotonic()
    with Stage(place) as stage:
        try:
            told = _play(stage, story.Teller())
            story.tell(told, folder, time.monotonic() - started)
            if keep:
                _wait(told["access"], folder)
        except StepError as error:
            print(f"\nA step of the demo failed:\n{error}", file=sys.stderr)
            print(f"Logs lie in {folder}.", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\nInterrupted; everything is stopped.", file=sys.stderr)
            return 130
    return 0


def _play(stage: Stage, teller: story.Teller) -> dict[str, Any]:
    """All steps; gives what the story needs."""
    place = stage.folder
    ca, certificate, key = local_ca.create(place)
    tls = ("--tls-cert", certificate, "--tls-key", key, "--port", "0")

    teller.step("Three suppliers start, each on a free port, over TLS with a CA of the demo's own")
    access = [
        _scdx_supplier(stage, teller, documents.RESELLER, documents.reseller(), tls),
        _pact_supplier(stage, tls),
        _scdx_supplier(stage, None, documents.CLOUD, documents.cloud(), tls),
    ]
    teller.step("A municipality registers them with its own credentials, and pulls")
    for one in access:
        command = scdx("suppliers", "add", one.name, one.url, "--client-id", one.client_id)
        command += ["--client-secret", one.client_secret, "--ca", str(ca)]
        teller.command(shown(command)) if one is access[0] else None
        stage.run(command)
    teller.command("scdx pull")
    pulled = json.loads(stage.run(scdx("pull", "--json"), accept=(0, 1)))

    teller.step("It checks one supplier's server with the conformance suite")
    checked = scdx("check", access[0].url, "--client-id", access[0].client_id)
    checked += ["--client-secret", access[0].client_secret, "--ca", str(ca), "--json", "check.json"]
    teller.command(shown(checked))
    verdict = stage.run(checked, accept=(0, 1)).strip().splitlines()[-1]

    teller.step("It calculates its IT purchases of 2025, line by line")
    count = ledger.write(place / "purchases.csv")
    teller.command("scdx scope3 purchases.csv")
    result = json.loads(stage.run(scdx("scope3", "purchases.csv", "--json")))
    line = _line_to_explain(place)
    teller.command(f"scdx explain {line}")
    explained = stage.run(scdx("explain", line))
    return {
        "access": access,
        "pulled": pulled["suppliers"],
        "findings": _findings(stage),
        "verdict": verdict,
        "result": result,
        "lines": count,
        "explained": explained,
    }


def _scdx_supplier(
    stage: Stage,
    teller: story.Teller | None,
    name: str,
    published: list[dict[str, Any]],
    tls: tuple[str | Path, ...],
) -> Access:
    """A SCDX server: init, publish, a buyer, a grant, serve."""
    data = FOLDERS[name]
    file = stage.folder / f"{data}-documents.json"
    file.write_text(json.dumps(published, indent=1, ensure_ascii=False), "utf-8")
    buyer = "Example Municipality"
    steps = [
        scdx("init", "--name", name, "--domain", f"{data}.example.com", "--data", data),
        scdx("publish", file.name, "--data", data),
        scdx("buyers", "add", buyer, "--json", "--data", data),
        scdx("grant", buyer, "all", "--data", data),
    ]
    said = []
    for command in steps:
        if teller is not None:
            teller.command(shown(command))
        said.append(stage.run(command))
    serve = scdx("serve", "--data", data, *tls)
    if teller is not None:
        teller.command(f"scdx serve --data {data} --tls-cert server.pem --tls-key server.key")
    url = stage.serve(serve)
    new = json.loads(said[2])
    return Access(name, url, new["clientId"], new["clientSecret"])


def _pact_supplier(stage: Stage, tls: tuple[str | Path, ...]) -> Access:
    """A plain PACT 3 host: a small module that knows nothing of SCDX."""
    file = stage.folder / "components-footprints.json"
    file.write_text(json.dumps(documents.components(), indent=1), "utf-8")
    identity, secret = "municipality", secrets.token_urlsafe(24)
    command = [sys.executable, "-m", "scdx_client.demo.pact_host", "--footprints", file.name]
    command += ["--client-id", identity, "--client-secret", secret, *(str(word) for word in tls)]
    return Access(documents.COMPONENTS, stage.serve(command), identity, secret)


def _line_to_explain(place: Path) -> str:
    """The ledger line with the most laptops of the first maker: a good one to look at."""
    import csv

    with (place / "purchases.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["description"] == "Latitude 7430 2-in-1"]
    return max(rows, key=lambda row: int(row["quantity"] or 0))["line_id"]


def _findings(stage: Stage) -> list[str]:
    """What is flagged at the supplier with imperfect data, in the standard's own sentences."""
    said = stage.run(scdx("validate", "cloud-documents.json", "--json"))
    found = [one for document in json.loads(said)["documents"] for one in document["findings"]]
    disclosure = json.loads((stage.folder / "cloud-documents.json").read_text("utf-8"))[0]
    total = disclosure["inventories"][0]["scope3"]["total"]
    missing = f"scope 3 is {total['state'].replace('_', ' ')}: {total['reason']}"
    return [*(f"{one['requirement']}: {one['sentence']}" for one in found), missing]


def _wait(access: list[Access], folder: Path) -> None:
    """Keep the servers up until interrupted."""
    print(f"\nThe servers stay up (KEEP=1); the buyer's credentials are in {folder}/access.json.")
    held = [{"name": a.name, "url": a.url, "clientId": a.client_id} for a in access]
    secret = [{**one, "clientSecret": a.client_secret} for one, a in zip(held, access, strict=True)]
    path = folder / "access.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(secret, indent=1), "utf-8")
    for one in held:
        print(f"  {one['name']}  {one['url']}")
    print("Stop them with Ctrl-C.", flush=True)
    while True:
        time.sleep(3600)


def wants_to_keep() -> bool:
    """Whether the environment says ``KEEP=1``."""
    return os.environ.get("KEEP", "") not in ("", "0")
