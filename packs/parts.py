"""The parts of a pack that any worker can make.

They are rows as pieces of workbooks, the leaves of rows, and the typeset report. A part is a function of files in the
pack's folder, and of what is sealed, and gives files there, named by what they were made from. So it doesn't matter who
makes it or how often, and what a killed worker left finished is used by the next.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import override

from packs.chunks import Chunk
from packs.contents import Contents, PackInfo, RegisterRows
from packs.proofs.leaves import Versions, write_leaves
from packs.report.report import named_report, write_named_report
from packs.workbook.sheet_xml import Sheet, write_cells
from typesetting import Fonts

Task = dict[str, Any]


def rows_task(register: RegisterRows, chunk: Chunk, info: PackInfo) -> Task:
    """Return the task of writing a chunk of a register's rows."""
    sheet = Sheet.of(register, info)
    return {
        "kind": "rows",
        "sheet": asdict(sheet),
        "rows": str(register.rows),
        "chunk": asdict(chunk),
        "piece": sheet.name(chunk, info.software),
    }


def leaves_task(register: RegisterRows, chunk: Chunk, versions: Versions) -> Task:
    """Return the task of writing the leaves that prove a chunk of a register's rows."""
    return {
        "kind": "leaves",
        "versions": asdict(versions),
        "keys": str(register.keys),
        "chunk": asdict(chunk),
        "piece": versions.name(chunk),
    }


def report_task(contents: Contents, folder: Path) -> Task:
    """Return the task of typesetting the report, whose data is written to `folder`."""
    with override(contents.info.language):
        name, data = named_report(contents)
    file = folder / "report.json"
    file.write_text(json.dumps(data), encoding="ascii")  # texts may hold what UTF-8 has no bytes for
    return {"kind": "report", "data": str(file), "piece": name}


def make(task: Task, pieces: Path) -> None:
    """Do what a task says, unless it is done already.

    Raises:
        ContentsChanged, Unsealed, ReportError, OSError: see what is called.
    """
    to = pieces / task["piece"]
    match task["kind"]:
        case "rows":
            write_cells(Sheet.read(task["sheet"]), Path(task["rows"]), Chunk(**task["chunk"]), to)
        case "leaves":
            write_leaves(Versions(**task["versions"]), Path(task["keys"]), Chunk(**task["chunk"]), to)
        case "report":
            data = json.loads(Path(task["data"]).read_bytes())
            write_named_report(data, Fonts.found_in(settings.PACK_FONT_DIRS), to)
