import pymupdf
import pytest

from docqa.engines.presets import PRESETS


def said(test) -> str:
    """All text on the page."""
    kinds = ("markdown", "caption", "error", "warning", "info", "success", "title", "subheader")
    parts = [str(element.value) for kind in kinds for element in getattr(test, kind)]
    parts += [str(element.proto.body) for element in test.get("html")]
    return "\n".join(parts)


def button(test, key: str):
    return next(b for b in test.button if b.key == key)


def has_button(test, key: str) -> bool:
    return any(b.key == key for b in test.button)


@pytest.mark.parametrize("name", ["ask", "library", "review", "engine"])
def test_every_page_opens_in_an_empty_installation(open_page, name):
    test = open_page(name)

    assert not test.exception
    assert not test.error


@pytest.mark.parametrize("name", ["ask", "library", "review", "engine"])
def test_every_page_opens_with_a_document(open_page, document, name):
    test = open_page(name)

    assert not test.exception
    assert not test.error


def test_the_first_run_offers_a_drop_zone_and_the_samples(open_page):
    test = open_page()

    assert has_button(test, "samples")
    assert test.get("file_uploader")
    assert not test.chat_input


def test_a_question_makes_a_conversation_with_a_cited_answer(open_page, app, workspace, document):
    test = open_page()
    test.chat_input[0].set_value("How many days of paid leave are there?").run()

    [conversation] = app.conversations.all(workspace.id)
    [asked] = app.conversations.answers(conversation.id)
    answer = app.answering.wait(asked.id)
    test.run()

    assert not test.exception
    assert answer.status == "quoted"
    assert "How many days of paid leave" in said(test)
    assert has_button(test, f"regenerate-{answer.id}")


def test_an_address_restores_conversation_and_citation(open_page, app, workspace, document):
    conversation = app.conversations.create(workspace.id)
    answer = app.answering.wait(
        app.answering.submit(conversation.id, "How many days of paid leave are there?")
    )

    test = open_page(c=conversation.id, a=answer.id, n=1)

    assert not test.exception
    assert "30 days of paid leave" in said(test)
    assert "holidays.md" in said(test)
    assert list(test.query_params["n"]) == ["1"]


@pytest.mark.parametrize(
    "params",
    [
        {"c": "999"},
        {"a": "999", "n": "1"},
        {"d": "999"},
        {"w": "999"},
        {"c": "x", "d": "-1"},
        {"d": "1", "p": "99999999999999999999"},
        {"d": "1", "l": "5-"},
    ],
)
def test_an_address_that_points_nowhere_breaks_nothing(open_page, document, params):
    test = open_page("ask", **params)

    assert not test.exception


def test_feedback_is_kept_with_the_answer(open_page, app, workspace, document):
    conversation = app.conversations.create(workspace.id)
    answer = app.answering.wait(app.answering.submit(conversation.id, "How many days of leave?"))
    test = open_page(c=conversation.id)

    button(test, f"up-{answer.id}").click().run()

    assert not test.exception
    assert app.answering.answer(answer.id).feedback.startswith("up")


def test_details_show_engine_mode_and_times(open_page, app, workspace, document):
    conversation = app.conversations.create(workspace.id)
    answer = app.answering.wait(app.answering.submit(conversation.id, "How many days of leave?"))
    test = open_page(c=conversation.id)

    next(t for t in test.toggle if t.key == f"details-{answer.id}").set_value(True).run()

    assert "extractive" in said(test)
    assert "Verified means that the words are there" in said(test)


def test_an_error_is_shown_as_a_message_and_a_hint(open_page, app, workspace, document):
    test = open_page()
    test.chat_input[0].set_value("x" * 100_000).run()

    assert not test.exception
    assert "at most 20" in test.error[0].value


def test_a_path_that_does_not_exist_is_said_so(open_page, workspace):
    test = open_page("library")
    next(t for t in test.text_input if t.key == "address-to-add-0").set_value("/no/such/folder")
    next(b for b in test.button if b.label == "Add").click().run()

    assert not test.exception
    assert "no such file or folder" in test.error[0].value


def test_the_same_name_with_other_bytes_asks(open_page, app, workspace, tmp_path):
    for text in ("One.", "Two."):
        path = tmp_path / "upload.txt"
        path.write_text(text)
        with path.open("rb") as file:
            job = app.ingestion.submit_uploads(workspace.id, [("upload.txt", file)])
        app.ingestion.wait(job)
    [item] = app.ingestion.items(job)
    test = open_page("library")
    test.session_state["job_ids"] = (job,)
    test.run()

    assert has_button(test, f"keep-{item.id}")
    button(test, f"replace-{item.id}").click().run()

    assert not test.exception
    app.ingestion.wait(test.session_state["job_ids"][-1])
    [document] = app.library.documents(workspace.id)
    assert document.version == 2


def test_a_locked_document_is_read_once_its_password_is_given(open_page, app, workspace, tmp_path):
    paper = pymupdf.open()
    paper.new_page().insert_text((72, 72), "The secret recipe has nine herbs.")
    path = tmp_path / "locked.pdf"
    paper.save(path, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="open", owner_pw="own")
    job = app.ingestion.submit_paths(workspace.id, [path])
    app.ingestion.wait(job)
    [item] = app.ingestion.items(job)
    test = open_page("library")
    test.session_state["job_ids"] = (job,)
    test.run()
    assert "needs a password" in said(test)

    next(t for t in test.text_input if t.key == f"password-{item.id}").set_value("open")
    button(test, f"retry-{item.id}").click().run()

    assert not test.exception
    app.ingestion.wait(test.session_state["job_ids"][-1])
    test.run()
    assert not has_button(test, f"retry-{item.id}")
    assert [d.status for d in app.library.documents(workspace.id)] == ["ready"]


def test_a_document_is_excluded_and_included_again(open_page, app, document):
    test = open_page("library", d=document.id)
    button(test, "exclude").click().run()
    assert app.library.document(document.id).excluded

    button(test, "include").click().run()

    assert not test.exception
    assert not app.library.document(document.id).excluded


def test_erasing_asks_first_and_says_what_it_costs(open_page, app, workspace, document):
    test = open_page("library", d=document.id)
    button(test, "erase").click().run()

    assert "tokens to prefill again" in said(test)
    assert has_button(test, "erase-for-good")
    assert app.library.documents(workspace.id)


def test_a_workspace_is_created_and_a_name_with_slashes_is_refused(open_page, app):
    test = open_page()
    make = next(m for m in test.get("menu_button") if "workspace-menu" in str(m.proto.id))
    assert make

    from docqa.errors import InvalidNameError

    with pytest.raises(InvalidNameError):
        app.workspaces.create("a/b")


def test_the_engine_page_offers_every_preset(open_page):
    test = open_page("engine")
    test.radio[0].set_value("Another server").run()

    assert not test.exception
    assert len(test.selectbox(key="preset").options) == len(PRESETS)


def test_another_engine_is_chosen(open_page, app):
    test = open_page("engine")
    test.radio[0].set_value("Packaged small model").run()
    button(test, "use-engine").click().run()

    assert not test.exception
    assert app.engines.choice().packaged
