"""Comments as pages show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from comments.models import Comment
from organizations.models import User

register = template.Library()


@register.filter
def said(text: str, mentions: Iterable[User]) -> SafeString:
    """Return a comment's text as HTML: with line breaks, and whom it mentions set off."""
    # Escaped as the text is in which they are looked for.
    names = sorted({escape(name) for person in mentions for name in (person.name, person.email) if name}, key=len)
    shown: str = escape(text)
    if names:
        # Longest first: a regular expression takes the first alternative that fits.
        words = "|".join(map(re.escape, reversed(names)))
        shown = re.sub(
            rf"(?<![\w@])@({words})(?!\w)", r'<span class="cf-mention">@\1</span>', shown, flags=re.IGNORECASE
        )
    return SafeString(shown.replace("\n", "<br>"))


@register.filter
def mentioned_in(people: Mapping[int, User], comment: Comment) -> list[User]:
    """Return those of some people, by their keys, whom a comment mentions."""
    return [people[key] for key in comment.mentions if key in people]
