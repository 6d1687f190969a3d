# ruff: noqa: E501 (claims and passages stand on one line)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.names import holds_name, stated_names
from docqa.core.verification import RANK, has_substance, verify
from tests.core.hostile import texts
from tests.core.passages import packed

BREACH = (
    "The Processor shall notify the Controller of a personal data breach without undue delay and "
    "in any event within seventy-two (72) hours after becoming aware of it. The notice describes "
    "the nature of the breach, the categories of data subjects concerned and the measures taken."
)
PAYMENT = (
    "Customer will pay all invoices within thirty (30) days of receipt. Amounts that are overdue "
    "bear interest at 1.5% per month. The total fee for the Initial Term is $3,500,000."
)
TERM = (
    "This Agreement begins on January 5, 2024 and remains in force for an initial period of three "
    "years, after which it is renewed automatically for successive periods of one year unless "
    "either party gives written notice of non-renewal at least ninety days before it ends."
)
SECRECY = (
    "The Recipient shall not disclose Confidential Information to any third party without the "
    "prior written consent of the Discloser, and shall protect it with the same degree of care "
    "that it uses for its own information of like importance."
)
BATTERY = (
    "Charge the battery fully before the first use. A complete charge takes about four hours; the "
    "green light stops flashing when it is done. Do not leave the charger plugged in overnight."
)
BACKUP = (
    "Backups of production databases are taken every night, encrypted with AES-256 and kept for "
    "35 days at a second site. Restores are tested each quarter by the Platform Team."
)
NILE = (
    "The Nile is about 6,650 km long and flows through eleven countries before it reaches the "
    "Mediterranean Sea north of Cairo. Its two main tributaries are the White Nile and the Blue "
    "Nile, which meet at Khartoum."
)
CODE = (
    "    def open_session(self, request):\n        if not self.secret_key:\n"
    "            return None\n        return SecureCookieSession(request.cookies.get(self.name))"
)
GERMAN = (
    "Der Auftragnehmer meldet dem Auftraggeber jede Verletzung des Schutzes personenbezogener "
    "Daten unverzüglich, spätestens jedoch innerhalb von 24 Stunden nach Kenntnisnahme."
)
JAPANESE = (
    "受託者は、個人データの漏えいを知った後、72時間以内に委託者に通知しなければならない。"
    "通知には漏えいの性質を記載する。"
)

PARAPHRASES = [
    ("A breach of personal data must be reported to the controller within 72 hours.", BREACH),
    (
        "The processor has 72 hours after becoming aware of a breach to notify the controller.",
        BREACH,
    ),
    ("The breach notice must cover the categories of data subjects and measures taken.", BREACH),
    ("Invoices have to be paid within 30 days after they are received.", PAYMENT),
    ("Overdue amounts are charged interest of 1.5 percent each month.", PAYMENT),
    ("The fee for the initial term totals $3.5 million.", PAYMENT),
    ("The agreement started on 5 January 2024.", TERM),
    (
        "It renews automatically for one-year periods unless a party gives notice of non-renewal.",
        TERM,
    ),
    ("Notice of non-renewal has to be given in writing at least 90 days before the end.", TERM),
    (
        "Disclosure of confidential information to third parties requires prior written consent.",
        SECRECY,
    ),
    ("The recipient must protect confidential information with the same care as its own.", SECRECY),
    ("The battery should be fully charged before it is used for the first time.", BATTERY),
    ("Charging takes around four hours.", BATTERY),
    ("The charger should not be left plugged in overnight.", BATTERY),
    ("Production databases are backed up nightly and the backups are encrypted.", BACKUP),
    ("Backups are retained for 35 days at a second location.", BACKUP),
    ("The Platform Team tests restores every quarter.", BACKUP),
    ("The White Nile and the Blue Nile join at Khartoum.", NILE),
    ("The river Nile passes through eleven countries on its way to the Mediterranean.", NILE),
    ("`open_session` returns None if there is no secret_key.", CODE),
    (
        "Verletzungen des Datenschutzes sind dem Auftraggeber innerhalb von 24 Stunden zu melden.",
        GERMAN,
    ),
    ("漏えいを知った後72時間以内に通知する必要がある。", JAPANESE),
]
ELSEWHERE = [PAYMENT, NILE, BATTERY, BACKUP, SECRECY, BREACH, CODE, TERM]


@pytest.mark.parametrize(("claim", "text"), PARAPHRASES)
def test_an_honest_paraphrase_is_at_least_weak(claim, text):
    verified = verify(claim, [packed(text)])

    assert RANK[verified.support] >= RANK["weak"]
    assert not verified.missing_figures


@pytest.mark.parametrize(("claim", "text"), PARAPHRASES)
def test_the_same_claim_is_unsupported_by_other_topics(claim, text):
    for other in ELSEWHERE:
        if other != text:
            assert verify(claim, [packed(other)]).support == "unsupported", other


@pytest.mark.parametrize(
    ("claim", "quote"),
    [
        (
            "Overdue amounts bear interest at 1.5 percent monthly.",
            "Amounts that are overdue bear interest at 1.5% per month.",
        ),
        (
            "Restores are tested quarterly by the Platform Team.",
            "Restores are tested each quarter by the Platform Team.",
        ),
        (
            "The tributaries meet at Khartoum.",
            "Its two main tributaries are the White Nile and the Blue Nile, which meet at Khartoum.",
        ),
        ("A complete charge takes about 4 hours.", "A complete charge takes about four hours"),
    ],
)
def test_a_quote_is_the_sentence_or_clause_that_says_it(claim, quote):
    text = PAYMENT + " " + BACKUP + " " + NILE + " " + BATTERY

    found = verify(claim, [packed(text)]).quotes[0]

    assert quote in text[found.start : found.end]
    assert len(text[found.start : found.end]) <= 2.5 * len(quote)


def test_a_copied_sentence_is_exact_and_its_quote_is_just_that():
    claim = "Amounts that are overdue bear interest at 1.5% per month."

    verified = verify(claim, [packed(PAYMENT)])

    quote = verified.quotes[0]
    assert verified.support == "exact"
    assert PAYMENT[quote.start : quote.end] == claim
    assert verified.missing == ()


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("amounts that are OVERDUE bear interest at 1.5% per month", PAYMENT),
        ("the data-\nprocessing  terms “apply”", "The data-processing terms 'apply' here."),
        ("the dataprocessing terms apply", "the data-\nprocessing terms apply"),
        ("efficient workflows", "They want e\ufb03cient work\u00adflows."),
        ("naive cafe rules", "Naïve café rules"),
        ("**Backups** are encrypted", "All backups are\n   encrypted."),
    ],
)
def test_white_space_hyphens_ligatures_quotes_and_case_do_not_count(claim, text):
    assert verify(claim, [packed(text)]).support == "normalized"


def test_a_nearly_copied_span_is_fuzzy():
    claim = (
        "The Processor shall notify the Controller of any personal data breach without undue delay."
    )

    assert verify(claim, [packed(BREACH)]).support == "fuzzy"


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ("The Recipient shall disclose Confidential Information to any third party.", SECRECY),
        ("Amounts that are overdue do not bear interest at 1.5% per month.", PAYMENT),
        ("Backups of production databases are not taken every night.", BACKUP),
        ("The platform team does not test restores each quarter.", BACKUP),
        ("Customers never pay interest on amounts that are overdue.", PAYMENT),
    ],
)
def test_a_claim_that_negates_what_its_passage_says_is_unsupported(claim, text):
    assert verify(claim, [packed(text)]).support == "unsupported"


def test_a_negation_in_other_words_is_a_paraphrase():
    text = "The Recipient may use Confidential Information solely for evaluating the transaction."
    claim = "Confidential Information is not to be used but for evaluating the transaction."

    assert verify(claim, [packed(text)]).support == "weak"


def test_words_whose_negation_was_left_out_are_at_most_weak():
    text = "In no event may either party assign this Agreement to a competitor."

    assert verify("either party may assign this Agreement", [packed(text)]).support in (
        "weak",
        "unsupported",
    )
    assert verify("assign this Agreement to a competitor", [packed(text)]).support == "weak"


@pytest.mark.parametrize(
    ("claim", "missing"),
    [
        ("The Processor shall notify the Controller within 48 hours.", ("48",)),
        ("The Processor notifies the Controller within 72 hours.", ()),
        (
            "The Processor notifies Umbrella Holdings of a breach within 72 hours.",
            ("Umbrella Holdings",),
        ),
        ("A breach on March 3, 2021 must be notified to the controller.", ("March 3, 2021",)),
        ("Each breach costs $500 until the Controller is notified.", ("$500",)),
        ("The GDPR says a breach must be notified within 72 hours.", ("GDPR",)),
        ('It says "notify the Controller of a personal data breach" within hours.', ()),
        (
            'It says "the processor pays a penalty for every breach" in hours.',
            ('"the processor pays a penalty for every breach"',),
        ),
    ],
)
def test_what_stands_in_no_cited_passage_is_named(claim, missing):
    verified = verify(claim, [packed(BREACH)])

    assert verified.missing == missing
    assert verified.missing_figures == any(char.isdigit() for char in "".join(missing))


def test_a_claim_whose_number_is_missing_is_at_most_weak():
    claim = "Amounts that are overdue bear interest at 2.5% per month."

    verified = verify(claim, [packed(PAYMENT)])

    assert verified.support == "weak"
    assert verified.missing == ("2.5%",)


def test_passages_that_are_cited_together_count_together():
    claim = "Invoices are due within 30 days, and backups are kept for 35 days at a second site."
    both = [packed(PAYMENT, 1), packed(BACKUP, 2)]

    verified = verify(claim, both)

    assert verified.missing == ()
    assert verify(claim, both[:1]).missing == ("35",)
    assert [quote.support for quote in verified.quotes] == ["weak", "weak"]
    assert [quote.label for quote in verified.quotes] == [1, 2]


def test_the_question_helps_to_find_the_place_of_a_bare_answer():
    verified = verify("Yes.", [packed(BATTERY)], context="Does a complete charge take four hours?")

    quote = verified.quotes[0]
    assert "four hours" in BATTERY[quote.start : quote.end]
    assert verified.support == "weak"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The Supplier and Acme Corp. agree with Mr. Smith.", ("Supplier", "Acme Corp", "Smith")),
        ("Processors must notify. It is so.", ()),
        ("Bank of Norway pays in May.", ("Bank of Norway",)),
        ("The GDPR and PostgreSQL matter.", ("GDPR", "PostgreSQL")),
        ("Der Auftragnehmer meldet dem Auftraggeber jede Verletzung des Schutzes der Daten.", ()),
        ("See Section 4 of Annex B.", ()),
    ],
)
def test_names_are_told_by_their_capitals(text, names):
    assert stated_names(text) == names


def test_a_name_may_be_shortened_or_spelled_out():
    assert holds_name("DPA", ["This Data Processing Agreement"])
    assert holds_name("Data Processing Agreement", ["under the DPA"])
    assert holds_name("Processor", ["the processors"])
    assert not holds_name("Acme", ["the Academy"])


def test_a_claim_without_substance_is_told_apart():
    assert not has_substance("Yes, it is.")
    assert has_substance("72")
    assert has_substance("It is encrypted.")


@given(texts, st.lists(texts, max_size=3), texts)
def test_every_quote_is_a_span_of_its_passage(claim, passages, context):
    cited = [packed(text, label) for label, text in enumerate(passages, 1)]

    verified = verify(claim, cited, context=context)

    assert [quote.label for quote in verified.quotes] == [passage.label for passage in cited]
    for quote, passage in zip(verified.quotes, cited, strict=True):
        assert 0 <= quote.start <= quote.end <= len(passage.passage.text)
        assert 0 <= quote.score <= 1
        assert quote.start < quote.end or quote.support == "unsupported"


@given(texts, texts)
def test_what_is_copied_with_its_negations_is_found(before, after):
    sentence = "Backups are encrypted with AES-256 and kept for 35 days."
    text = f"{before}\n\n{sentence}\n\n{after}"

    verified = verify(sentence, [packed(text)])

    assert verified.support == "exact"
    assert sentence.startswith(text[verified.quotes[0].start : verified.quotes[0].end])
