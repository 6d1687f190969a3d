import pytest

from docqa.core.compounds import compound_parts
from docqa.core.terms import search_terms


@pytest.mark.parametrize(
    ("language", "compound", "part"),
    [
        ("de", "Kündigungsfrist", "Frist"),
        ("de", "Kündigungsfristen", "Kündigung"),
        ("de", "Auftragsverarbeitungsvertrag", "Vertrag"),
        ("de", "Vertraulichkeitsvereinbarung", "Vertraulichkeit"),
        ("de", "Gesellschaftsvertrag", "Gesellschaft"),
        ("nl", "veiligheidsmaatregel", "maatregel"),
        ("sv", "säkerhetsåtgärder", "åtgärd"),
        ("sv", "uppsägningstid", "tid"),
        ("da", "sikkerhedsforanstaltning", "foranstaltninger"),
        ("nb", "sikkerhetstiltak", "tiltak"),
    ],
)
def test_a_compound_is_found_by_its_parts(language, compound, part):
    wanted = set(search_terms(part, language).split())

    assert wanted <= set(search_terms(compound, language).split())


def test_a_word_that_shows_no_joint_is_left_whole():
    assert compound_parts("verarbeitungen", "de") == []
    assert compound_parts("verfassungs", "de") == []
    assert compound_parts("questionsheet", "en") == []
    assert search_terms("Haustür", "de") == "haustur"


def test_a_part_that_is_a_compound_is_cut_too():
    assert compound_parts("leistungsbeschreibungspflicht", "de") == [
        "leistung",
        "beschreibung",
        "pflicht",
    ]
