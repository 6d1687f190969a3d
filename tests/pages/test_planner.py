import pytest


def field(elements, key: str):
    return next(element for element in elements if element.key == key)


def planned(test, **fields):
    """Fill the planner's form in and send it."""
    for key, value in fields.items():
        for elements in (test.selectbox, test.text_input, test.number_input):
            for element in elements:
                if element.key == f"plan-{key}":
                    element.set_value(value)
    return field(test.button, "plan-send").click().run()


def said(test) -> str:
    kinds = ("markdown", "caption", "error", "success")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(test, kind))


@pytest.fixture
def engine_page(open_page):
    return open_page("engine")


def test_the_planner_waits_to_be_asked(engine_page):
    assert "Planner" in [element.value for element in engine_page.subheader]
    assert not any("sglang" in code.value for code in engine_page.code)


def test_a_plan_shows_what_fits_and_the_commands(engine_page):
    test = planned(engine_page, gpus="8xH200", tokens=5_000_000)

    assert not test.exception
    assert any("5,000,000 tokens fit" in element.value for element in test.success)
    assert any("--tp-size 8" in code.value for code in test.code)
    assert "Estimates, not measured" in said(test)


def test_two_nodes_show_two_commands(engine_page):
    test = planned(engine_page, gpus="2x8xH100")

    assert sum("--node-rank" in code.value for code in test.code) == 2


def test_what_does_not_fit_is_said(engine_page):
    test = planned(engine_page, gpus="1xL4")

    assert any("Does not fit" in element.value for element in test.error)
    assert not any("sglang" in code.value for code in test.code)


def test_unknown_gpus_are_said_with_those_that_are_known(engine_page):
    test = planned(engine_page, gpus="8xQ900")

    assert any("H200" in element.value for element in test.error)


def test_without_gpus_of_its_own_the_machine_asks_for_a_name(engine_page, app, monkeypatch):
    monkeypatch.setattr(app.planning, "gpus", lambda: None)

    test = planned(engine_page)

    assert any("no GPU was found" in element.value.replace("N", "n") for element in test.error)


def test_a_model_of_ones_own_is_planned_from_its_configuration(engine_page, tmp_path):
    test = planned(engine_page, model="another", other=str(tmp_path / "nowhere"), gpus="H100")

    assert any("nowhere" in element.value for element in test.error)
