import json

from typer import Typer
from typer.testing import CliRunner

from docqa.bench import sweep


def test_every_fact_is_found_and_cited_and_the_second_sweep_is_cached(tmp_path):
    texts = tmp_path / "cuad25" / "txt"
    texts.mkdir(parents=True)
    for number in range(4):
        paragraphs = [
            f"Section {number}.{part}. "
            + f"The parties of agreement {number} keep records of part {part}. " * 5
            for part in range(30)
        ]
        (texts / f"{number}.txt").write_text("\n\n".join(paragraphs))
    app = Typer()
    app.command()(sweep.main)

    ran = CliRunner().invoke(
        app, [str(tmp_path), "--window", "4096", "--times", "3", "--facts", "5"]
    )

    result = json.loads(ran.stdout)
    assert result["first"]["found"] == result["first"]["cited_to_its_place"] == 5
    assert set(result["first"]["shards"]) == {"asked"}
    assert result["second"]["cached_share"] > 0.5
