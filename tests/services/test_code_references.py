import pytest

from docqa.services.code_references import is_test
from tests.services import parts


@pytest.mark.parametrize(
    "path",
    [
        "tests/app.py",
        "web/__tests__/net.ts",
        "docs/conf.py",
        "examples/run.py",
        "Benchmarks/run.c",
        "testing/fake.go",
        "pkg/testdata/a.go",
        "acme/test_app.py",
        "acme/tests.py",
        "acme/conftest.py",
        "acme/app_test.go",
        "web/net.spec.ts",
        "web/net-test.js",
        "src/FooTest.java",
        "src/FooTests.cs",
        "src/FooSpec.scala",
    ],
)
def test_tests_examples_and_documentation_are_told_by_whole_words(path):
    assert is_test(path)


@pytest.mark.parametrize(
    "path",
    [
        "docker/api/client.py",
        "docqa/cli.py",
        "docutils/nodes.py",
        "src/special/gamma.py",
        "lib/document.rb",
        "lib/latest.rb",
        "src/Latest.java",
        "src/testimony.py",
        "src/specs.py",
        "src/contest.py",
    ],
)
def test_what_only_begins_or_ends_like_a_test_is_none(path):
    assert not is_test(path)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("Zoo.__init__", "exact"),
        ("Zoo::__init__()", "exact"),
        ("ZOO.__INIT__", "any case"),
        ("Zoo.__in", "prefix"),
    ],
)
def test_a_method_is_found_among_more_of_its_name_than_are_looked_at(empty, tmp_path, name, how):
    names = ("Ant", "Bee", "Cat", "InZoo", "Zoos", "Zoo")
    method = "    def __init__(self):\n        pass\n\n\n"
    (tmp_path / "animals.py").write_text("".join(f"class {each}:\n{method}" for each in names))
    parts.ingest(empty, tmp_path / "animals.py")

    found = empty.store.code.find_symbols(parts.workspace(empty), name, how=how, most=1)

    assert [each.symbol.path for each in found] == ["Zoo.__init__"]
