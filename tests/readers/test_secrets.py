import base64
import json
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docqa.readers.base import ReaderOptions
from docqa.readers.secrets import find_secrets, mask, masked
from docqa.readers.text import TextReader

# Put together here, so that no scanner takes this file for a leak.
AWS = "AKIA" + "Q3EGRJ5ZB7K2LMNO"
GITHUB = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
KEY = "MIIEowIBAAKCAQEA75rZ3cKq0VhP2v8bJ1xkq"
BEGIN, END = "-----BEGIN RSA PRIVATE " + "KEY-----", "-----END RSA PRIVATE " + "KEY-----"
LINES = [
    ('password = "hunter22"', "hunter22"),
    ("DB_PASS = 's3cr3tP@ss'", "s3cr3tP@ss"),
    (f"key = {AWS}", AWS),
    (f'token = "{GITHUB}"', GITHUB),
    ('url = "postgres://admin:Tr0ub4dor@db.internal/x"', "Tr0ub4dor"),
    ('const apiKey = "Zm9vYmFyMTIzNDU2"', "Zm9vYmFyMTIzNDU2"),
    ('connect(user="me", password="p4ssw0rd!")', "p4ssw0rd!"),
]
INNOCENT = [
    'password = "changeme"',
    'password = "<password>"',
    'password = "${DB_PASSWORD}"',
    'password = os.environ["PASSWORD"]',
    'token = get_token("session-1234")',
    'raise ValueError("password: at least 8 characters")',
    'TOKEN_KIND = "identifier"',
    'token_url = "https://login.internal/token/v2"',
    'url = "http://user:pass@host/path"',
    f'BEGIN = "{BEGIN}"',
    'key = "0123456789"',
]


@pytest.mark.parametrize(("line", "secret"), LINES)
def test_a_secret_is_found_where_it_stands_and_masked(line, secret):
    text = f"first = 1\n{line}\nlast = 2"

    (found,) = find_secrets("app.py", text)

    assert found.line == 2
    assert line[found.start : found.end] == secret
    assert mask(text, (found,)) == text.replace(secret, f"[masked: {found.kind}]")


@pytest.mark.parametrize("line", INNOCENT)
def test_placeholders_and_references_are_no_secrets(line):
    assert find_secrets("app.py", line) == ()


def test_settings_need_no_quotes():
    text = "host: db\npassword: Tr0ub4dor&3  # of the owner\n"

    (found,) = find_secrets("config.yaml", text)

    assert mask(text, (found,)) == "host: db\npassword: [masked: password or key]  # of the owner\n"
    assert find_secrets(".env.production", "API_KEY=9f8e7d6c5b4a\n")
    assert find_secrets("app.py", "password: Tr0ub4dor\n") == ()


def test_a_private_key_is_one_secret_and_masked_whole():
    text = f"a\n{BEGIN}\nProc-Type: 4,ENCRYPTED\n\n  {KEY}\n{KEY}==\n{END}\nb"

    (found,) = find_secrets("server.pem", text)

    assert (found.line, found.kind) == (2, "private key")
    assert KEY not in mask(text, (found,))
    assert mask(text, (found,)).split("\n")[0::7] == ["a", "b"]
    assert mask(text, (found,)).split("\n")[1::5] == [BEGIN, END]


def test_a_private_key_without_an_end_or_on_one_line_is_masked_too():
    for text in (f"{BEGIN}\n{KEY}\n{KEY}\nother words", f'key = "{BEGIN}\\n{KEY}\\n{END}"'):
        found = find_secrets("key.py", text)

        assert len(found) == 1
        assert KEY not in mask(text, found)


def test_the_author_can_say_that_there_is_no_secret():
    text = (
        'password = "hunter22"  # pragma: allowlist secret\n'
        "# pragma: allowlist nextline secret\n"
        'password = "hunter22"\n'
        'password = "hunter22"\n'
    )

    assert [secret.line for secret in find_secrets("app.py", text)] == [4]


def test_secrets_in_a_long_line_are_found():
    text = "x=1;" * 5_000 + f'var a="{GITHUB}";' + "y=2;" * 5_000

    (found,) = find_secrets("bundle.js", text)

    assert text[found.start : found.end] == GITHUB


def test_offsets_count_characters_whatever_the_script():
    text = f"# пароль 🔑\nключ = 'é', \"{GITHUB}\"\n"

    (found,) = find_secrets("app.py", text)

    assert text.split("\n")[1][found.start : found.end] == GITHUB


@pytest.mark.parametrize("name", ["app.py", "config.yaml"])
def test_no_secret_of_a_file_full_of_them_stands_plain(name):
    text = "\n".join(f'password = "hunter{number}x"' for number in range(5_000))
    text += f"\n{BEGIN}\n{KEY}\n{END}\n"

    out = mask(text, find_secrets(name, text))

    assert "hunter" not in out
    assert KEY not in out
    assert out.count("\n") == text.count("\n")


def test_no_secret_of_a_long_line_full_of_them_stands_plain():
    text = "".join(f'token = "{GITHUB}", password = "hunter{number}x";' for number in range(5_000))

    out = mask(text, find_secrets("app.js", text))

    assert GITHUB not in out
    assert "hunter" not in out


@pytest.mark.parametrize("claims", [1, 10, 200])
def test_a_web_token_is_masked_however_long_it_and_its_line_are(claims):
    told = [{"alg": "RS256"}, {f"claim-{number}": "value" for number in range(claims)}]
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in told]
    token = ".".join(part.rstrip("=") for part in parts) + ".c2lnbmF0dXJl"
    text = "x=1;" * 200 + f"load({token});" + "y=2;" * 200

    out = mask(text, find_secrets("bundle.js", text))

    assert out == text.replace(token, "[masked: JSON web token]")


@pytest.mark.parametrize("header", ["Proc-Type: 4,ENCRYPTED", "Version: GnuPG v2", ""])
@pytest.mark.parametrize("end", [END, "other words", ""])
def test_a_private_key_of_many_lines_or_with_headers_is_masked(header, end):
    text = "\n".join([BEGIN, header, "", *[KEY] * 400, end])

    out = mask(text, find_secrets("server.pem", text))

    assert KEY not in out
    assert out.endswith(end)


def test_words_between_the_marks_of_a_key_far_from_each_other_are_no_key():
    text = "\n".join([f'BEGIN = "{BEGIN}"', *["a_function_of_a_program(x)"] * 400, END])

    assert mask(text, find_secrets("pem.py", text)) == text


def test_the_private_lines_of_a_putty_key_are_masked():
    lines = ["PuTTY-User-Key-File-3: ssh-rsa", "Encryption: none", "Public-Lines: 1", "A" * 64]
    text = "\n".join([*lines, "Private-Lines: 2", KEY, KEY, "Private-MAC: 00ff"])

    (found,) = find_secrets("id.ppk", text)

    assert (found.line, found.kind) == (1, "private key")
    assert mask(text, (found,)) == text.replace(KEY, "[masked: private key]")


def test_nothing_is_asked_of_a_server(monkeypatch):
    monkeypatch.setattr(socket, "socket", None)

    assert find_secrets("app.py", "\n".join(line for line, _ in LINES))


def test_readers_mask_unless_they_are_told_not_to(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("The way in:\npassword = 'hunter22'\n")

    hidden = TextReader().read(path, path.name, ReaderOptions(), lambda *_: None)
    shown = TextReader().read(path, path.name, ReaderOptions(mask_secrets=False), lambda *_: None)

    assert "hunter22" not in "".join(passage.text for passage in hidden.passages)
    assert "hunter22" in "".join(passage.text for passage in shown.passages)
    assert hidden.secrets == shown.secrets
    assert len(hidden.secrets) == 1


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([line for line, _ in LINES] + INNOCENT + [KEY, END]),
            st.text(alphabet=st.characters(exclude_characters="\n"), max_size=40),
        ),
        max_size=12,
    )
)
def test_masking_keeps_the_lines_and_leaves_no_secret(lines):
    text = "\n".join(lines)

    out, found = masked(text, "app.py", ReaderOptions())

    assert out.count("\n") == text.count("\n")
    assert mask(text, found) == out
    for secret in found:
        assert 0 < secret.line <= len(lines)
        assert 0 <= secret.start < secret.end <= len(lines[secret.line - 1])
    if not found:
        assert out == text


def test_a_hostile_line_of_a_megabyte_is_bounded():
    text = 'password = "hunter22" token,' * 40_000

    assert 0 < len(find_secrets("app.js", text)) <= 10_000


@pytest.mark.parametrize("dashes", [200, 5_000])
def test_a_value_of_dashes_is_judged_in_linear_time(dashes):
    assert len(find_secrets("app.py", f'password = "a{"-" * dashes}1k!"')) <= 1
