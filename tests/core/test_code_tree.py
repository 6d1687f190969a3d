from docqa.core.code_tree import TreeFile, folder_tokens


def file(path, tokens, status="ready"):
    return TreeFile(path, path.rpartition("/")[2], 1, 1, tokens, status)


def test_a_folder_has_the_tokens_of_all_files_under_it():
    files = [file("a/b/x.py", 5), file("a/y.py", 3), file("z.py", 2), file("a/b/c/w.py", 1)]

    assert folder_tokens(files) == {"": 11, "a": 9, "a/b": 6, "a/b/c": 1}


def test_only_files_that_can_be_asked_about_are_in_scope():
    assert file("x", 1).in_scope
    assert not file("x", 1, "left out").in_scope
    assert not file("x", 1, "removed").in_scope
