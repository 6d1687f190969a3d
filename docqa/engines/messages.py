"""A prompt as chat messages, for engines that take text."""

from collections.abc import Sequence

from docqa.core.packing import break_special_tokens
from docqa.engines.base import Prefix, Prompt, Turn

Message = dict[str, str]


def prefix_text(prefix: Prefix) -> str:
    """The prefix as a text engine sends it: a model's special tokens in it are broken up."""
    return "".join(break_special_tokens(piece) for piece in prefix.read_text())


def messages_of(prompt: Prompt) -> list[Message]:
    """The prompt's messages: the first begins with the prefix, the last ends with the tail.

    Roles alternate, as many chat templates demand: what follows a message of its own role joins it.
    """
    turns: Sequence[Turn] = (*prompt.turns, Turn("user", prompt.tail))
    messages: list[Message] = [{"role": "user", "content": prefix_text(prompt.prefix)}]
    for number, turn in enumerate(turns):
        content = break_special_tokens(turn.content)
        last = messages[-1]
        if last["role"] != turn.role:
            messages.append({"role": turn.role, "content": content})
        elif number == 0:
            last["content"] += content
        else:
            last["content"] += "\n\n" + content
    return messages
