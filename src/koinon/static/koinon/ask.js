// Asking, on top of a form that works without: published answers that may fit appear while one types, and what was typed
// stays in this tab (nowhere else) until it was sent, through a reload, an error or a lost connection.

const PAUSE = 500;
const KEY = "koinon-ask";
const form = document.querySelector("form[data-ask]");
const text = form.elements.text;
const like = document.getElementById("like");
const kept = ["text", "place", "email", "role"];
let timer = 0;
let asking = null;

restore();
form.addEventListener("input", () => { keep(); later(); });
form.addEventListener("change", later);

function keep() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept.map((name) => [name, form.elements[name].value]))));
  } catch { /* No storage: the page works without. */ }
}

function restore() {
  try {
    const draft = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    for (const name of kept) if (!form.elements[name].value && draft[name]) form.elements[name].value = draft[name];
  } catch { /* What was kept cannot be read: begin anew. */ }
  if (text.value) later();
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  const picked = form.querySelector("[name=picked]:checked")?.value;
  const place = picked || form.elements.chosen.value || form.elements.place.value;
  // As a form: what nobody has sent yet stands in no address, which others write into their logs.
  const body = new URLSearchParams({ text: text.value.slice(0, 1000), place: place.slice(0, 200) });
  const guard = form.elements.csrfmiddlewaretoken;
  if (guard) body.set("csrfmiddlewaretoken", guard.value);
  try {
    const answer = await fetch(form.dataset.ask, { method: "POST", body, signal: mine.signal });
    if (!answer.ok || like.contains(document.activeElement)) return;
    const part = document.createElement("template");
    part.innerHTML = await answer.text();
    // The line that tells the number stays the same node, so that it is read out when it changes.
    const status = like.querySelector("[role=status]");
    const told = part.content.querySelector("[role=status]");
    if (status.textContent !== told.textContent) status.textContent = told.textContent;
    for (const node of [...like.children].slice(1)) node.remove();
    like.append(...[...part.content.children].slice(1));
  } catch { /* No network, or something newer was typed: nothing is lost. */ }
}
