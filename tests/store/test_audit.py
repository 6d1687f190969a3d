import pytest
from sqlalchemy import text


@pytest.fixture
def audit(store):
    for number in range(5):
        store.audit.append("local", "erase", {"document": number, "hash": "a" * 64})
    return store.audit


def test_acts_are_kept_in_order_and_chained(audit):
    entries = audit.entries()

    assert [entry.detail["document"] for entry in entries] == [0, 1, 2, 3, 4]
    assert [entry.previous_hash for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert [entry.id for entry in audit.entries(limit=2)] == [4, 5]
    assert audit.count() == 5
    assert audit.verify() is None


@pytest.mark.parametrize(
    ("change", "shows_at"),
    [
        ("UPDATE audit SET user = 'someone' WHERE id = 3", 3),
        ("UPDATE audit SET at = at + 1 WHERE id = 1", 1),
        ("UPDATE audit SET detail = '{}' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 2", 3),
        ("DELETE FROM audit WHERE id = 1", 2),
    ],
)
def test_a_change_shows(store, audit, change, shows_at):
    with store.database.write() as connection:
        connection.execute(text(change))

    assert audit.verify().entry_id == shows_at


def test_an_empty_record_is_sound(store):
    assert store.audit.verify() is None


def test_people_are_counted_once_and_docqa_itself_not(store):
    assert store.audit.users() == 0
    for user in ("anna", "", "bert", "anna", "émile"):
        store.audit.append(user, "erase", {})

    assert store.audit.users() == 3


def test_the_head_is_the_newest_hash(store):
    assert store.audit.head() == "0" * 64

    entry = store.audit.append("local", "erase", {})

    assert store.audit.head() == entry.hash
    assert store.audit.verify(expect=entry.hash) is None


def test_an_act_within_a_transaction_that_fails_is_not_on_record(store):
    def failing():
        with store.database.write() as connection:
            store.audit.append_in(connection, "local", "erase", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()

    assert store.audit.count() == 0
    assert store.audit.append("local", "erase", {}).id == 1
