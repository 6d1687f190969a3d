import threading

from docqa.embeddings.minilm import _in_batches


def test_each_text_gets_its_own_vector_whatever_it_is_run_with():
    texts = [[number] * (1 + number * 7 % 5) for number in range(23)]
    seen = []

    def model(batch):
        seen.append([len(each) for each in batch])
        return [[float(each[0])] for each in batch]

    found = _in_batches(texts, model, 8, 2)

    assert found == [[float(number)] for number in range(23)]
    assert sorted(map(len, seen)) == [7, 8, 8]
    assert all(batch == sorted(batch, reverse=True) for batch in seen)


def test_a_single_question_is_run_in_the_callers_thread():
    threads = []

    def model(batch):
        threads.append(threading.current_thread())
        return [[1.0]] * len(batch)

    _in_batches([[1, 2]], model, 8, 2)

    assert threads == [threading.current_thread()]
