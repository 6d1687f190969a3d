from docqa.services.code_graph import CodeIndexes
from tests.services import parts


def test_a_file_that_comes_in_as_one_like_it_goes_out_is_in_the_index(empty, tmp_path):
    folder = tmp_path / "twins"
    folder.mkdir()
    for name in ("ada", "bob"):
        (folder / f"{name}.py").write_text("def wait():\n    pass\n")
    parts.ingest(empty, folder)
    ada, bob = (parts.documents(empty)[f"{name}.py"].id for name in ("ada", "bob"))
    empty.library.exclude(bob)
    where = parts.workspace(empty)
    indexes = CodeIndexes(empty.store)
    assert set(indexes.of(where).by_document) == {ada}

    empty.library.exclude(ada)
    empty.library.include(bob)

    assert set(indexes.of(where).by_document) == {bob}
