"""The pages every register has."""

from registers.views.bulk import BulkJob, EditRows
from registers.views.cells import EditCell, PasteCells
from registers.views.editing import ArchiveRecord, ChildCreate, CreateRecord, EditRecord, RestoreRecord
from registers.views.import_page import ImportPage
from registers.views.importing import ImportTemplate, MappingFile, RefusedFile, UploadFile
from registers.views.listing import ExportRecords, ListRecords, SuggestRecords
from registers.views.menus import ListMenus
from registers.views.moments import GoToMoment
from registers.views.record import RecordHistory, RecordPage
from registers.views.saved import ChangeView, SaveView
from registers.views.undoing import UndoImport

__all__ = [
    "ArchiveRecord", "BulkJob", "ChangeView", "ChildCreate", "CreateRecord", "EditCell", "EditRecord", "EditRows", "ExportRecords", "GoToMoment", "ImportPage", "ImportTemplate", "ListMenus", "ListRecords", "MappingFile", "PasteCells",
    "RecordHistory", "RecordPage", "RefusedFile", "RestoreRecord", "SaveView", "SuggestRecords", "UndoImport", "UploadFile",
]  # fmt: skip
