import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.errors import BrokenFileError, EmptyFileError, FileTooLargeError
from docqa.readers.base import ReaderOptions
from docqa.readers.office import notebook
from docqa.readers.office.notebook import NotebookReader

CELLS = [
    {
        "cell_type": "markdown",
        "source": [
            "# Churn\n",
            "Who leaves.\n",
            "\n",
            "```sql\n",
            "# no heading\n",
            "```\n",
            "End.",
        ],
    },
    {
        "cell_type": "code",
        "source": "rate = lost / kept\nprint(rate)",
        "outputs": [
            {"output_type": "stream", "name": "stdout", "text": ["0.12\n"]},
            {
                "output_type": "display_data",
                "data": {"image/png": "iVBO", "text/plain": "<Figure>"},
            },
            {"output_type": "execute_result", "data": {"text/plain": ["a  b\n", "1  2"]}},
        ],
    },
    {
        "cell_type": "code",
        "source": "1 / 0",
        "outputs": [{"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division"}],
    },
    {"cell_type": "raw", "source": "raw"},
]


def code(source, *outputs):
    return {"cells": [{"cell_type": "code", "source": source, "outputs": outputs}]}


def read(tmp_path, content):
    path = tmp_path / "file.ipynb"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return NotebookReader().read(path, "file.ipynb", ReaderOptions(), lambda done, total: None)


def test_cells_are_read_with_what_they_wrote(tmp_path):
    document = read(tmp_path, {"cells": CELLS, "nbformat": 4})

    assert [(str(p.locator), p.kind, p.heading, p.text) for p in document.passages] == [
        ("cell 1", "heading", "", "Churn"),
        ("cell 1", "paragraph", "Churn", "Who leaves."),
        ("cell 1", "code", "Churn", "# no heading"),
        ("cell 1", "paragraph", "Churn", "End."),
        (
            "cell 2",
            "code",
            "Churn",
            "rate = lost / kept\nprint(rate)\nOut:\n0.12\n\n<Figure>\na  b\n1  2",
        ),
        ("cell 3", "code", "Churn", "1 / 0\nOut:\nZeroDivisionError: division"),
        ("cell 4", "paragraph", "Churn", "raw"),
    ]
    assert (document.kind, document.title) == ("notebook", "Churn")
    assert document.notes == ("1 picture was not read",)


def test_notebooks_of_version_3_are_read(tmp_path):
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Old"},
        {"cell_type": "code", "input": "1", "outputs": [{"output_type": "pyout", "text": "1"}]},
    ]

    document = read(tmp_path, {"worksheets": [{"cells": cells}], "nbformat": 3})

    assert [p.text for p in document.passages] == ["Old", "1\nOut:\n1"]


def test_what_a_cell_wrote_is_bounded_and_the_rest_named(tmp_path):
    output = {"output_type": "stream", "text": "x" * 5_000}

    document = read(tmp_path, code("", output))

    assert sum(len(p.text) for p in document.passages) < notebook.MOST_OUTPUT + 100
    assert document.notes == ("of what 1 cells wrote, the first 2,000 characters were read",)


def test_colours_of_a_terminal_are_dropped(tmp_path):
    output = {"output_type": "stream", "text": "\x1b[1;31mred\x1b[0m"}

    document = read(
        tmp_path, {"cells": [{"cell_type": "code", "source": "x", "outputs": [output]}]}
    )

    assert document.passages[0].text == "x\nOut:\nred"


def test_secrets_in_code_are_masked(tmp_path):
    [cell] = code("import os\nkey = 'AKIAIOSFODNN7EXAMPL3'")["cells"]

    document = read(tmp_path, {"cells": [*CELLS[2:], cell]})

    assert "AKIA" not in "".join(p.text for p in document.passages)
    assert [secret.line for secret in document.secrets] == [3]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"a": ' + "[" * 100_000, "null"])
def test_what_is_no_notebook_is_named_as_broken(tmp_path, content):
    with pytest.raises(BrokenFileError, match="is no notebook"):
        read(tmp_path, content)


def test_a_notebook_without_text_is_named_as_empty(tmp_path):
    with pytest.raises(EmptyFileError):
        read(tmp_path, code([]))


def test_a_notebook_that_is_too_large_to_be_held_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook, "MOST_BYTES", 100)

    with pytest.raises(FileTooLargeError):
        read(tmp_path, {"cells": CELLS})


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("cell_type", "source", "outputs", "data", "text", "output_type", "level")
            ),
            inner | st.sampled_from(("code", "markdown", "heading", "error")),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.lists(JSON, max_size=4))
@settings(max_examples=50, deadline=None)
def test_any_json_is_read_or_named(tmp_path_factory, cells):
    with suppress(EmptyFileError):
        read(tmp_path_factory.mktemp("notebook"), {"cells": cells})
