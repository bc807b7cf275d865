"""The pages every register has."""

from registers.views.as_of import GoToMoment
from registers.views.bulk import BulkJob, EditRows
from registers.views.cells import EditCell, PasteCells
from registers.views.detail import RecordHistory, RecordPage
from registers.views.edit import ArchiveRecord, ChildCreate, CreateRecord, EditRecord, RestoreRecord
from registers.views.list import ExportRecords, ListRecords, SuggestRecords
from registers.views.menus import ListMenus
from registers.views.saved_views import ChangeView, SaveView

__all__ = [
    "ArchiveRecord", "BulkJob", "ChangeView", "ChildCreate", "CreateRecord", "EditCell", "EditRecord", "EditRows", "ExportRecords", "GoToMoment", "ListMenus", "ListRecords", "PasteCells",
    "RecordHistory", "RecordPage", "RestoreRecord", "SaveView", "SuggestRecords",
]  # fmt: skip
