import json
from dataclasses import replace

from docqa.services.exporting.json_packet import write_json
from tests.services.exporting import made


def written(packet, path):
    write_json(packet, path / "review.json")
    return json.loads((path / "review.json").read_text("utf-8"))


def test_the_packet_has_all_that_an_auditor_needs_to_replay_it(tmp_path):
    decided = (made.cell(1, review_state="approved"), made.finding(1), (made.decision(1),))

    packet = written(made.packet(decided), tmp_path)

    assert packet["format"] == "docqa-review/1"
    assert packet["audit"] == {"head": "b" * 64, "entries": 12}
    assert packet["versions"][0]["content_hash"] == "c" * 64
    assert packet["checklist"]["requirements"][0]["id"] == "28-3-a"
    (cell,) = packet["cells"]
    assert cell["finding"]["hash"] == "f" * 64
    assert cell["finding"]["raw"] == '{"verdict": "met"}'
    assert cell["finding"]["params"]["json_schema"] == {"type": "object"}
    (quote,) = cell["finding"]["citations"]
    assert (quote["page"], quote["rects"]) == (3, [[0.1, 0.2, 0.9, 0.22]])
    assert (quote["version_id"], quote["quote_start"]) == (5, 10)
    assert cell["decisions"][0]["by"] == "Ana"


def test_each_cell_stands_on_a_line_of_its_own(tmp_path):
    written(made.packet(), tmp_path)

    lines = (tmp_path / "review.json").read_text("utf-8").splitlines()
    cells = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"id"')]

    assert [cell["id"] for cell in cells if "revision" in cell] == [1, 2, 3, 4, 5, 6]


def test_a_cell_that_was_asked_again_keeps_its_earlier_findings(tmp_path):
    again = replace(made.finding(1), id=9, number=2)
    cell = made.cell(1, finding_id=9, previous_finding_id=1)
    packet = replace(
        made.packet((cell, again, ())), history=lambda _cell_id: (again, made.finding(1))
    )

    (told,) = written(packet, tmp_path)["cells"]

    assert told["finding"]["number"] == 2
    assert [earlier["id"] for earlier in told["earlier_findings"]] == [1]


def test_an_export_of_a_running_review_says_so(tmp_path):
    packet = made.packet((made.cell(1, state="queued", finding_id=0), None, ()))
    counts = replace(packet.review.counts, queued=1, done=0)

    told = written(replace(packet, review=replace(packet.review, counts=counts)), tmp_path)

    assert told["exported"]["in_progress"] is True
    assert told["cells"][0]["finding"] is None


def test_any_text_can_be_written(tmp_path):
    hostile = (made.cell(1), made.finding(1, rationale="\ud800 \x00 \u2028 </script>"), ())

    (cell,) = written(made.packet(hostile), tmp_path)["cells"]

    assert cell["finding"]["rationale"] == "? \x00 \u2028 </script>"
