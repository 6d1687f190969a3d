import json

from docqa.core.gpus import MIB
from docqa.services.hardware import detect_gpus, machine, run

H100 = "NVIDIA H100 80GB HBM3"


def answering(torch: str = "", driver: str = ""):
    """A machine where PyTorch and the driver's tool answer so."""
    return lambda command: driver if command[0] == "nvidia-smi" else torch


def test_pytorch_is_asked_first():
    torch = json.dumps([["NVIDIA H200", 150_000_000_000]] * 8)

    found = detect_gpus(ask=answering(torch, f"{H100}, 81559\n"))

    assert str(found) == "8xH200"
    assert found.gpu.memory_bytes == 150_000_000_000


def test_the_driver_is_asked_where_pytorch_sees_none():
    found = detect_gpus(ask=answering("[]", f"{H100}, 81559\n{H100}, 81559\n"))

    assert str(found) == "2xH100"
    assert found.gpu.memory_bytes == 81_559 * MIB


def test_no_answer_is_no_gpu():
    assert detect_gpus(ask=answering()) is None
    assert detect_gpus(ask=answering("what?", "[N/A]\n")) is None


def test_of_different_gpus_those_count_that_are_most():
    driver = "NVIDIA GeForce GTX 1080, 8192\nNVIDIA L4, 23034\nNVIDIA L4, 23034\n"

    assert str(detect_gpus(ask=answering(driver=driver))) == "2xL4"


def test_a_gpu_that_is_not_known_gets_a_guessed_speed():
    found = detect_gpus(ask=answering(driver="NVIDIA Q900, 150000\n"))

    assert found.gpu.guessed
    assert (found.gpu.name, found.gpu.bf16_flops) == ("NVIDIA Q900", 989e12)


def test_the_python_to_ask_can_be_another_one():
    asked = []

    detect_gpus("/other/python", ask=lambda command: asked.append(command[0]) or "")

    assert asked == ["/other/python", "nvidia-smi"]


def test_a_command_that_is_not_there_answers_nothing():
    assert run(("no-such-command-anywhere",)) == ""


def test_memory_and_disk_are_those_of_this_machine(tmp_path):
    found = machine(tmp_path / "not" / "yet")

    assert 0 < found.memory_available_bytes <= found.memory_bytes
    assert found.disk_free_bytes > 0
