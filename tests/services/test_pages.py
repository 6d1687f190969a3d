import io

import pytest
from PIL import Image

from docqa.errors import UnknownItemError
from tests.services.parts import documents, ingest, make_pdf

PASSWORD = "correct horse battery"


@pytest.fixture
def version(app):
    return documents(app)["agreement.pdf"].version_id


def opened(picture):
    return Image.open(io.BytesIO(picture.read_bytes()))


def test_a_page_is_drawn_once_and_kept(app, version):
    picture = app.pages.picture(version, 2, 700)
    drawn = picture.stat()

    assert opened(picture).format == "WEBP"
    assert opened(picture).width == 800
    again = app.pages.picture(version, 2, 760)
    assert again == picture
    assert again.stat().st_mtime_ns == drawn.st_mtime_ns
    assert app.pages.picture(version, 1, 700) != picture
    assert opened(app.pages.picture(version, 2, 99_999)).width == 2_400


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_does_not_exist_is_refused(app, version, page):
    with pytest.raises(UnknownItemError, match="there is no page"):
        app.pages.picture(version, page, 700)


def test_a_version_that_does_not_exist_is_refused(app):
    with pytest.raises(UnknownItemError):
        app.pages.picture(999, 1, 700)


def test_text_has_no_pages(app):
    with pytest.raises(UnknownItemError):
        app.pages.picture(documents(app)["runbook.md"].version_id, 1, 700)


def test_the_pages_of_an_encrypted_file_are_drawn_without_asking_again(empty, tmp_path):
    ingest(empty, make_pdf(tmp_path / "secret.pdf", password=PASSWORD), password=PASSWORD)

    picture = empty.pages.picture(documents(empty)["secret.pdf"].version_id, 1, 160)

    assert opened(picture).width == 160
