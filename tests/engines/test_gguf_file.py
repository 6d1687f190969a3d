import gguf
import pytest

from docqa.engines.gguf_file import read_gguf
from docqa.errors import EngineNotConfiguredError


def write(path, **changes):
    """A tiny model file: two layers, a vocabulary of two tokens, a matrix of two rows."""
    import numpy as np

    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_context_length(changes.get("context_length", 2_048))
    writer.add_block_count(2)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(changes.get("tokens", ["a", "b"]))
    rows = np.linspace(-1, 1, 128, dtype=np.float32).reshape(2, 64)
    kind = gguf.GGMLQuantizationType.Q4_1
    writer.add_tensor("token_embd.weight", gguf.quants.quantize(rows, kind), raw_dtype=kind)
    writer.add_tensor("output_norm.weight", rows[0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_the_window_and_the_sizes_are_read(tmp_path):
    file = read_gguf(write(tmp_path / "My-Model-1.5B.Q4_1.gguf"))

    assert file.name == "My-Model-1.5B"
    assert file.context_length == 2_048
    # Keys and values, two bytes each, two layers, two heads of 16 values.
    assert file.kv_bytes_per_token == 2 * 2 * 2 * 2 * 16
    assert file.pre_tokenizer == "smollm"
    assert file.tokens == (b"a", b"b")


def test_equal_vocabularies_have_equal_hashes(tmp_path):
    one = read_gguf(write(tmp_path / "one.gguf"))
    longer = read_gguf(write(tmp_path / "longer.gguf", context_length=4_096))
    other = read_gguf(write(tmp_path / "other.gguf", tokens=["a", "c"]))

    assert one.vocabulary_hash == longer.vocabulary_hash
    assert one.vocabulary_hash != other.vocabulary_hash


@pytest.mark.parametrize("kept", [0, 3, 20, 60, 200])
def test_a_file_that_is_cut_short_is_told_by_name(tmp_path, kept):
    path = write(tmp_path / "cut.gguf")
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(EngineNotConfiguredError, match=r"cut\.gguf"):
        read_gguf(path)


def test_a_file_of_another_kind_is_told_by_name(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"PK\x03\x04" + bytes(500))

    with pytest.raises(EngineNotConfiguredError, match="does not begin with GGUF"):
        read_gguf(path)


def test_sizes_that_cannot_be_are_no_memory_error(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + b"\x03\0\0\0" + bytes(8) + b"\x01" + bytes(7) + b"\xff" * 64)

    with pytest.raises(EngineNotConfiguredError, match="in the middle of a value"):
        read_gguf(path)
