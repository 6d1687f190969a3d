from dataclasses import replace

from docqa.core.left_out import LeftOut
from docqa.core.symbols import Secret
from docqa.store.values import SourceOptions
from tests.store import samples


def source_of(store, workspace_id, name="orbit"):
    return store.documents.add_source(workspace_id, "git", name, f"https://example.org/{name}")


def test_what_is_left_out_is_replaced_as_a_whole(store):
    workspace_id = store.workspaces.get_or_create("a").id
    source_id = source_of(store, workspace_id)
    other_id = source_of(store, workspace_id, "other")
    lock = LeftOut("uv.lock", "a lock file", "lock", 12)
    store.left_out.replace(source_id, [lock, LeftOut("a.bin", "binary", "binary", 1), lock])
    store.left_out.replace(other_id, [lock])

    store.left_out.replace(source_id, [lock])

    assert store.left_out.of_source(source_id) == (lock,)
    assert store.left_out.paths(source_id) == {"uv.lock"}
    assert store.left_out.counts(workspace_id) == {source_id: {"lock": 1}, other_id: {"lock": 1}}


def test_paths_that_no_text_can_have_are_kept_all_the_same(store):
    source_id = source_of(store, store.workspaces.get_or_create("a").id)

    store.left_out.replace(source_id, [LeftOut("caf\udce9.py", "its name", "unsafe")])

    (kept,) = store.left_out.of_source(source_id)
    assert kept.path.startswith("caf")


def test_options_and_revision_of_a_source_are_kept(store):
    workspace_id = store.workspaces.get_or_create("a").id
    source_id = source_of(store, workspace_id)
    options = SourceOptions("main", True, ("uv.lock",), ("a.py",))

    store.documents.set_options(source_id, options)
    store.documents.set_revision(source_id, "9f3c2ab")

    source = store.documents.source(source_id)
    assert (source.options, source.revision) == (options, "9f3c2ab")
    assert store.documents.find_git(workspace_id, source.uri, "main") == source
    assert store.documents.find_git(workspace_id, source.uri, "") is None


def test_a_file_that_is_gone_is_excluded_until_it_is_back(store):
    document_id, _ = samples.stage(store, "a.py", samples.code("A = 1"))
    source_id = store.documents.get(document_id).source_id

    store.source_files.set_removed([document_id], "9f3c2ab")

    assert store.documents.get(document_id).excluded
    assert store.source_files.files(source_id)["a.py"].removed == "9f3c2ab"
    assert store.source_files.removed_among([document_id]) == [document_id]

    store.source_files.set_removed([document_id], "")

    assert not store.documents.get(document_id).excluded


def test_what_a_user_excluded_stays_so_when_its_file_was_gone_and_is_back(store):
    document_id, _ = samples.stage(store, "a.py", samples.code("A = 1"))
    store.documents.set_excluded(document_id, True)

    store.source_files.set_removed([document_id], "9f3c2ab")
    store.source_files.set_removed([document_id], "")

    assert store.documents.get(document_id).excluded

    store.documents.set_excluded(document_id, False)
    store.source_files.set_removed([document_id], "a0b1c2d")
    store.source_files.set_removed([document_id], "")

    assert not store.documents.get(document_id).excluded


def test_what_ocr_read_is_not_taken_for_shown_secrets(store):
    secret = Secret(1, 0, 5, "a password")
    for path, noted in (("a.eml", "ocr tesseract eng 1"), ("b.eml", "secrets shown; ocr none - 0")):
        document = replace(samples.code("A = 1"), secrets=(secret,))
        document_id, _ = samples.stage(store, path, document)
        store.documents.stage_version(samples.new_version(document_id, document, "b" * 64, noted))
    samples.publish(store)
    source_id = store.documents.get(document_id).source_id

    assert [place.shown for place in store.source_files.secret_places(source_id)] == [False, True]
