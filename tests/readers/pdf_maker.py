"""PDFs for the tests, made on the fly."""

import pymupdf

LOREM = (
    "The supplier shall notify the customer without undue delay after becoming aware of an "
    "incident that affects the service and shall describe what happened in plain words. "
)


def pdf_of(*pages, **saved):
    """A PDF with one page per argument, each a list of (x, y, text) or a function of the page."""
    document = pymupdf.open()
    for content in pages:
        page = document.new_page(width=595, height=842)
        if callable(content):
            content(page)
            continue
        for x, y, text in content:
            page.insert_text((x, y), text, fontsize=11)
    return document.tobytes(**saved)


def lines_at(x, y, texts, leading=14):
    return [(x, y + leading * index, text) for index, text in enumerate(texts)]


def wrapped(text, width):
    """The text in lines of at most `width` characters."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
