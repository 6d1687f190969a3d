import io
import zipfile
from email.message import EmailMessage

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from docqa.core.geometry import quote_place
from docqa.errors import BrokenFileError, EmptyFileError, ReadError
from docqa.readers.base import ReaderOptions
from docqa.readers.mail import reading
from docqa.readers.mail.eml import EmlReader, message_of
from docqa.readers.mail.message import clean_name
from docqa.readers.mail.msg import MsgReader
from tests.readers.mail.msg_maker import attached, compound_file, embedded, message
from tests.readers.pdf_maker import pdf_of

PDF = pdf_of([(72, 72, "The price is 400 euros.")])


@pytest.fixture
def read(tmp_path):
    def read(data, reader=None):
        path = tmp_path / "stored"
        path.write_bytes(data.as_bytes() if isinstance(data, EmailMessage) else data)
        reader = reader or EmlReader()
        return reader.read(path, "note.eml", ReaderOptions(), lambda done, total: None)

    return read


def mail(text="Please sign by Friday.", subject="Offer"):
    found = EmailMessage()
    found["From"] = "Ann Lee <ann@example.org>"
    found["To"] = "Bo <bo@example.org>"
    found["Date"] = "Fri, 01 Mar 2024 09:00:00 +0000"
    found["Subject"] = subject
    if text:
        found.set_content(text)
    return found


def attach(found, data, name, kind="application/octet-stream"):
    main, _, sub = kind.partition("/")
    found.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return found


def workbook():
    book = openpyxl.Workbook()
    book.active.title = "Prices"
    book.active.append(["Item", "Price"])
    book.active.append(["Bolt", 12])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def told(document):
    return [(p.text, str(p.locator)) for p in document.passages]


def test_headers_and_text_have_the_subject_as_their_heading(read):
    document = read(mail("Dear Bo,\n\nPlease sign by Friday.\nThanks.\n"))

    assert document.kind == "mail"
    assert document.title == "Offer"
    head, body = document.passages
    assert head.text == (
        "From: Ann Lee <ann@example.org>\nTo: Bo <bo@example.org>\n"
        "Date: Fri, 01 Mar 2024 09:00:00 +0000\nSubject: Offer"
    )
    assert (body.text, body.heading) == ("Dear Bo,\nPlease sign by Friday.\nThanks.", "Offer")
    assert [page.status for page in document.pages] == ["text"]


def test_of_two_versions_the_plain_one_is_read_unless_it_is_empty(read):
    both = mail("This is the plain version of it.")
    both.add_alternative("<p>This is the page.</p>", subtype="html")
    page = mail(" ")
    page.add_alternative("<p>Only <b>here</b>.</p><script>run()</script>", subtype="html")

    assert told(read(both))[1][0] == "This is the plain version of it."
    assert told(read(page))[1][0] == "Only here."


def test_a_plain_version_that_says_far_less_than_the_page_is_not_read(read):
    clauses = "".join(f"<p>Clause {n}: the supplier pays {n} euros.</p>" for n in range(50))
    stub = mail("Your mail client cannot show HTML.")
    stub.add_alternative(f"<style>p {{}}</style>{clauses}", subtype="html")
    styled = mail("The supplier pays 5 euros on Friday.")
    styled.add_alternative(
        f"<style>{'p {color: red} ' * 99}</style><p>The supplier pays 5 euros on Friday, always.",
        subtype="html",
    )

    text = " ".join(passage.text for passage in read(stub).passages)
    assert "Clause 49: the supplier pays 49 euros." in text
    assert "cannot show" not in text
    assert told(read(styled))[1][0] == "The supplier pays 5 euros on Friday."


def test_secrets_in_subjects_and_names_are_masked_wherever_they_are_said(read, tmp_path):
    secret = "AKIA" + "QWERTYUIOP234567"  # in two parts, so that no scanner takes it for one
    inner = mail("Inner text.", f"Re: {secret}")
    found = attach(mail(subject=f"Use {secret}"), PDF, f"{secret}.pdf", "application/pdf")
    attach(found, b"MZ\x90\x00\x03\x00\x00\x00" * 9, f"{secret}.exe")
    found.add_attachment(inner)

    document = read(found)

    assert document.title == "Use [masked: AWS access key]"
    assert {p.heading for p in document.passages} >= {document.title}
    assert secret not in repr(document)
    assert "[masked: AWS access key].pdf, p. 1" in [place for _, place in told(document)]
    assert any("AWS" in each.kind for each in document.secrets)
    path = tmp_path / "shown.eml"
    path.write_bytes(found.as_bytes())
    options = ReaderOptions(mask_secrets=False)
    shown = EmlReader().read(path, "shown.eml", options, lambda done, total: None)
    assert shown.title == f"Use {secret}"


class SlowScan:
    """Reads a page, tells that it did, and goes on."""

    def make(self):
        return self

    def read(self, path, name, options, progress):
        for page in (1, 2, 3):
            progress(page, 3)
        raise BrokenFileError(name, "no more pages")


def test_progress_is_told_for_each_page_of_what_is_attached(tmp_path, monkeypatch):
    path = tmp_path / "note.eml"
    found = attach(attach(mail(), PDF, "scan.pdf"), PDF, "other.pdf")
    path.write_bytes(found.as_bytes())
    monkeypatch.setattr(reading, "entry_for", lambda name, head: SlowScan())
    calls = []

    EmlReader().read(path, "note.eml", ReaderOptions(), lambda *told: calls.append(told))

    assert calls == [(1, 2), (2, 4), (3, 4), (4, 4), (2, 3), (3, 5), (4, 5), (5, 5)]


def test_attachments_are_read_by_the_reader_of_their_kind_and_said_where_they_are(read):
    found = attach(attach(mail(), PDF, "offer.pdf", "application/pdf"), workbook(), "list.xlsx")

    document = read(attach(found, b"Some plain words.\n", "notes.txt", "text/plain"))

    assert told(document)[2:] == [
        ("The price is 400 euros.", "offer.pdf, p. 1"),
        ("Item | Price\nBolt | 12", "'list.xlsx > Prices'!A1:B2"),
        ("Some plain words.", "notes.txt, ¶ 1"),
    ]
    cells = document.passages[3]
    assert quote_place(cells, cells.text.index("12"), len(cells.text)) == "'list.xlsx > Prices'!B2"
    assert [page.status for page in document.pages] == ["text"] * 4
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert [p.ordinal for p in document.passages] == [0, 1, 2, 3, 4]


def test_messages_in_messages_are_read_three_deep_and_the_rest_is_named(read):
    found = attach(mail("Innermost text.", "level 5"), PDF, "deep.pdf", "application/pdf")
    for level in range(4, 0, -1):
        outer = mail(f"Text of level {level}.", f"level {level}")
        if level % 2:
            outer.add_attachment(found)
        else:
            attach(outer, found.as_bytes(), f"level {level + 1}.eml", "message/octet")
        found = outer

    document = read(found)

    text = "\n".join(p.text for p in document.passages)
    assert [f"Text of level {n}." in text for n in (1, 2, 3, 4)] == [True] * 4
    assert "Innermost" not in text
    (failed,) = (page for page in document.pages if page.status == "failed")
    assert "'level 2 > level 3.eml > level 4 > level 5.eml' was not read" in failed.reason
    assert failed.reason in document.notes


def test_what_is_attached_and_cannot_be_read_is_named_and_the_rest_is_read(read):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("a.txt", "words")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "")
        made.writestr("xl/workbook.xml", bytes(80_000_000))
    found = attach(mail(), b"MZ\x90\x00\x03\x00\x00\x00" * 9, "run.exe")
    attach(found, archive.getvalue(), "all.zip")
    attach(found, bomb.getvalue(), "bomb.xlsx")
    attach(found, b"", "empty.txt")

    document = read(attach(found, PDF, "offer.pdf"))

    assert told(document)[-1] == ("The price is 400 euros.", "offer.pdf, p. 1")
    reasons = [page.reason for page in document.pages if page.status == "failed"]
    assert len(reasons) == 4
    for reason, name in zip(reasons, ("run.exe", "all.zip", "bomb.xlsx", "empty.txt"), strict=True):
        assert reason.startswith(f"'{name}' was not read: ")


def test_numbers_and_bytes_of_attachments_are_bounded(read, monkeypatch):
    found = mail()
    for number in range(5):
        attach(found, b"words " * 50, f"{number}.txt", "text/plain")
    monkeypatch.setattr(reading, "MOST_ATTACHMENTS", 3)
    assert [page.status for page in read(found).pages].count("failed") == 2
    monkeypatch.setattr(reading, "MOST_BYTES", 700)
    assert [page.status for page in read(found).pages].count("failed") == 3


def test_attachments_of_the_same_name_are_told_apart(read):
    found = attach(attach(mail(), b"One.", "a.txt"), b"Two.", "a.txt")

    assert told(read(found))[2:] == [("One.", "a.txt, ¶ 1"), ("Two.", "a.txt (2), ¶ 1")]


def test_small_pictures_within_the_text_are_counted(read):
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    found = mail("")
    found.set_content("<p>Words beside it.</p><img src='cid:logo'>", subtype="html")
    found.add_related(out.getvalue(), "image", "png", cid="<logo>", filename="logo.png")

    document = read(found)

    assert document.notes == ("1 small picture within the text not read",)
    assert len(document.pages) == 1


def test_other_character_sets_and_broken_ones_are_read(read):
    subject = b"Subject: =?iso-8859-1?q?Gr=F6=DFe?=\n"
    declared = subject + b"Content-Type: text/plain; charset={}\n\nGr\xf6\xdfe\n"

    for charset in (b"iso-8859-1", b"no-such-set", b"utf-8"):
        document = read(declared.replace(b"{}", charset))
        assert document.title == "Größe"
        assert "Größe" in told(document)[-1][0]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"just words\nand more\n", BrokenFileError),
        (b"Content-Type: multipart/mixed; boundary=x\n\n--x--\n", EmptyFileError),
    ],
)
def test_what_is_no_message_or_says_nothing_is_told(read, data, error):
    with pytest.raises(error):
        read(data)


def test_parts_in_parts_without_end_are_bounded(read):
    head = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1_200)
    )

    with pytest.raises(ReadError):
        read(f"Subject: deep\n{head}Content-Type: text/plain\n\nwords\n".encode())


@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_are_a_message(data):
    found = message_of(b"Subject: x\n" + data, "a.eml")

    assert len(found.attachments) <= 400


@given(st.text(max_size=300))
def test_names_of_attachments_have_no_folders_and_can_be_shown(name):
    cleaned = clean_name(name, "part 1")

    assert cleaned
    assert cleaned.isprintable()
    assert "/" not in cleaned
    assert len(cleaned) < 140


def test_messages_of_outlook_are_read_alike(read):
    inner = embedded("Text of the inner one.", **{"0037": "Inner"})
    data = compound_file(
        message(
            "Dear Bo,\r\n\r\nplease sign.",
            attachments=[attached(PDF, "offer.pdf"), attached(inner, mime="")],
            **{"0037": "Offer", "0C1A": "Ann Lee", "0C1F": "ann@example.org", "0E04": "Bo"},
        )
    )

    document = read(data, MsgReader())

    assert told(document) == [
        ('From: "Ann Lee" <ann@example.org>\nTo: Bo\nSubject: Offer', "¶ 1"),
        ("Dear Bo,\nplease sign.", "¶ 2-3"),
        ("The price is 400 euros.", "offer.pdf, p. 1"),
        ("Subject: Inner", "Inner, ¶ 1"),
        ("Text of the inner one.", "Inner, ¶ 2"),
    ]
    assert document.title == "Offer"


@pytest.mark.parametrize("cut", [30, 600, 1_500, 2_500])
def test_a_damaged_message_of_outlook_fails_clearly(read, cut):
    data = compound_file(message("Dear Bo", attachments=[attached(PDF, "offer.pdf")]))

    with pytest.raises(ReadError):
        read(data[:cut], MsgReader())
