from docqa.readers.ocr.laying import lines_of, mu_words
from docqa.readers.ocr.scanning import Scan
from docqa.readers.ocr.straight import Lie
from tests.readers.ocr.scans import word


def scan_of(*words, width=600, height=800):
    return Scan(words, Lie(), width, height, 0.9)


def texts(*words):
    return [line.text for line in lines_of(scan_of(*words), 1, points=0.5, tight=True)]


def test_words_of_a_line_make_a_line():
    assert texts(word("notice", 10, 10), word("period", 60, 11), word("next", 10, 40, line=1)) == [
        "notice period",
        "next",
    ]


def test_words_far_apart_are_cells_of_a_row():
    row = [word("Rent", 10, 10), word("1,200", 200, 10), word("monthly", 400, 10)]

    assert (
        texts(*row, *(each._replace(y0=40, y1=50, line=1) for each in row))
        == ["Rent\t1,200\tmonthly"] * 2
    )


def test_a_speck_at_the_end_of_a_line_is_left_out():
    assert texts(word("writing.", 10, 10), word(":", 300, 10)) == ["writing."]
    assert texts(word("writing", 10, 10), word("-", 58, 10)) == ["writing -"]


def test_lines_are_as_high_as_their_font_whatever_letters_they_have():
    lines = [
        [word("Highly", 10, 100, height=14, line=0)],  # from the top of H to the foot of y
        [word("mean", 10, 204.0, height=7.6, line=1)],  # neither
        [word("HIT", 10, 300, height=10.9, line=2)],
    ]

    boxes = mu_words([each for row in lines for each in row], points=1, tight=True)

    heights = [y1 - y0 for _, y0, _, y1, *_ in boxes]
    assert max(heights) - min(heights) < 0.5


def test_boxes_that_are_not_tight_are_made_smaller():
    (box,) = mu_words([word("mean", 10, 100, height=20)], points=1, tight=False)

    assert (box[1], box[3]) == (102, 118)


def test_a_smear_does_not_make_its_line_higher():
    row = [word("plain", 10, 100), word("text", 50, 100), word("|", 90, 20, height=90)]

    assert max(y1 - y0 for _, y0, _, y1, *_ in mu_words(row, points=1, tight=True)) < 20
