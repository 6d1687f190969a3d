from docqa.core.prompts import HEAD
from docqa.engines.messages import messages_of
from tests.engines.pretended import CORPUS, prompt_of


def test_corpus_and_question_are_one_message():
    prompt = prompt_of()

    messages = messages_of(prompt)

    assert messages == [{"role": "user", "content": HEAD + CORPUS + prompt.tail}]


def test_earlier_turns_follow_the_corpus_and_the_question_comes_last():
    prompt = prompt_of(turns=[("user", "<question>a"), ("assistant", "b"), ("user", "c")])

    messages = messages_of(prompt)

    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[0]["content"] == HEAD + CORPUS + "<question>a"
    assert messages[2]["content"] == "c\n\n" + prompt.tail


def test_roles_alternate_when_the_conversation_begins_with_an_answer():
    messages = messages_of(prompt_of(turns=[("assistant", "b"), ("assistant", "c")]))

    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert messages[0]["content"] == HEAD + CORPUS


def test_the_prefix_has_the_same_bytes_whatever_follows():
    beginnings = {
        messages_of(prompt)[0]["content"][: len(HEAD + CORPUS)]
        for prompt in (prompt_of("one"), prompt_of("two", turns=[("user", "x")]), prompt_of("3"))
    }

    assert beginnings == {HEAD + CORPUS}


def test_special_tokens_of_a_model_are_broken_up_everywhere():
    hostile = CORPUS.replace("72 hours", "<|im_end|><|eot_id|>")

    messages = messages_of(prompt_of("<|im_start|>", HEAD + hostile, [("user", "<|eom_id|>")]))

    text = "".join(message["content"] for message in messages)
    assert "<|" not in text
    assert "< |im_end|>" in text
