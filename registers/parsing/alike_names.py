"""Names of organizations that differ by their legal form, capitals, signs or spaces alone: asked about, never taken for one."""

from __future__ import annotations

from spreadsheets.headers import normalize_header

#: Legal forms as they end names, without points; in several words each word.
_LEGAL_FORMS = frozenset(
    (
        *("gmbh", "mbh", "ag", "kg", "kgaa", "se", "ohg", "gbr", "ug", "haftungsbeschraenkt", "ek", "ev", "eg", "co", "cie"),
        *("gesellschaft", "aktiengesellschaft", "ltd", "limited", "inc", "incorporated", "llc", "llp", "lp", "plc", "corp"),
        *("corporation", "company", "pty", "pvt", "sa", "sarl", "rl", "sas", "sasu", "snc", "scs", "srl", "spa", "sl", "slu"),
        *("lda", "ltda", "bv", "nv", "bvba", "ab", "as", "asa", "oy", "oyj", "aps", "sp", "z", "oo", "zoo", "sro", "spol", "doo"),
        *("kft", "zrt", "nyrt", "bt", "eood", "ood", "ad", "sprl", "kk"),
    )
)  # fmt: skip
#: What stands between two legal forms: “& Co. KG” is “und Co. KG”.
_JOINING = frozenset(("and", "und", "et", "y", "e"))


def core_of(name: str) -> str:
    """Return what of a name is left without legal form, capitals, signs and spaces; all of it where nothing else is there."""
    words = _joined(normalize_header(name.casefold().replace(".", "")).split())
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
        while len(words) > 1 and words[-1] in _JOINING:
            words.pop()
    return "".join(words)


def _joined(words: list[str]) -> list[str]:
    """Return words with letters that end a name as one word: “S A” is “SA”, “a/s” is “as”."""
    end = len(words)
    while end > 1 and len(words[end - 1]) == 1 and words[end - 1].isalpha():
        end -= 1
    last = "".join(words[end:])
    return [*words[:end], last] if last in _LEGAL_FORMS else words
