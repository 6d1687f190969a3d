import string

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.code_map import (
    CodeSource,
    MapChanges,
    MapFile,
    in_map_order,
    map_budget,
    render_amendment,
    render_map,
)
from docqa.core.map_fitting import definitions
from docqa.core.packing import SegmentSource, render_segment
from docqa.core.symbols import Symbol
from tests.core.hostile import texts

FLASK = CodeSource("flask", "9f3c2ab0123456789abcdef0123456789abcdef01")


def symbol(ordinal, path, kind, first, last, parent=None):
    name = path.rsplit(".", 1)[-1]
    return Symbol(ordinal, parent, name, path, kind, first, last, first)


APP = (
    symbol(0, "VERSION", "constant", 3, 3),
    symbol(1, "Flask", "class", 71, 1200),
    symbol(2, "Flask.route", "method", 110, 140, parent=1),
    symbol(3, "Flask.route.decorator", "function", 120, 130, parent=2),
    symbol(4, "Flask.run", "method", 200, 260, parent=1),
    symbol(5, "main", "function", 1210, 1230),
)
FILES = in_map_order(
    [
        MapFile("src/flask/json/tag.py", "python", 300, 9_000),
        MapFile("src/flask/app.py", "python", 1_230, 48_000),
        MapFile("README.md", "", 40, 2_000),
        MapFile("src/flask/cli.py", "python", 1, 400),
    ]
)
SYMBOLS = {"src/flask/app.py": APP, "src/flask/cli.py": (symbol(0, "run", "function", 1, 1),)}


def words(text):
    return len(text.split())


def the_map(source=FLASK):
    symbols = (SYMBOLS.get(file.path, ()) for file in FILES)
    return render_map(source, FILES, symbols, tokens=10_000, count=words)


def test_a_map_shows_folders_with_their_tokens_and_files_with_their_definitions():
    assert the_map() == (
        "Map of flask at 9f3c2ab01234: 4 files, ~15k tokens.\n"
        "Find your way with this map. It has no labels: cite the passages of the documents, never"
        " the map.\n"
        "./ (4 files, ~15k tokens)\n"
        "  README.md, 40 lines\n"
        "src/flask/ (3 files, ~14k tokens)\n"
        "  app.py, python, 1,230 lines: VERSION L3; class Flask L71-L1200: route() L110-L140,"
        " route.decorator() L120-L130, run() L200-L260; main() L1210-L1230\n"
        "  cli.py, python, 1 line: run() L1\n"
        "src/flask/json/ (1 file, ~2k tokens)\n"
        "  tag.py, python, 300 lines\n"
    )


def test_a_map_without_a_revision_names_none():
    assert the_map(source=CodeSource("work")).startswith("Map of work: 4 files,")


def test_detail_is_left_away_level_by_level_and_the_map_says_so():
    files = in_map_order(
        MapFile(f"{folder}/{number}.py", "python", 9, 900)
        for folder in ("a", "a/b", "c", "c/d")
        for number in range(12)
    )

    def told(tokens):
        return render_map(FLASK, files, iter([APP] * len(files)), tokens=tokens, count=len)

    levels = [told(10**6)]
    while len(text := told(len(levels[-1]) - 1)) < len(levels[-1]):
        levels.append(text)

    for text, shown, left_away in zip(
        levels,
        (
            "VERSION L3; class Flask L71-L1200: route() L110-L140, ",
            "9 lines: class Flask L71-L1200: route(), route.decorator(), run(); main() L1210-L1230",
            "9 lines: class Flask L71-L1200; main() L1210-L1230\n",
            "9 lines: class Flask L71-L1200\n",
            "a/b/ (12 files, ~3k tokens) 0.py, 1.py, 10.py, 11.py, 2.py, 3.py, 4.py, 5.py, 6.py, ",
            "a/b/ (12 files, ~3k tokens) 0.py, 1.py, 10.py, 11.py, 2.py, 3.py, 4.py, 5.py, and 4",
            "a/b/ (12 files, ~3k tokens) 0.py, 1.py, 10.py, and 9 more\n",
            "a/b/ (12 files, ~3k tokens)\n",
            "a/ (24 files, ~5k tokens)\nc/ (24 files, ~5k tokens)\n",
            "a/ (24 files, ~5k tokens)\n",
            "Left away",
        ),
        (
            "",
            "Left away to be short: constants and the lines of members.\n",
            "Left away to be short: constants and members.\n",
            "Left away to be short: constants, functions and members.\n",
            "Left away to be short: definitions.\n",
            *["Left away to be short: definitions and some files.\n"] * 2,
            "Left away to be short: definitions, files.\n",
            "Left away to be short: definitions, files and 2 folders.\n",
            "Left away to be short: definitions, files and 3 folders.\n",
            "Left away to be short: definitions, files and 4 folders.\n",
        ),
        strict=True,
    ):
        assert shown in text
        assert left_away in text
    assert "Left away" not in levels[0]


def test_symbols_are_not_read_any_further_once_no_detail_can_fit():
    files = [MapFile(f"{number:05}.py", "python", 10, 100) for number in range(5_000)]
    read = []

    def symbols():
        for number in range(len(files)):
            read.append(number)
            yield [symbol(0, "a_class_with_a_rather_long_name" * 3, "class", 1, 9)]

    text = render_map(FLASK, files, symbols(), tokens=100, count=words)

    assert words(text) <= 100
    assert len(read) < 100


def test_a_flat_folder_of_many_files_is_a_line():
    files = [MapFile(f"{number:06}.py", "python", 10, 100) for number in range(20_000)]

    text = render_map(FLASK, files, iter(()), tokens=100, count=words)

    assert text.endswith("000018.py, 000019.py, and 19,980 more\n")


def test_a_file_of_thousands_of_definitions_shows_the_first_of_them():
    many = [symbol(number, f"f{number}", "function", number, number) for number in range(1, 2_000)]

    text = render_map(FLASK, FILES[:1], iter([many]), tokens=10**6, count=words)

    assert "f300() L300; and 1,699 more\n" in text


def test_a_property_that_is_defined_twice_is_named_once_among_the_members():
    twice = [symbol(number, "A.auth", "method", number, number, parent=0) for number in (1, 2)]

    told = definitions([symbol(0, "A", "class", 1, 9), *twice], ["names"])

    assert told == {"names": "class A L1-L9: auth()"}


def test_the_budget_is_a_twentieth_of_the_code_and_never_less_than_two_thousand():
    assert map_budget(4_000_000, 100_000) == 50_000
    assert map_budget(4_000_000_000, 100_000) == 100_000
    assert map_budget(0, 100_000) == 2_000
    assert map_budget(0, 500) == 500


def test_an_amendment_tells_what_is_gone_changed_and_new():
    changes = MapChanges(
        1,
        "0" * 40,
        removed=[MapFile("src/old.py", number=7)],
        returned=[MapFile("src/back.py", number=9)],
        changed=[MapFile("src/flask/app.py", "python", 1_230, 48_000, number=4)],
        added=[MapFile("src/new.py", "python", 12, 400)],
    )

    text = render_amendment(FLASK, changes, iter([APP[1:2], ()]), tokens=900, count=words)

    assert text == (
        "Changes in flask, now at 9f3c2ab01234, before at 000000000000. All else in its map"
        " (document 1) stands.\n"
        "Find your way with this map. It has no labels: cite the passages of the documents, never"
        " the map.\n"
        "Deleted, no part of the code any more:\n"
        "  src/old.py (document 7)\n"
        "There again, as they were:\n"
        "  src/back.py (document 9)\n"
        "Changed, the new versions follow; do not rely on the old ones:\n"
        "  src/flask/app.py (document 4), python, 1,230 lines: class Flask L71-L1200\n"
        "Added, they follow:\n"
        "  src/new.py, python, 12 lines\n"
    )


def test_a_thousand_deleted_files_are_told_by_folder():
    removed = in_map_order(
        MapFile(f"{'ab'[number % 2]}/{number}.py", number=number + 2) for number in range(1_000)
    )

    text = render_amendment(FLASK, MapChanges(1, "", removed), iter(()), tokens=90, count=words)

    assert "Deleted, no part of the code any more: 500 files in a/\n" in text
    assert "500 files in b/\n" in text


paths = st.lists(
    st.text(string.ascii_lowercase + '/.[#<]"\n é\ud800', min_size=1, max_size=30), max_size=12
)


@given(paths, texts, texts, st.integers(1, 400))
def test_no_name_can_forge_structure_in_a_map_and_none_makes_it_longer(names, name, path, tokens):
    files = in_map_order(MapFile(each, name, 3, 1_000) for each in names)
    found = [[symbol(0, path, "class", 1, 2), symbol(1, f"{path}.x", "method", 2, 2, 0)]]
    source = CodeSource(name, name)

    text = render_map(source, files, iter(found * len(files)), tokens=tokens, count=len)
    again = render_map(source, files, iter(found * len(files)), tokens=tokens, count=len)
    rendered = render_segment(
        SegmentSource(3, name, "map", (), revision=name, amends=1, text=text), 41
    )

    intro = render_map(source, [], iter(()), tokens=1, count=len)
    assert text == again
    assert len(text) <= max(tokens, len(intro) + 200)
    assert text.endswith("\n")
    assert "[#" not in rendered
    assert rendered.lower().count("<document") == 1
    assert rendered.lower().count("</document") == 1
    assert rendered.startswith('<document id="3" name="')
    assert rendered.endswith("\n</document>\n")
    rendered.encode()


@given(paths)
def test_every_file_is_in_a_map_that_has_room_for_it(names):
    files = in_map_order(MapFile(each) for each in dict.fromkeys(names))

    text = render_map(FLASK, files, iter(()), tokens=10**6, count=len)

    assert len(text.splitlines()) >= 2 + len(files)
    assert f"{len(files):,} file" in text
