"""Addresses of pages in the current organization."""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse

from organizations.scope import current_organization


def organization_url(name: str, *args: str) -> str:
    """Return the address of a page of the current organization, at the moment looked at.

    Addresses are kept: a page has dozens of them, and they change with nothing but what they are made of.

    Raises:
        NoReverseMatch: there is no page of that name with these arguments.
    """
    return _address(get_urlconf(), get_script_prefix(), name, current_organization().slug, *args)


@lru_cache(maxsize=4096)
def _address(_urlconf: str | None, _prefix: str, name: str, *args: str) -> str:
    # reverse() reads the first two by itself; they are here as part of the cache's key. A past moment is in the prefix.
    return reverse(name, args=args)
