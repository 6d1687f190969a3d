from docqa.core.documents import LineLocator, PageLocator, Passage
from docqa.core.geometry import Geometry, Word
from docqa.web.words import find, page_lines


def passage() -> Passage:
    text = "The processor shall\nnotify the controller"
    words = []
    for number, line in enumerate(text.split("\n")):
        start = 20 * number
        placed = []
        for word in line.split():
            begin = text.index(word, start)
            placed.append(
                Word(
                    begin,
                    begin + len(word),
                    begin / 100,
                    0.1 + number / 10,
                    begin / 100 + 0.05,
                    0.15 + number / 10,
                )
            )
            start = begin + len(word)
        words.append((number + 1, 0, placed))
    return Passage(0, text, PageLocator(1, 2), geometry=Geometry.from_words(words).to_bytes())


def test_a_page_has_the_lines_that_stand_on_it():
    [line] = page_lines([passage()], 2)

    assert line.text == "notify the controller"
    assert line.rect.page == 2


def test_words_are_found_over_line_breaks_and_in_any_case():
    [hit] = find([passage()], "SHALL  notify")

    assert [rect.page for rect in hit.rects] == [1, 2]


def test_what_is_looked_for_is_no_pattern():
    assert list(find([passage()], ".*")) == []
    assert list(find([passage()], "   ")) == []


def test_words_of_a_text_file_are_found_by_line():
    text = Passage(0, "a\nb\nneedle", LineLocator(10, 12))

    [hit] = find([text], "needle")

    assert hit.rects == ()
    assert hit.lines == (12, 12)
