// Files are dropped on a record, or pasted into it. Without scripts its form sends them; both say what the server says.

const form = document.querySelector("form[data-attach]");
const area = form?.closest("section");

/** A line of the list beneath the form: the file's name, and its progress or why it isn't taken. */
function lineFor(name) {
  const line = document.createElement("li");
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.ariaLabel = `${form.dataset.sending} ${name}`;
  line.append(name, bar);
  form.querySelector(".cf-uploads").append(line);
  return { line, bar };
}

function refuse({ line, bar }, reason) {
  bar.remove();
  const words = document.createElement("p");
  words.className = "cf-status cf-gap";
  words.innerHTML = '<svg class="cf-icon" aria-hidden="true"><use href="#i-gap"></use></svg>';
  words.append(reason);
  line.append(words);
  return false;
}

/** Sends one file; whether it is attached. */
function send(file) {
  const shown = lineFor(file.name);
  if (file.size > Number(form.dataset.most)) return Promise.resolve(refuse(shown, form.dataset.tooLarge));
  const data = new FormData();
  data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  data.append("file", file, file.name);
  const request = new XMLHttpRequest(); // fetch tells nothing of how far it is
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) shown.bar.value = event.loaded / event.total; });
  return new Promise((done) => {
    request.addEventListener("loadend", () => {
      let reason = form.dataset.failed;
      try {
        reason = JSON.parse(request.responseText).files[0].error;
      } catch { /* no answer, or a page: what can be done is said above */ }
      if (reason || request.status !== 200) return done(refuse(shown, reason || form.dataset.failed));
      shown.line.remove();
      done(true);
    });
    request.send(data);
  });
}

/** One after the other; then the page is shown anew where files were attached and none was refused. */
async function sendAll(files) {
  if (!files.length || form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  form.querySelector(".cf-uploads").replaceChildren();
  const results = [];
  for (const file of files) results.push(await send(file));
  form.ariaBusy = null;
  if (results.some(Boolean)) await showAttached();
}

/** The files and what happened, as the server has them now; what was refused stays beneath the form. */
async function showAttached() {
  const answer = await fetch(location.href);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of ["#attachments > :is(.cf-files, .cf-card-empty)", ".cf-timeline"]) {
    const fresh = page.querySelector(part);
    if (fresh) document.querySelector(part)?.replaceWith(fresh);
  }
}

/** A pasted picture has no name that tells it from the next one. */
function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const when = new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-");
  return new File([file], `${form.dataset.pasted}-${when}.${file.name.split(".").pop()}`, { type: file.type });
}

if (area) {
  let depth = 0;
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (change) => {
    depth = change ? Math.max(0, depth + change) : 0;
    area.classList.toggle("cf-drop-on", depth > 0);
  };
  for (const hint of area.querySelectorAll("[data-scripted]")) hint.hidden = false;
  document.addEventListener("dragenter", (event) => { if (holdsFiles(event)) mark(1); });
  document.addEventListener("dragleave", (event) => { if (holdsFiles(event)) mark(-1); });
  document.addEventListener("dragover", (event) => { if (holdsFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    mark(0);
    sendAll([...event.dataTransfer.files]);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.target.closest?.("input, textarea, [contenteditable]") && event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    sendAll(files.map(named));
  });
  form.addEventListener("submit", (event) => {
    const input = form.querySelector("input[type=file]");
    if (!input.files.length) return;
    event.preventDefault();
    sendAll([...input.files]).then(() => { input.value = ""; });
  });
}
