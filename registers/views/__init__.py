"""The pages every register has."""

from registers.views.bulk import BulkJob, EditRows
from registers.views.cells import EditCell, PasteCells
from registers.views.editing import ArchiveRecord, ChildCreate, CreateRecord, EditRecord, RestoreRecord
from registers.views.listing import ExportRecords, ListRecords, SuggestRecords
from registers.views.menus import ListMenus
from registers.views.moments import GoToMoment
from registers.views.record import RecordHistory, RecordPage
from registers.views.saved import ChangeView, SaveView

__all__ = [
    "ArchiveRecord", "BulkJob", "ChangeView", "ChildCreate", "CreateRecord", "EditCell", "EditRecord", "EditRows", "ExportRecords", "GoToMoment", "ListMenus", "ListRecords", "PasteCells",
    "RecordHistory", "RecordPage", "RestoreRecord", "SaveView", "SuggestRecords",
]  # fmt: skip
