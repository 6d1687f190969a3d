import json
import random

from docqa.bench import changes, duplicates
from tests.readers import pdf_maker


def prose(seed):
    numbers = random.Random(seed)
    return " ".join(f"w{numbers.randrange(900)}" for _ in range(400))


def test_copies_are_counted_by_how_they_were_altered(tmp_path):
    texts = tmp_path / "cuad25" / "txt"
    texts.mkdir(parents=True)
    (tmp_path / "policy_map").mkdir()
    (tmp_path / "contractnli_dev").mkdir()
    for n in range(3):
        (texts / f"{n}.txt").write_text(prose(n))
        (tmp_path / "policy_map" / f"{n}.md").write_text(prose(10 + n))
    told = {"documents": [{"text": prose(20)}, {"text": prose(20)}]}
    (tmp_path / "contractnli_dev" / "dev.json").write_text(json.dumps(told))

    found = duplicates.measure(tmp_path, 20)

    kinds = {each["change"]: each for each in found["changes"]}
    assert kinds["0.5 % of the words changed"]["found"] == 3
    assert kinds["40 % of the text missing"]["found"] == 0
    assert kinds["the same as PDF"]["copies"] == 0
    assert [each["taken_for_duplicates"] for each in found["unrelated"]] == [0, 0, 1]
    assert (found["speed"]["copies_found"], found["speed"]["wrong_groups"]) == (2, 0)


def test_looks_and_comparisons_are_measured(tmp_path):
    folder = tmp_path / "debian_pdfs"
    folder.mkdir()
    page = [(72, 72, "Keep the keys in the cupboard.")]
    (folder / "manual.en.pdf").write_bytes(pdf_maker.pdf_of(page, page))

    found = changes.measure(tmp_path, files=[3], times=[1, 2])

    assert found["looks"][0]["files"] == 3
    assert [each["pages"] for each in found["versions"]] == [2, 4]
