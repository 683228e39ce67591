"""Whether answers tell two things apart, what two buyers see, and what nobody may read."""

import base64
import itertools
import json

from fake_wire import BASE, exchange, pages, target

from scdx_conformance.listing import walk
from scdx_conformance.redaction import Secrets, in_html, printable
from scdx_conformance.requests_seen import Asked, Asker, read_list
from scdx_conformance.same_answer import Seen, compare, like, seen, told_apart
from scdx_conformance.two_buyers import ALIKE, LONGER, TwoBuyers, newest_of
from scdx_conformance.wire import Exchange

WORD = "3f0e4d58-7c2e-49b4-bef9-2c9ca5dd6654"


def answer(status: int = 200, body: str = "", **headers: str) -> Seen:
    return Seen(status, dict(headers), body)


# Telling apart


def test_like_words_keep_their_form() -> None:
    for _ in range(40):
        made = like(WORD)
        assert made[:8] == WORD[:8]
        assert (made[14], made[19]) == (WORD[14], WORD[19])
        assert [sign == "-" for sign in made] == [sign == "-" for sign in WORD]
        assert set(made) <= set("0123456789abcdef-")
        large = like(WORD.upper())
        assert large == large.upper()
        code = like("urn:gtin:4712345060507")
        assert code[:9] == "urn:gtin:"
        assert code[9:].isdigit()
    assert len({like(WORD) for _ in range(20)}) == 20
    made = [like("0123456789abcdefABCDEFxyz-8") for _ in range(200)]
    drawn = [{one[place] for one in made} for place in range(27)]
    assert all(drawn[place] == {"0123456789abcdefABCDEFxyz-8"[place]} for place in range(8))
    assert all(drawn[place] == set("0123456789") for place in (8, 9, 26))
    assert all(drawn[place] == set("0123456789abcdef") for place in range(10, 22))
    assert [drawn[place] for place in range(22, 26)] == [{"x"}, {"y"}, {"z"}, {"-"}]
    uuids = [like(WORD) for _ in range(400)]
    for place in (9, 15, 24, 35):
        assert {one[place] for one in uuids} == set("0123456789abcdef")


def test_status_headers_and_bodies_tell() -> None:
    same = [answer(404, "x", a="1")] * 2
    assert told_apart(same, same) is None
    assert told_apart([answer(403)], [answer(404)]) == "status 403 and not 404"
    assert told_apart([answer(404), answer(403)], [answer(404)]) is None
    told = told_apart([answer(cache="hit")], [answer(cache="miss")])
    assert told == "the header cache has another value"
    assert told_apart([answer(cache="hit")], [answer()]) == "the header cache is sent for it alone"
    assert told_apart([answer()], [answer(cache="x")]) == "the header cache is missing"
    assert told_apart([answer(body="a")], [answer(body="b")]) == "the body is another one"


def test_what_is_random_in_every_answer_tells_nothing() -> None:
    there = [answer(id=str(n), body=json.dumps({"id": n, "x": 1})) for n in range(3)]
    nowhere = [answer(id=str(n), body=json.dumps({"id": n, "x": 1})) for n in range(3, 6)]
    assert told_apart(there, nowhere) is None
    other = [answer(body=json.dumps({"id": n, "x": 2})) for n in range(3)]
    plain = [answer(body=json.dumps({"id": n, "x": 1})) for n in range(3, 6)]
    assert told_apart(other, plain) == "the body has another /x"
    more = [answer(body=json.dumps({"id": n, "x": 1, "y": 0})) for n in range(3)]
    assert told_apart(more, plain) == "the body has other members"
    nested = [answer(body=json.dumps({"a": [{"b": n}, 2]})) for n in range(3)]
    changed = [answer(body=json.dumps({"a": [{"b": n}, 3]})) for n in range(3)]
    assert told_apart(nested, changed) == "the body has another /a/1"
    for random in (["a", "b"], ['{"a": 1}', '{"b": 1}']):
        assert told_apart([answer(body="c")], [answer(body=one) for one in random]) is None
    empty = [answer(body=json.dumps({"id": n, "x": {}})) for n in range(3)]
    assert told_apart(empty, plain) == "the body has another /x"


def test_an_answer_is_seen_without_the_word_and_the_date() -> None:
    found = seen(
        exchange(f"no {WORD.upper()} and {WORD.replace('-', '')}".encode(), 404, date="today",
                 x_for=WORD, content_length="9"),
        WORD,
    )  # fmt: skip
    assert found == Seen(404, {"x-for": "{id}", "content-length": "9"}, "no {id} and {id}")
    packed = exchange(b"", 404, content_encoding="gzip", content_length="9")
    assert seen(packed, WORD).headers == {"content-encoding": "gzip"}
    plain = exchange(b"", 404, content_encoding="identity", content_length="9")
    assert "content-length" in seen(plain, WORD).headers
    assert seen(exchange(b"urn%3Agtin%3A1"), "urn:gtin:1").body == "{id}"
    assert seen(exchange(b"a%2Fb-c a/bc a/b-c"), "a/b-c").body == "{id} {id} {id}"
    assert seen(exchange(b"-a a"), "-a").body == "{id} {id}"


def test_a_difference_is_believed_when_it_stays() -> None:
    def honest(word: str) -> Exchange:
        return exchange({"title": "Not found", "id": word}, 404)

    found = compare(honest, WORD, lambda: like(WORD))
    assert found is not None
    assert found.difference is None
    asked: list[str] = []

    def telling(word: str) -> Exchange:
        asked.append(word)
        return exchange({}, 403 if word == WORD else 404)

    found = compare(telling, WORD, lambda: like(WORD))
    assert found is not None
    assert found.difference == "status 403 and not 404"
    assert found.exchange.status == 403
    assert asked[:3].count(WORD) == 1
    assert len(asked) == 3 + 16
    assert asked[3:].count(WORD) == 8


def test_a_difference_that_passes_is_none() -> None:
    turns = itertools.count()

    def in_turns(word: str) -> Exchange:
        return exchange({}, 404, x_machine="ab"[next(turns) % 2])

    found = compare(in_turns, WORD, lambda: like(WORD))
    assert found is not None
    assert found.difference is None
    busy = compare(lambda _: exchange({}, 429), WORD, lambda: like(WORD))
    assert busy is None
    assert compare(lambda _: exchange({}, 0), WORD, lambda: like(WORD)) is None


# Two buyers


def entry(number: int, name: str, state: str = "current", **more: object) -> dict[str, object]:
    return {"position": str(number), "id": name, "state": state, **more}


FIRST = [entry(1, "A", document={"a": 1}), entry(2, "both"), entry(3, "left", "gone")]
SECOND = [entry(1, "both"), entry(2, "B", document={"b": 1}), entry(3, "C", "gone")]


def buyers(first: list[dict[str, object]], second: list[dict[str, object]]) -> TwoBuyers:
    one, _ = target(pages(first, 100))
    other, _ = target(pages(second, 100))
    return TwoBuyers(one, other, walk(one, 100, 1000))


def test_what_each_sees_alone_is_hidden_from_the_other() -> None:
    both = buyers(FIRST, SECOND)
    assert both.whole
    assert [(one.caller.name, list(one.entries)) for one in both.hidden] == [
        ("the first buyer", ["b"]), ("the second buyer", ["a"]),
    ]  # fmt: skip
    assert both.hidden[0].documents == [{"b": 1}]
    assert both.hidden[0].found(["b", "x", "b"]) == ["b"]
    assert both.hidden[0].found(["x"]) == []
    assert both.hidden[0].lasts()
    assert both.lack == ALIKE
    assert [one.name for one in both.each] == ["the first buyer", "the second buyer"]


def test_what_came_meanwhile_is_hidden_no_more() -> None:
    mine = list(FIRST)
    one, _ = target(lambda url: pages(mine, 100)(url))
    other, _ = target(pages(SECOND, 100))
    both = TwoBuyers(one, other, walk(one, 100, 1000))
    assert both.hidden[0].found(["b"]) == ["b"]
    mine.append(entry(4, "B"))
    assert both.hidden[0].found(["b"]) == []
    assert not both.hidden[0].lasts()
    assert [text["id"] for text in both.first.since()] == ["B"]
    assert set(both.first.now()) == {"a", "both", "left", "b"}
    assert set(both.first.newest) == {"a", "both", "left"}


def test_what_came_since_is_read_page_by_page() -> None:
    mine = list(FIRST)
    one, fake = target(lambda url: pages(mine, 2)(url))
    both = TwoBuyers(one, target(pages(SECOND, 100))[0], walk(one, 100, 1000))
    mine += [entry(number, f"new-{number}") for number in range(4, 9)]
    del fake.asked[:]
    assert [one["id"] for one in both.first.since()] == [f"new-{number}" for number in range(4, 9)]
    path = "/scdx/1/documents"
    assert fake.asked == [f"{path}?after={place}&limit=100" for place in (3, 5, 7, 8)]
    bounded, fake = target(lambda url: pages(mine, 1)(url), max_documents=3)
    some = TwoBuyers(bounded, target(pages(SECOND, 100))[0], walk(bounded, 100, 1))
    assert len(some.first.since()) == 3
    nothing, fake = target(pages([], 100))
    empty = TwoBuyers(nothing, target(pages(SECOND, 100))[0], walk(nothing, 100, 10))
    assert empty.first.since() == []
    assert fake.asked[-1] == f"{path}?limit=100"


def test_buyers_who_see_the_same_hide_nothing() -> None:
    assert buyers(FIRST, FIRST).hidden == []
    assert buyers([], []).hidden == []
    assert [one.caller.name for one in buyers([], SECOND).hidden] == ["the first buyer"]
    one, _ = target(pages(FIRST, 100), max_documents=2)
    part = TwoBuyers(one, target(pages(SECOND, 100))[0], walk(one, 100, 2))
    assert part.hidden == []
    assert part.lack == LONGER


def test_the_newest_entry_of_an_id_counts_whatever_its_case() -> None:
    found = newest_of([entry(1, "A"), entry(2, "a", "gone"), {"id": 7}])
    assert {name: one["state"] for name, one in found.items()} == {"a": "gone"}


# Requests


def test_requests_are_walked_by_links_and_once() -> None:
    listed = [{"id": str(n), "state": "received"} for n in range(1, 6)]
    path = "/scdx/1/requests"
    asked, fake = target(pages(listed, 2, path=path))
    found = read_list(asked)
    assert found.ids == {"1", "2", "3", "4", "5"}
    assert found.readable
    assert found.states["3"] == "received"
    assert found.page_with("3") is found.pages[1].exchange
    assert found.page_with("9") is found.pages[2].exchange
    assert fake.asked[0] == path

    def circle(url: str) -> Exchange:
        link = f'<{BASE}{path}>; rel="next"'
        return exchange({"data": listed}, url=f"{BASE}{url}", link=link)

    around, fake = target(circle)
    assert len(read_list(around).pages) == 1
    bounded, fake = target(pages(listed, 2, path=path), max_documents=3)
    assert len(read_list(bounded).requests) == 4
    exact, fake = target(pages(listed, 2, path=path), max_documents=2)
    assert len(read_list(exact).requests) == 2
    broken = read_list(target(lambda _: exchange({}, 500))[0])
    assert not broken.readable
    assert broken.ids == set()


def test_the_suite_asks_twice_and_not_at_all_where_it_only_reads() -> None:
    def made(url: str) -> Exchange:
        return exchange({"id": "r1"}, 201) if url.startswith("POST") else exchange({"data": []})

    asked, fake = target(made)
    buyer = Asker("the buyer", asked)
    assert [one.id for one in buyer.asked] == ["r1", "r1"]
    assert [json.loads(body)["kind"] for body in fake.sent] == ["ProductDeclaration"] * 2
    assert buyer.before.pages
    assert buyer.after.pages
    assert fake.asked == ["/scdx/1/requests"] * 2
    assert buyer.one("x").status == 200
    assert fake.asked[-1] == "/scdx/1/requests/x"
    assert buyer.send(b"{}").status == 201
    reading, fake = target(made, read_only=True)
    assert Asker("the buyer", reading).asked == []
    assert fake.sent == []
    assert Asked({}, exchange({"id": "r1"}, 200)).id == ""
    assert Asked({}, exchange({"id": 7}, 201)).id == ""


# Secrets


def test_secrets_are_replaced_in_every_form() -> None:
    secrets = Secrets()
    secrets.add_client("buyer", "s3cr/t value")
    basic = base64.b64encode(b"buyer:s3cr/t value").decode()
    quoted = base64.b64encode(b"buyer:s3cr%2Ft%20value").decode()
    text = f"s3cr/t value s3cr%2Ft%20value {basic} {quoted}"
    assert secrets.within(text)
    assert secrets.redact(text) == "$SCDX_CLIENT_SECRET $SCDX_CLIENT_SECRET $BASIC $BASIC"
    secrets.add_client("other", "another-one", "SECOND_")
    assert secrets.redact("another-one") == "$SCDX_SECOND_CLIENT_SECRET"
    pair = base64.b64encode(b"other:another-one").decode()
    assert secrets.redact(pair) == "$SECOND_BASIC"
    assert not secrets.within("buyer")
    assert secrets.redact('{"access_token" : "abc", "x": 1}') == (
        '{"access_token" : "$TOKEN", "x": 1}'
    )


def test_a_short_secret_and_a_part_of_a_token() -> None:
    secrets = Secrets()
    secrets.add("abc", "$SHORT")
    assert secrets.redact("abc") == "abc"
    secrets.add("abcd", "$FOUR")
    assert secrets.redact("abcd") == "$FOUR"
    secrets.add("abcdef", "$LONGER")
    assert secrets.redact("abcdef") == "$LONGER"
    token = "header0123456789.payload0123456789.signature0123456789"
    secrets.add_token(token, "$TOKEN")
    assert secrets.redact(f"Bearer {token}") == "Bearer $TOKEN"
    changed = f"X{token[1:]}"
    assert "signature" not in secrets.redact(changed)
    assert "(part of a token)" in secrets.redact(changed)
    assert "(part of a token)" in secrets.redact("signature0X23456789")
    assert secrets.redact("header") == "header"


def test_nothing_in_a_text_commands_a_terminal() -> None:
    assert printable("a\x1b[2Jb\u202ec\n\td\u00e5") == "a\\u001b[2Jb\\u202ec\n\td\u00e5"


def test_nothing_in_a_text_is_a_tag_or_ends_an_attribute() -> None:
    assert in_html("<b title='x' id=\"y\">\x1b&") == (
        "&lt;b title=&#x27;x&#x27; id=&quot;y&quot;&gt;\\u001b&amp;"
    )
    assert in_html(12) == "12"
