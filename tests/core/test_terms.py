import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.terms import search_terms, stemming_language


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The obligations of the parties", "oblig parti"),
        ("1,000,000.50 and 3.5 and 1.000.000,50", "1000000.50 3.5 1000000.50"),
        ("Section 9.7.1", "section 9.7.1"),
        ("the Company's don’t", "compani"),
        ("ﬁnance Straße naïve １２", "financ strass naiv 12"),
    ],
)
def test_words_are_normalised_stemmed_and_function_words_left_out(text, terms):
    assert search_terms(text) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("HTTPAdapter", "httpadapter http adapt"),
        ("cert_verify()", "cert_verify cert verifi"),
        ("__init__", "init"),
        ("FY2018", "fy2018 fy 2018"),
        ("LIABILITY", "liabil"),
    ],
)
def test_identifiers_are_kept_whole_and_in_parts(text, terms):
    assert search_terms(text) == terms


def test_scripts_without_spaces_become_pairs_of_characters():
    assert search_terms("数据处理 GDPR") == "数据 据处 处理 理 gdpr"
    assert search_terms("สัญญา").split()[0] == "สั"


def test_one_character_of_such_a_script_becomes_a_prefix_in_a_question():
    assert search_terms("税", question=True) == "税*"
    assert search_terms("税法", question=True) == "税法"


def test_words_are_stemmed_by_the_documents_language():
    assert search_terms("Die Verpflichtungen der Käufer", "de") == "verpflicht kauf"
    assert search_terms("les obligations du vendeur", "fr") == "oblig vendeur"
    assert stemming_language("pt-BR") == "pt"
    assert stemming_language("python") == "en"


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("fi", "talo talot talossa"),
        ("ru", "договор договора договоры"),
        ("tr", "ev evler evlerde"),
        ("hi", "लड़का लड़के"),
        ("hu", "ház házak"),
        ("ar", "العقد عقد"),
    ],
)
def test_inflected_forms_of_a_word_are_one_term(language, forms):
    assert len(set(search_terms(forms, language).split())) == 1


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("本契約は三十日前の通知により解約できる。", "解約の通知"),
        ("สัญญานี้สิ้นสุดลงเมื่อแจ้งล่วงหน้า", "แจ้งล่วงหน้า"),
        ("계약은 서면으로 해지한다", "해지"),
        ("本协议于通知后终止", "终止"),
    ],
)
def test_words_inside_a_sentence_without_spaces_are_found(text, question):
    wanted = search_terms(question, question=True).split()

    found = set(search_terms(text).split())

    assert len(found.intersection(wanted)) >= len(wanted) / 2


@given(st.text())
def test_any_text_gives_terms_without_quotes_or_empty_ones(text):
    terms = search_terms(text)

    assert '"' not in terms
    assert terms == " ".join(terms.split())
    assert terms.encode() is not None


@given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x17F)))
def test_a_text_and_its_compatibility_form_give_the_same_terms(text):
    import unicodedata

    assert search_terms(text) == search_terms(unicodedata.normalize("NFKD", text))
