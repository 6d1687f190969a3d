from docqa.bench.memory import PeakMemory


def test_the_peak_holds_what_was_allocated_meanwhile():
    with PeakMemory(interval_s=0.001) as memory:
        before = memory.peak_bytes
        block = bytearray(b"x" * 60_000_000)

    assert memory.peak_bytes >= before + len(block) // 2
