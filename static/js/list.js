// What a register's list gains when scripts run: rows are picked over its pages, and its cells are walked, edited, copied and pasted.
// Without scripts the rows picked on one page are sent, and a row is edited on a page of its own.

import { editable, keys, openMenu, toast } from "./app.js";

/** Rows picked on a list, over all its pages: kept for the tab, under the list's filters. */
const picked = {
  get key() {
    const query = new URLSearchParams(location.search);
    for (const name of ["page", "sort", "columns", "group", "total"]) query.delete(name);
    return `picked:${location.pathname}?${query}`;
  },
  get rows() { return new Set(JSON.parse(sessionStorage.getItem(this.key) ?? "[]")); },
  set rows(rows) { sessionStorage.setItem(this.key, JSON.stringify([...rows])); },
};
const boxes = () => [...document.querySelectorAll(".cf-pick input[name=row]")];
let lastBox = null;

function pick(changed, on) {
  const rows = picked.rows;
  for (const box of changed) on ? rows.add(box.value) : rows.delete(box.value);
  picked.rows = rows;
  showPicked();
}

function showPicked() {
  const form = document.getElementById("bulk");
  if (!form) return;
  const rows = picked.rows, here = boxes(), page = document.querySelector("[data-pick-page]");
  for (const box of here) box.checked = rows.has(box.value);
  form.elements.rows.value = [...rows].join(",");
  form.classList.toggle("cf-bulk-open", rows.size > 0);
  const count = form.querySelector("[data-picked]");
  count.textContent = rows.size.toLocaleString(document.documentElement.lang);
  count.hidden = form.querySelector("[data-unpick]").hidden = page.hidden = false;
  page.firstElementChild.checked = here.length > 0 && here.every((box) => box.checked);
  page.firstElementChild.indeterminate = !page.firstElementChild.checked && here.some((box) => box.checked);
}

/** With Shift, all rows between the last box and this one follow it. */
function onPick(event) {
  const box = event.target;
  if (box.closest("[data-pick-page]")) return pick(boxes(), box.checked);
  const all = boxes(), from = all.indexOf(lastBox), to = all.indexOf(box);
  pick(event.shiftKey && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box], box.checked);
  lastBox = box;
}

/** Rows that were changed together aren't picked any more. */
function forgetDone() {
  const path = document.querySelector("[data-picked-done]")?.dataset.pickedDone;
  if (!path) return;
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(`picked:${path}?`)) sessionStorage.removeItem(key);
}

/** While the switch is on, the cells of a list are walked, copied, pasted into and edited in place, as in a spreadsheet. */
const grid = { from: null, to: null };
const gridSwitch = () => document.querySelector("[data-cells-switch]");
const gridTable = () => (gridSwitch()?.ariaPressed === "true" ? document.querySelector("#rows[data-cells] > table") : null);
const gridRows = () => [...(gridTable()?.tBodies[0].rows ?? [])].filter((row) => row.dataset.href);
const columnOf = (cell) => gridTable().tHead.rows[0].cells[cell.cellIndex].dataset.column;
const gridCell = (event) => (gridTable()?.contains(event.target) ? event.target.closest("tr[data-href] > :is(td, th)") : null);

function switchGrid(on) {
  const button = gridSwitch();
  if (!button) return;
  button.hidden = false;
  button.ariaPressed = String(on);
  sessionStorage.setItem("cells", on ? "on" : "");
  document.getElementById("rows").classList.toggle("cf-cells", on);
  if (!on) grid.from = grid.to = null;
  markFixed();
  showGrid();
}

/** The cells between the two ends of the selection, row by row. */
function chosenCells() {
  if (!grid.to) return [];
  const [top, bottom] = [grid.from[0], grid.to[0]].sort((a, b) => a - b);
  const [left, right] = [grid.from[1], grid.to[1]].sort((a, b) => a - b);
  return gridRows().slice(top, bottom + 1).map((row) => [...row.cells].slice(left, right + 1));
}

function showGrid() {
  for (const cell of document.querySelectorAll(".cf-cell-on")) cell.classList.remove("cf-cell-on");
  for (const cell of chosenCells().flat()) cell.classList.add("cf-cell-on");
}

function goToCell(row, column, extend = false) {
  const rows = gridRows(), first = document.querySelector("#rows .cf-pick") ? 1 : 0;
  if (!rows.length) return;
  const to = [Math.min(rows.length - 1, Math.max(0, row)), Math.min(rows[0].cells.length - 1, Math.max(first, column))];
  grid.from = extend && grid.from ? grid.from : to;
  grid.to = to;
  const cell = rows[to[0]].cells[to[1]];
  cell.tabIndex = -1;
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  showGrid();
}

/** Marks the cells that a list's columns don't let anybody edit. */
function markFixed() {
  const columns = document.getElementById("rows")?.dataset.cells?.split(",") ?? [];
  for (const row of gridRows()) {
    for (const cell of row.cells) cell.classList.toggle("cf-cell-fixed", !cell.matches(".cf-pick") && !columns.includes(columnOf(cell)));
  }
}

async function editCell(cell) {
  const row = cell.parentElement, name = columnOf(cell);
  const columns = document.getElementById("rows").dataset.cells.split(",");
  if (cell.querySelector("form")) return;
  if (!row.dataset.revision || !columns.includes(name)) return toast(document.getElementById("rows").dataset.fixed);
  leaveCell();
  await htmx.ajax("GET", `${row.dataset.href}cell/${name}/${location.search}`, { target: cell, swap: "beforeend" });
  const field = cell.querySelector("form :is(input:not([type=hidden]), select, textarea)");
  const editor = cell.querySelector(".cf-cell-editor");
  editor?.classList.toggle("cf-cell-editor-end", editor.getBoundingClientRect().right > gridTable().getBoundingClientRect().right);
  field?.focus();
  if (field?.matches("[type=text], textarea")) field.setSelectionRange(field.value.length, field.value.length);
}

/** Puts the editor of a cell away. */
function leaveCell() {
  const editor = document.getElementById("cell-editor"), cell = editor?.closest("#rows :is(td, th)");
  if (!cell) return false;
  editor.remove();
  cell.focus();
  return true;
}

function cellText(cell) {
  const whole = cell.matches(".cf-longtext, .cf-record") ? cell.title : "";
  const tags = [...cell.querySelectorAll(":scope.cf-tags-cell > .cf-tag")].map((tag) => tag.innerText).join("; ");
  const text = (whole || tags || cell.innerText).trim();
  return text === "–" ? "" : /[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Copies the cells that are chosen; else the rows that are picked, under their headings. */
function onCopy(event) {
  if (event.target.closest?.(editable) || String(getSelection())) return;
  let lines = chosenCells();
  if (!lines.length) {
    const rows = boxes().filter((box) => box.checked).map((box) => box.closest("tr"));
    if (rows.length) lines = [rows[0].closest("table").tHead.rows[0], ...rows].map((row) => [...row.cells].slice(1));
  }
  if (!lines.length) return;
  const text = lines.map((cells) => cells.map(cellText).join("\t")).join("\n");
  // Whoever reads it takes a break at the end for that of the last line; where that is empty, it would be lost.
  event.clipboardData.setData("text/plain", text.endsWith("\n") ? `${text}\n` : text);
  event.preventDefault();
}

/** Sends pasted cells to be looked at before they are written; one cell fills all that are chosen. */
function onPaste(event) {
  const form = document.getElementById("paste");
  if (!form || !grid.to || event.target.closest?.(editable)) return;
  event.preventDefault();
  const chosen = chosenCells(), text = event.clipboardData.getData("text/plain");
  const one = text.replace(/\r?\n$/, ""), single = !/[\t\n]/.test(one);
  const first = gridRows().indexOf(chosen[0][0].parentElement);
  const rows = single ? chosen.map((cells) => cells[0].parentElement) : gridRows().slice(first);
  const cells = single ? chosen[0] : [...rows[0].cells].slice(chosen[0][0].cellIndex);
  form.elements.references.value = rows.map((row) => row.dataset.reference ?? "-").join(",");
  form.elements.revisions.value = rows.map((row) => row.dataset.revision ?? "0").join(",");
  form.elements.columns.value = cells.map(columnOf).join(",");
  form.elements.text.value = single ? chosen.map((cells) => `${cells.map(() => one).join("\t")}\n`).join("") : text;
  form.requestSubmit();
}

/** Edits the cell in focus, or the row in focus where the list says that its rows can be edited. */
function editHere() {
  if (grid.to && document.activeElement?.matches(".cf-cell-on")) return editCell(document.activeElement);
  const row = document.activeElement?.closest("[data-editable] tr[data-href]");
  if (row) location.href = `${row.dataset.href}edit/`;
}

Object.assign(keys, {
  x: () => document.activeElement?.closest("tr")?.querySelector(".cf-pick input")?.click(),
  e: editHere,
  c: () => gridSwitch()?.click(),
});

const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function onKey(event) {
  if (event.key === "Escape" && !openMenu() && leaveCell()) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const cell = gridCell(event);
  if (!cell || event.target !== cell || !grid.to) return;
  const step = arrows[event.key];
  if (step) goToCell(grid.to[0] + step[0], grid.to[1] + step[1], event.shiftKey);
  else if (event.key === "Enter" || event.key === "F2") editCell(cell);
  else return;
  event.preventDefault();
}

function onClick(event) {
  if (event.target.matches(".cf-pick input")) onPick(event);
  if (event.target.closest("[data-unpick]")) {
    picked.rows = [];
    showPicked();
  }
  if (event.target.closest("[data-cells-switch]")) {
    switchGrid(gridSwitch().ariaPressed !== "true");
    if (gridTable()) goToCell(0, 2);
  }
  if (event.target.closest("[data-cell-cancel]")?.closest("#rows")) {
    event.preventDefault();
    leaveCell();
  }
  if (event.target.closest("[data-cell-reload]")?.closest("#rows")) {
    event.preventDefault();
    htmx.ajax("GET", location.href, { target: "#rows", swap: "outerHTML" });
  }
  const cell = gridCell(event);
  if (!cell || event.target.closest("a, button, input, label, summary, form")) return;
  event.preventDefault(); // its row isn't opened
  goToCell(gridRows().indexOf(cell.parentElement), cell.cellIndex, event.shiftKey);
}

function showList() {
  forgetDone();
  showPicked();
  switchGrid(sessionStorage.getItem("cells") === "on");
}

// Before the listeners of every page see them: what is meant for a cell isn't meant for its row.
document.addEventListener("keydown", onKey, true);
document.addEventListener("click", onClick, true);
document.addEventListener("dblclick", (event) => {
  const cell = gridCell(event);
  if (cell && !event.target.closest("a, form")) editCell(cell);
});
document.addEventListener("copy", onCopy);
document.addEventListener("paste", onPaste);
document.addEventListener("htmx:afterSettle", (event) => {
  showList();
  if (document.activeElement === document.body) {
    const editor = document.querySelector("#cell-editor, #mend");
    (editor?.querySelector("[role=alert] button") ?? editor?.querySelector("input:not([type=hidden]), select, textarea"))?.focus();
    // The row that was mended is gone: on with the next, or with the next gap.
    if (!editor && event.detail.requestConfig?.elt.id === "mend") document.querySelector("#rows .cf-part > a, [data-next-gap]")?.focus();
  }
  if (grid.to && !document.getElementById("cell-editor") && document.activeElement === document.body) goToCell(...grid.to);
});
addEventListener("pageshow", showList);

// With Shift, a heading sorts by its column as well.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, triggeringEvent } = event.detail;
  if (triggeringEvent?.shiftKey && elt.dataset.shift) event.detail.path = elt.dataset.shift;
});
