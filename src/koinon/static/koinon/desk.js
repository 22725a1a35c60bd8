// The desk, on top of pages that work without: who else looks at a case, that it changed, drafts, inserting, and keys.

const LOOK_EVERY = 10_000;
const KEYS = "koinon-desk-keys";
const found = document.querySelector("[data-case]");
const reply = document.getElementById("reply_text");

forgetSent(document.querySelector("[data-number]"));
if (found) watch(found);
if (reply && found) keepDraft(found, reply);
for (const link of document.querySelectorAll("a[data-insert]")) link.addEventListener("click", insert);
keys();

// Who else is here, and whether it changed. Nothing reloads by itself: what somebody types stays.
function watch(shown) {
  const line = document.getElementById("presence");
  let said = line.textContent.trim();
  async function look() {
    if (document.hidden) return;
    try {
      const answer = await fetch(shown.dataset.case, { headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const now = await answer.json();
      const changed = String(now.version) !== shown.dataset.version || String(now.step) !== shown.dataset.step;
      const words = now.others.length === 0 ? "" : (now.others.length === 1 ? line.dataset.one : line.dataset.many).replace("{names}", () => now.others.join(", "));
      const says = `${words} ${changed ? line.dataset.changed : ""}`.trim();
      if (says === said) return;
      said = says;
      line.textContent = words;
      if (changed) {
        const link = document.createElement("a");
        link.href = location.pathname + location.search;
        link.textContent = line.dataset.changed;
        line.append(" ", link);
      }
    } catch { /* No network: the next look tells. */ }
  }
  setInterval(look, LOOK_EVERY);
  document.addEventListener("visibilitychange", look);
}

// What was typed stays in this tab, under the number and the version it was an answer to.
function keepDraft(shown, field) {
  const name = `koinon-desk ${shown.dataset.number} ${shown.dataset.version}`;
  const told = document.getElementById("draft");
  try {
    if (!field.value) field.value = sessionStorage.getItem(name) ?? older(shown.dataset.number) ?? "";
  } catch { /* No storage: the page works without. */ }
  field.addEventListener("input", () => {
    try {
      sessionStorage.setItem(name, field.value);
      told.textContent = told.dataset.saved;
    } catch { /* No storage: nothing is promised. */ }
  });
}

// What was sent is no draft any more. Only the answer of the server says so: a lost connection loses no word.
function forgetSent(shown) {
  const here = new URL(location.href);
  if (!shown || !["answer", "ask_back"].includes(here.searchParams.get("done"))) return;
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(`koinon-desk ${shown.dataset.number} `)) sessionStorage.removeItem(name);
  } catch { /* No storage: nothing was kept. */ }
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}

// A draft that was written to an earlier version of the same case: still one's own words.
function older(number) {
  const names = Object.keys(sessionStorage).filter((name) => name.startsWith(`koinon-desk ${number} `));
  const last = names.sort((one, other) => Number(one.split(" ").at(-1)) - Number(other.split(" ").at(-1))).at(-1);
  return last ? sessionStorage.getItem(last) : null;
}

function insert(event) {
  if (!reply) return;
  event.preventDefault();
  const text = event.currentTarget.dataset.insert;
  const before = reply.value.slice(0, reply.selectionStart).trimEnd();
  const after = reply.value.slice(reply.selectionEnd).trimStart();
  reply.value = [before, text, after].filter(Boolean).join("\n\n");
  reply.dispatchEvent(new Event("input", { bubbles: true }));
  reply.focus();
}

// Keys without a modifier, only while no field has the focus; they can be turned off (WCAG 2.1.4).
function keys() {
  const box = document.getElementById("keys-on");
  const dialog = document.getElementById("keys");
  if (!box || !dialog) return;
  box.closest("[data-keys]").hidden = false;
  try {
    box.checked = localStorage.getItem(KEYS) !== "off";
  } catch { /* No storage: on. */ }
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS, box.checked ? "on" : "off");
    } catch { /* It holds for this page. */ }
  });
  document.addEventListener("keydown", (event) => {
    if (!box.checked || dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input, textarea, select, summary, [contenteditable]")) return;
    const deed = { j: () => step(1), ArrowDown: () => step(1, event), k: () => step(-1), ArrowUp: () => step(-1, event), "/": search, r: answer, "?": () => dialog.showModal() }[event.key];
    if (deed && deed() !== false) event.preventDefault();
  });
}

// Arrow keys move only within the list, so that they go on scrolling elsewhere.
function step(way, arrow) {
  const links = [...document.querySelectorAll("[data-items] a")];
  const at = links.indexOf(document.activeElement);
  if (!links.length || (arrow && at < 0)) return false;
  const chosen = at < 0 ? links.findIndex((link) => link.closest(".sel")) : at;
  const next = chosen < 0 ? (way > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, chosen + way));
  links[next].focus();
  return true;
}

function search() {
  const field = document.querySelector("input[name=q]");
  if (!field) return false;
  field.focus();
  return true;
}

function answer() {
  if (!reply) return false;
  reply.focus();
  return true;
}
