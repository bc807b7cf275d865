"""Which column fills which field: proposals, and mappings that people write."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.mapping import ImportMapping
from imports.sources import MappingError, Source
from registers.parsing.header_proposals import propose
from registers.parsing.targets import Target, targets_of, vocabulary
from registers.register import registry

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def actions() -> dict[str, Target]:
    return targets_of(registry["actions"])


@pytest.fixture
def feedback() -> dict[str, Target]:
    return targets_of(registry["feedback"])


class TestTargets:
    def test_computed_and_archive_columns_cannot_be_set(self) -> None:
        names = targets_of(registry["risks"]).keys()
        assert not names & {"score", "level", "assessed_on", "rpn", "archived_at", "archive_reason", "revision"}

    def test_needed_fields_are_those_without_which_no_row_is_valid(self, actions: dict[str, Target]) -> None:
        assert [target.name for target in actions.values() if target.required] == ["title"]

    @pytest.mark.parametrize("slug", sorted(registry.slugs()))
    def test_every_register_can_be_imported(self, slug: str) -> None:
        targets = targets_of(registry[slug])
        assert {"external_id", "reference"} < targets.keys()
        assert all(target.kind in KINDS for target in targets.values())

    @pytest.mark.parametrize("slug", sorted(registry.slugs()))
    def test_every_choice_is_known_by_code_and_label(self, slug: str) -> None:
        for target in targets_of(registry[slug]).values():
            if target.kind == "choice":
                words = target.choice_words({})
                assert {words[code.replace("_", " ")] for code in target.choices} == set(target.choices)

    def test_the_vocabulary_is_folded_like_headers(self, actions: dict[str, Target]) -> None:
        assert {"massnahme", "faellig"} <= vocabulary(actions)


KINDS = {
    "text",
    "longtext",
    "id",
    "reference",
    "integer",
    "decimal",
    "date",
    "datetime",
    "boolean",
    "choice",
    "person",
    "site",
    "record",
    "records",
    "row",
}


class TestProposals:
    def test_labels_and_words_in_two_languages_are_known(self, actions: dict[str, Target]) -> None:
        headers = ["Nr.", "Maßnahme", "VERANTWORTLICH", "Fällig", "Root cause", "Colour"]
        assert propose(headers, actions) == {
            "external_id": "Nr.",
            "title": "Maßnahme",
            "owner": "VERANTWORTLICH",
            "due_on": "Fällig",
            "cause": "Root cause",
        }

    def test_each_column_fills_one_field(self, feedback: dict[str, Target]) -> None:
        proposal = propose(["Customer", "Date", "Date received", "Comment", "Text"], feedback)
        assert len(set(proposal.values())) == len(proposal)
        assert proposal["text"] == "Text"

    def test_a_label_counts_for_more_than_a_further_word(self, actions: dict[str, Target]) -> None:
        assert propose(["Measure", "Title"], actions)["title"] == "Title"

    def test_a_header_counts_without_its_brackets_too(self, actions: dict[str, Target]) -> None:
        assert propose(["Deadline (agreed with customer)"], actions) == {"due_on": "Deadline (agreed with customer)"}

    def test_a_lone_reference_is_the_sources_own_id(self, actions: dict[str, Target]) -> None:
        assert propose(["Reference", "Action"], actions) == {"external_id": "Reference", "title": "Action"}

    def test_reference_beside_external_id_is_an_own_export(self, actions: dict[str, Target]) -> None:
        assert propose(["Reference", "Action", "External id"], actions) == {
            "reference": "Reference",
            "title": "Action",
            "external_id": "External id",
        }

    @given(headers=st.lists(st.text(max_size=20), max_size=12, unique=True))
    def test_any_headers_give_a_proposal_of_headers_that_exist(self, headers: list[str]) -> None:
        proposal = propose(headers, targets_of(registry["actions"]))
        assert set(proposal.values()) <= set(headers)


class TestWrittenMappings:
    def read(self, plain: Any, targets: dict[str, Target]) -> ImportMapping:
        return ImportMapping.read(plain, targets)

    def test_every_form_of_entry_is_understood(self, feedback: dict[str, Target]) -> None:
        mapping = self.read(
            {
                "text": "Comment", "external_id": ["user", "item"], "scale_min": {"value": 0.5}, "source": {"value": "survey", "only_new": True},
                "themes": {"columns": ["A", "B"], "join": ", "}, "place": None,
            },
            feedback,
        )  # fmt: skip
        assert mapping.fields == {
            "text": Source(("Comment",)), "external_id": Source(("user", "item")), "scale_min": Source(value="0.5"),
            "source": Source(value="survey", only_new=True), "themes": Source(("A", "B"), join=", "), "place": None,
        }  # fmt: skip

    def test_a_mapping_survives_being_written_down(self, feedback: dict[str, Target]) -> None:
        plain = {
            "text": "Comment", "external_id": ["user", "item"], "source": {"value": "survey", "only_new": True}, "themes": {"columns": ["A"], "join": ", "}, "place": None,
            "values": {"source": {"Brief": "other"}}, "dates": {"collected_at": "mdy"}, "numbers": {"score": "comma"},
            "options": {"sheet": "Data", "header_row": 3, "create": ["customer"], "keep_unmapped": False},
        }  # fmt: skip
        assert self.read(plain, feedback).as_json() == plain

    def test_fields_that_it_leaves_open_are_proposed(self, actions: dict[str, Target]) -> None:
        complete = self.read({"title": "What"}, actions).completed(["What", "Due", "Owner"], actions)
        assert {name: source.headers for name, source in complete.fields.items() if source} == {
            "title": ("What",),
            "owner": ("Owner",),
            "due_on": ("Due",),
        }

    def test_a_field_set_to_null_is_left_alone(self, actions: dict[str, Target]) -> None:
        complete = self.read({"owner": None}, actions).completed(["Action", "Owner"], actions)
        assert complete.fields["owner"] is None
        assert complete.unmapped(["Action", "Owner"]) == ["Owner"]

    def test_headers_are_found_whatever_their_spelling(self, actions: dict[str, Target]) -> None:
        assert self.read({"title": "WAS_TUN"}, actions).completed(["Was tun?"], actions).fields["title"] == Source(
            ("Was tun?",)
        )

    @pytest.mark.parametrize(
        ("plain", "message"),
        [
            ([], "JSON object"),
            ({"colour": "Colour"}, "no field colour.*title"),
            ({"title": 7}, "title"),
            ({"title": []}, "title"),
            ({"title": {"value": "x", "join": "-"}}, "title"),
            ({"values": {"colour": {}}}, "no field colour"),
            ({"values": []}, "values"),
            ({"dates": {"due_on": "ymd"}}, "dmy, mdy"),
            ({"numbers": {"waiting_days": "dot"}}, "comma, point"),
            ({"options": {"skip": 3}}, "no option skip.*sheet"),
            ({"options": {"header_row": "5"}}, "header_row"),
            ({"options": {"create": "title"}}, "create"),
            ({"options": {"create": ["owner"]}}, "owner"),
        ],
    )
    def test_a_mapping_that_cannot_be_used_says_what_is_wrong(
        self, plain: Any, message: str, actions: dict[str, Target]
    ) -> None:
        with pytest.raises(MappingError, match=f"(?s){message}"):
            self.read(plain, actions)
