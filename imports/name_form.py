"""The form that asks whom the unknown names of a file mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registers.known_names.candidates import one_person_each
from registers.parsing.lookups import PeopleLookup
from registers.parsing.targets import Target

#: What is chosen where a name means nobody.
_NOBODY = "nobody"


class NamesForm(forms.Form):
    """Whom unknown names mean: each is asked once, whatever columns it stands in, and one likely person is proposed.

    Names that most likely mean the same person are asked about together.
    """

    def __init__(
        self, data: Mapping[str, Any] | None, *, targets: Mapping[str, Target], result: Mapping[str, Any]
    ) -> None:
        super().__init__(data)
        self._words: dict[str, list[str]] = {}
        groups = one_person_each(unknown_names(result, targets))
        lookup = PeopleLookup() if groups else None
        for group in groups:
            assert lookup is not None
            # Whom all of them may mean.
            likely = [each for each in lookup.candidates(group[0]) if all(each in lookup.candidates(n) for n in group)]
            rest = [person for person in lookup.people if person not in likely]
            field = f"person-{len(self._words)}"
            self._words[field] = group
            words = _(" and ").join(f"“{word}”" for word in group)
            self.fields[field] = forms.ChoiceField(
                label=ngettext("%(words)s is", "%(words)s are", len(group)) % {"words": words},
                required=False,
                # Of two who may be meant none is proposed.
                initial=str(likely[0].key) if len(likely) == 1 else "",
                choices=[
                    ("", _("– not said yet –")),
                    *((str(person.key), person.name or person.email) for person in (*likely, *rest)),
                    (_NOBODY, _("nobody: leave these cells empty")),
                ],
                help_text="" if likely else _("Nobody here is called so. A function can stand for a person too."),
            )
        self.helper = FormHelper()
        self.helper.form_tag = False
        # The page has the form tag and its token; its forms share them.
        self.helper.disable_csrf = True

    @property
    def said(self) -> dict[str, int | None]:
        """Whom names were said to mean: by name the key of a person, None for nobody."""
        chosen = {word: self.cleaned_data.get(field) for field, group in self._words.items() for word in group}
        return {word: None if key == _NOBODY else int(key) for word, key in chosen.items() if key}


def unknown_names(result: Mapping[str, Any], targets: Mapping[str, Target]) -> list[str]:
    """Return the names that a look through a file found and nobody has explained."""
    unknown = result.get("unknown_words", {})
    names = (
        word for name, words in unknown.items() if name in targets and targets[name].kind == "person" for word in words
    )
    return list(dict.fromkeys(names))
