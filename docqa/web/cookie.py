"""The cookie of the installation: an unguessable secret that our own routes ask for."""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from pathlib import Path

SECRET_FILE = "cookie.secret"


@dataclass(frozen=True, slots=True)
class InstallationCookie:
    """Name and value; the names of two installations on one machine differ."""

    name: str
    value: str

    def header(self) -> str:
        """The `Set-Cookie` value."""
        return f"{self.name}={self.value}; Path=/; HttpOnly; SameSite=Strict"

    def matches(self, cookies: str) -> bool:
        """Whether a request's `Cookie` header carries it."""
        try:
            sent = SimpleCookie(cookies).get(self.name)
        except CookieError:
            return False
        return sent is not None and hmac.compare_digest(sent.value, self.value)


def installation_cookie(home: Path) -> InstallationCookie:
    """The cookie of this data folder; its secret is made once, for its owner to read only."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / SECRET_FILE
    try:
        # Exclusive, so that two processes that start at once agree on one secret.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = _stored_secret(path)
    else:
        secret = secrets.token_urlsafe(32)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secret)
    name = hashlib.sha256(secret.encode()).hexdigest()[:8]
    return InstallationCookie(f"docqa-{name}", secret)


def _stored_secret(path: Path) -> str:
    """The secret in the file; a file left empty by a crash gets a new one."""
    secret = path.read_text(encoding="ascii").strip()
    if secret:
        return secret
    replacement = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(replacement, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32))
    replacement.replace(path)
    return path.read_text(encoding="ascii")
