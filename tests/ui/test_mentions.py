from docqa.core.answers import Mention
from docqa.ui import mentions

FOUND = Mention(4, 11, "symbol", "found", 7, 9, "src/app.py", (10, 24))


def test_what_is_found_links_to_the_lines_of_its_definition():
    shown = mentions.shown(FOUND)

    assert shown["title"] == "src/app.py:L10-L24"
    assert shown["href"].startswith("/code?")
    assert "d=7&l=10-24&r=9" in shown["href"]


def test_what_is_unknown_has_no_link_and_is_named_in_words():
    text = "Use frob, then frob and grob."
    unknown = [Mention(at, at + 4, "symbol", "unknown") for at in (4, 15, text.index("grob"))]

    assert mentions.shown(unknown[0]) == {"said": mentions.UNKNOWN, "title": "", "href": ""}
    assert mentions.unknown(text, unknown) == "Not found in the code: frob, grob."


def test_nothing_is_said_where_all_was_found():
    assert mentions.unknown("The app.run starts", [FOUND]) == ""
