"""What an edited export adds beside its rows: comments and files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.extra_columns import Said, new_in
from comments.models import LENGTH, Comment, Mention
from evidence.extra_columns import named_in
from evidence.models import Attachment
from imports import examination
from organizations.models import Organization, User
from organizations.outbox import Mail
from registers.custom_fields.models import CustomField
from registers.extra_columns import NewContent
from registers.models import Record
from registers.register import registry
from spreadsheets.values import legible
from tests.people import People
from tests.support.factories import make
from tests.support.imports import next_transaction, run_import, text_file, undone
from trail.actor import acting

SAID = (Said("2026-11-02", "Ann", "First"), Said("2026-11-03", "Bo", "Second\nin two lines"))
WHOLE = "\n".join(each.line for each in SAID)
texts = st.text().map(legible).filter(bool)


def file(name: str, digest: str) -> Attachment:
    return Attachment(name=name, sha256=digest)


class TestComments:
    @pytest.mark.parametrize("told", [WHOLE, SAID[0].line + "\n\n" + SAID[1].line])
    def test_what_was_said_already_is_nothing_new(self, told: str) -> None:
        assert new_in(told, SAID) == new_in("", ())

    @pytest.mark.parametrize(
        "told",
        [f"{WHOLE}\nThird", f"Third\n{WHOLE}", f"{SAID[0].line}\nThird\n{SAID[1].line}"],
        ids=["below", "above", "between"],
    )
    def test_what_stands_beside_them_is_a_new_one(self, told: str) -> None:
        assert new_in(told, SAID).new == ("Third",)
        assert not new_in(told, SAID).leaves_out

    def test_a_comment_that_is_missing_is_left_out(self) -> None:
        assert new_in(SAID[1].line, SAID).leaves_out
        assert new_in("", SAID).leaves_out

    def test_a_comment_worded_anew_is_no_new_one(self) -> None:
        told = WHOLE.replace("First", "At first")
        assert (new_in(told, SAID).new, new_in(told, SAID).leaves_out) == ((), True)

    def test_a_new_one_counts_although_another_was_written_since_the_export(self) -> None:
        assert new_in(f"{SAID[0].line}\nThird", SAID).new == ("Third",)

    def test_whoever_has_another_name_by_now_said_what_they_said(self) -> None:
        renamed = (SAID[0]._replace(who="Ann Marie"), SAID[1])
        assert new_in(f"{WHOLE}\nThird", renamed) == new_in(f"{WHOLE}\nThird", SAID)

    def test_one_that_an_earlier_import_of_the_file_wrote_is_not_written_again(self) -> None:
        written = (*SAID, Said("2026-11-04", "Cy", "Third"))
        assert new_in(f"{WHOLE}\nThird", written) == new_in("", ())

    def test_what_an_earlier_import_wrote_is_not_written_again_with_what_is_added_below_it(self) -> None:
        written = (*SAID, Said("2026-11-04", "Cy", "Third"))
        assert new_in(f"{WHOLE}\nThird\nFourth", written).new == ("Fourth",)

    def test_one_that_an_earlier_import_wrote_like_an_exported_one_is_not_written_again(self) -> None:
        written = (*SAID, Said("2026-11-04", "Cy", "2026-11-04 Cy: Third"))
        assert new_in(f"{WHOLE}\n2026-11-04 Cy: Third", written) == new_in("", ())

    def test_the_words_of_one_that_stands_there_are_new_when_they_are_written_again(self) -> None:
        assert new_in(f"{WHOLE}\nFirst", SAID) == NewContent(("First",), "First")

    def test_a_new_one_counts_although_another_one_was_worded_anew(self) -> None:
        told = f"{WHOLE.replace('First', 'At first')}\nThird"
        assert (new_in(told, SAID).new, new_in(told, SAID).leaves_out) == (("Third",), True)

    def test_a_new_one_may_begin_with_a_day_although_another_was_written_since_the_export(self) -> None:
        assert new_in(f"{SAID[0].line}\n2026-12-01 Call: agreed", SAID).new == ("2026-12-01 Call: agreed",)

    def test_one_that_is_too_long_is_refused(self) -> None:
        assert new_in("x" * LENGTH, ()).refused is None
        reason, _remedy = new_in("x" * (LENGTH + 1), ()).refused or ("", "")
        assert "4,001" in reason

    @given(said=st.lists(texts), new=texts)
    def test_whatever_was_said_and_is_added_only_that_is_new(self, said: list[str], new: str) -> None:
        comments = [Said("2026-11-02", "Ann", text) for text in said]
        told = "\n".join([*(each.line for each in comments), new])
        assert new_in(told, comments).new == (new,)
        assert not new_in(told, comments).leaves_out


class TestFiles:
    KNOWN = {"a.pdf": {"1": 11}, "b.pdf": {"2": 12}, "two.pdf": {"3": 13, "4": 14}}

    def test_a_name_that_another_row_has_names_its_file(self) -> None:
        assert named_in("a.pdf\nb.pdf", [file("a.pdf", "1")], self.KNOWN).new == (12,)

    def test_a_file_that_the_row_has_under_another_name_is_not_attached_again(self) -> None:
        assert named_in("x.pdf\na.pdf", [file("x.pdf", "1")], self.KNOWN).new == ()

    def test_a_name_that_is_missing_is_left_out(self) -> None:
        assert named_in("", [file("a.pdf", "1")], self.KNOWN).leaves_out

    @pytest.mark.parametrize(("name", "said"), [("c.pdf", "No row has a file"), ("two.pdf", "2 different files")])
    def test_a_name_of_no_file_or_of_several_is_refused(self, name: str, said: str) -> None:
        reason, _remedy = named_in(name, [], self.KNOWN).refused or ("", "")
        assert reason.startswith(said)

    def test_a_row_has_at_most_a_hundred(self) -> None:
        attached = [file(f"{number}.pdf", f"d{number}") for number in range(100)]
        told = "\n".join(each.name for each in attached)
        assert named_in(told, attached, self.KNOWN).refused is None
        reason, _remedy = named_in(f"{told}\na.pdf", attached, self.KNOWN).refused or ("", "")
        assert "at most 100" in reason


@pytest.fixture
def manager(people: People, in_acme: Organization) -> Iterator[User]:
    with acting(people.quality_manager):
        yield people.quality_manager


@pytest.fixture
def issue(manager: User) -> Record:
    found: Record = make(registry["issues"].model)
    next_transaction()
    return found


def edited(folder: Path, row: str) -> Path:
    return text_file(folder, f"Reference,External id,Title,Comments,Evidence files\n{row}\n")


def test_a_new_row_gets_the_comment_that_stands_in_it(issue: Record, tmp_path: Path) -> None:
    result = run_import("issues", _two(tmp_path, issue, ',,New one,"Said, with it",'))
    assert result.counts == (1, 0, 1, 0), result.reasons
    assert [comment.text for comment in Comment.objects.all()] == ["Said, with it"]
    assert Comment.objects.get().subject == registry["issues"].model.objects.latest("pk").reference


def _two(folder: Path, issue: Record, row: str) -> Path:
    """An export with a row that is there, by which it is known, and another one."""
    return edited(folder, f"{issue.reference},,{issue.title},,\n{row}")


def test_people_whom_added_comments_mention_get_one_mail(
    issue: Record, people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examination, "BATCH", 2)  # however many portions the rows are written in
    rows = "\n".join(f",,New {number},@Contributor look at {number}," for number in range(3))
    run_import("issues", _two(tmp_path, issue, rows))
    assert Mention.objects.of(people.contributor).unread().count() == 3
    mail = Mail.objects.get(to=people.contributor.email)
    assert "look at 0" in mail.text
    assert "2 more comments mention you" in mail.text


def test_without_a_person_nothing_is_added(issue: Record, tmp_path: Path) -> None:
    with acting(None):
        result = run_import("issues", edited(tmp_path, f"{issue.reference},,{issue.title},Said,"))
    assert result.reasons == ["What is added needs somebody who adds it, and nobody is named."]
    assert [problem["cell"] for problem in result.report.problems] == ["D2"]
    assert not Comment.objects.exists()


def test_a_refused_name_refuses_its_row_and_says_which_cell(issue: Record, tmp_path: Path) -> None:
    result = run_import("issues", edited(tmp_path, f"{issue.reference},,Another title,,nowhere.pdf"))
    assert result.counts == (0, 0, 0, 1)
    (problem,) = result.report.problems
    assert (problem["cell"], problem["column"], problem["value"]) == ("E2", "Evidence files", "nowhere.pdf")
    issue.refresh_from_db()
    assert issue.title != "Another title"


@pytest.mark.parametrize(("rows", "names"), [(300, 1000), (270, 100)], ids=["too many a row", "many in all"])
def test_rows_may_name_more_files_than_a_statement_takes(manager: User, tmp_path: Path, rows: int, names: int) -> None:
    issues = [make(registry["issues"].model, number) for number in range(rows)]
    cells = ("\n".join(f"{issue.pk}-{number}.pdf" for number in range(names)) for issue in issues)
    lines = [f'{issue.reference},,{issue.title},,"{cell}"' for issue, cell in zip(issues, cells, strict=True)]
    assert run_import("issues", edited(tmp_path, "\n".join(lines))).counts == (0, 0, 0, rows)


def test_what_a_refused_row_would_add_is_not_counted(issue: Record, tmp_path: Path) -> None:
    result = run_import("issues", edited(tmp_path, f"{issue.reference},,{issue.title},Said,nowhere.pdf"))
    assert result.report.as_json()["added"] == {}


@pytest.mark.parametrize("sign", ["#NAME?", "#UNCALCULATED!"])
def test_a_formula_that_failed_is_no_comment(issue: Record, tmp_path: Path, sign: str) -> None:
    result = run_import("issues", edited(tmp_path, f"{issue.reference},,{issue.title},{sign},"))
    assert result.counts == (0, 0, 0, 1)
    assert "formula" in result.reasons[0]
    assert not Comment.objects.exists()


def test_comments_of_other_tables_are_no_comments_of_ours(manager: User, tmp_path: Path) -> None:
    path = text_file(tmp_path, "External id,Title,Comments\n1,One,Said elsewhere\n")
    assert run_import("issues", path).counts == (1, 0, 0, 0)
    assert not Comment.objects.exists()


def test_texts_of_a_field_called_like_comments_are_no_comments(issue: Record, tmp_path: Path) -> None:
    CustomField.objects.create(register="issues", key="custom_comments", label="Comments", kind="text")
    path = edited(tmp_path, f"{issue.reference},,{issue.title},A value,")
    assert run_import("issues", path, {"custom_comments": None}).counts == (0, 0, 1, 0)
    assert not Comment.objects.exists()


def test_undoing_archives_new_rows_and_leaves_what_was_said_about_them(
    issue: Record, manager: User, tmp_path: Path
) -> None:
    imported = run_import("issues", _two(tmp_path, issue, ",,New one,Said,"))
    next_transaction()
    assert undone("issues", imported, manager) == {"archived": 1}
    assert Comment.objects.count() == 1


def test_a_comment_written_after_the_import_keeps_its_row(issue: Record, manager: User, tmp_path: Path) -> None:
    imported = run_import("issues", _two(tmp_path, issue, ",,New one,Said,"))
    next_transaction()
    Comment.objects.create(subject=registry["issues"].model.objects.latest("pk").reference, text="!", author=manager)
    assert undone("issues", imported, manager) == {"left": 1}


def test_reading_additions_takes_as_many_queries_for_many_rows_as_for_one(
    manager: User, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    rows = [make(registry["issues"].model) for _ in range(30)]
    lines = "\n".join(f"{row.reference},,{row.title},Said {row.pk}," for row in rows)
    with django_assert_max_num_queries(60):
        assert run_import("issues", edited(tmp_path, lines)).counts == (0, 30, 0, 0)
    assert Comment.objects.count() == 30
