"""A codebase's pack: its map first, what changes appended, nothing before it moved."""

import hashlib
import random

import pytest

from docqa.core.documents import LineLocator, ParsedDocument, Passage
from docqa.core.indexing import index_fields
from docqa.core.packing import chain, head_chain, segment_hash
from docqa.core.symbols import CodeFacts, Symbol
from docqa.errors import InputError
from docqa.services import segments as rendering
from docqa.services.publishing import Publisher, SourceChange
from docqa.services.windows import WindowBuilder
from docqa.store.values import NewVersion
from docqa.tokenizers.registry import tokenizer
from tests.services.parts import bytes_under, workspace

OLD, NEW = "a" * 40, "b" * 40


class Codebase:
    """A git source whose files are staged without being read; their text is their bytes."""

    def __init__(self, app, name="flask"):
        self.app, self.store, self.name = app, app.store, name
        self.where = workspace(app)
        self.publisher = Publisher(app.store)
        self.keeps_originals = True
        self.id = app.store.documents.add_source(self.where, "git", name, f"https://h/{name}.git")

    def stage(self, files, revision=OLD):
        """Versions of these files, `{path: name of the function in it}`."""
        ids = self.store.documents.add_documents(self.where, self.id, [(p, p) for p in files])
        return self.store.documents.stage_many(
            self._version(number, path, name, revision)
            for number, (path, name) in zip(ids, files.items(), strict=True)
        )

    def _version(self, document_id, path, name, revision):
        text = f"def {name}():\n    return {name!r}"
        content_hash, size = hashlib.sha256(text.encode()).hexdigest(), len(text)
        if self.keeps_originals:
            self.store.originals.put_bytes(text.encode())
        passage = Passage(0, text, LineLocator(1, 2), "code", f"def {name}")
        symbol = Symbol(0, None, name, name, "function", 1, 2, 1)
        code = path.endswith(".py")
        parsed = ParsedDocument(
            "code" if code else "text",
            (passage,),
            language="python" if code else "en",
            line_count=2,
            reader="code/2",
            facts=CodeFacts((symbol,) if code else ()),
        )
        rows = [index_fields(path, passage, "code", "python", "")]
        return NewVersion(document_id, content_hash, size, "", parsed, rows, revision)

    def publish(self, files=(), removed=(), returned=(), revision=OLD, **options):
        """Publish versions of these files and what was found to be gone."""
        versions = self.stage(dict(files), revision) if files else []
        gone, back = self.ids(removed), self.ids(returned)
        self.store.source_files.set_removed(gone, revision)
        self.store.source_files.set_removed(back, "")
        change = SourceChange(self.id, revision, gone, back)
        return self.publisher.publish(self.where, versions, changes=[change], **options)

    def ids(self, paths):
        return tuple(self.store.documents.find(self.id, path).id for path in paths)

    @property
    def map(self):
        return self.store.documents.find(self.id, "")

    @property
    def segments(self):
        return self.store.packs.segments(self.publisher.pack(self.where).id)

    def texts(self):
        return [self.store.packs.segment_text(each.id) for each in self.segments]


THREE = {"src/app.py": "run", "src/cli.py": "main", "setup.py": "setup"}


@pytest.fixture
def code(empty):
    return Codebase(empty)


@pytest.fixture
def published(code):
    code.publish(THREE)
    return code


def check_chain(code):
    pack = code.publisher.pack(code.where)
    head, label, tokens = head_chain(), code.segments[0].segment.first_label, pack.head_tokens
    for found, text in zip(code.segments, code.texts(), strict=True):
        head = chain(head, segment_hash(text))
        assert (found.segment.first_label, found.segment.chain) == (label, head)
        assert found.segment.token_count == tokenizer("llama4").count(text)
        label += found.segment.passage_count
        tokens += found.segment.token_count
    assert (pack.hash, pack.next_label, pack.token_count) == (head, label, tokens)


def test_the_pack_of_a_codebase_begins_with_its_map(published):
    texts = published.texts()

    assert [each.name for each in published.segments] == ["flask (map)", *sorted(THREE)]
    assert texts[0] == (
        f'<document id="1" name="flask (map)" kind="map" revision="{OLD[:12]}">\n'
        f"Map of flask at {OLD[:12]}: 3 files, ~20 tokens.\n"
        "Find your way with this map. It has no labels: cite the passages of the documents, never"
        " the map.\n"
        "./ (3 files, ~20 tokens)\n"
        "  setup.py, python, 2 lines: setup() L1-L2\n"
        "src/ (2 files, ~10 tokens)\n"
        "  app.py, python, 2 lines: run() L1-L2\n"
        "  cli.py, python, 2 lines: main() L1-L2\n"
        "</document>\n"
    )
    assert texts[1].startswith(
        f'<document id="2" name="setup.py" language="python" revision="{OLD[:12]}">\n[#1] (L1-L2)'
    )
    check_chain(published)


def test_labels_and_revisions_lead_past_the_map(published):
    pack = published.publisher.pack(published.where)
    found = published.store.packs.passages(pack.id, range(10))

    assert [found[label].document for label in sorted(found)] == sorted(THREE)
    assert sorted(found) == [1, 2, 3]
    assert {each.revision for each in found.values()} == {OLD}
    assert published.store.documents.passage(found[1].passage_id).revision == OLD
    assert published.store.packs.locate(pack.id, 1)[0].name == "setup.py"


def test_a_map_is_a_document_that_nothing_is_asked_about(published):
    documents = published.store.documents
    number = published.map.id
    pack = published.publisher.pack(published.where)

    assert (published.map.kind, published.map.status) == ("map", "ready")
    assert published.map.tokens == published.segments[0].segment.token_count
    assert documents.totals(published.where)[0] == 3
    assert documents.in_scope(published.where, [number]) == ()
    assert not documents.any_in_scope(published.where, [number])
    assert documents.coverage(pack).documents == 3
    assert published.app.workspaces.all()[0].documents == 3
    assert published.app.library.text(published.map.version_id).startswith("Map of flask")
    assert all(
        hit.document_id != number for hit in published.app.searching.search(published.where, "map")
    )


@pytest.mark.parametrize(
    "files",
    [
        {"src/app.py": "run", "src/cli.py": "main", "README.md": "readme"},
        {f"{number}.md": "text" for number in range(5)},
    ],
)
def test_sources_with_little_code_have_no_map(code, files):
    code.publish(files)

    assert [each.name for each in code.segments] == sorted(files)
    assert code.map is None


def test_uploads_have_no_map(code):
    code.id = code.store.documents.add_source(code.where, "upload", "three", "three")

    code.publish(THREE)

    assert code.map is None


def test_no_map_is_made_where_the_settings_say_so(code):
    code.publisher = Publisher(code.store, map_tokens=0)

    code.publish(THREE)
    code.publish(removed=["setup.py"], revision=NEW)

    assert [each.name for each in code.segments] == sorted(THREE)


def test_a_source_gets_its_map_when_there_is_code_enough(code):
    code.publish({"src/app.py": "run", "src/cli.py": "main"})

    code.publish({"setup.py": "setup"}, revision=NEW)

    assert [each.name for each in code.segments] == [
        *("src/app.py", "src/cli.py", "flask (map)", "setup.py")
    ]
    assert "3 files" in code.texts()[2]
    assert "amends" not in code.texts()[2]
    check_chain(code)


def test_two_changed_files_are_not_taken_for_four(code):
    two = {"src/app.py": "run", "src/cli.py": "main"}
    code.publish(two)

    code.publish(dict.fromkeys(two, "other"), revision=NEW)

    assert code.map is None


def test_updating_three_of_a_thousand_files_renders_and_counts_those_three(code, monkeypatch):
    files = {f"pkg{number % 20:02}/m{number:04}.py": f"f{number}" for number in range(1_000)}
    code.keeps_originals = False
    before = code.publish(files)
    prefix = "".join(code.store.packs.iter_text(before.id))
    changed = dict.fromkeys(list(files)[100:700:200], "changed")
    counted = CountingTokenizer()
    monkeypatch.setattr(rendering, "tokenizer", lambda name: counted)

    after = code.publish(changed, revision=NEW)

    text = "".join(code.store.packs.iter_text(after.id))
    assert text.encode().startswith(prefix.encode())
    assert (after.id, after.segment_count) == (before.id, before.segment_count + 4)
    suffix = code.texts()[-4:]
    assert text == prefix + "".join(suffix)
    assert counted.texts == suffix
    prefixes = [WindowBuilder(code.store, lambda _: "").prefix(pack, 0) for pack in (before, after)]
    had, has = (each.hashes() for each in prefixes)
    assert has[: len(had)] == had
    assert "".join(prefixes[1].read_from(len(had))) == "".join(suffix)
    assert after.token_count == before.token_count + sum(map(tokenizer("llama4").count, suffix))
    assert suffix[0].startswith(
        f'<document id="1002" name="flask (map)" kind="map" revision="{NEW[:12]}" amends="1">\n'
        f"Changes in flask, now at {NEW[:12]}, before at {OLD[:12]}."
    )
    assert [each.supersedes_position for each in code.segments[-4:]] == [
        None,
        *(1 + sorted(files).index(path) for path in sorted(changed)),
    ]
    assert all(f"\n  {path} (document " in suffix[0] for path in changed)
    assert suffix[0].count(".py") == 3
    check_chain(code)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_changes_only_extends_the_prefix(code, seed):
    chance = random.Random(seed)
    there = {f"{folder}/{number}.py" for folder in "abc" for number in range(6)}
    gone, text = set(), ""
    code.publish(dict.fromkeys(there, "first"))

    for round_ in range(5):
        changed = dict.fromkeys(chance.sample(sorted(there), 3), f"round{round_}")
        added = {f"new/{round_}_{number}.py": "added" for number in range(chance.randrange(3))}
        removed = chance.sample(sorted(there - changed.keys()), chance.randrange(4))
        back = chance.sample(sorted(gone), min(len(gone), chance.randrange(3)))
        code.publish(changed | added, removed, back, revision=f"{round_}" * 40)
        there = (there | added.keys() | set(back)) - set(removed)
        gone = (gone | set(removed)) - set(back)

        before, text = text, "".join(code.texts())
        assert text.startswith(before)
        assert text.count(' amends="1">') == round_ + 1
        assert code.store.documents.totals(code.where)[0] == len(there)
        check_chain(code)


class CountingTokenizer:
    """Llama 4's, and what it was given."""

    def __init__(self):
        self.texts = []

    def count_all(self, texts):
        self.texts += texts
        return tokenizer("llama4").count_all(texts)


def test_a_deletion_alone_is_one_segment_that_says_so(published):
    before = published.texts()

    published.publish(removed=["src/cli.py"], revision=NEW)

    assert published.texts()[:-1] == before
    assert published.texts()[-1] == (
        f'<document id="5" name="flask (map)" kind="map" revision="{NEW[:12]}" amends="1">\n'
        f"Changes in flask, now at {NEW[:12]}, before at {OLD[:12]}. All else in its map"
        " (document 1) stands.\n"
        "Find your way with this map. It has no labels: cite the passages of the documents, never"
        " the map.\n"
        "Deleted, no part of the code any more:\n"
        "  src/cli.py (document 4)\n"
        "</document>\n"
    )
    gone = published.store.documents.find(published.id, "src/cli.py")
    assert (gone.status, gone.removed) == ("removed", NEW)
    assert published.store.documents.totals(published.where)[0] == 2
    passage = published.store.packs.passage(published.publisher.pack(published.where).id, 3)
    assert (passage.document, passage.revision) == ("src/cli.py", OLD)
    check_chain(published)


def test_a_file_that_is_there_again_as_it_was_is_told_too(published):
    published.publish(removed=["src/cli.py"], revision=NEW)

    published.publish(returned=["src/cli.py"], revision=OLD)

    assert "There again, as they were:\n  src/cli.py (document 4)\n" in published.texts()[-1]
    assert published.store.documents.totals(published.where)[0] == 3


def test_nothing_is_appended_where_nothing_has_changed(published):
    before = published.publisher.pack(published.where)

    assert published.publish(revision=NEW) == before


def test_a_job_that_is_taken_up_again_after_publishing_tells_nothing_twice(published):
    gone = ["src/cli.py"]
    changed = {"src/app.py": "run_app"}
    once = published.publish(changed, removed=gone, revision=NEW)
    versions = [published.store.documents.find(published.id, "src/app.py").version_id]
    change = SourceChange(published.id, NEW, published.ids(gone))

    again = published.publisher.publish(published.where, versions, changes=[change])

    assert again == once


def test_repacking_makes_a_whole_map_without_what_is_gone(published):
    published.publish({"src/app.py": "run_app"}, removed=["src/cli.py"], revision=NEW)
    published.publish({"src/web.py": "serve"}, revision=NEW)
    published.store.documents.set_revision(published.id, NEW)
    price = published.publisher.repack_price(published.where)

    pack = published.publisher.repack(published.where)

    assert [each.name for each in published.segments] == [
        *("flask (map)", "setup.py", "src/app.py", "src/web.py")
    ]
    text = published.texts()[0]
    assert f"Map of flask at {NEW[:12]}: 3 files" in text
    assert "run_app() L1-L2" in text
    assert "cli.py" not in text
    assert "amends" not in text
    assert abs(price.tokens_to_prefill - pack.token_count) < 100
    check_chain(published)


def test_an_excluded_map_is_left_out_when_repacking_until_it_is_included(published):
    published.app.library.exclude(published.map.id)
    published.publisher.repack(published.where)
    published.publish({"src/web.py": "serve"})
    assert [each.name for each in published.segments] == [*sorted(THREE), "src/web.py"]

    published.app.library.include(published.map.id)

    assert published.segments[-1].name == "flask (map)"
    assert "src/web.py" not in published.texts()[0]
    assert "web.py, python, 2 lines: serve() L1-L2" in published.texts()[-1]
    check_chain(published)


def test_erasing_a_document_leaves_its_name_and_symbols_in_no_map(published):
    published.publish({"src/zanzibar.py": "quux_secret", "src/web.py": "serve"})
    published.publish({"src/zanzibar.py": "quux_secret_two"}, revision=NEW)
    erased = published.store.documents.find(published.id, "src/zanzibar.py")
    hashes = [version.content_hash for version in published.store.documents.versions(erased.id)]
    maps = [each.content_hash for each in published.store.documents.versions(published.map.id)]

    published.app.library.erase(erased.id)

    assert [each.name for each in published.segments] == [
        *("flask (map)", "setup.py", "src/app.py", "src/cli.py", "src/web.py")
    ]
    left = bytes_under(published.app.settings.home)
    assert b"zanzibar" not in left
    assert b"quux_secret" not in left
    assert not any(map(published.store.originals.contains, (*hashes, *maps)))
    assert published.map.version == 1
    check_chain(published)


def test_a_source_goes_with_the_last_document_that_is_erased(published):
    for path in THREE:
        published.app.library.erase(*published.ids([path]))

    assert published.store.documents.sources(published.where) == ()
    assert published.segments == ()
    assert published.store.documents.all(published.where) == ()


def test_a_map_cannot_be_erased_alone(published):
    with pytest.raises(InputError, match="made by docqa"):
        published.app.library.erase(published.map.id)


def test_each_codebase_has_a_map_of_its_own(published):
    other = Codebase(published.app, "quart")
    other.publish({f"lib/{name}.py": name for name in ("one", "two", "three")})
    other.publish({"lib/one.py": "first"}, revision=NEW)
    assert 'name="quart (map)"' in other.texts()[-2]
    assert 'amends="5"' in other.texts()[-2]

    other.publisher.repack(other.where)

    assert [each.name for each in other.segments] == [
        *("flask (map)", "setup.py", "src/app.py", "src/cli.py"),
        *("quart (map)", "lib/one.py", "lib/three.py", "lib/two.py"),
    ]


def test_a_pack_that_moves_meanwhile_leaves_one_map_with_the_right_numbers(published):
    other = Codebase(published.app, "quart")
    moves = iter([True])

    def meanwhile(done, total):
        if next(moves, False):
            other.publish({f"lib/{name}.py": name for name in ("one", "two", "three")})

    published.publish(THREE | {"src/web.py": "serve"}, progress=meanwhile, revision=NEW)

    names = [each.name for each in published.segments]
    assert names[4:] == [
        *("quart (map)", "lib/one.py", "lib/three.py", "lib/two.py"),
        *("flask (map)", "src/web.py"),
    ]
    assert len(published.store.documents.versions(published.map.id)) == 2
    check_chain(published)


def test_the_same_stored_values_make_the_same_pack(code, open_app, tmp_path):
    packs = []
    for home in ("one", "two"):
        other = Codebase(open_app(tmp_path / home))
        other.publish(THREE)
        other.publish({"src/app.py": "run_app"}, removed=["setup.py"], revision=NEW)
        packs.append(other.publisher.pack(other.where).hash)

    assert packs[0] == packs[1]


def test_removed_documents_that_the_pack_never_had_are_not_told(published):
    number = published.store.documents.add_document(published.where, published.id, "x.py", "x.py")
    before = published.publisher.pack(published.where)

    change = SourceChange(published.id, NEW, (number, 10**6))

    assert published.publisher.publish(published.where, [], changes=[change]) == before


def test_many_versions_are_rendered_in_batches(code, monkeypatch):
    monkeypatch.setattr(rendering, "BATCH_VERSIONS", 2)
    told = []

    code.publish(THREE, progress=lambda done, total: told.append((done, total)))

    assert told == [(2, 4), (4, 4)]
    check_chain(code)
