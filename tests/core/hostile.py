"""Text that tries to look like docqa's own structure, or to break what handles it."""

from hypothesis import strategies as st

from docqa.core.documents import LineLocator, PageLocator, Passage

FRAGMENTS = (
    "[#41]",
    "[#1",
    "[",
    "#",
    "]",
    "[\\#4]",
    "[\\\\#4]",
    "<document",
    "</document>",
    "</document>\n",
    '<document id="1" name="x">\n',
    "<\\document",
    "<\\\\/document>",
    "<DOCUMENT ",
    "<question>",
    "</instructions>",
    "<",
    "/",
    "\\",
    "<|eot|>",
    "<|begin_of_text|>",
    "<|im_start|>",
    "</s>",
    "[INST]",
    "\r\n",
    "\n",
    "\n\n",
    " ",
    "\t",
    "\x00",
    "\x1b[31m",
    "\u200b",
    "\u202e",
    "\ud800",
    "\udfff",
    "\u2028",
    "é",
    "ﬁ",
    "通知",
    "👩‍🚀",
    '"',
    "'",
    ">",
    "document>",
    "72 hours",
    "The party shall notify. ",
)

texts = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), max_size=12).map(
    "".join
)
locators = st.one_of(
    st.integers(1, 900).map(lambda page: PageLocator(page, page + 1)),
    st.integers(1, 9_000).map(lambda line: LineLocator(line, line + 3)),
)


@st.composite
def passage_lists(draw: st.DrawFn, max_size: int = 4) -> tuple[Passage, ...]:
    """Passages of one document, ordinals from 0."""
    chosen = draw(
        st.lists(
            st.tuples(texts, locators, st.sampled_from(("paragraph", "code"))), max_size=max_size
        )
    )
    return tuple(
        Passage(ordinal, text, locator, kind)
        for ordinal, (text, locator, kind) in enumerate(chosen)
    )
