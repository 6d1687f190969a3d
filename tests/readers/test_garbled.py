import pytest

from docqa.readers.garbled import garbled
from tests.readers.pdf_maker import LOREM


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t ",
        LOREM * 3,
        "Szczególne warunki umowy, które strony przyjęły, i język polski. " * 4,
        "Vertragsstrafe, fristlose Kündigung, Rücktritt: Straßenverkehrsrecht. " * 4,
        "契約の解除は、書面による通知をもって行うものとする。" * 10,
        "Договор может быть расторгнут любой из сторон. " * 6,
        "\uf0b7 first item\n\uf0b7 second item with more words",
        "SKU BX-1121 QTY 40 PCS",
    ],
)
def test_text_is_text(text):
    assert garbled(text) == ""


@pytest.mark.parametrize(
    "text",
    ["\ue001\ue002\ue003 \ue004\ue005", "\ufffd\ufffd\ufffd ab", "\x01\x02\x03\x04 \x05\x06x"],
)
def test_characters_that_stand_for_nothing_are_known(text):
    assert garbled(text) == "unknown"


@pytest.mark.parametrize(
    "text",
    [
        "KÃ¼ndigung und RÃ¼cktritt, gemÃ¤ÃŸ der StraÃŸe",
        "partyâ€™s rights â€œas isâ€\x9d",
        "".join(chr(ord(c) - 29) if ord(c) > 60 else c for c in LOREM * 3),
    ],
)
def test_what_makes_no_words_is_doubtful(text):
    assert garbled(text) == "doubtful"
