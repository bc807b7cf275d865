"""The pages every register has."""

from registers.views.editing import ArchiveRecord, ChildCreate, CreateRecord, EditRecord, RestoreRecord
from registers.views.listing import ExportRecords, ListRecords, SuggestRecords
from registers.views.record import RecordHistory, RecordPage

__all__ = [
    "ArchiveRecord", "ChildCreate", "CreateRecord", "EditRecord", "ExportRecords", "ListRecords", "RecordHistory", "RecordPage",
    "RestoreRecord", "SuggestRecords",
]  # fmt: skip
