import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.readers.base import ReaderOptions
from docqa.readers.blocks import line_passages
from docqa.readers.code.reader import CodeReader, blocks_of
from docqa.readers.code.syntax import structure
from docqa.readers.encoding import lines_of
from docqa.readers.languages import language_of

PYTHON = '''"""Doc."""

import os

LIMIT = 3


# Explains the function.
@decorated
def first(a):
    return a


class Thing:
    """A thing."""

    size = 1

    def method(self):
        def inner():
            return 1
        return inner

    async def other(self): ...
'''

RUST = """//! Crate docs.
use std::io;

/// A glob.
#[derive(Debug)]
pub struct Glob<'a> {
    name: &'a str,
}

impl<'a> Glob<'a> {
    /// The name.
    pub fn name(&self) -> &str {
        if self.name.is_empty() {
            return "none";
        }
        self.name
    }

    fn other(&self) {}
}

fn main() {
    println!("hi");
}
"""


@pytest.fixture
def read(tmp_path):
    def read(text, name):
        path = tmp_path / "stored"
        path.write_text(text, encoding="utf-8")
        return CodeReader().read(path, name, ReaderOptions(), lambda done, total: None)

    return read


def outline(document):
    return [(passage.heading, str(passage.locator)) for passage in document.passages]


def test_python_is_cut_by_definition_with_what_belongs_to_it(read):
    document = read(PYTHON, "src/thing.py")

    assert outline(document) == [
        ("", "L1-L5"),
        ("def first", "L8-L11"),
        ("class Thing", "L14-L17"),
        ("class Thing > def method", "L19-L22"),
        ("class Thing > def other", "L24"),
    ]
    assert document.kind == "code"
    assert document.language == "python"
    assert document.line_count == 24


def test_every_line_of_code_is_in_a_passage_verbatim(read):
    for text, name in ((PYTHON, "a.py"), (RUST, "a.rs"), ("{\n  'x':\n\n 1 }\n", "a.json")):
        lines = text.split("\n")
        covered = set()
        for passage in read(text, name).passages:
            first, last = passage.locator.first_line, passage.locator.last_line
            assert passage.text == "\n".join(lines[first - 1 : last])
            covered.update(range(first, last + 1))
        assert {number for number, line in enumerate(lines, 1) if line.strip()} <= covered


def test_python_that_does_not_parse_is_read_by_lines(read):
    document = read(
        "print 'old'\n\ndef f(x):\n    return `x`\n\nclass A:\n    def g(self): pass\n", "o.py"
    )

    assert [heading for heading, _ in outline(document)] == ["", "def f", "class A > def g"]


def test_hostile_nesting_does_not_break_the_reader(read):
    assert read("x = " + "(" * 5_000 + ")" * 5_000 + "\n", "deep.py").passages


def test_other_languages_are_cut_where_definitions_begin(read):
    assert outline(read(RUST, "lib.rs")) == [
        ("", "L1-L2"),
        ("struct Glob", "L4-L8"),
        ("impl Glob > fn name", "L10-L17"),
        ("impl Glob > fn other", "L19-L20"),
        ("fn main", "L22-L24"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "heading"),
    [
        ("a.js", "const load = async (url) => {\n  return 1;\n};\n", "load"),
        ("a.ts", "export default class Cart<T> {\n  add() {}\n}\n", "class Cart > add"),
        ("a.go", "func (s *Server) Serve() error {\n\treturn nil\n}\n", "Server > func Serve"),
        ("a.c", "static int parse(const char *text)\n{\n  return 0;\n}\n", "parse"),
        ("A.java", "public final class Cart {\n  private int n;\n}\n", "class Cart"),
        ("a.rb", "module Shop\n  X = 1\nend\n", "module Shop"),
    ],
)
def test_the_symbol_is_the_heading(read, name, text, heading):
    assert heading in [passage.heading for passage in read(text, name).passages]


def test_a_long_function_is_cut_with_its_heading_kept(read):
    body = "\n".join(f"    value_{n} = compute({n})  # some words about it" for n in range(100))

    document = read(f"def long():\n{body}\n", "long.py")

    assert len(document.passages) > 3
    assert {passage.heading for passage in document.passages} == {"def long"}
    assert all(len(passage.text) <= 1_200 for passage in document.passages)


def test_the_language_follows_the_name():
    assert language_of("x/y/app.PY") == "python"
    assert language_of("Makefile") == "make"
    assert language_of("Dockerfile") == "docker"
    assert language_of("README.md") == ""
    assert language_of("notes.txt") == ""
    assert language_of("LICENSE") == ""


def test_secrets_are_masked_in_passages_and_signatures(read):
    key = "AKIA" + "QWERTYUIOPASDFGH"

    document = read(f'AWS_KEY = "{key}"\n\n\ndef use():\n    return AWS_KEY\n', "settings.py")

    assert [secret.line for secret in document.secrets] == [1]
    assert key not in str(document.passages)
    assert key not in str(document.facts)
    assert [symbol.name for symbol in document.facts.symbols] == ["AWS_KEY", "use"]


PIECES = (
    *("class A:", "    def f(self):", "        return 1", "def g():", "    pass", "@dec", "# why"),
    *("class B {", "  int m() {", "}", "};", "  }", "func (s *S) F() {", "impl X for Y {", "end"),
    *("fn h() {", "/* a", "*/ b */", "function k() {", "const c = () => {", "module M", "def q"),
    *("", "\t", "x = {", "#if A", "<?php", "'", '"""', "\u2028", "\x0c", "é = 'ü'", "((((", "a<b,"),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40),
    st.sampled_from(
        [
            "python",
            "javascript",
            "typescript",
            "tsx",
            "rust",
            "go",
            "java",
            "c",
            "cpp",
            "csharp",
            "ruby",
            "php",
            "yaml",
        ]
    ),
)
def test_passages_hold_every_line_and_symbols_stand_in_the_file(pieces, language):
    text = "\n".join(pieces)
    lines = lines_of(text)

    found = structure(text, lines, language)
    passages = line_passages(lines, blocks_of(found, lines, language))

    at = 0
    for passage in passages:
        first, last = passage.locator.first_line, passage.locator.last_line
        assert first > at
        assert not any(line.strip() for line in lines[at : first - 1])
        assert passage.text == "\n".join(lines[first - 1 : last])
        at = last
    assert not any(line.strip() for line in lines[at:])
    for number, symbol in enumerate(found.facts.symbols):
        assert symbol.ordinal == number
        assert symbol.parent is None or symbol.parent < number
        assert 1 <= symbol.first_line <= symbol.line <= symbol.last_line <= len(lines)
        assert symbol.name
        assert symbol.path.endswith(symbol.name)
    assert all(1 <= use.line <= len(lines) for use in found.facts.uses)
    assert all(1 <= asked.line <= len(lines) for asked in found.facts.imports)
