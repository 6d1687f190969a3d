"""The Review page over a real `App`; the engine is the extractive one, which only quotes."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from docqa.core.findings import Cell


@pytest.fixture
def review(app, workspace):
    """A review that has been worked off."""
    [review] = app.reviewing.reviews(workspace.id)
    return review


@pytest.fixture
def cells(app, review) -> tuple[Cell, ...]:
    return app.reviewing.grid(review.id).cells


def said(test: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "warning", "info", "title")
    parts = [str(element.value) for kind in kinds for element in getattr(test, kind)]
    parts += [str(element.proto.body) for element in test.get("html")]
    return "\n".join(parts)


def button(test: AppTest, key: str):
    return next(b for b in test.button if b.key == key)


def has_button(test: AppTest, key: str) -> bool:
    return any(b.key == key for b in test.button)


def shown(test: AppTest) -> list[str]:
    """What stands in the grid's cells, row by row."""
    frame = test.dataframe[0].value
    columns = [name for name in frame.columns if name[0] == "c"]
    return [" ".join(words) for _, row in frame[columns].iterrows() for words in row]


def test_without_documents_there_is_nothing_to_review(open_page):
    test = open_page("review")

    assert not test.exception
    assert "Add documents first" in said(test)


def test_a_review_is_made_from_a_checklist_and_all_documents(open_page, app, workspace, document):
    test = open_page("review")
    assert "This engine does not judge" in said(test)
    test.selectbox(key="review-checklist").set_value("nda-rules").run()
    button(test, "start-review").click().run()

    assert not test.exception
    [made] = app.reviewing.reviews(workspace.id)
    assert made.counts.total == 17
    assert made.target == "documents"
    assert param(test, "r") == str(made.id)


def test_a_review_of_the_workspace_has_a_cell_per_requirement(open_page, app, workspace, document):
    test = open_page("review")
    test.radio(key="review-of").set_value("The workspace as a whole").run()
    test.text_input(key="review-title").set_value("All of it").run()
    button(test, "start-review").click().run()

    [made] = app.reviewing.reviews(workspace.id)
    assert made.target == "workspace"
    assert made.title == "All of it"
    assert made.counts.total == len(made.checklist.requirements)


def test_the_grid_shows_a_verdict_in_a_word(open_page, review):
    test = open_page("review", r=review.id)

    assert not test.exception
    assert shown(test) == ["Needs a person"] * 3
    assert "3 left to review" in said(test)


def test_a_pressed_cell_opens_with_its_question_and_its_quotes(open_page, review, cells):
    test = open_page("review", r=review.id, cell=cells[0].id)

    assert not test.exception
    assert "at least 25 days" in said(test)
    assert "30 days of paid leave" in said(test)
    assert has_button(test, f"open-quote-{cells[0].id}-0")


def test_an_address_restores_cell_quote_and_filter(open_page, review, cells):
    test = open_page("review", r=review.id, cell=cells[0].id, q=1, f="needs_person", t="leave")

    assert not test.exception
    assert "Quote 1 of" in said(test)
    assert param(test, "q") == "1"
    assert param(test, "f") == "needs_person"
    assert param(test, "t") == "leave"


@pytest.mark.parametrize(
    "params",
    [
        {"r": "999"},
        {"cell": "999"},
        {"cell": "1", "q": "99"},
        {"cell": "x", "q": "-1"},
        {"f": "nonsense"},
        {"t": "no such words"},
        {"w": "999"},
    ],
)
def test_an_address_that_points_nowhere_breaks_nothing(open_page, review, params):
    test = open_page("review", **{"r": review.id, **params})

    assert not test.exception


def test_a_cell_of_another_review_is_not_shown_in_this_one(open_page, app, workspace, review):
    other = app.reviewing.wait(app.reviewing.submit(workspace.id, review.checklist))
    foreign = app.reviewing.grid(review.id).cells[0]

    test = open_page("review", r=other.id, cell=foreign.id)

    assert "there is no such cell" in said(test).lower()


def test_text_of_checklists_is_shown_as_it_is(open_page, review, cells):
    test = open_page("review", r=review.id, cell=cells[2].id)

    assert "Pets are allowed *in the office*." in said(test)
    assert "<b>rules</b>" not in said(test)


def test_filters_count_and_leave_out_what_does_not_match(open_page, app, review, cells):
    app.reviewing.decide(cells[0].id, "change", verdict="met", revision=cells[0].revision)
    test = open_page("review", r=review.id)
    assert "Met 1" in [option.content for option in test.get("button_group")[0].proto.options]

    met = open_page("review", r=review.id, f="met")
    unreviewed = open_page("review", r=review.id, f="unreviewed")
    worded = open_page("review", r=review.id, t="pets")

    assert shown(met) == ["Met ✎"]
    assert shown(unreviewed) == ["Needs a person"] * 2
    assert len(shown(worded)) == 1


def test_a_finding_is_approved_with_a_comment(open_page, app, review, cells):
    cell = found(app, cells[0], "met")
    test = open_page("review", r=review.id, cell=cell.id)
    test.text_input(key=f"comment-on-{cell.id}").set_value("Section 1 says 30.")
    button(test, f"approve-{cell.id}").click().run()

    detail = app.reviewing.detail(cell.id)
    assert (detail.cell.verdict, detail.cell.review_state) == ("met", "approved")
    assert detail.decisions[0].comment == "Section 1 says 30."
    assert test.text_input(key=f"comment-on-{cell.id}").value == ""
    assert "local approved" in said(test)
    assert "2 left to review" in said(test)


def test_without_a_verdict_there_is_nothing_to_approve(open_page, review, cells):
    test = open_page("review", r=review.id, cell=cells[0].id)

    assert button(test, f"approve-{cells[0].id}").disabled


def test_a_decision_on_what_somebody_else_changed_is_not_saved(open_page, app, review, cells):
    cell = found(app, cells[0], "met")
    test = open_page("review", r=review.id, cell=cell.id)
    test.text_input(key=f"comment-on-{cell.id}").set_value("Not so.")
    app.reviewing.decide(cell.id, "approve", revision=cell.revision, user="Ann")

    button(test, f"reject-{cell.id}").click().run()

    assert not test.exception
    assert app.reviewing.detail(cell.id).cell.review_state == "approved"
    assert "Not saved" in said(test)
    assert "Ann" in said(test)
    assert test.text_input(key=f"comment-on-{cell.id}").value == "Not so."


def test_a_comment_alone_needs_words(open_page, app, review, cells):
    test = open_page("review", r=review.id, cell=cells[0].id)
    button(test, f"comment-{cells[0].id}").click().run()

    assert "Write a comment first" in said(test)
    assert app.reviewing.detail(cells[0].id).decisions == ()


def test_next_unreviewed_goes_on_from_the_open_cell(open_page, app, review, cells):
    test = open_page("review", r=review.id, cell=cells[0].id)
    button(test, "next-unreviewed").click().run()

    assert param(test, "cell") == str(cells[1].id)


def test_a_new_run_that_differs_is_shown_beside_the_one_before(open_page, app, review, cells):
    found(app, cells[0], "met")
    test = open_page("review", r=review.id, cell=cells[0].id)

    assert "Before, run 1" in said(test)
    assert "Now, run 2" in said(test)
    assert shown(test)[0] == "Met Δ"


def test_conflicting_cells_link_to_each_other(open_page, app, review, cells, workspace, tmp_path):
    path = tmp_path / "other.md"
    path.write_text("# Leave\n\nThere is no paid leave.\n")
    app.ingestion.wait(app.ingestion.submit_paths(workspace.id, [path]))
    both = app.reviewing.wait(app.reviewing.submit(workspace.id, review.checklist))
    first, *_, other = [c for c in app.reviewing.grid(both.id).cells if c.row == 0]
    found(app, first, "met")
    found(app, other, "not_met")

    test = open_page("review", r=both.id, cell=first.id)
    button(test, f"conflict-{other.id}").click().run()

    assert not test.exception
    assert param(test, "cell") == str(other.id)


def test_failed_cells_say_why_and_are_run_again(open_page, app, review, cells):
    app.store.reviews.requeue(review.id, [cells[0].id], user="test")
    app.store.reviews.claim(review.id, "t", 1)
    app.store.reviews.fail(cells[0].id, "t", "the engine is down", "Start it.", "EngineError")
    test = open_page("review", r=review.id, cell=cells[0].id)
    assert "The engine is down" in said(test)

    button(test, "rerun-failed").click().run()

    assert not test.exception
    assert app.reviewing.wait(review.id).counts.failed == 0


def test_a_click_that_comes_with_the_address_before_is_no_navigation(open_page, review):
    test = open_page("review")
    before = {name: test.query_params[name] for name in test.query_params}
    button(test, "new-review-button").click().run()
    assert param(test, "r") == "new"

    test.query_params.clear()
    for name, value in before.items():
        test.query_params[name] = value
    test.run()

    assert has_button(test, "start-review")
    assert param(test, "r") == "new"


def found(app, cell: Cell, status: str) -> Cell:
    """The cell after another run, as if a model had judged."""
    app.store.reviews.requeue(cell.review_id, [cell.id], user="test")
    [claimed] = app.store.reviews.claim(cell.review_id, "t", 1)
    finding = app.store.reviews.finding(cell.finding_id)
    new = replace(finding.found, status=status, proposed=status, reasons=())
    app.store.reviews.record(claimed.id, "t", new, user="test", keep=False)
    return app.reviewing.detail(cell.id).cell


def param(test: AppTest, name: str) -> str:
    return "".join(test.query_params[name])
