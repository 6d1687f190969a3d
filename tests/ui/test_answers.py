from dataclasses import replace
from types import SimpleNamespace

from docqa.core.answers import Citation, Mention, SentenceCheck
from docqa.ui.answers import parts

QUOTE = Citation(1, 7, 1, 1, "a.pdf", 1, None, "Thirty days.", 0, 12, (), "exact", origin="docqa")
DRAFTED = replace(QUOTE, marker=2, label=9, support="unsupported", origin="model")
NAMED = Mention(0, 5, "symbol", "unknown")
CHECK = SentenceCheck(0, 11, "unsupported")


def answer(text: str, draft: str):
    return SimpleNamespace(
        text=text, draft=draft, citations=(QUOTE, DRAFTED), sentences=(CHECK,), mentions=(NAMED,)
    )


def test_quotes_and_the_draft_under_them_have_their_own_citations():
    quotes, draft = parts(answer("“Thirty days.” [1]", "Forty days [2]."))

    assert (quotes.citations, quotes.sentences) == ((QUOTE,), ())
    assert (draft.citations, draft.sentences, draft.first) == ((DRAFTED,), (CHECK,), 1)
    assert (quotes.mentions, draft.mentions) == ((), (NAMED,))


def test_without_a_draft_all_citations_are_the_text_s():
    shown, draft = parts(answer("Thirty days [1]; forty [2].", ""))

    assert shown.citations == (QUOTE, DRAFTED)
    assert shown.sentences == (CHECK,)
    assert shown.mentions == (NAMED,)
    assert not draft.text
