import json

from docqa.bench import documents

TEXT = """Payment is due within 30 days - {really} \\ <now> & "then".
Zahlung in 30 Tagen, 東京, 😀.
| not a table |
"""


def test_each_format_gives_back_the_words_that_were_written(tmp_path, capsys):
    (tmp_path / "a.txt").write_text(TEXT * 50)

    documents.main(tmp_path, peers=False)

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["format"] for row in rows] == ["docx", "odt", "rtf", "html", "epub", "ipynb"]
    assert [row["files_read_exactly"] for row in rows] == [1] * 6
