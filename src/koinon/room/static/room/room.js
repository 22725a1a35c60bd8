// The room, live: on top of a page that works with forms alone. It listens to the stream, changes what is shown calmly (what
// is new gathers under a button, nothing jumps, focus stays), and keeps what one sends until the server has it.
// All words come from the page (#room-words), so that they are translated there.

import { listen, outbox } from "../live/stream.js";

const words = document.getElementById("room-words").dataset;
const main = document.getElementById("main");
const code = main.dataset.room;
const lists = { question: document.getElementById("question-rows"), shared: document.getElementById("shared-rows") };
const stage = document.getElementById("stage");
const form = document.getElementById("ask-live");
const notice = document.getElementById("offline");
const aloud = document.getElementById("said-aloud");
const showNew = document.getElementById("show-new");
const pause = document.getElementById("pause");
const CALM = 10_000; // between two announcements: at most six a minute

let ticket = words.ticket;
let room = { state: main.dataset.state };
let segments = [];
let segment = null;
let onStage = null;
let items = new Map();
let polls = new Map();
let known = new Set([...document.querySelectorAll("[data-id]")].map((row) => Number(row.dataset.id)));
const skipped = new Set(); // what a long list leaves out, a link away
let first = true;
const voted = new Set(main.dataset.voted.split(" ").filter(Boolean).map(Number));
const own = new Map(main.dataset.own.split(" ").filter(Boolean).map((pair) => { const [id, receipt] = pair.split(":"); return [Number(id), receipt]; }));
const wishes = new Map(); // votes that are on their way: id → whether it is wanted
const ballots = new Map(); // one's own answers, by poll
let isKept = !words.ticket; // whether the browser holds this voice already
let seen = Date.now();

const fill = (text, value, other = "") => text.replace("#", value).replace("@", other);
const clock = (moment) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: main.dataset.zone }).format(moment);
const isQuestion = (item) => item.kind === "question";
const make = (name, properties = {}, ...children) => { const made = Object.assign(document.createElement(name), properties); made.append(...children); return made; };
const said = (text, lang) => { const made = make("span", { textContent: text, dir: "auto" }); if (lang) made.lang = lang; return made; };
const name = (text) => make("bdi", { textContent: text });

// What is shown

function row(item) {
  return document.querySelector(`.panels [data-id="${item.id}"]`);
}

function makeRow(item) {
  const template = document.getElementById(isQuestion(item) ? "t-question" : "t-shared");
  const made = template.content.firstElementChild.cloneNode(true);
  made.id = `c${item.id}`;
  made.dataset.id = item.id;
  const ballot = made.querySelector("form");
  if (ballot) {
    ballot.action = ballot.getAttribute("action").replace("/0/", `/${item.id}/`);
    ballot.dataset.vote = item.id;
    ballot.querySelector("button").id = `v${item.id}`;
  }
  return made;
}

function fillRow(made, item) {
  made.dataset.state = item.state;
  const text = isQuestion(item) ? made.querySelector(".q") : made.querySelector("p");
  if (text.textContent !== item.text) { text.textContent = item.text; text.lang = item.lang; }
  const meta = made.querySelector(".meta:not(.answer)");
  const parts = [];
  if (!isQuestion(item) && words[item.kind]) parts.push(`${words[item.kind]}. `);
  const who = own.has(item.id) ? [words.you] : item.name ? [name(item.name)] : [];
  // A place that the page wrote in its own language stays as it is.
  const from = meta.querySelector(".from")?.textContent || item.place;
  if (from) { if (who.length) who.push(", "); who.push(Object.assign(name(from), { className: "from" })); }
  parts.push(...who);
  if (item.state === "ready") parts.push(who.length ? `. ${words.ready}` : words.ready);
  if (own.has(item.id)) parts.push(". ", make("a", { href: receiptOf(item.id), textContent: words.private }));
  meta.replaceChildren(...parts);
  const open = made.querySelector("details")?.open;
  made.querySelectorAll(".meta.answer, details").forEach((old) => old.remove());
  meta.after(...answerOf(item), ...wordingsOf(item, open));
  const spoken = made.querySelector("form .sr");
  if (spoken) spoken.textContent = ` ${item.text}`;
  fillVotes(made, item);
}

function answerOf(item) {
  const mark = (kind) => make("span", { className: `mark ${kind}` });
  if (item.answer) {
    const line = make("p", { className: "meta answer" }, mark("full"));
    if (item.answer.text) line.append(make("b", { textContent: item.answer.live ? words.answeredLive : words.answeredWritten }), " ", said(item.answer.text, item.answer.lang));
    else line.append(make("b", { textContent: words.answeredOnlyLive }));
    if (item.answer.by) line.append(" ", name(item.answer.by));
    return [line];
  }
  if (!item.desk) return [];
  const due = item.desk.due ? new Date(`${item.desk.due}T12:00:00Z`).toLocaleDateString(words.lang, { day: "numeric", month: "long", year: "numeric" }) : "";
  const [before, after] = (due ? words.desk : words.deskOnly).replace("@", due).split("#");
  return [make("p", { className: "meta answer" }, mark("half"), before, name(item.desk.name), after)];
}

function wordingsOf(item, open) {
  if (!item.wordings.length) return [];
  const languages = new Intl.DisplayNames([words.lang], { type: "language" });
  const list = make("ul");
  for (const other of item.wordings) {
    const from = make("small", { textContent: languages.of(other.lang) });
    if (other.place) from.append(", ", name(other.place));
    list.append(make("li", {}, said(other.text, other.lang), from));
  }
  const summary = item.wordings.length === 1 ? words.oneWording : fill(words.wordings, item.wordings.length);
  return [make("details", { className: "variants", open: Boolean(open) }, make("summary", { textContent: summary }), list)];
}

function fillVotes(made, item) {
  const button = made.querySelector("form.ballot button");
  const total = made.querySelector(".vote b, .ballot b");
  const wanted = wishes.has(item.id) ? wishes.get(item.id) : voted.has(item.id);
  const difference = wishes.has(item.id) ? Number(wishes.get(item.id)) - Number(voted.has(item.id)) : 0;
  if (total) total.textContent = Math.max(0, item.votes + difference);
  if (!button) return;
  button.setAttribute("aria-pressed", String(wanted));
  button.form.elements.voted.value = wanted ? "0" : "1";
  button.disabled = room.state !== "open";
  button.toggleAttribute("data-kept", wishes.has(item.id) && main.classList.contains("is-away"));
}

function belongs(item) {
  if (onStage?.id === item.id) return false;
  if (!isQuestion(item)) return true;
  if (main.dataset.order === "mine") return own.has(item.id) || voted.has(item.id);
  return true;
}

function inOrder(one, other) {
  if (main.dataset.order === "newest") return other.at.localeCompare(one.at) || other.id - one.id;
  return other.votes - one.votes || one.id - other.id;
}

/** Show a thing, or what changed of it. A new one waits under the button, unless it is one's own, or the list is empty. */
function show(item, { atOnce = false } = {}) {
  const there = row(item);
  if (!belongs(item)) {
    if (there) takeAway(there);
    return;
  }
  if (there) {
    fillRow(there, item);
    return;
  }
  const list = isQuestion(item) ? lists.question : lists.shared;
  if (atOnce || own.has(item.id) || known.has(item.id) || !list.children.length) put(list, item);
}

function put(list, item) {
  known.add(item.id);
  const made = makeRow(item);
  fillRow(made, item);
  const before = [...list.children].find((other) => { const its = items.get(Number(other.dataset.id)); return its && inOrder(item, its) < 0; });
  keepPlace(() => list.insertBefore(made, before ?? null));
}

function takeAway(there) {
  const held = there.contains(document.activeElement);
  const heading = there.closest("section").querySelector("h2");
  keepPlace(() => there.remove());
  if (held) heading.focus({ preventScroll: true });
}

/** Do something to the lists while what one reads stays where it is. */
function keepPlace(change) {
  const rows = [...document.querySelectorAll(".panels [data-id]")];
  const anchor = rows.find((other) => other.offsetParent && other.getBoundingClientRect().bottom > 0);
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (anchor?.isConnected && scrollY > 0) scrollBy(0, anchor.getBoundingClientRect().top - before);
}

function waiting() {
  return [...items.values()].filter((item) => belongs(item) && !known.has(item.id) && !skipped.has(item.id) && !row(item));
}

function count() {
  const fresh = waiting().length;
  showNew.hidden = !fresh;
  showNew.textContent = fill(words.new, fresh);
  const all = [...items.values()];
  const questions = all.filter(isQuestion).length;
  document.querySelector("[data-count=questions]").textContent = questions;
  document.querySelector("[data-count=shared]").textContent = all.length - questions;
  const open = [...polls.values()].filter((poll) => poll.state === "open").length;
  document.querySelector("[data-count=polls]").textContent = open ? fill(words.openPolls, open) : polls.size;
  for (const [kind, list] of [["questions", lists.question], ["shared", lists.shared], ["polls", document.getElementById("poll-rows")]]) {
    document.querySelector(`[data-empty=${kind}]`).hidden = Boolean(list.children.length) || (kind === "questions" && Boolean(document.querySelector("#own-waiting > li")));
  }
}

showNew.addEventListener("click", () => {
  for (const item of waiting()) known.add(item.id);
  for (const list of Object.values(lists)) {
    const rows = [...items.values()].filter((item) => belongs(item) && !skipped.has(item.id) && isQuestion(item) === (list === lists.question)).sort(inOrder);
    for (const item of rows) {
      const made = row(item) ?? makeRow(item);
      fillRow(made, item);
      list.append(made);
    }
  }
  count();
  document.querySelector(".panels > section:target h2, .panels > section:first-child h2").focus();
});

function drawStage() {
  const item = onStage && items.get(onStage.id);
  const text = document.getElementById("stage-q");
  document.getElementById("stage-none").hidden = Boolean(item);
  text.hidden = !item;
  const from = document.getElementById("stage-from");
  const acts = document.getElementById("stage-acts");
  if (!item) {
    from.replaceChildren();
    acts.replaceChildren();
    delete stage.dataset.id;
    return;
  }
  text.textContent = item.text;
  text.lang = item.lang;
  from.replaceChildren();
  if (item.place) { const [before, after] = words.from.split("#"); from.append(before, name(item.place), after, " "); }
  if (onStage.answering) { const [before, after] = words.answering.split("#"); from.append(before, name(onStage.answering), after); }
  if (stage.dataset.id !== String(item.id)) {
    stage.dataset.id = item.id;
    const made = makeRow({ ...item, kind: "question" });
    acts.replaceChildren(...[made.querySelector("form, .vote")].filter(Boolean), make("div"));
  }
  const open = acts.querySelector("details")?.open;
  acts.lastElementChild.replaceChildren(...answerOf(item), ...wordingsOf(item, open));
  const spoken = acts.querySelector("form .sr");
  if (spoken) spoken.textContent = ` ${item.text}`;
  fillVotes(acts, item);
}

function setStage(next) {
  const before = onStage?.id;
  onStage = next && next.id ? next : null;
  drawStage();
  if (before && before !== onStage?.id && items.has(before)) { known.add(before); show(items.get(before)); }
  if (onStage && items.has(onStage.id)) show(items.get(onStage.id));
}

function drawHour() {
  const at = segments.findIndex((part) => part.id === segment?.id);
  const now = Date.now();
  let begins = null;
  segments.forEach((part, place) => {
    const line = document.querySelector(`#hour [data-id="${part.id}"]`);
    if (!line) return;
    const isNow = room.state === "open" && place === at;
    line.className = `m${Math.max(1, Math.min(part.minutes ?? 15, 120))}`;
    line.classList.toggle("past", room.state === "closed" || (room.state === "open" && at >= 0 && place < at));
    if (isNow) line.setAttribute("aria-current", "step"); else line.removeAttribute("aria-current");
    let small = "";
    if (isNow) {
      const since = Date.parse(segment.since);
      line.classList.add("now");
      if (part.minutes) {
        const left = Math.ceil((since + part.minutes * 60_000 - now) / 60_000);
        line.classList.add(`v${Math.max(0, Math.min(100, Math.round(100 * (part.minutes - left) / part.minutes)))}`);
        small = left > 1 ? fill(words.left, left) : left === 1 ? words.oneLeft : words.up;
        begins = Math.max(now, since + part.minutes * 60_000);
      } else line.classList.add("v50");
    } else if (begins && place > at) {
      small = fill(words.begins, clock(begins));
      begins = part.minutes ? begins + part.minutes * 60_000 : null;
    }
    const old = line.querySelector("small");
    if (small && old) { if (old.textContent !== small) old.textContent = small; } else if (small) line.append(" ", make("small", { textContent: small })); else if (old && room.state === "open") old.remove();
  });
  if (!main.classList.contains("is-away")) document.querySelector("[data-clock]").textContent = clock(now);
}
setInterval(drawHour, 15_000);

function setRoom(next) {
  const before = room.state;
  room = next;
  const isOpen = room.state === "open";
  main.dataset.state = room.state;
  document.getElementById("dot").className = isOpen ? "live-dot" : "note";
  document.querySelectorAll("#dot > [data-open]").forEach((part) => { part.hidden = !isOpen; });
  document.querySelector("#dot > [data-closed]").hidden = room.state !== "closed";
  document.querySelector("#dot > [data-waiting]").hidden = room.state !== "waiting";
  stage.hidden = !isOpen;
  document.getElementById("is-closed").hidden = room.state !== "closed";
  document.getElementById("is-waiting").hidden = room.state !== "waiting";
  if (form?.elements.text) {
    form.hidden = !isOpen;
    document.getElementById("no-questions").hidden = room.takes_questions;
    document.getElementById("held").hidden = !room.holds;
  }
  document.querySelectorAll("form.ballot button, form.poll button").forEach((button) => { button.disabled = !isOpen; });
  if (before !== room.state && !first) tell(isOpen ? words.saidOpen : room.state === "closed" ? words.saidClosed : "");
  drawHour();
}

function setPrompt(next) {
  const line = document.getElementById("prompt");
  const text = line.querySelector("[data-text]");
  line.hidden = !next?.text;
  text.textContent = next?.text ?? "";
  if (next?.lang) text.lang = next.lang;
  if (next?.text && !first) tell(next.text);
}

// Polls

function setPoll(poll) {
  const there = document.getElementById(`p${poll.id}`);
  if (poll.gone) {
    polls.delete(poll.id);
    there?.remove();
    return;
  }
  const before = polls.get(poll.id);
  polls.set(poll.id, poll);
  const canAnswer = poll.state === "open" && Boolean(form?.elements.text);
  if (there && canAnswer === (there.tagName === "FORM")) {
    const old = there.querySelector(".results");
    const next = resultsOf(poll, there.tagName === "FORM" && !ballots.has(poll.id));
    if (old && next) old.replaceWith(next); else if (next) there.append(next);
    if (!canAnswer && poll.state === "closed") there.querySelector(".note").textContent = closedLine(poll);
    return;
  }
  if (!before && !there && !first && canAnswer) tell(fill(words.saidPoll, poll.text));
  const made = canAnswer ? pollForm(poll) : make("div", { className: "poll done" }, make("p", { className: "q" }, said(poll.text, poll.lang)), make("p", { className: "note", textContent: closedLine(poll) }));
  made.id = `p${poll.id}`;
  made.dataset.poll = poll.id;
  made.dataset.kind = poll.kind;
  const results = resultsOf(poll, canAnswer && !ballots.has(poll.id));
  if (results) made.append(results);
  if (!there) document.getElementById("poll-rows").prepend(made);
  else {
    const held = there.contains(document.activeElement);
    there.replaceWith(made);
    if (held) document.getElementById("pp").focus({ preventScroll: true });
  }
}

function closedLine(poll) {
  return [poll.state === "closed" ? words.closed : "", ballots.has(poll.id) ? words.bold : ""].filter(Boolean).join(" ");
}

function choicesOf(poll) {
  return poll.kind === "scale" ? [1, 2, 3, 4, 5].map((value) => [value, String(value)]) : poll.options.map((text, value) => [value, text]);
}

function pollForm(poll) {
  const made = make("form", { className: "poll" });
  const mine = ballots.get(poll.id);
  if (poll.kind === "words") {
    const label = make("label", { className: "q", htmlFor: `w${poll.id}` }, said(poll.text, poll.lang));
    made.append(label, make("input", { id: `w${poll.id}`, name: "words", maxLength: 140, value: mine?.words ?? "", autocomplete: "off", required: true }));
  } else {
    const set = make("fieldset", {}, make("legend", { className: "q" }, said(poll.text, poll.lang)));
    for (const [value, text] of choicesOf(poll)) {
      const input = make("input", { type: poll.kind === "several" ? "checkbox" : "radio", name: "choice", value, checked: Boolean(mine?.choices.includes(value)) });
      set.append(make("label", { className: "check" }, input, " ", said(text, poll.lang)));
    }
    made.append(set);
  }
  made.append(make("button", { className: "button", id: `b${poll.id}`, textContent: mine ? words.change : words.answer }));
  return made;
}

function resultsOf(poll, hideThem) {
  if (!poll.results || hideThem) return null;
  const made = make("div", { className: "results" });
  if (poll.results.words) {
    made.append(make("ul", { className: "chips words" }, ...poll.results.words.map((word) => make("li", { textContent: word, dir: "auto" }))));
  } else {
    const chosen = new Set(ballots.get(poll.id)?.choices ?? []);
    const bars = make("ul", { className: "bars" });
    choicesOf(poll).forEach(([value, text], place) => {
      const share = poll.answers ? Math.round((100 * poll.results[place]) / poll.answers) : 0;
      const label = make("span", {}, said(text, poll.lang));
      if (chosen.has(value)) label.append(" ", make("small", { textContent: words.yourAnswer }));
      bars.append(make("li", { className: `v${Math.min(100, share)}${chosen.has(value) ? " mine" : ""}` }, label, make("b", { textContent: `${share} %` })));
    });
    made.append(bars);
  }
  made.append(make("p", { className: "note", textContent: poll.answers === 1 ? words.oneAnswer : fill(words.answers, poll.answers) }));
  return made;
}

for (const there of document.querySelectorAll("form.poll")) {
  // What was answered before, as the page drew it.
  const given = [...there.querySelectorAll("[name=choice]:checked")].map((input) => Number(input.value));
  const typed = there.elements.words?.value ?? "";
  if (given.length || typed) ballots.set(Number(there.dataset.poll), { choices: given, words: typed });
}
for (const there of document.querySelectorAll(".poll.done")) {
  const mine = [...there.querySelectorAll(".bars > li")].flatMap((line, place) => (line.classList.contains("mine") ? [place + (there.dataset.kind === "scale" ? 1 : 0)] : []));
  if (mine.length) ballots.set(Number(there.dataset.poll), { choices: mine, words: "" });
}

// Said aloud, seldom

let heard = 0;
let timer = 0;
let tellings = { fresh: 0, shared: 0, answered: 0, lines: [] };

function tell(line) {
  if (line) tellings.lines = [line];
  later();
}

function later() {
  if (timer) return;
  timer = setTimeout(speak, Math.max(800, heard + CALM - Date.now()));
}

function speak() {
  timer = 0;
  heard = Date.now();
  const { fresh, shared, answered, lines } = tellings;
  tellings = { fresh: 0, shared: 0, answered: 0, lines: [] };
  const parts = [...lines];
  if (fresh) parts.push(fill(words.saidNew, fresh));
  if (shared) parts.push(fill(words.saidShared, shared));
  if (answered) parts.push(fill(words.saidAnswered, answered));
  if (parts.length) aloud.textContent = parts.join(" ");
}

// The stream

function takeAll(data) {
  segments = data.segments;
  segment = data.segment;
  items = new Map(data.questions.map((item) => [item.id, item]));
  if (first && "more" in main.dataset) for (const item of items.values()) if (!row(item)) skipped.add(item.id);
  const before = new Set(polls.keys());
  setRoom(data.room);
  setPrompt(data.prompt);
  for (const there of document.querySelectorAll(".panels [data-id]")) if (!items.has(Number(there.dataset.id))) takeAway(there);
  setStage(data.stage);
  for (const item of items.values()) show(item);
  for (const poll of data.polls) { before.delete(poll.id); setPoll(poll); }
  for (const id of before) setPoll({ id, gone: true });
  first = false;
  tidyOwn();
  count();
}

function change(about, data) {
  seen = Date.now();
  if (about === "question") takeItem(data);
  else if (about === "votes") {
    for (const [id, total] of Object.entries(data)) {
      const item = items.get(Number(id));
      if (!item) continue;
      item.votes = total;
      const there = row(item);
      if (there) fillVotes(there, item);
      if (onStage?.id === item.id) fillVotes(document.getElementById("stage-acts"), item);
    }
  } else if (about === "stage") {
    setStage(data);
    if (onStage && items.has(onStage.id)) tell(fill(words.saidStage, items.get(onStage.id).text));
  } else if (about === "segment") { segment = data.id ? data : null; drawHour(); }
  else if (about === "poll") setPoll(data);
  else if (about === "room") setRoom(data);
  else if (about === "prompt") setPrompt(data);
  count();
}

function takeItem(item) {
  const before = items.get(item.id);
  if (item.gone) {
    items.delete(item.id);
    const there = row(item);
    if (there) takeAway(there);
    if (onStage?.id === item.id) setStage(null);
    return;
  }
  items.set(item.id, item);
  if (!before) { if (isQuestion(item)) tellings.fresh += 1; else tellings.shared += 1; later(); }
  if (item.answer && !before?.answer) { tellings.answered += 1; later(); }
  tidyOwn();
  show(item);
  if (onStage?.id === item.id) drawStage();
}

/** What waited for the moderator and is shown now stands in the list. */
function tidyOwn() {
  for (const line of document.querySelectorAll("#own-waiting > li")) if (items.has(Number(line.dataset.own))) line.remove();
}

async function ask() {
  const headers = ticket ? { Authorization: `Bearer ${ticket}` } : {};
  const response = await fetch(`${words.api}/room`, { headers, credentials: "omit", cache: "no-store" });
  if (response.status === 401 && ticket) { ticket = ""; return ask(); }
  if (!response.ok) throw new Error(String(response.status));
  const found = await response.json();
  ticket = found.ticket;
  return found;
}

let wasAway = false;
function lineIs({ name: state, seconds, paused, kept }) {
  const away = state === "offline";
  if (away && !wasAway) document.querySelector("[data-seen]").textContent = clock(seen);
  if (!away) seen = Date.now();
  main.classList.toggle("is-away", away);
  const what = notice.querySelector("[data-what]");
  const more = notice.querySelector("[data-more]");
  pause.textContent = paused ? words.go : words.pause;
  pause.setAttribute("aria-pressed", String(paused));
  let told = ["", ""];
  if (away) told = [fill(words.lost, seconds), fill(words.lostMore, clock(seen))];
  else if (state === "ended") told = [words.ended, ""];
  else if (paused) told = [words.paused, fill(words.wait, kept)];
  else if (state === "asking") told = [words.asking, ""];
  else if (wasAway) {
    told = [words.back, sent.waiting.length ? words.backMore : ""];
    setTimeout(() => { if (!main.classList.contains("is-away")) main.classList.remove("is-told"); }, 8000);
  }
  main.classList.toggle("is-told", Boolean(told[0]));
  if (what.textContent !== told[0]) what.textContent = told[0];
  if (more.textContent !== told[1]) more.textContent = told[1];
  if (away !== wasAway) {
    tell(away ? words.lost.split("#")[0] + "…" : words.back);
    for (const item of items.values()) if (wishes.has(item.id)) { const there = row(item); if (there) fillVotes(there, item); }
    if (!away) sent.flush();
  }
  wasAway = away;
}

const address = () => `${words.events}?ticket=${encodeURIComponent(ticket)}`;
let stream = null;

async function begin() {
  if (!ticket) {
    try { takeAll((await ask()).snapshot); } catch { setTimeout(begin, 15_000); return; }
  }
  document.getElementById("tools").hidden = false;
  stream = listen(address(), {
    snapshot: takeAll,
    change,
    state: lineIs,
    poll: async () => takeAll((await ask()).snapshot),
    renew: async () => { await ask(); return address(); },
  });
}

pause.addEventListener("click", () => (stream?.paused ? stream.resume() : stream?.pause()));

// Sending

const sent = outbox(`room-${code}`, {
  send: async (item, key) => {
    if (!ticket) await ask();
    const headers = { Authorization: `Bearer ${ticket}`, "Idempotency-Key": key };
    if (item.body) headers["Content-Type"] = "application/json";
    const response = await fetch(`${words.api}/${item.path}`, { method: item.method, headers, body: item.body ? JSON.stringify(item.body) : undefined, credentials: "omit" });
    if (response.status === 401 && ticket && !("needsAccount" in words)) { await ask(); return new Response(null, { status: 503 }); }
    return response;
  },
  done: async (item, response) => {
    const answer = await response.json();
    keepVoice();
    if (item.what === "vote") {
      if (wishes.get(item.id) === item.voted) wishes.delete(item.id);
      if (answer.voted) voted.add(item.id); else voted.delete(item.id);
      const its = items.get(item.id);
      if (its) { its.votes = answer.votes; redraw(its); }
    } else if (item.what === "say") taken(item, answer);
  },
  refused: async (item, response) => {
    if (item.what === "vote") {
      wishes.delete(item.id);
      const its = items.get(item.id);
      if (its) redraw(its);
      if (response.status === 401) location.assign(words.login);
    } else if (item.what === "ballot") {
      ballots.delete(item.id);
      if (response.status === 401) location.assign(words.login);
    } else await refused(item, response);
  },
  changed: () => {},
});

function redraw(item) {
  const there = row(item);
  if (there) fillVotes(there, item);
  if (onStage?.id === item.id) fillVotes(document.getElementById("stage-acts"), item);
}

/** After the first deed the browser keeps the voice, so that the plain page speaks with the same one. */
function keepVoice() {
  if (isKept || !ticket) return;
  isKept = true;
  const body = new URLSearchParams({ ticket });
  const guard = document.querySelector("[name=csrfmiddlewaretoken]")?.value;
  if (guard) body.set("csrfmiddlewaretoken", guard);
  fetch(words.voice, { method: "POST", body }).catch(() => { isKept = false; });
}

document.addEventListener("submit", (event) => {
  const target = event.target;
  if (target.matches("form.ballot[data-vote]")) {
    event.preventDefault();
    if ("needsAccount" in words) { location.assign(words.login); return; }
    const id = Number(target.dataset.vote);
    const wanted = target.querySelector("button").getAttribute("aria-pressed") !== "true";
    wishes.set(id, wanted);
    const item = items.get(id);
    if (item) redraw(item);
    sent.add({ what: "vote", id, voted: wanted, method: wanted ? "PUT" : "DELETE", path: `questions/${id}/vote` });
  } else if (target.matches("form.poll")) {
    event.preventDefault();
    if ("needsAccount" in words) { location.assign(words.login); return; }
    const id = Number(target.dataset.poll);
    const given = new FormData(target);
    const choices = given.getAll("choice").map(Number);
    const typed = String(given.get("words") ?? "").trim();
    if (!choices.length && !typed) return;
    ballots.set(id, { choices, words: typed });
    target.querySelector("button").textContent = words.change;
    sent.add({ what: "ballot", id, method: "PUT", path: `polls/${id}/ballot`, body: typed ? { words: typed } : { choices } });
    if (polls.has(id)) setPoll(polls.get(id));
  } else if (target === form) say(event);
});

function say(event) {
  const text = form.elements.text.value.trim();
  const place = form.elements.place.value.trim();
  const chosen = form.elements.chosen.value;
  // A place that was typed but not chosen is found by the server: the form goes its plain way.
  if (!text || (place && !chosen && navigator.onLine !== false)) return;
  event.preventDefault();
  const body = { text, kind: form.elements.kind.value || "question" };
  if (place && chosen) body.place = chosen;
  if (form.elements.lang.value) body.lang = form.elements.lang.value;
  if (form.elements.contact.value) body.contact = form.elements.contact.value;
  if (form.elements.may_quote.checked) body.may_quote = true;
  if (form.elements.named?.checked) body.named = true;
  form.elements.text.value = "";
  document.getElementById("similar").hidden = true;
  announce(main.classList.contains("is-away") ? words.kept : words.sending);
  sent.add({ what: "say", method: "POST", path: "questions", body });
  form.elements.text.focus();
}

function announce(text, ...more) {
  const line = document.getElementById("sent");
  line.hidden = false;
  line.replaceChildren(make("b", { textContent: text }), ...more.flatMap((part) => [" ", part]));
}

function taken(item, answer) {
  const receipt = answer.receipt.split("/").filter(Boolean).pop();
  own.set(answer.id, receipt);
  announce(answer.state === "new" ? words.sentHeld : words.sent, make("a", { href: receiptOf(answer.id), textContent: words.private }));
  if (answer.state === "new") {
    const line = make("li", {}, make("p", { className: "vote still" }, make("span", { className: "mark half" })));
    line.dataset.own = answer.id;
    line.append(make("div", {}, make("p", { className: "q", textContent: item.body.text, dir: "auto" }), make("p", { className: "meta" }, words.withModerator, ". ", make("a", { href: receiptOf(answer.id), textContent: words.private }))));
    document.getElementById("own-waiting").prepend(line);
  }
  if (items.has(answer.id)) show(items.get(answer.id), { atOnce: true });
  count();
}

async function refused(item, response) {
  let detail = "";
  try { const problem = await response.json(); detail = problem.errors?.map((error) => error.wrong).join(" ") || problem.detail; } catch { /* no words came */ }
  if (!form.elements.text.value) form.elements.text.value = item.body.text;
  if (room.state !== "open") announce(words.refusedClosed, make("a", { href: `${words.ask}?text=${encodeURIComponent(item.body.text)}`, textContent: words.askCentre }));
  else announce(words.refused, detail);
}

function receiptOf(id) {
  return words.receipt.replace("CODE", own.get(id));
}

// Others may be asking the same

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const tokens = (text) => new Set(plain(text).split(/[^\p{L}\p{N}]+/u).filter((word) => word.length > 3));
let thinking = 0;

form?.elements.text?.addEventListener("input", () => {
  clearTimeout(thinking);
  thinking = setTimeout(compare, 500);
});

function compare() {
  const typed = tokens(form.elements.text.value);
  const line = document.getElementById("similar");
  let best = null;
  let most = 0;
  if (typed.size >= 2) {
    for (const item of items.values()) {
      if (!isQuestion(item)) continue;
      for (const text of [item.text, ...item.wordings.map((other) => other.text)]) {
        const theirs = tokens(text);
        const same = [...typed].filter((word) => theirs.has(word)).length;
        const score = same / Math.min(typed.size, theirs.size || 1);
        if (same >= 2 && score >= 0.5 && score > most) { best = item; most = score; }
      }
    }
  }
  line.hidden = !best;
  if (best && line.dataset.to !== String(best.id)) {
    line.dataset.to = best.id;
    const link = make("a", { href: onStage?.id === best.id ? "#stage" : `#c${best.id}` }, said(best.text, best.lang));
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (!row(best) && onStage?.id !== best.id) put(lists.question, best);
      document.querySelector(`#v${best.id}`)?.focus();
    });
    line.replaceChildren(words.same, " ", link, " ", words.sameMore);
  }
}

begin();
