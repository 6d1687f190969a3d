import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.vectors import cosine, to_vector, vector_bytes

numbers = st.lists(st.floats(-1, 1), min_size=1, max_size=400).filter(
    lambda each: math.hypot(*each) > 0.01
)


def unit(vector):
    length = math.hypot(*vector)
    return [number / length for number in vector]


def test_vectors_that_point_the_same_way_are_alike():
    assert cosine((0.6, 0.8), (0.6, 0.8)) == pytest.approx(1)
    assert cosine((1.0, 0.0), (0.0, 1.0)) == 0
    assert cosine((1.0, 0.0), (-1.0, 0.0)) == -1


def test_vectors_of_different_models_are_not_compared():
    with pytest.raises(ValueError, match="2 and 3 dimensions"):
        cosine((1.0, 0.0), (1.0, 0.0, 0.0))


@given(numbers)
def test_a_vector_comes_back_from_the_store_as_it_was_but_for_a_thousandth(vector):
    made = unit(vector)

    packed = vector_bytes(made)

    assert len(packed) == 2 * len(made)
    assert to_vector(packed) == pytest.approx(made, abs=0.001)


def test_half_a_number_is_no_vector():
    with pytest.raises(ValueError, match="3 bytes"):
        to_vector(b"abc")
