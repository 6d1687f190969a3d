"""`docqa changes` and `docqa duplicates`: what they print, and how they end."""

from tests.test_cli_sources import new_home, printed, run

__all__ = ["new_home", "printed", "run"]

TERMS = "# Terms\n\nThe supplier notifies within 72 hours.\n\nInvoices are payable in 30 days.\n"


def test_what_changed_is_told_with_its_place(run, printed, tmp_path):
    file = tmp_path / "terms.md"
    file.write_text(TERMS)
    printed("ingest", file)
    assert run("changes", "terms.md")[0] == 1
    file.write_text(TERMS.replace("72", "48") + "\nDisputes go to the courts of Rotterdam.\n")
    printed("ingest", file, "--replace")

    (told,) = printed("changes", "terms.md")

    assert (told["from"]["version"], told["to"]["version"]) == (1, 2)
    assert (told["changed"], told["added"], told["removed"], told["moved"]) == (1, 1, 0, 0)
    change, added = told["changes"]
    assert change["before"]["lines"] == [3, 3]
    assert [text for kind, text in change["words"] if kind == "removed"] == ["72 "]
    assert added["after"]["text"] == "Disputes go to the courts of Rotterdam."

    status, said, _ = run("changes", "terms.md", "--from", "1", "--to", "2")
    assert status == 0
    assert "[-72-] {+48+}" in said


def test_duplicates_are_listed_and_excluded_on_demand(run, printed, tmp_path):
    clauses = "\n\n".join(f"Clause {n}: depot {n} takes freight {n * 3} first." for n in range(60))
    for name, text in (("a.md", clauses), ("b.md", clauses), ("c.md", clauses + "\n\nSigned.")):
        (tmp_path / name).write_text(text)
        printed("ingest", tmp_path / name)

    ((group,),) = printed("duplicates")

    assert group["kept"] == "a.md"
    same, near = group["others"]
    assert (same["document"], same["same_file"], same["similarity"]) == ("b.md", True, 1.0)
    assert (near["document"], near["same_file"]) == ("c.md", False)
    assert group["tokens"] == same["tokens"] + near["tokens"]

    status, said, _ = run("duplicates", "--exclude", "--keep-newest")
    assert (status, "c.md (kept)" in said, "excluded" in said) == (0, True, True)
    ((*rows,),) = printed("documents")
    assert {row["name"]: row["status"] for row in rows}["a.md"] == "excluded"
    assert printed("duplicates") == [[]]
