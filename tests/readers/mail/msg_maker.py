"""Makes Outlook messages: the least of a compound file that holds their properties."""

import struct
from dataclasses import dataclass, field
from itertools import pairwise

SECTOR, MINI = 512, 64
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass
class Storage:
    """A folder of a compound file."""

    name: str
    streams: dict[str, bytes] = field(default_factory=dict)
    storages: list["Storage"] = field(default_factory=list)


def message(text="", *, name="Root Entry", attachments=(), **properties):
    """A message as a storage; properties by their four hexadecimal digits, as text."""
    found = Storage(name)
    texts = {"001A": "IPM.Note", "1000": text, **properties}
    entries = _texts(found, {key: value for key, value in texts.items() if value})
    counts = struct.pack("<8x4I", 0, len(attachments), 0, len(attachments))
    header = counts + (b"" if name != "Root Entry" else bytes(8))
    found.streams["__properties_version1.0"] = header + entries
    for number, attachment in enumerate(attachments):
        attachment.name = f"__attach_version1.0_#{number:08X}"
        found.storages.append(attachment)
    return found


def attached(content, file_name="", mime="application/octet-stream"):
    """An attachment: bytes, or a message made with the name `__substg1.0_3701000D`."""
    found = Storage("")
    entries = _texts(found, {key: v for key, v in (("3707", file_name), ("370E", mime)) if v})
    if isinstance(content, Storage):
        found.storages.append(content)
        entries += struct.pack("<HHIII", 3, 0x3705, 6, 5, 0)
    else:
        found.streams["__substg1.0_37010102"] = content
        entries += struct.pack("<HHIII", 0x102, 0x3701, 6, len(content), 0)
        entries += struct.pack("<HHIII", 3, 0x3705, 6, 1, 0)
    found.streams["__properties_version1.0"] = bytes(8) + entries
    return found


def embedded(text, **properties):
    """A message to be attached to one."""
    return message(text, name="__substg1.0_3701000D", **properties)


def _texts(storage, texts):
    entries = b""
    for key, value in texts.items():
        data = value.encode("utf-16-le")
        storage.streams[f"__substg1.0_{key}001F"] = data
        entries += struct.pack("<HHIII", 0x1F, int(key, 16), 6, len(data) + 2, 0)
    return entries


def compound_file(root):
    """The bytes of a compound file with this root."""
    entries, mini, large = [], bytearray(), []
    _add(entries, root, mini, large, 5)
    sectors, fat = [], []
    for index, data in large:
        entries[index]["start"] = _chain(sectors, fat, data)
    mini_fat = b"".join(entry.pop("mini_fat", b"") for entry in entries)
    entries[0].update(start=_chain(sectors, fat, bytes(mini)) if mini else END, size=len(mini))
    mini_start = _chain(sectors, fat, mini_fat, FREE) if mini_fat else END
    directory_start = _chain(sectors, fat, b"".join(_entry(entry) for entry in entries))
    fat_count = 1
    while (len(fat) + fat_count) > fat_count * SECTOR // 4:
        fat_count += 1
    first = len(fat)
    fat += [FAT] * fat_count
    fat += [FREE] * (fat_count * SECTOR // 4 - len(fat))
    table = struct.pack(f"<{len(fat)}I", *fat)
    places = [first + n if n < fat_count else FREE for n in range(109)]
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6),
        *(0, fat_count, directory_start, 0, 4096, mini_start),
        *(-(-len(mini_fat) // SECTOR), END, 0),
    )
    return header + struct.pack("<109I", *places) + b"".join(sectors) + table


def _add(entries, storage, mini, large, kind):
    """Add a storage and all in it; returns its index."""
    index = len(entries)
    entry = {
        "name": storage.name,
        "kind": kind,
        "child": FREE,
        "right": FREE,
        "start": 0,
        "size": 0,
    }
    entries.append(entry)
    kids = []
    for name, data in storage.streams.items():
        kids.append(len(entries))
        kid = {"name": name, "kind": 2, "child": FREE, "right": FREE, "size": len(data)}
        if len(data) >= 4096:
            large.append((len(entries), data))
        elif data:
            count = -(-len(data) // MINI)
            kid["start"] = first = len(mini) // MINI
            numbers = [*range(first + 1, first + count), END]
            kid["mini_fat"] = struct.pack(f"<{count}I", *numbers)
            mini += data.ljust(count * MINI, b"\0")
        else:
            kid["start"] = END
        entries.append(kid)
    kids += [_add(entries, each, mini, large, 1) for each in storage.storages]
    for before, kid in pairwise(kids):
        entries[before]["right"] = kid
    entry["child"] = kids[0] if kids else FREE
    return index


def _chain(sectors, fat, data, filler=None):
    first = len(sectors)
    count = max(1, -(-len(data) // SECTOR))
    fill = b"\0" if filler is None else b"\xff"
    sectors.append(data.ljust(count * SECTOR, fill))
    sectors.extend([b""] * (count - 1))
    fat += [*range(first + 1, first + count), END]
    return first


def _entry(entry):
    name = entry["name"].encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16xI8x8xIQ",
        *(name, len(name) + 2, entry["kind"], 1, FREE, entry["right"], entry["child"]),
        *(0, entry["start"], entry["size"]),
    )
