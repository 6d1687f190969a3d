import pytest


@pytest.mark.parametrize("value", ["text", 1, 2.5, True, None, [1, "a"], {"a": {"b": []}}, "12"])
def test_a_value_comes_back_as_it_was_set(store, value):
    store.preferences.set("key", value)

    assert store.preferences.get("key", default="other") == value


def test_a_workspace_has_values_of_its_own(store):
    store.preferences.set("key", "all")
    store.preferences.set("key", "one", 1)
    store.preferences.set("key", "one again", 1)

    assert store.preferences.get("key") == "all"
    assert store.preferences.get("key", 1) == "one again"
    assert store.preferences.get("key", 2, default="none") == "none"
    assert store.preferences.all(1) == {"key": "one again"}

    store.preferences.delete("key", 1)

    assert store.preferences.get("key", 1) is None
    assert store.preferences.get("key") == "all"
