import pytest

from docqa.core.path_globs import path_matcher
from docqa.errors import PatternError


@pytest.mark.parametrize(
    ("glob", "meant", "others"),
    [
        ("*.py", ["a.py", "src/deep/a.py"], ["a.pyc", "a.py.txt"]),
        ("src/*.py", ["src/a.py"], ["src/deep/a.py", "other/src/a.py"]),
        ("src/**/*.py", ["src/a.py", "src/b/c/a.py"], ["a.py", "src/a.rs"]),
        ("tests", ["tests/a.py", "crates/x/tests/a.rs", "tests"], ["mytests/a.py"]),
        ("tests/", ["tests/a.py", "crates/x/tests/a.rs"], ["tests"]),
        ("./src/", ["src/a.py", "lib/src/a.py"], ["source/a.py"]),
        ("/src", ["src/a.py"], ["lib/src/a.py"]),
        ("src/flask", ["src/flask/app.py"], ["src/flasks/app.py"]),
        ("a[bc]?.txt", ["abx.txt", "d/acy.txt"], ["adx.txt", "ab/.txt"]),
        ("[!a].py", ["b.py"], ["a.py"]),
        ("**", ["a", "b/c"], []),
        ("odd (1)+.txt", ["odd (1)+.txt"], ["odd 1.txt"]),
        ("[", ["["], ["a"]),
        ("a\nb", ["a\nb"], ["a"]),
        ("\ud800", [], ["a"]),
    ],
)
def test_a_pattern_means_these_paths(glob, meant, others):
    matches = path_matcher(glob)

    assert [path for path in (*meant, *others) if matches(path)] == meant


@pytest.mark.parametrize("glob", ["", " ", "/", "x" * 501, "[z-a]"])
def test_what_is_no_pattern_of_paths_is_said(glob):
    with pytest.raises(PatternError, match="is no pattern to search by"):
        path_matcher(glob)
