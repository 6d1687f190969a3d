import json
from datetime import datetime

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from docqa.core.packing import render_head
from docqa.engines.base import Prefix, Prompt, Turn
from docqa.engines.messages import messages_of
from docqa.engines.sglang.model_files import ModelTokenizer
from docqa.engines.sglang.template import (
    FIXED_DATE,
    JinjaTemplate,
    after_corpus,
    llama3_template,
    llama4_template,
    template_of,
)
from docqa.errors import EngineNotConfiguredError
from docqa.tokenizers.registry import tokenizer

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content | trim }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
DATED = "Today is {{ strftime_now('%d %b %Y') }}, {{ date_string }}.\n" + CHATML


@pytest.fixture
def model(tmp_path):
    """Makes a model directory with a small byte-level vocabulary and this chat template."""

    def make(template: str | None = CHATML):
        vocabulary = tokenizers.Tokenizer(tokenizers.models.BPE())
        vocabulary.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
        vocabulary.decoder = tokenizers.decoders.ByteLevel()
        trainer = tokenizers.trainers.BpeTrainer(
            vocab_size=400,
            special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
            initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        vocabulary.train_from_iterator([render_head()], trainer)
        vocabulary.save(str(tmp_path / "tokenizer.json"))
        config = {"bos_token": {"content": "<|im_start|>"}, "chat_template": template}
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
        return tmp_path

    return make


def prompt(tail="<question>\nq\n</question>\n", turns=()):
    return Prompt(Prefix("0" * 64, 1, "llama4", lambda: iter(("<a>\n",))), tail, turns)


def test_llama_4_turns_are_those_of_its_published_format():
    template = llama4_template(tokenizer("llama4"))
    text = tokenizer("llama4").encode

    opening, closing = template.opening(), template.closing(prompt("<q>\n"))

    assert opening == [200_000, 200_005, *text("user"), 200_006, *text("\n\n")]
    assert closing == [
        *text("<q>\n"),
        200_008,
        *(200_005, *text("assistant"), 200_006, *text("\n\n")),
    ]


def test_llama_3_turns_are_those_of_its_published_format():
    template = llama3_template(tokenizer("llama3"))
    text = tokenizer("llama3").encode
    turns = (Turn("user", "<one>\n"), Turn("assistant", "two"))

    closing = template.closing(prompt("<q>\n", turns))

    header = [128_006, *text("user"), 128_007, *text("\n\n")]
    answer = [128_006, *text("assistant"), 128_007, *text("\n\n")]
    assert template.opening() == [128_000, *header]
    assert closing == [
        *text("<one>\n"),
        128_009,
        *answer,
        *text("two"),
        128_009,
        *header,
        *text("<q>\n"),
        128_009,
        *answer,
    ]


def test_a_models_own_template_is_rendered_around_the_contents(model):
    template = JinjaTemplate(model())

    ids = [*template.opening(), *template.closing(prompt())]

    text = template.tokenizer.decode(ids)
    assert text == (
        "<|im_start|>user\n<question>\nq\n</question>\n<|im_end|>\n<|im_start|>assistant\n"
    )
    assert ids[0] == 1


def test_contents_are_not_trimmed_and_no_turn_is_lost(model):
    template = JinjaTemplate(model())
    turns = (Turn("user", "<one>\n  "), Turn("assistant", " two "))

    text = template.tokenizer.decode(template.closing(prompt("<q>\n", turns)))

    assert text.startswith("<one>\n  <|im_end|>\n<|im_start|>assistant\n two <|im_end|>")


def test_a_template_that_writes_the_date_writes_the_same_one_every_day(model):
    template = JinjaTemplate(model(DATED))

    text = template.tokenizer.decode(template.opening())

    assert text.startswith(f"Today is {FIXED_DATE}, {FIXED_DATE}.")
    assert str(datetime.now().year) not in text


@pytest.mark.parametrize(
    "template",
    [
        "{% for m in messages %}{{ m.content }}",
        "{{ raise_exception('only system messages') }}",
        "{{ messages[0].content }}{{ messages[0].content }}",
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        None,
    ],
)
def test_a_template_of_no_use_is_refused(model, template):
    with pytest.raises(EngineNotConfiguredError):
        JinjaTemplate(model(template))


def test_a_template_whose_beginning_depends_on_later_turns_is_refused(model):
    template = JinjaTemplate(model("{{ messages | length }}" + CHATML))
    turns = (Turn("user", "one"), Turn("assistant", "two"))

    with pytest.raises(EngineNotConfiguredError, match="depends on what follows"):
        template.closing(prompt(turns=turns))


@given(st.lists(st.sampled_from(["<|im_start|>", "<|im_end|>", "<|endoftext|>", "a ", "\n"])))
def test_special_tokens_in_contents_are_ordinary_text(tmp_path_factory, parts):
    directory = tmp_path_factory.mktemp("vocabulary")
    vocabulary = tokenizers.Tokenizer(tokenizers.models.BPE())
    vocabulary.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    vocabulary.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    vocabulary.train_from_iterator(["<|im_end|> and <|im_start|>"], trainer)
    vocabulary.save(str(directory / "tokenizer.json"))
    text = "".join(parts)

    model_tokenizer = ModelTokenizer(directory)
    ids = model_tokenizer.encode(text)

    assert not set(ids) & {0, 1, 2}
    assert model_tokenizer.decode(ids) == text
    assert model_tokenizer.count_all([text, "a"]) == [len(ids), model_tokenizer.count("a")]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["meta-llama/Llama-4-Scout-17B-16E-Instruct"], "llama4"),
        (["my-model", "Llama4ForConditionalGeneration"], "llama4"),
        (["meta-llama/Llama-3.3-70B-Instruct"], "llama3"),
    ],
)
def test_llamas_are_known_by_their_names(names, expected):
    assert template_of(names, None, tokenizer).tokenizer.name == expected


def test_another_model_without_a_directory_has_no_template_here():
    with pytest.raises(EngineNotConfiguredError, match="no chat template"):
        template_of(["granite-4"], None, tokenizer)


def test_a_directorys_own_template_goes_before_the_built_in_one(model):
    template = template_of(["llama-4-scout"], model(), tokenizer)

    assert template.tokenizer.name.startswith("model-")


@pytest.mark.parametrize(
    "turns",
    [
        (),
        (Turn("user", "one"), Turn("assistant", "two")),
        (Turn("assistant", "two"),),
        (Turn("user", "one"), Turn("user", "again"), Turn("assistant", "two")),
    ],
)
def test_the_turns_after_the_corpus_are_those_of_the_chat_messages(turns):
    asked = prompt("<q>\n", turns)

    after = after_corpus(asked)
    messages = messages_of(asked)

    assert [turn.role for turn in after] == [message["role"] for message in messages]
    assert ["<a>\n" + after[0].content, *(turn.content for turn in after[1:])] == [
        message["content"] for message in messages
    ]
