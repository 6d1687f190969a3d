import pytest

from docqa.store.store import Store


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "a home with spaces") as opened:
        yield opened
