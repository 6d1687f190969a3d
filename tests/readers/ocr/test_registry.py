import pytest

from docqa.readers.ocr import registry
from docqa.readers.ocr.registry import engine_of, ocr_setup
from tests.readers.ocr.scans import fake_tesseract


@pytest.fixture(autouse=True)
def _nothing_installed(tmp_path, monkeypatch):
    registry._listed.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr(registry, "rapid_languages", frozenset)
    yield
    registry._listed.cache_clear()


def test_without_an_engine_the_setup_says_what_would_bring_one():
    setup = ocr_setup("auto", "eng", 60)

    assert (setup.engine, setup.identity_with(0)) == ("", "ocr none - 0")
    assert "apt-get install tesseract-ocr tesseract-ocr-eng" in setup.mend
    assert "pip install 'docqa[ocr]'" in setup.mend


def test_languages_are_named_as_debian_names_their_packages():
    assert "tesseract-ocr-chi-sim" in ocr_setup("tesseract", "chi_sim", 60).mend


def test_an_installed_program_reads_with_its_languages(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, "", ("eng", "deu", "osd"))

    setup = ocr_setup("auto", "eng+deu+eng", 60)

    assert (setup.engine, setup.languages, setup.missing) == ("tesseract", "eng+deu", "")
    assert setup.identity_with(3) == "ocr tesseract eng+deu 3"


def test_a_language_that_lacks_is_named_with_the_command_and_the_others_are_used(
    tmp_path, monkeypatch
):
    fake_tesseract(tmp_path, monkeypatch, "")

    setup = ocr_setup("tesseract", "eng+deu", 60)

    assert (setup.languages, setup.missing) == ("eng", "deu")
    assert setup.mend == "apt-get install tesseract-ocr-deu"


def test_without_any_of_the_languages_nothing_is_read(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, "")

    setup = ocr_setup("tesseract", "fin", 60)

    assert setup.engine == ""
    assert "apt-get install tesseract-ocr-fin" in setup.mend


def test_auto_takes_the_engine_that_has_all_languages(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, "")
    monkeypatch.setattr(registry, "rapid_languages", lambda: frozenset(("eng", "deu")))

    assert ocr_setup("auto", "eng", 60).engine == "tesseract"
    assert ocr_setup("auto", "eng+deu", 60).engine == "rapidocr"
    assert ocr_setup("rapidocr", "eng", 60).engine == "rapidocr"


def test_turned_off_is_said():
    setup = ocr_setup("off", "eng", 60)

    assert setup.engine == ""
    assert "DOCQA_OCR=auto" in setup.mend


def test_an_engine_is_made_once_for_a_setup(tmp_path, monkeypatch):
    fake_tesseract(tmp_path, monkeypatch, "")
    setup = ocr_setup("auto", "eng", 60)

    assert engine_of(setup) is engine_of(setup)
    assert engine_of(setup).name == "tesseract"


def test_a_program_that_lists_nothing_has_no_languages(tmp_path, monkeypatch):
    program = fake_tesseract(tmp_path, monkeypatch, "")
    program.write_text("#!/bin/nowhere\n")

    assert ocr_setup("tesseract", "eng", 60).engine == ""
