from docqa.settings import Settings
from docqa.web import shared


def test_a_process_has_one_app_for_a_data_folder(tmp_path):
    settings = Settings(home=tmp_path / "home")

    first = shared.shared_app(settings)

    assert shared.shared_app(settings) is first
    shared.forget(first)
    first.close()
