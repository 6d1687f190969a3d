import pytest

from docqa.core.gpus import GPUS, MIB, known_gpu, parse_gpus
from docqa.errors import UnknownGpuError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("H200", "1xH200"),
        ("8xH200", "8xH200"),
        ("8 x h200", "8xH200"),
        ("8×H200", "8xH200"),
        ("2x8xH100", "2x8xH100"),
        ("A100", "1xA100-80GB"),
        ("4xA100-40GB", "4xA100-40GB"),
        ("RTX 4090", "1xRTX-4090"),
        ("8xMI300X", "8xMI300X"),
    ],
)
def test_sets_are_read_as_people_write_them(text, read):
    assert str(parse_gpus(text)) == read


def test_nodes_can_be_given_apart():
    gpus = parse_gpus("8xH100", nodes=2)

    assert (gpus.per_node, gpus.nodes, gpus.count) == (8, 2, 16)


@pytest.mark.parametrize("text", ["", "8", "8xQ900", "0xH200", "x", "8x8x8xH100"])
def test_anything_else_is_refused_with_the_names_that_are_known(text):
    with pytest.raises(UnknownGpuError) as raised:
        parse_gpus(text)

    assert "H200" in raised.value.hint


@pytest.mark.parametrize(
    ("driver", "mib", "name"),
    [
        ("NVIDIA H100 80GB HBM3", 81_559, "H100"),
        ("NVIDIA H100 PCIe", 81_559, "H100-PCIE"),
        ("NVIDIA H100 NVL", 95_830, "H100-NVL"),
        ("NVIDIA H200", 143_771, "H200"),
        ("NVIDIA A100-SXM4-40GB", 40_960, "A100-40GB"),
        ("NVIDIA A100 80GB PCIe", 81_920, "A100-80GB"),
        ("NVIDIA GeForce RTX 4090", 24_564, "RTX-4090"),
        ("NVIDIA RTX 6000 Ada Generation", 49_140, "RTX-6000-ADA"),
        ("NVIDIA L4", 23_034, "L4"),
        ("AMD Instinct MI300X", 196_592, "MI300X"),
    ],
)
def test_names_of_drivers_are_known(driver, mib, name):
    found = known_gpu(driver, mib * MIB)

    assert found is not None
    assert found.name == name


def test_a_gpu_that_is_not_in_the_table_is_none():
    assert known_gpu("NVIDIA GeForce GTX 1080", 8_192 * MIB) is None


def test_every_gpu_is_found_by_its_own_name():
    assert [known_gpu(gpu.name) for gpu in GPUS] == list(GPUS)
