from docqa.bench.ranking.scale import ask, fill, multiply, snippets
from docqa.store.store import Store


def test_an_index_is_filled_repeated_and_asked(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    for number in range(3):
        parts = (f"The {word} of plan {number} is long." for word in ("roof", "hall", "gate"))
        (data / f"{number}.md").write_text("\n\n".join(parts))

    with Store(tmp_path / "home") as store:
        filled = fill(store, data, 6)
        repeated = multiply(store, 3)
        told = ask(store, [*snippets(store, 5), "How long is the gate?"])
        workspace_id = store.workspaces.get_or_create("million").id
        hits = store.search.search(workspace_id, "gate", k=100)

    assert filled["passages"] >= 6
    assert repeated["passages"] == 3 * filled["passages"]
    assert told["median_s"] <= told["p95_s"] <= told["longest_s"]
    assert len(hits) % 3 == 0
    assert len({hit.document_id for hit in hits}) == len(hits)
