from docqa.core.code_tree import TreeFile
from docqa.ui.code.folders import inside, split


def file(path: str, tokens: int, source: int = 1) -> TreeFile:
    return TreeFile(path, path.rpartition("/")[2], source, tokens, tokens, "ready")


FILES = (file("a.py", 5), file("src/b.py", 10), file("src/deep/c.py", 20), file("srcs/d.py", 1))


def test_a_folder_has_the_tokens_of_all_under_it():
    found = {each.name: each.tokens for each in inside(FILES, "", {1: "app"})}

    assert found == {"src": 30, "a.py": 5, "srcs": 1}


def test_a_folder_is_opened_by_its_id():
    found = inside(FILES, "1/src", {1: "app"})

    assert [(each.id, each.files, each.document_id) for each in found] == [
        ("1/src/deep", 1, None),
        ("1/src/b.py", 1, 10),
    ]


def test_several_sources_come_first_by_their_names():
    found = inside((*FILES, file("a.py", 7, source=2)), "", {1: "app", 2: "lib"})

    assert [(each.id, each.name, each.tokens) for each in found] == [
        ("1", "app", 36),
        ("2", "lib", 7),
    ]


def test_an_id_of_nothing_is_all_of_the_code():
    assert split("") == (None, "")
    assert split("x/y") == (None, "y")
    assert inside(FILES, "7/none", {1: "app"}) == ()
