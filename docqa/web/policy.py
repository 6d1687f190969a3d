"""What a browser may do with our pages: the content security policy and its sisters."""

import base64
import hashlib
import re
from pathlib import Path

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

SANDBOX_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""For bytes that users brought along: nothing in them may run or load."""

FIXED_HEADERS: tuple[tuple[str, str], ...] = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)


def inline_script_hashes(index_html: Path) -> tuple[str, ...]:
    """The `'sha256-...'` sources of the inline scripts in an HTML file, as a policy names them."""
    # Hashed as the browser sees it: it folds line ends before it hashes.
    html = index_html.read_text(encoding="utf-8").replace("\r\n", "\n")
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(html))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(index_html: Path) -> str:
    """The policy of the app's pages: everything comes from this host, nothing leaves it."""
    scripts = " ".join(("'self'", "blob:", "'wasm-unsafe-eval'", *inline_script_hashes(index_html)))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src {scripts}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "font-src 'self' data:",
            "frame-src 'self' data: blob:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'self'",
        )
    )
