from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docqa.core.mentions import MOST, NameAsked, PlaceAsked, asked


def only(text):
    (found,) = asked(text)
    return found


@pytest.mark.parametrize(
    ("text", "name", "parts"),
    [
        ("It is `route`.", "route", ("route",)),
        ("It is `Flask.route`.", "Flask.route", ("Flask", "route")),
        ("Call `run()` first", "run", ("run",)),
        ("Call `run(host, port=80)` first", "run", ("run",)),
        ("`std::fs::read_dir`", "std::fs::read_dir", ("std", "fs", "read_dir")),
        ("`$request->user()`", "request->user", ("request", "user")),
        ("`Array#each`", "Array#each", ("Array", "each")),
        ("``save!``", "save!", ("save!",)),
        ("`größe_von`", "größe_von", ("größe_von",)),
    ],
)
def test_a_name_alone_in_a_code_span_is_looked_up(text, name, parts):
    found = only(text)

    assert isinstance(found, NameAsked)
    assert (found.name, found.parts) == (name, parts)
    assert "`" not in text[found.start : found.end]


@pytest.mark.parametrize(
    "code",
    [
        "pip install flask",
        "--reload",
        "a + b",
        "x = 1",
        "3.14",
        "404",
        "'text'",
        "<div>",
        "List[int]",
        "GET /users",
        "$(pwd)",
        "",
        " ",
        "…",
    ],
)
def test_what_is_no_name_is_not_looked_up(code):
    assert asked(f"It is `{code}` here.") == ()


@pytest.mark.parametrize(
    "code", ["wait_for", "waitFor", "WaitFor", "HTTPServer", "Queue.put", "x()"]
)
def test_names_of_several_parts_and_calls_are_judged(code):
    assert only(f"`{code}`").judged == (len(code) > 3)


@pytest.mark.parametrize(
    "code", ["route", "true", "None", "if", "HTTP", "self", "README", "GitHub", "JavaScript", "_"]
)
def test_plain_words_keywords_literals_and_products_are_not_judged(code):
    assert not any(each.judged for each in asked(f"`{code}`"))


@pytest.mark.parametrize(
    "code", ["app.py", "setup.cfg", "example.com", "src/app.py", "./a/b", "x.io"]
)
def test_file_names_and_hosts_are_looked_up_as_files_and_not_judged(code):
    found = only(f"See `{code}`.")

    assert isinstance(found, PlaceAsked)
    assert found.lines is None
    assert not found.judged


@pytest.mark.parametrize(
    ("text", "path", "lines", "revision"),
    [
        ("See src/app.py:L10-L24.", "src/app.py", (10, 24), ""),
        ("See `src/app.py:L10-L24@9f3c2ab`.", "src/app.py", (10, 24), "9f3c2ab"),
        ("See app.py:12, please", "app.py", (12, 12), ""),
        ("(app.py#L3)", "app.py", (3, 3), ""),
        ("app.py:3-5", "app.py", (3, 5), ""),
        ("./lib/x.rb:7", "lib/x.rb", (7, 7), ""),
        ("Makefile:L3", "Makefile", (3, 3), ""),
        ("[app.py:L3](x)", "app.py", (3, 3), ""),
        ("`routes/$id.tsx:L1-L3`", "routes/$id.tsx", (1, 3), ""),
        ("routes/[id].tsx:L2", "routes/[id].tsx", (2, 2), ""),
        ("app/[[...slug]]/page.tsx:L2", "app/[[...slug]]/page.tsx", (2, 2), ""),
        ("[id]/page.tsx:L2", "[id]/page.tsx", (2, 2), ""),
    ],
)
def test_a_place_is_looked_up_in_code_spans_and_outside(text, path, lines, revision):
    found = only(text)

    assert isinstance(found, PlaceAsked)
    assert (found.path, found.lines, found.revision) == (path, lines, revision)


@pytest.mark.parametrize(
    "text",
    [
        "at 10:30",
        "ratio 3:4",
        "localhost:8080",
        "http://example.com:80/x",
        "2024-01-02T10:30",
        "::1",
        "[1]",
        "key:value",
    ],
)
def test_times_ratios_and_addresses_are_no_places(text):
    assert asked(text) == ()


@pytest.mark.parametrize(
    "text", ["$HOME/app.py:3", "$id.tsx:L1", "{x}app.py:3", "(a)b.py:3", "~app.py:3", "~/app.py:3"]
)
def test_the_rest_of_a_path_with_other_characters_is_no_place(text):
    assert asked(text) == ()


def test_nothing_in_fenced_blocks_is_looked_up():
    text = "```\n`route`\napp.py:3\n```\n\nBut `route` here.\n\n~~~py\napp.py:4\n~~~\n"

    assert [text[each.start : each.end] for each in asked(text)] == ["route"]


def test_a_place_in_a_code_span_is_looked_up_once():
    assert len(asked("`app.py:12`")) == 1


def test_what_is_looked_up_is_bounded():
    assert len(asked("`wait_for` " * (3 * MOST))) == MOST
    assert asked(f"`{'a' * 5_000}`") == ()


@given(st.text(alphabet="ab._:/#L@0123456789`~()[]-> \n\\$é中", max_size=200))
@example("`" * 50)
@example("a/" * 100 + ":1")
def test_what_is_looked_up_stands_in_the_text_in_order_without_overlaps(text):
    found = asked(text)

    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(one.end <= two.start for one, two in pairwise(found))
