"""The Code page over a small codebase."""

import json
import shutil

import pytest

from docqa.bootstrap import build_app
from docqa.settings import Settings
from docqa.web import shared
from tests.pages.test_pages import button, has_button, said
from tests.services.parts import make_pdf

FILES = {
    "shop/README.md": "# Shop\n\nA shop that sells things by post.\n",
    "shop/cart.py": (
        "from prices import total\n\n\nclass Cart:\n"
        '    """What somebody wants to buy."""\n\n'
        "    def add(self, item):\n        self.items.append(item)\n\n"
        "    def sum(self):\n        return total(self.items)\n"
    ),
    "shop/prices.py": (
        "def total(items):\n"
        '    """The price of all items with the tax of nineteen percent."""\n'
        "    return sum(item.price for item in items) * 1.19\n"
    ),
    "shop/checkout.py": (
        "from cart import Cart\n\n\ndef checkout(cart: Cart):\n    return cart.sum()\n"
    ),
    "shop/package-lock.json": "{}\n",
}


@pytest.fixture(scope="session")
def code_read_once(tmp_path_factory):
    """A data folder with a codebase in it, read once for all tests."""
    folder = tmp_path_factory.mktemp("code-read-once")
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    app = build_app(Settings(home=folder / "home"))
    app.start()
    workspace = app.workspaces.get_or_create("default")
    job = app.ingestion.submit_paths(workspace.id, [folder / "shop"])
    assert app.ingestion.wait(job).status == "done"
    app.close()
    return folder / "home"


@pytest.fixture
def app(tmp_path, monkeypatch, code_read_once):
    """A running `App` with the codebase."""
    shutil.copytree(code_read_once, tmp_path / "home")
    monkeypatch.setenv("DOCQA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCQA_ENGINE", "auto")
    built = build_app(Settings())
    shared.install(built)
    built.start()
    yield built
    shared.forget(built)
    built.close()


@pytest.fixture
def files(app, workspace):
    """Ids of the documents by their paths."""
    return {d.path.rpartition("/")[2]: d.id for d in app.library.documents(workspace.id)}


def given(test, name: str) -> dict:
    """What a component of the page was given."""
    for element in test.get("bidi_component"):
        if element.proto.component_name == f"docqa_{name}":
            return json.loads(element.proto.json)
    raise AssertionError(f"no {name} on the page")


def listed(test) -> dict[str, list[str]]:
    """The items of the list at the right, by their headings."""
    sections = given(test, "code_list")["sections"]
    return {each["title"]: [item["label"] for item in each["items"]] for each in sections}


def test_an_empty_workspace_says_where_code_comes_from(open_page, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCQA_HOME", str(tmp_path / "nothing"))
    empty = build_app(Settings())
    shared.install(empty)

    test = open_page("code")

    assert "No code in this workspace yet" in said(test)
    assert has_button(test, "to-library")
    shared.forget(empty)
    empty.close()


def test_the_page_begins_with_the_tree_and_questions_to_ask(open_page, workspace):
    test = open_page("code")

    assert not test.exception
    assert given(test, "code_tree")["url"].startswith(f"/code/{workspace.id}/tree.json")
    assert "shop" in said(test)
    assert "Python" in said(test)
    assert any(b.key.startswith("suggested-") for b in test.button)


def test_an_address_restores_a_file_with_its_lines(open_page, app, files):
    test = open_page("code", d=files["cart.py"], l="4-8")

    reader = given(test, "code_viewer")
    assert (reader["first"], reader["last"]) == (4, 8)
    assert reader["path"].endswith("cart.py")
    assert given(test, "code_tree")["selected"] == files["cart.py"]
    assert test.query_params["l"] == "4-8"


def test_the_outline_has_the_definitions_with_the_one_on_the_screen_marked(open_page, files):
    test = open_page("code", d=files["cart.py"], l="8-8", t="outline")

    items = given(test, "code_list")["sections"][0]["items"]
    assert [item["label"] for item in items] == ["Cart", "add", "sum"]
    assert [item["label"] for item in items if item["current"]] == ["add"]
    assert [item["level"] for item in items] == [0, 1, 1]


def test_a_name_is_listed_with_where_it_is_defined_and_used(open_page, files):
    test = open_page("code", d=files["prices.py"], t="uses", s="total")

    found = listed(test)
    assert found["Defined in"] == ["total"]
    assert any("return total(self.items)" in items for items in found.values())


def test_what_would_break_is_listed_with_the_imports(open_page, files):
    test = open_page("code", d=files["prices.py"], t="imports")

    found = listed(test)
    assert [label.rpartition("/")[2] for label in found["Imported by 1 file"]] == ["cart.py"]
    assert [label.rpartition("/")[2] for label in found["Also affected: 1 file"]] == ["checkout.py"]


def test_a_question_about_chosen_lines_names_them_and_asks_about_that_file(
    open_page, app, workspace, files
):
    test = open_page("code", d=files["prices.py"], l="1-3")
    next(g for g in test.get("button_group") if g.key == "code_about").set_value("lines").run()

    test.chat_input[0].set_value("Which tax is in the price?").run()

    [conversation] = app.conversations.all(workspace.id)
    [answer] = app.conversations.answers(conversation.id)
    assert answer.question.endswith("prices.py:L1-L3`.")
    assert answer.scope == (files["prices.py"],)
    app.answering.wait(answer.id)


def test_a_citation_opens_its_lines_in_the_middle(open_page, app, workspace):
    conversation = app.conversations.create(workspace.id)
    answer = app.answering.wait(
        app.answering.submit(conversation.id, "Which tax of nineteen percent is in the price?")
    )

    test = open_page("code", c=conversation.id, a=answer.id, n=1)

    reader = given(test, "code_viewer")
    citation = answer.citations[0]
    assert (reader["first"], reader["last"]) == citation.lines
    assert reader["current"] == f"{answer.id}:0"
    assert "nineteen percent" in said(test) or reader["path"].endswith("prices.py")


def test_the_graph_has_what_imports_what_and_opens_from_its_address(open_page, workspace):
    test = open_page("code", v="graph")

    graph = given(test, "module_graph")
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    assert ("checkout.py", "cart.py") in {(names[a], names[b]) for a, b, _ in graph["edges"]}
    assert test.query_params["v"] == "graph"


def test_the_window_shows_the_tokens_of_files_and_folders(open_page, app, workspace):
    test = open_page("code", v="window")

    boxes = given(test, "token_map")["items"]
    assert {"cart.py", "prices.py"} <= {box["name"] for box in boxes}
    assert "tokens in 4 files" in said(test)


def test_the_window_leaves_out_what_is_no_code(open_page, app, workspace, tmp_path):
    (tmp_path / "contract.txt").write_text("The tenant pays the rent in advance.\n" * 400)
    job = app.ingestion.submit_paths(workspace.id, [tmp_path / "contract.txt"])
    assert app.ingestion.wait(job).status == "done"

    test = open_page("code", v="window")

    [largest] = given(test, "code_list")["sections"]
    assert "contract.txt" not in {item["label"] for item in largest["items"]}
    assert "of the code" not in said(test)


NOWHERE = (
    {"d": "999"},
    {"d": "999", "t": "outline"},
    {"t": "imports"},
    {"t": "uses"},
    {"t": "uses", "s": "<script>`no_such_name`"},
    {"v": "graph", "in": "1/no/such/folder"},
    {"v": "window", "in": "99/no/such/folder"},
    {"v": "other", "t": "other", "in": "/../..", "b": "2"},
    {"c": "999", "a": "999", "n": "1"},
    {"d": "1", "l": "90-3"},
)


def test_an_address_that_points_nowhere_breaks_nothing(open_page, workspace):
    test = open_page("code")

    for params in NOWHERE:
        test.query_params.clear()
        for name, value in params.items():
            test.query_params[name] = value
        test.run()

        assert not test.exception, params
        assert not test.error, params


def test_the_panes_beside_the_file_can_be_hidden(open_page, workspace):
    test = open_page("code")

    button(test, "turn-tree").click().run()

    assert not test.exception
    with pytest.raises(AssertionError):
        given(test, "code_tree")


def test_a_conversation_that_is_chosen_is_shown_whatever_was_shown(open_page, app, workspace):
    chosen = app.conversations.create(workspace.id, "Earlier")
    test = open_page("code", v="window", c=chosen.id)
    assert not test.chat_input

    test.session_state["conversation_id"] = None
    test.run()

    assert test.chat_input
    assert "v" not in test.query_params


def test_a_file_can_be_closed(open_page, files):
    test = open_page("code", d=files["cart.py"])

    button(test, "close-file").click().run()

    assert "Choose a file" in said(test)
    assert "d" not in test.query_params


def test_a_text_is_found_as_it_stands_and_opens_its_line(open_page, files):
    test = open_page("code", t="search", q="tax of nineteen", h="exact")

    assert listed(test) == {
        "1 place": [],
        "prices.py": ['"""The price of all items with the tax of nineteen percent."""'],
    }
    place = given(test, "code_list")["sections"][1]["items"][0]
    assert place["id"] == f"{files['prices.py']}:2:2"


def test_what_is_found_in_a_pdf_is_named_by_its_page(open_page, app, workspace, tmp_path):
    pages = [["Nothing of that is here."], ["The tenant pays the rent in advance."]]
    make_pdf(tmp_path / "contract.pdf", pages)
    job = app.ingestion.submit_paths(workspace.id, [tmp_path / "contract.pdf"])
    assert app.ingestion.wait(job).status == "done"

    test = open_page("code", t="search", q="pays the rent", h="exact")

    [found] = given(test, "code_list")["sections"][1]["items"]
    assert (found["badge"], found["title"]) == ("p. 2", "contract.pdf, p. 2")
    assert found["id"].endswith(":::2")


def test_words_find_definitions_and_a_pattern_its_lines(open_page):
    ranked = listed(open_page("code", t="search", q="price of all items"))
    lines = listed(open_page("code", t="search", q=r"return \w+\(", h="regex"))

    assert ranked["prices.py"] == ["def total"]
    assert lines["prices.py"] == ["return sum(item.price for item in items) * 1.19"]
    assert lines["cart.py"] == ["return total(self.items)"]


def test_a_pattern_that_is_none_is_said_in_words(open_page):
    test = open_page("code", t="search", q="(unclosed", h="regex")

    assert not test.exception
    assert "unclosed" in said(test) or "missing" in said(test)


def test_what_is_typed_is_searched_for_and_stands_in_the_address(open_page):
    test = open_page("code", t="search")

    test.text_input(key="code_query").input("checkout").run()

    assert test.query_params["q"] == "checkout"
    assert "checkout.py" in listed(test)
