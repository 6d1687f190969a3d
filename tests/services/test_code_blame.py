from tests.readers.repository_maker import Repository
from tests.services import parts


def test_blame_is_told_in_a_folder_whose_name_begins_with_a_dot(empty, tmp_path):
    repository = Repository(tmp_path / "acme")
    commit = repository.commit({".github/check.py": "x = 1\n"}, "Begin")
    parts.ingest(empty, repository.folder / ".github")

    lines = empty.code.blame(parts.documents(empty)["check.py"].version_id)

    assert [line.commit for line in lines] == [commit]
