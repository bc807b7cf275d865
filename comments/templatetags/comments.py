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
    """A comment's text with its line breaks, and whom it mentions set off from other words."""
    names = sorted({escape(name) for person in mentions for name in (person.name, person.email) if name}, key=len)
    shown: str = escape(text)
    if names:
        words = "|".join(map(re.escape, reversed(names)))
        shown = re.sub(
            rf"(?<![\w@])@({words})(?!\w)", r'<span class="cf-mention">@\1</span>', shown, flags=re.IGNORECASE
        )
    return SafeString(shown.replace("\n", "<br>"))


@register.filter
def mentioned_in(people: Mapping[int, User], comment: Comment) -> list[User]:
    """Of some people by their keys, those whom a comment mentions."""
    return [people[key] for key in comment.mentions if key in people]
