"""The cache of an installation with Redis: where Redis is away, nothing is cached, and pages work."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

#: Seconds for which Redis isn't asked again after it didn't answer: nobody is to wait for it with each key.
AWAY_SECONDS = 5.0
_METHODS = (
    "add", "get", "set", "touch", "delete", "get_many", "has_key", "incr", "set_many", "delete_many", "clear",
)  # fmt: skip


def _forgiving(name: str) -> Callable[..., Any]:
    real = getattr(RedisCache, name)

    @wraps(real)
    def method(self: ForgivingRedisCache, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                return real(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                type(self).away_until = time.monotonic() + AWAY_SECONDS
                logger.warning("cache.away: Redis doesn't answer; this process keeps its own cache: %s", error)
        return getattr(self.own, name)(*args, **kwargs)

    return method


class ForgivingRedisCache(RedisCache):
    """Django's cache in Redis, or one of this process's own for as long as Redis doesn't answer."""

    away_until = float("-inf")  # of all threads of the process

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        own = {name: value for name, value in params.items() if name != "OPTIONS"}
        self.own = LocMemCache("while-redis-is-away", own)


for _name in _METHODS:
    setattr(ForgivingRedisCache, _name, _forgiving(_name))
