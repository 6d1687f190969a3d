"""Word documents written by hand: what no library writes."""

import zipfile

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_ROOTS = {
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "comments": "comments",
    "styles": "styles",
    "numbering": "numbering",
}


def root(name, inside, space=SPACE):
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{name} xmlns:w="{space}">{inside}</w:{name}>'


def make_docx(path, body, space=SPACE, **parts):
    """A document with this XML in its body; other parts by name: `footnotes=`, `header1=`."""
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{RELATION}/{name.rstrip("0123456789")}"'
        f' Target="{name}.xml"/>'
        for n, name in enumerate(parts)
    )
    main = f'<Relationship Id="m" Type="{RELATION}/officeDocument" Target="/word/document.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", _TYPES)
        made.writestr("_rels/.rels", f"<Relationships>{main}</Relationships>")
        made.writestr("word/document.xml", root("document", f"<w:body>{body}</w:body>", space))
        made.writestr("word/_rels/document.xml.rels", f"<Relationships>{relations}</Relationships>")
        for name, inside in parts.items():
            element = _ROOTS.get(name, "hdr" if name.startswith("header") else "ftr")
            made.writestr(f"word/{name}.xml", root(element, inside, space))
    return path


def p(text, properties="", run=""):
    """A paragraph with one run."""
    said = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    how = f"<w:rPr>{run}</w:rPr>" if run else ""
    return f'<w:p>{said}<w:r>{how}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def numbered(text, number_id=1, level=0):
    """A paragraph of a numbering."""
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number_id}"/></w:numPr>')


def level(at, form, text, extra=""):
    """A level of an abstract numbering."""
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>{extra}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )
