import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.core.packing import Pack, render_head, segment_hash
from docqa.errors import StaleError, UnknownItemError
from docqa.store.store import Store
from tests.store.samples import HEAD, code, pdf, publish, rebuild, rendered, stage


@pytest.fixture
def workspace_id(store):
    return store.workspaces.create("default").id


def text_of(store, pack):
    return render_head() + "".join(store.packs.iter_text(pack.id))


def test_a_new_pack_is_only_a_head(store, workspace_id):
    none = store.packs.find(workspace_id)

    pack = store.packs.current(workspace_id, HEAD)

    assert none is None
    assert (pack.generation, pack.segment_count, pack.next_label) == (1, 0, 1)
    assert (pack.hash, pack.token_count) == (HEAD.hash, HEAD.tokens)
    assert store.packs.current(workspace_id, HEAD) == pack
    with pytest.raises(UnknownItemError):
        store.packs.current(999, HEAD)


def test_a_later_version_begins_with_the_bytes_of_the_one_before(store, workspace_id):
    stage(store, "b.pdf", pdf("one", "two"))
    first = publish(store)
    before = text_of(store, first)
    stage(store, "a.py", code("x = 1"), "b" * 64)
    second = publish(store)

    after = text_of(store, second)

    assert after.startswith(before)
    assert len(after) > len(before)
    assert "".join(store.packs.iter_text(second.id, 1)) == before.removeprefix(render_head())
    assert second.byte_count == len(after.encode()) - len(render_head().encode())


def test_the_stored_pack_is_the_one_that_core_makes(store, workspace_id):
    stage(store, "b.pdf", pdf("one", "two"))
    stage(store, "c.pdf", pdf("three"), "b" * 64)
    info = publish(store)
    expected = Pack(HEAD.tokens)
    for found in store.packs.segments(info.id):
        text = store.packs.segment_text(found.id)
        expected = expected.append(text, found.segment.passage_count, found.segment.token_count)

    assert store.packs.pack(info.id) == expected
    assert info.hash == expected.hash
    assert info.token_count == expected.token_count
    assert info.next_label == expected.next_label == 4
    assert all(
        segment_hash(store.packs.segment_text(found.id)) == found.segment.hash
        for found in store.packs.segments(info.id)
    )


def test_a_new_version_is_appended_and_becomes_the_current_one(store, workspace_id):
    document_id, old = stage(store, "a.pdf", pdf("old"))
    publish(store)
    _, new = stage(store, "a.pdf", pdf("new"), "b" * 64)
    pack = publish(store)

    assert store.documents.get(document_id).version_id == new
    assert store.documents.version(old).status == "superseded"
    assert store.packs.first_labels(pack.id) == {old: 1, new: 2}
    assert [found.name for found in store.packs.segments(pack.id)] == ["a.pdf", "a.pdf"]


def test_only_the_first_of_two_publishers_succeeds(store, workspace_id):
    stage(store, "a.pdf", pdf("one"))
    pack = store.packs.current(workspace_id, HEAD)
    (segment,) = rendered(
        store, store.documents.unpublished(workspace_id), label=1, position=0, before=pack.hash
    )

    store.packs.publish(pack, [segment])
    with pytest.raises(StaleError):
        store.packs.publish(pack, [segment])

    assert store.packs.find(workspace_id).segment_count == 1


def test_segments_that_do_not_follow_each_other_are_refused(store, workspace_id):
    stage(store, "a.pdf", pdf("one"))
    pack = store.packs.current(workspace_id, HEAD)
    (segment,) = rendered(
        store, store.documents.unpublished(workspace_id), label=1, position=0, before=pack.hash
    )

    with pytest.raises(ValueError, match="label"):
        store.packs.publish(pack, [replace(segment, first_label=2)])
    with pytest.raises(ValueError, match="chain"):
        store.packs.publish(pack, [replace(segment, chain="f" * 64)])

    assert store.packs.find(workspace_id) == pack


def test_a_document_erased_before_it_was_published_is_not_published(store, workspace_id):
    document_id, _ = stage(store, "a.pdf", pdf("one"))
    pack = store.packs.current(workspace_id, HEAD)
    (segment,) = rendered(
        store, store.documents.unpublished(workspace_id), label=1, position=0, before=pack.hash
    )
    store.documents.erase(document_id)

    with pytest.raises(StaleError):
        store.packs.publish(pack, [segment])


def test_the_next_generation_goes_on_with_the_labels(store, workspace_id):
    kept, kept_version = stage(store, "a.pdf", pdf("one", "two"))
    left, left_version = stage(store, "b.pdf", pdf("three"), "b" * 64)
    first = publish(store)
    store.documents.set_excluded(left, True)

    second = rebuild(store)

    assert (second.generation, second.segment_count) == (2, 1)
    assert store.packs.label_of(second.id, kept_version) == 4
    assert store.packs.label_of(second.id, left_version) is None
    assert second.next_label == 6
    assert store.packs.find(workspace_id) == second
    assert store.documents.get(kept).published
    assert not store.documents.get(left).published
    assert store.packs.segments(first.id) == ()
    with pytest.raises(StaleError):
        list(store.packs.iter_text(first.id))
    with pytest.raises(StaleError):
        store.packs.publish(first, [])


def test_a_generation_built_from_an_old_state_is_refused(store, workspace_id):
    stage(store, "a.pdf", pdf("one"))
    old = store.packs.current(workspace_id, HEAD)
    now = publish(store)

    with pytest.raises(StaleError):
        store.packs.start_generation(workspace_id, HEAD, [], expected=old)
    with pytest.raises(StaleError):
        store.packs.start_generation(workspace_id, HEAD, [], expected=None)

    assert store.packs.find(workspace_id) == now


def test_a_label_leads_to_its_passage(store, workspace_id):
    stage(store, "a.pdf", pdf("one", "two"))
    document_id, version_id = stage(store, "b.py", code("three"), "b" * 64)
    pack = publish(store)

    found = store.packs.passage(pack.id, 3)

    assert (found.label, found.document_id, found.version_id) == (3, document_id, version_id)
    assert (found.document, found.passage.text) == ("b.py", "three")
    assert store.documents.passage(found.passage_id).passage == found.passage
    assert store.packs.passage(pack.id, 4) is None
    assert store.packs.passage(pack.id, 0) is None
    texts = {
        label: at.passage.text for label, at in store.packs.passages(pack.id, [9, 2, 1]).items()
    }
    assert texts == {1: "one", 2: "two"}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 4), max_size=6))
def test_every_label_is_located_whatever_the_documents_sizes(sizes):
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder)) as store:
        workspace_id = store.workspaces.create("default").id
        for number, size in enumerate(sizes):
            texts = [f"{number}.{ordinal}" for ordinal in range(size)]
            stage(store, f"{number}.pdf", pdf(*texts), f"{number:064}")
        pack = publish(store)
        texts = [
            f"{number}.{ordinal}" for number, size in enumerate(sizes) for ordinal in range(size)
        ]

        located = store.packs.passages(pack.id, range(len(texts) + 2))

        assert {label: at.passage.text for label, at in located.items()} == dict(
            enumerate(texts, 1)
        )
        for label, text in enumerate(texts, 1):
            found, ordinal = store.packs.locate(pack.id, label)
            assert f"{found.name.removesuffix('.pdf')}.{ordinal}" == text
        assert store.packs.locate(pack.id, len(texts) + 1) is None
        assert store.packs.find(workspace_id).passage_count == len(texts)


def test_counts_of_another_tokenizer_are_kept_beside_the_packs_own(store, workspace_id):
    stage(store, "a.pdf", pdf("one"))
    stage(store, "b.pdf", pdf("two"), "b" * 64)
    pack = publish(store)
    one, two = store.packs.segments(pack.id)

    store.packs.save_token_counts("smollm2", {one.id: 5, 999: 7})
    store.packs.save_token_counts("smollm2", {one.id: 6, two.id: 8})
    store.packs.save_token_counts("smollm2", {})

    assert store.packs.token_counts(pack.id, "smollm2") == {one.id: 6, two.id: 8}
    assert store.packs.token_counts(pack.id, "llama3") == {}
    assert store.packs.token_counts(pack.id, "llama4") == {
        one.id: one.segment.token_count,
        two.id: two.segment.token_count,
    }
