import json

from hypothesis import given
from hypothesis import strategies as st

from docqa.core.answers import Citation, SentenceCheck
from docqa.ui.markdown import blocks
from docqa.ui.markdown_runs import UNSUPPORTED


def citation(marker: int, start: int, end: int, **changes) -> Citation:
    fields = {
        "marker": marker,
        "label": 40 + marker,
        "document_id": 1,
        "version_id": 1,
        "document": "a.pdf",
        "page": 1,
        "lines": None,
        "quote": "q",
        "quote_start": 0,
        "quote_end": 1,
        "rects": (),
        "support": "exact",
        "start": start,
        "end": end,
    }
    return Citation(**{**fields, **changes})


def words(shown) -> str:
    """All text that a person sees, chips as [n]."""
    if isinstance(shown, list):
        return "".join(map(words, shown))
    if "marker" in shown:
        return f"[{shown['marker']}]"
    if "said" in shown:
        return ""
    inner = [shown.get(name, []) for name in ("runs", "blocks", "items", "head", "rows")]
    return shown.get("text", "") + "".join(map(words, inner))


def test_a_marker_becomes_the_chip_of_the_claim_before_it():
    text = "One [1]. Two [1]."
    cited = [citation(1, 0, 3), citation(1, 9, 12)]

    [paragraph] = blocks(text, cited)

    chips = [run for run in paragraph["runs"] if "marker" in run]
    assert [chip["citation"] for chip in chips] == [0, 1]


def test_a_number_in_brackets_that_cites_nothing_stays_text():
    [paragraph] = blocks("See [7] and `[1]` in [1].", [citation(1, 0, 3)])

    assert [run["marker"] for run in paragraph["runs"] if "marker" in run] == [1]
    assert words(paragraph) == "See [7] and [1] in [1]."


def test_a_chip_that_is_not_checked_yet_is_shown_while_the_answer_runs():
    [paragraph] = blocks("One [1]", running=True)

    assert paragraph["runs"][-1] == {"marker": 1, "citation": None}


def test_a_sentence_without_support_is_marked_in_words():
    text = "Fine. Invented claim. Fine again."
    [paragraph] = blocks(text, (), [SentenceCheck(6, 21, "unsupported")])

    bare = [run["text"] for run in paragraph["runs"] if run.get("bare")]
    assert bare == ["Invented claim."]
    assert {"said": UNSUPPORTED} in paragraph["runs"]


def test_a_passage_that_docqa_found_gets_its_chip_after_the_claim():
    [paragraph] = blocks("First claim. Second.", [citation(1, 0, 12, origin="docqa")])

    assert words(paragraph) == "First claim.[1] Second."


def linked(text: str, *names: str) -> list[tuple[int, int]]:
    return [(text.index(name), text.index(name) + len(name)) for name in names]


def test_a_name_in_a_code_span_is_a_part_that_carries_its_mention():
    text = "It calls `app.run(port)` and `other`."

    [paragraph] = blocks(text, mentions=linked(text, "app.run"))

    code = [run for run in paragraph["runs"] if run.get("code")]
    assert code[0]["parts"] == [{"text": "app.run", "mention": 0}, {"text": "(port)"}]
    assert "parts" not in code[1]


def test_a_mention_that_takes_in_the_backticks_is_the_whole_code_span():
    text = "See ``run`` there."

    [paragraph] = blocks(text, mentions=linked(text, "``run``"))

    assert paragraph["runs"][1]["parts"] == [{"text": "run", "mention": 0}]


def test_a_place_in_plain_text_is_a_run_of_its_own_beside_its_chip():
    text = "It is in **src/app.py:L10-L24** [1]."

    [paragraph] = blocks(text, [citation(1, 0, 31)], mentions=linked(text, "src/app.py:L10-L24"))

    mentioned = [run for run in paragraph["runs"] if "mention" in run]
    assert mentioned == [{"text": "src/app.py:L10-L24", "bold": True, "mention": 0}]
    assert words(paragraph) == "It is in src/app.py:L10-L24 [1]."


def test_blocks_of_code_have_no_links():
    text = "```\nrun()\n```"

    [block] = blocks(text, mentions=linked(text, "run"))

    assert block == {"kind": "code", "text": "run()"}


def test_images_links_and_html_stay_the_characters_they_are():
    hostile = "![x](https://evil.example/a.png) [y](javascript:alert(1)) <img src=x onerror=z>"

    [paragraph] = blocks(hostile)

    assert paragraph["kind"] == "paragraph"
    assert words(paragraph) == hostile


def test_lists_tables_code_and_quotes_are_understood():
    table = "| a | b |\n|---|---|\n| 1 | |"
    text = f"# Title\n\n1. one\n   - deep\n2. two\n\n{table}\n\n```\n[1]\n```\n> q"

    kinds = [block["kind"] for block in blocks(text)]

    assert kinds == ["heading", "list", "table", "code", "quote"]


def test_a_list_remembers_where_it_starts():
    [made] = blocks("3. three\n4. four")

    assert (made["ordered"], made["start"], len(made["items"])) == (True, 3, 2)


@given(st.text(alphabet=st.sampled_from("ab *_`[]1>|-#\n.\\~"), max_size=160))
def test_any_text_becomes_blocks_that_travel(text):
    made = blocks(text, [citation(1, 0, 3)], [SentenceCheck(0, min(9, len(text)), "unsupported")])

    assert json.loads(json.dumps(made)) == made


SPANS = st.lists(st.tuples(st.integers(0, 160), st.integers(0, 160)), max_size=4)


@given(st.text(alphabet=st.sampled_from("ab *_`[]1>|-#\n.\\~"), max_size=160), SPANS)
def test_mentions_change_no_word_of_any_text(text, spans):
    plain, linked = blocks(text), blocks(text, mentions=spans)

    assert words(linked) == words(plain)
    assert json.loads(json.dumps(linked)) == linked


@given(st.text(alphabet=st.sampled_from("abc .,[]1<&'\"é中"), min_size=1, max_size=160), SPANS)
def test_plain_text_is_shown_whole(text, spans):
    shown = words(blocks(text, [citation(1, 0, 3)], mentions=spans))

    assert shown.replace("[1]", "").split() == text.replace("[1]", "").split()
