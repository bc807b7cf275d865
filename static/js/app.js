// What every page gains when scripts run; it reads and its forms work without. No dependency but htmx, which loads before this file.
// Pages that gain more load a module of their own beside it: list.js, attachments.js.

const root = document.documentElement;
export const editable = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** Remembers the colours chosen in the account menu; the server writes them into the next page, so that nothing flashes. */
function chooseTheme(theme) {
  const age = theme ? 60 * 60 * 24 * 365 : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  if (theme) root.dataset.bsTheme = theme;
  else delete root.dataset.bsTheme;
  showTheme();
}

function showTheme() {
  const current = root.dataset.bsTheme ?? "";
  for (const button of document.querySelectorAll("[data-theme-choice] button")) {
    button.setAttribute("aria-pressed", String(button.value === current));
  }
}

/** Menus are <details>: one is open at a time, and a click elsewhere or Escape closes it. */
function closeMenus(except = null) {
  for (const menu of document.querySelectorAll("details.cf-menu[open]")) {
    if (menu !== except && !menu.contains(except)) menu.open = false;
  }
}

export const openMenu = () => document.activeElement?.closest("details.cf-menu[open]") ?? document.querySelector("details.cf-menu[open]");

function closeMenuInFocus() {
  const menu = openMenu();
  if (!menu) return false;
  menu.open = false;
  menu.querySelector("summary").focus();
  return true;
}

/** A menu that would leave the window at the right opens to the left: when it opens, and when what it offers has come. */
function keepInside(event) {
  const menu = event.target.closest?.("details.cf-menu[open]");
  const panel = menu?.querySelector(".cf-menu-panel");
  if (panel && panel.getBoundingClientRect().right > root.clientWidth) panel.classList.add("cf-menu-end");
}

/** Single-key shortcuts can be switched off (WCAG 2.1.4); the choice stays on the device. */
const shortcuts = {
  get on() { return localStorage.getItem("shortcuts") !== "off"; },
  set on(value) { localStorage.setItem("shortcuts", value ? "on" : "off"); },
};

function moveRow(step) {
  const links = [...document.querySelectorAll(".cf-rows tbody tr .cf-ref a")];
  if (!links.length) return;
  const here = links.indexOf(document.activeElement);
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, here + step));
  links[next].focus();
  links[next].closest("tr").scrollIntoView({ block: "nearest" });
}

/** What single keys do; a module of some pages adds theirs. */
export const keys = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  n: () => document.querySelector("[data-key=n]")?.click(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  e: () => document.querySelector('.cf-actions a[href$="/edit/"]')?.click(),
  "?": () => document.getElementById("help")?.togglePopover(),
};

function onKey(event) {
  if (event.key === "Escape" && closeMenuInFocus()) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (!shortcuts.on || event.target.closest(editable)) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

/** A click anywhere in a row opens it, unless it hits a control or selects text. */
function onClick(event) {
  closeMenus(event.target.closest("details.cf-menu"));
  const theme = event.target.closest("[data-theme-choice] button");
  if (theme) chooseTheme(theme.value);
  const named = event.target.closest("[data-mention]");
  if (named) mention(named);
  const copy = event.target.closest("[data-copy]");
  if (copy) copyText(copy);
  const row = event.target.closest("tr[data-href]");
  if (!row || event.defaultPrevented || event.target.closest("a, button, input, label, summary, form") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank", "noopener");
  else location.href = row.dataset.href;
}

async function copyText(button) {
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = button.dataset.copied;
  setTimeout(() => { label.textContent = before; }, 2000);
}

/** A form that is on its way can't be sent twice; one with unsaved changes asks before it is left. */
const unsaved = new WeakSet();

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  unsaved.delete(form);
  form.setAttribute("aria-busy", "true");
}

function onLeave(event) {
  const open = [...document.querySelectorAll("form[data-guard]")].some((form) => unsaved.has(form));
  if (open) event.preventDefault();
}

/** Puts a name that can be mentioned into the comment, where the cursor is. */
function mention(button) {
  const field = button.closest("form").querySelector("textarea"), name = `@${button.dataset.mention} `;
  const start = field.selectionStart, gap = start && !/\s$/.test(field.value.slice(0, start)) ? " " : "";
  field.setRangeText(gap + name, start, field.selectionEnd, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** A list wider than its card scrolls inside of it. */
function fitLists() {
  for (const list of document.querySelectorAll(".cf-list")) {
    const table = list.querySelector(":scope > table");
    list.classList.remove("cf-wide");
    list.classList.toggle("cf-wide", Boolean(table) && table.offsetWidth > list.clientWidth);
  }
}

export function toast(text) {
  const box = document.getElementById("toast");
  if (!box) return;
  box.textContent = text;
  box.hidden = false;
  setTimeout(() => { box.hidden = true; }, 8000);
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", onClick);
document.addEventListener("toggle", keepInside, true);
document.addEventListener("submit", onSubmit);
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) unsaved.add(form);
});
addEventListener("beforeunload", onLeave);
document.addEventListener("htmx:afterSettle", (event) => {
  keepInside(event);
  fitLists();
});
addEventListener("resize", fitLists);
addEventListener("pageshow", () => {
  fitLists();
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
  }
});
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const said = document.getElementById("toast")?.dataset;
    toast((event.detail.xhr?.status === 503 ? said?.busy : said?.text) ?? "");
  });
}

// An address names the filters in force and nothing else.
document.addEventListener("htmx:configRequest", (event) => {
  const { verb, formData } = event.detail;
  if (verb !== "get") return;
  for (const name of new Set(formData.keys())) {
    const values = formData.getAll(name).filter((value) => value !== "");
    formData.delete(name);
    for (const value of values) formData.append(name, value);
  }
});

// Progress that is polled every second speaks up only when it has something new to say.
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  const { target, fragment } = event.detail;
  if (target.role === "status" && target.textContent.trim() === fragment.textContent.trim()) event.detail.shouldSwap = false;
});

for (const choice of document.querySelectorAll("[data-theme-choice]")) choice.hidden = false;
for (const box of document.querySelectorAll("[data-shortcuts-switch]")) {
  const input = box.querySelector("input");
  box.hidden = false;
  input.checked = shortcuts.on;
  input.addEventListener("change", () => { shortcuts.on = input.checked; });
}
showTheme();
