import pytest

from docqa.bench.code_scale import ScaleOptions, run_code_scale, table
from docqa.bench.code_trees import make_tiny, make_tree, python_files

SOURCE = '''"""Money."""

import os

LIMIT = 3


class Purse:
    """Holds coins."""

    def add(self, coin):
        return coin


def total(coins):
    return sum(coins)
'''


@pytest.fixture
def originals(tmp_path):
    folder = tmp_path / "originals"
    folder.mkdir()
    for number in range(3):
        (folder / f"money{number}.py").write_text(SOURCE)
    return folder


def test_a_tree_has_the_files_and_bytes_that_are_asked_for(originals, tmp_path):
    made = make_tree(originals, tmp_path / "tree", files=250, bytes_each=120)

    files = python_files(tmp_path / "tree")
    assert len(files) == 250
    assert made == sum(path.stat().st_size for path in files)
    assert 120 * 250 / 2 <= made <= 120 * 250
    assert len({path.parent for path in files}) == 3


def test_tiny_files_are_many(tmp_path):
    make_tiny(tmp_path, 1_500)

    assert len(python_files(tmp_path)) == 1_500


def test_an_update_reads_what_changed_and_keeps_the_prefix(originals):
    options = ScaleOptions(
        originals, parts=("update", "tiny"), updated_files=12, tiny_files=10, processes=1
    )

    result = run_code_scale(options, lambda part: None)

    assert result["update"]["segments_added"] == 4  # an amended map, and the three that changed
    assert result["update"]["prefix_kept"]
    assert result["update"]["tokens_added"] < result["update"]["tokens_before"]
    assert result["tiny"]["files"] == 10
    assert table(result).row_count > 5
