// The moderators' desk, on top of a page that works as forms: keys, sending without a new page, what waits for the network,
// what others do. The server draws everything; this fetches it anew and puts it in place.

import { listen } from "../live/stream.js";

const main = document.querySelector("main[data-desk]");
const dialog = document.getElementById("keys");
const here = new URL(location.href);
const BOX = `koinon-moderate ${main.dataset.act}`;
const KEYS = "koinon-desk-keys";
const REFRESH = 10_000;
const AWAY = 45_000;
const MOST_OFF_LINE = 200;

let selected = here.searchParams.get("sel") ?? shownSelected();
let words = here.searchParams.get("q") ?? "";
let waiting = 0;
let drawn = Date.now();
let dirty = false;
let sending = false;
let offline = false;
const seats = new Map();

// --- what is drawn ---------------------------------------------------------------------------------------------------

function shownSelected() {
  return main.querySelector(".sel")?.dataset.id ?? "";
}

function row(id) {
  return main.querySelector(`[data-id="${CSS.escape(id)}"]`);
}

function isTyping() {
  const at = document.activeElement;
  return main.contains(at) && at.matches("textarea, select, input:not([type=radio], [type=hidden])");
}

// A change is drawn soon, several at a time once; never while somebody types here.
function renew(soon = 150) {
  if (waiting) return;
  waiting = setTimeout(fetchInside, Math.max(soon, drawn + 600 - Date.now()));
}

async function fetchInside() {
  waiting = 0;
  if (isTyping() || sending || isHolding()) {
    dirty = true;
    return;
  }
  drawn = Date.now();
  const asked = new URLSearchParams({ ...(selected && { sel: selected }), ...(words && { q: words }) });
  try {
    const answer = await fetch(`${main.dataset.desk}?${asked}`, { cache: "no-store" });
    if (answer.ok && !answer.redirected) {
      const text = await answer.text();
      if (!isTyping() && !isHolding()) put(new DOMParser().parseFromString(text, "text/html").body);
      else dirty = true;
    } else if (!answer.ok || answer.redirected) location.reload();
  } catch { /* No network: what is there stays. */ }
}

// Between pressing a button and letting it go nothing is drawn anew, or the press would fall on what is no longer there.
let pressing = false;
main.addEventListener("pointerdown", () => { pressing = true; });
for (const end of ["pointerup", "pointercancel"]) {
  addEventListener(end, () => setTimeout(() => {
    pressing = false;
    if (dirty) renew(0);
  }, 100));
}

function isHolding() {
  return pressing || Boolean(main.querySelector("#hold.open"));
}

// What was typed and not sent yet stays, whatever is drawn anew: by the form's address and the field's name.
function typed() {
  const kept = [];
  for (const form of main.querySelectorAll("form:not([data-sent])")) {
    for (const field of form.elements) {
      if (!field.name || field.matches("button, [type=hidden]")) continue;
      const chosen = field.matches("select") && [...field.options].some((one) => one.selected !== one.defaultSelected);
      const ticked = field.matches("[type=checkbox], [type=radio]") && field.checked !== field.defaultChecked;
      const written = field.matches("textarea, input:not([type=checkbox], [type=radio])") && field.value !== field.defaultValue;
      if (chosen || ticked || written) kept.push([form.getAttribute("action"), field.name, field.type, field.value, field.checked]);
    }
  }
  return kept;
}

function retype(kept) {
  const forms = [...main.querySelectorAll("form")];
  for (const [action, name, type, value, checked] of kept) {
    const form = forms.find((one) => one.getAttribute("action") === action);
    const fields = [...(form?.elements ?? [])].filter((one) => one.name === name && one.type === type);
    const field = type === "radio" || type === "checkbox" ? fields.find((one) => one.value === value) : fields[0];
    if (!field) continue;
    if (type === "radio" || type === "checkbox") field.checked = checked;
    else field.value = value;
  }
}

function put(made) {
  const open = [...main.querySelectorAll("details")].map((one, at) => [nameOf(one, at), one.open]).filter(([, is]) => is);
  const scrolled = [...main.children].map((part) => [part.className, part.scrollTop]);
  const focus = focusName();
  const told = main.querySelector("[data-told]");
  const says = made.querySelector("[data-told] .notice:not([data-outbox]), .q-dup .notice") ? null : told && [...told.querySelectorAll(".notice:not([data-outbox])")];
  const merged = made.querySelector(".q-dup > .notice") ? null : main.querySelector(".q-dup > .notice");
  const unsent = typed();
  main.replaceChildren(...made.childNodes);
  retype(unsent);
  if (merged && Date.now() - saidAt < 8000) main.querySelector(".q-dup > header")?.after(merged);
  if (says?.length && Date.now() - saidAt < 8000) main.querySelector("[data-told]").prepend(...says);
  const names = new Set(open.map(([name]) => name));
  for (const [at, one] of [...main.querySelectorAll("details")].entries()) if (names.has(nameOf(one, at))) one.open = true;
  for (const [name, top] of scrolled) {
    const part = name && main.querySelector(`:scope > .${name.split(" ")[0]}`);
    if (part) part.scrollTop = top;
  }
  if (focus) main.querySelector(focus)?.focus({ preventScroll: true });
  dirty = false;
  ready();
}

function nameOf(details) {
  const part = details.closest("section, header")?.className ?? "";
  const about = details.closest("[data-id]")?.dataset.id ?? "";
  return `${part} ${about} ${details.id || [...(details.parentElement?.children ?? [])].indexOf(details)}`;
}

// Focus stays on the same control, by its id or its key; on a row by the row.
function focusName() {
  const at = document.activeElement;
  if (!main.contains(at)) return "";
  if (at.id) return `#${CSS.escape(at.id)}`;
  const about = at.closest("[data-id]")?.dataset.id;
  if (at.dataset.key) return `[data-key="${CSS.escape(at.dataset.key)}"]`;
  return about ? `[data-id="${CSS.escape(about)}"] a.pick` : "";
}

// What a fresh drawing needs of this page: the marks of others, the outbox, the button that lists the keys.
function ready() {
  for (const button of main.querySelectorAll("[data-keys]")) button.hidden = false;
  showSeats();
  tellOutbox();
  clocks();
  if (wanted && isDrawn()) when(wanted);
}

function select(id, { focus = false } = {}) {
  if (!id) return;
  selected = String(id);
  wanted = null;
  for (const one of main.querySelectorAll(".sel")) {
    one.classList.remove("sel");
    one.removeAttribute("aria-current");
  }
  const chosen = row(selected);
  chosen?.classList.add("sel");
  chosen?.setAttribute("aria-current", "true");
  chosen?.scrollIntoView({ block: "nearest" });
  if (focus) chosen?.querySelector("a.pick")?.focus({ preventScroll: true });
  const now = new URL(location.href);
  now.searchParams.set("sel", selected);
  now.searchParams.delete("done");
  now.hash = "";
  history.replaceState(null, "", now);
  drawn = 0;
  clearTimeout(waiting);
  waiting = 0;
  renew(120);
  lookIn();
}

function step(way) {
  const rows = [...main.querySelectorAll("[data-list] > [data-id]")];
  if (!rows.length) return;
  const at = rows.findIndex((one) => one.dataset.id === selected);
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + way))];
  select(next.dataset.id, { focus: true });
}

// Where the selection goes when the selected one leaves its queue.
function neighbour(id) {
  const one = row(id);
  return one?.nextElementSibling?.dataset.id ?? one?.previousElementSibling?.dataset.id ?? "";
}

// --- what is sent ----------------------------------------------------------------------------------------------------

let saidAt = 0;

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(BOX) ?? "[]");
  } catch {
    return kept;
  }
}

let kept = [];
function store(items) {
  kept = items;
  try {
    sessionStorage.setItem(BOX, JSON.stringify(items));
  } catch { /* Without storage it is kept as long as the page is open. */ }
  tellOutbox();
}

function tellOutbox() {
  const line = main.querySelector("[data-outbox]");
  if (!line) return;
  const items = load();
  line.hidden = !offline && !items.length;
  if (!line.hidden && offline) line.textContent = line.dataset.offline.replace("{number}", items.length);
  else if (!offline) line.hidden = true;
}

function newKey() {
  return crypto.randomUUID ? crypto.randomUUID() : [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

// One deed: kept in this tab until the server has answered. What goes away is looked past at once.
function send(address, fields, { id = "", leaves = false } = {}) {
  const items = load();
  if (items.length >= MOST_OFF_LINE) return;
  const follows = id ? items.some((item) => item.id === id) : items.length > 0;
  const goesTo = leaves && id === selected ? neighbour(id) : "";
  store([...items, { address, fields: { ...fields, key: newKey(), goto: goesTo || selected }, id, follows }]);
  if (leaves) row(id)?.classList.add("leaving");
  if (goesTo) selected = goesTo;
  flush();
}

async function flush() {
  if (sending) return;
  sending = true;
  try {
    for (let item = load()[0]; item; item = load()[0]) {
      const body = new URLSearchParams(item.fields);
      body.set("csrfmiddlewaretoken", token());
      // What this page itself did before has raised the version since.
      const now = item.follows && (item.id ? row(item.id)?.dataset.version : main.querySelector("[data-room-version]")?.dataset.roomVersion);
      if (now) body.set("version", now);
      const answer = await fetch(item.address, { method: "POST", body, headers: { Accept: "text/html" } });
      if (answer.status >= 500) throw new Error("later");
      const text = await answer.text();
      offline = false;
      store(load().slice(1));
      const made = new DOMParser().parseFromString(text, "text/html").querySelector("main[data-desk]");
      if (!made) {
        location.assign(answer.url);
        return;
      }
      saidAt = Date.now();
      put(made);
      if (selected && shownSelected() !== selected) renew(0);
    }
  } catch {
    offline = true;
    tellOutbox();
    setTimeout(flush, 3000);
  } finally {
    sending = false;
    if (!offline) renew(0);
  }
}

function token() {
  return main.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

const LEAVES = new Set(["ready", "carry", "hold", "merge", "stage"]);

main.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  event.preventDefault();
  form.dataset.sent = "";
  const address = event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action;
  const fields = Object.fromEntries(new FormData(form));
  delete fields.csrfmiddlewaretoken;
  const parts = new URL(address, location.href).pathname.split("/").filter(Boolean);
  const id = parts.at(-2) ?? "";
  document.activeElement?.blur();
  main.querySelector("#hold.open")?.classList.remove("open");
  send(address, fields, { id: /^\d+$/.test(id) ? id : "", leaves: LEAVES.has(parts.at(-1)) });
});

// One deed by key on the selected one; works also where its buttons are not drawn yet.
function deed(name, { id = selected, extra = {} } = {}) {
  const one = row(id);
  if (!one) return;
  send(`${main.dataset.act}${id}/${name}/`, { version: one.dataset.version, ...extra }, { id, leaves: LEAVES.has(name) });
}

function press(key, where) {
  main.querySelector(`${where} [data-key="${key}"]`)?.click();
}

// What is drawn beside the queues belongs to the one that was selected when it was drawn.
function isDrawn() {
  return main.querySelector("[data-chosen]")?.dataset.chosen === selected;
}

// What needs the tools of the selected one waits until they are drawn.
let wanted = null;
function when(act) {
  if (isDrawn()) {
    wanted = null;
    act();
  } else {
    wanted = act;
    renew(0);
  }
}

let staged = "";
function onStage() {
  return main.querySelector(".q-stage [data-id]")?.dataset.id ?? staged;
}

// --- keys ------------------------------------------------------------------------------------------------------------

const from = { new: ["ready", "release", "stage", "carry"], open: ["ready", "stage", "carry"], ready: ["stage", "carry"], follow: ["ready", "stage", "carry"], follow_up: ["ready", "stage", "carry"] };

function may(name) {
  return (from[row(selected)?.dataset.queue] ?? []).includes(name);
}

const ACTIONS = {
  j: () => step(1),
  k: () => step(-1),
  r: () => may("ready") && deed("ready"),
  l: () => may("release") && deed("release"),
  s: () => {
    if (!may("stage")) return;
    staged = selected;
    deed("stage");
  },
  f: () => may("carry") && deed("carry"),
  a: () => deed("answered", { id: onStage() }),
  t: () => deed("down", { id: onStage() }),
  d: () => when(() => press("d", main.querySelector(".q-dup [data-key=x]") ? ".q-dup" : ".acts")),
  x: () => when(() => press("x", ".q-dup")),
  u: () => when(() => press("u", ".q-dup")),
  z: () => send(`${main.dataset.act}run/undo/`, { version: main.querySelector("[data-room-version]").dataset.roomVersion, sel: selected }),
  n: () => press("n", ".run"),
  h: () => when(hold),
  w: () => when(write),
  "/": () => main.querySelector("#q")?.focus(),
  "?": () => dialog.showModal(),
};

function hold() {
  const form = main.querySelector("#hold");
  if (!form) return;
  form.classList.add("open");
  (form.querySelector("input:checked") ?? form.querySelector("input[type=radio]"))?.focus();
}

function leaveHold() {
  const form = main.querySelector("#hold.open");
  if (!form) return false;
  form.classList.remove("open");
  row(selected)?.querySelector("a.pick")?.focus();
  if (dirty) renew(0);
  return true;
}

function write() {
  const more = main.querySelector("#more");
  if (!more) return;
  more.open = true;
  main.querySelector("#write_text")?.focus();
}

const keysOn = document.getElementById("keys-on");
try {
  keysOn.checked = localStorage.getItem(KEYS) !== "off";
} catch { /* No storage: on. */ }
keysOn.addEventListener("change", () => {
  try {
    localStorage.setItem(KEYS, keysOn.checked ? "on" : "off");
  } catch { /* It holds for this page. */ }
});

document.addEventListener("keydown", (event) => {
  if (dialog.open || event.ctrlKey || event.metaKey || event.isComposing) return;
  const field = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    if (leaveHold()) event.preventDefault();
    else field?.blur();
    return;
  }
  const radio = field?.matches("input[type=radio]");
  if (radio && isHolding() && /^[1-6]$/.test(event.key)) {
    const choice = main.querySelectorAll("#hold input[type=radio]")[Number(event.key) - 1];
    choice.checked = true;
    choice.focus();
    if (event.key === "6") main.querySelector("#hold_words")?.focus();
    event.preventDefault();
    return;
  }
  if (field || !keysOn.checked) return;
  if (event.altKey) {
    const way = { ArrowUp: "up", ArrowDown: "lower" }[event.key];
    if (way && row(selected)?.dataset.queue === "ready") {
      deed(way);
      event.preventDefault();
    }
    return;
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
  if (!act || (event.target.closest?.("summary, button, a") && event.key === "Enter")) return;
  event.preventDefault();
  act();
});

main.addEventListener("click", (event) => {
  const pick = event.target.closest("a.pick");
  const about = event.target.closest("[data-id]")?.dataset.id;
  if (pick && about && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    select(about, { focus: true });
  } else if (event.target.closest("[data-key=h]")) {
    event.preventDefault();
    hold();
  } else if (event.target.closest("[data-cancel]")) {
    event.preventDefault();
    leaveHold();
  } else if (event.target.closest("[data-focus]")) {
    event.preventDefault();
    main.querySelector("#into")?.focus();
  } else if (event.target.closest("[data-keys]")) dialog.showModal();
});

main.addEventListener("focusout", () => setTimeout(() => dirty && !isTyping() && renew(0), 200));

// --- others at this desk, and what changes ---------------------------------------------------------------------------

let looking = 0;
function lookIn() {
  clearTimeout(looking);
  looking = setTimeout(() => {
    const body = new URLSearchParams({ sel: selected, csrfmiddlewaretoken: token() });
    fetch(main.dataset.here, { method: "POST", body }).catch(() => {});
  }, 500);
}

function sit({ who, name, selected: at }) {
  if (String(who) === main.dataset.me) return;
  seats.set(who, { name, at: at === null ? "" : String(at), until: Date.now() + AWAY });
  showSeats();
}

function showSeats() {
  if (!seats.size) return;
  const now = [...seats.values()].filter((seat) => seat.until > Date.now());
  for (const place of main.querySelectorAll("[data-others]")) {
    const about = place.closest("[data-id]")?.dataset.id;
    place.replaceChildren(...now.filter((seat) => seat.at && seat.at === about).flatMap((seat) => [" ", tag(seat.name)]));
  }
  const line = main.querySelector("[data-people]");
  if (!line) return;
  const says = now.length === 0 ? line.dataset.alone : (now.length === 1 ? line.dataset.one : line.dataset.many).replace("{names}", now.map((seat) => seat.name).join(", "));
  if (line.textContent.trim() !== says) line.textContent = says;
}

function tag(name) {
  const made = document.createElement("span");
  made.className = "tag";
  made.textContent = name;
  return made;
}

// The clock of what is on stage runs on in the page.
function clocks() {
  for (const clock of main.querySelectorAll("[data-clock]")) {
    const seconds = Math.max(0, Math.round((Date.now() - Date.parse(clock.dataset.clock)) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}

setInterval(clocks, 1000);
setInterval(() => !document.hidden && renew(0), REFRESH);
setInterval(() => !document.hidden && lookIn(), 20_000);
addEventListener("online", flush);
ready();
lookIn();
if (load().length) flush();
if (main.dataset.stream) {
  listen(main.dataset.stream, {
    snapshot: () => renew(0),
    reset: () => renew(0),
    change: (about, data) => (about === "here" ? sit(data) : renew(about === "room" ? 0 : 150)),
    poll: async () => renew(0),
    state: ({ name }) => {
      if (name === "ended") location.reload();
    },
    renew: async () => (await fetch(main.dataset.ticket, { cache: "no-store" })).text(),
  });
}
