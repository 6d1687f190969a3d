import io
import json

from rich.console import Console

from docqa.bench.corpus import lexical
from docqa.bench.ranking.__main__ import table
from docqa.bench.ranking.measure import measure


def haystack(data, size, *, cases):
    folder = data / "nq_haystack"
    folder.mkdir(exist_ok=True)
    texts = ("Ravens build nests of sticks.", "Owls hunt mice at night.", "A ferry left the port.")
    parts = [f"## [{number:04}] title {number}\n\n{text}\n" for number, text in enumerate(texts, 1)]
    (folder / f"haystack_{size}.md").write_text("# Passages\n\n" + "\n".join(parts))
    items = [{"question": question, "passage": right} for question, right in cases]
    (folder / f"items_{size}.json").write_text(json.dumps(items))


def backwards(store):
    rank = lexical(store)

    def worst_first(workspace_id, question, k, document_ids):
        return rank(workspace_id, question, k, document_ids)[::-1]

    return worst_first


def test_each_ranker_has_a_column_beside_plain_bm25_and_the_floor(tmp_path):
    haystack(tmp_path, 60, cases=[("Which nests of sticks do ravens build at night?", 1)])

    (line,) = measure(tmp_path, ["nq-60"], {"lexical": lexical, "backwards": backwards})

    assert (line.set, line.what, line.plain.questions) == ("nq-60", "passage", 1)
    assert str(line.plain) == "1.000 / 1.000"
    assert str(line.ranked["lexical"]) == "1.000 / 1.000"
    assert str(line.ranked["backwards"]) == "0.000 / 1.000"
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(table([line]))
    shown = console.export_text()
    assert "| nq-60 | passage | 1         | .92" in shown
    assert "backwards, ms" in shown


def test_requirements_look_for_the_procedures_that_meet_them(tmp_path):
    folder = tmp_path / "policy_map" / "procedures"
    folder.mkdir(parents=True)
    (folder / "backup.md").write_text("# Backup\n\nData is copied to another site every night.\n")
    (folder / "access.md").write_text("# Access\n\nBadges open the doors of the building.\n")
    given = {
        "procedures": {
            "b": {"file": "procedures/backup.md"},
            "a": {"file": "procedures/access.md"},
        },
        "requirements": {
            "nist_csf": [
                {"requirement": "Backups of data are copied.", "gold_procedures": ["b"]},
                {"requirement": "Nothing meets this.", "gold_procedures": []},
            ]
        },
    }
    (folder.parent / "bench.json").write_text(json.dumps(given))

    (line,) = measure(tmp_path, ["policies"], {"lexical": lexical})

    assert (line.plain.questions, str(line.ranked["lexical"])) == (1, "1.000 / 1.000")
    assert line.milliseconds("lexical")
    assert line.milliseconds("fused") == ""


def test_a_rule_looks_for_the_passages_that_are_its_evidence(tmp_path):
    folder = tmp_path / "contractnli_dev"
    folder.mkdir()
    text = "The parties met in June.\n\nThe receiving party shall return all copies.\n"
    spans = [[0, 24], [26, 70]]
    judged = {"nda-1": {"spans": [1]}, "nda-2": {"spans": []}}
    given = {
        "documents": [
            {"text": text, "spans": spans, "annotation_sets": [{"annotations": judged}]},
        ],
        "labels": {
            "nda-1": {"hypothesis": "Copies are returned."},
            "nda-2": {"hypothesis": "No solicitation."},
        },
    }
    (folder / "dev.json").write_text(json.dumps(given))

    (line,) = measure(tmp_path, ["rules"], {"lexical": lexical})

    assert (line.plain.questions, str(line.ranked["lexical"])) == (1, "1.000 / 1.000")
