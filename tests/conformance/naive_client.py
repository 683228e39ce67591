"""A client as many are written: it follows every link with its token, and never looks twice."""

import base64
import json
import os
import re
import urllib.error
import urllib.request


def ask(url: str, authorization: str, form: bytes | None = None) -> tuple[object, str]:
    """JSON and the next link, wherever they come from."""
    request = urllib.request.Request(url, form, {"Authorization": authorization})
    with urllib.request.urlopen(request) as answer:
        link = re.search(r"<([^>]*)>", answer.headers.get("Link", ""))
        return json.load(answer), link[1] if link else ""


def main() -> None:
    """Pull everything, each time."""
    url = os.environ["SCDX_CHAOS_URL"]
    pair = f"{os.environ['SCDX_CLIENT_ID']}:{os.environ['SCDX_CLIENT_SECRET']}"
    basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
    try:
        told, _ = ask(f"{url}/.well-known/openid-configuration", basic)
        endpoint = told["token_endpoint"]
    except urllib.error.HTTPError:
        endpoint = f"{url}/auth/token"
    told, _ = ask(endpoint, basic, b"grant_type=client_credentials")
    token = f"Bearer {told['access_token']}"
    try:
        page, link = ask(f"{url}/scdx/1/documents", token)
    except urllib.error.HTTPError:
        page, link = ask(f"{url}/3/footprints", token)
    with open(os.environ["SCDX_ACCEPTED"], "a", encoding="utf-8") as accepted:
        while True:
            for entry in page["data"]:
                one = entry.get("document", entry)
                print(one["product"]["identity"]["name"] if "product" in one else one["id"])
                line = {"id": one["id"], "sha256": entry.get("sha256", "")}
                accepted.write(json.dumps(line) + "\n")
            if not link:
                break
            page, link = ask(link, token)


if __name__ == "__main__":
    main()
