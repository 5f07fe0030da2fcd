"""What puts text into a page: escaped, and with nothing in it that a browser would run."""

from __future__ import annotations

import base64
import hashlib
import html
import json

from provision_map.reports.text import clean

_DANGEROUS = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}  # fmt: skip


def escape(value: object) -> str:
    """Turn a cell into text that markup cannot break out of, in content or in quotes.

    >>> escape('<img src=x onerror="a()">')
    '&lt;img src=x onerror=&quot;a()&quot;&gt;'
    """
    return html.escape(clean(value), quote=True)


def write_json(data: object) -> str:
    r"""Write data as JSON that stays inside its ``<script type="application/json">``.

    >>> write_json("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, written in _DANGEROUS.items():
        text = text.replace(character, written)
    return text


def hash_source(text: str) -> str:
    """Return the source expression by which a content security policy knows a script or style."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
