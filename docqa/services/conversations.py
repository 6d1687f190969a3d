"""Conversations: listed, renamed, deleted, exported."""

from docqa.core.answers import Answer, Citation, swept
from docqa.core.citations import ocr_note, place, place_label
from docqa.errors import InputError
from docqa.store.store import Store
from docqa.store.values import ConversationInfo


class ConversationService:
    """Questions and answers of a workspace under titles."""

    def __init__(self, store: Store) -> None:
        self._store = store.conversations

    def create(self, workspace_id: int, title: str = "") -> ConversationInfo:
        """A new conversation; without a title it takes that of its first question."""
        return self._store.create(workspace_id, title)

    def all(self, workspace_id: int, search: str = "") -> tuple[ConversationInfo, ...]:
        """Conversations, newest first; those that have the words in a title or question."""
        return self._store.all(workspace_id, search)

    def get(self, conversation_id: int) -> ConversationInfo:
        """One conversation.

        Raises:
            UnknownItemError: If there is none of this number.
        """
        return self._store.get(conversation_id)

    def latest(self, workspace_id: int) -> ConversationInfo | None:
        """The one that was changed last."""
        return self._store.latest(workspace_id)

    def rename(self, conversation_id: int, title: str) -> ConversationInfo:
        """Give a conversation another title.

        Raises:
            InputError: If the title is empty.
        """
        title = " ".join(title.split())[:120]
        if not title:
            raise InputError("the title is empty")
        return self._store.rename(conversation_id, title)

    def delete(self, conversation_id: int) -> None:
        """Delete a conversation with its answers."""
        self._store.delete(conversation_id)

    def answers(self, conversation_id: int) -> tuple[Answer, ...]:
        """Its answers, oldest first."""
        return self._store.answers(conversation_id)

    def running(self, workspace_id: int) -> tuple[Answer, ...]:
        """Answers that are being written."""
        return self._store.running(workspace_id)

    def export_markdown(self, conversation_id: int) -> str:
        """The conversation as Markdown, each answer with its citations as a list."""
        info = self.get(conversation_id)
        parts = [f"# {info.title or 'Conversation'}\n"]
        parts.extend(answer_markdown(answer) for answer in self.answers(conversation_id))
        return "\n".join(parts)


def answer_markdown(answer: Answer) -> str:
    """A question, its answer and its citations as Markdown."""
    lines = [f"## {answer.question}\n", answer.text or f"*{answer.status}*"]
    if answer.draft:
        lines.append(f"\n*Draft by the model, not verified:* {answer.draft}")
    if answer.citations:
        lines.append("")
        lines.extend(_citation_line(citation) for citation in first_of_each(answer.citations))
    if answer.coverage:
        lines.append(f"\n*{answer.coverage.sentence()}*")
    lines.extend(f"\n*{line}*" for line in swept(answer))
    return "\n".join(lines) + "\n"


def first_of_each(citations: tuple[Citation, ...]) -> list[Citation]:
    """The first citation of every marker, in the order of the markers."""
    first: dict[int, Citation] = {}
    for citation in citations:
        first.setdefault(citation.marker, citation)
    return [first[marker] for marker in sorted(first)]


def place_of(citation: Citation) -> str:
    """`p. 3`, `L10-L24`, `slide 3` or nothing."""
    return place_label(citation.page, citation.lines, citation.place)


def facts_of(citation: Citation) -> str:
    """`exact`, or `exact, read by OCR, 62 % sure of the words`."""
    return ", ".join(filter(None, (citation.support, ocr_note(citation.confidence))))


def _citation_line(citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    return f"- [{citation.marker}] {place(citation)} ({facts_of(citation)}): “{quote}”"
