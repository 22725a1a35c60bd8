// The wall and the speaker's view, on top of pages that load themselves again: they follow the room's public stream.

import { listen } from "../live/stream.js";

const main = document.querySelector("main[data-inside]");
let waiting = 0;
let asked = 0;

// What changes is drawn by the server, as the page was; a few changes at a time are drawn once.
function renew(soon = 150) {
  if (waiting) return;
  waiting = setTimeout(draw, Math.max(soon, asked + 700 - Date.now()));
}

async function draw() {
  waiting = 0;
  asked = Date.now();
  try {
    const answer = await fetch(main.dataset.inside, { cache: "no-store" });
    if (!answer.ok) return;
    const open = main.querySelector("#wordings")?.open;
    const text = await answer.text();
    const made = new DOMParser().parseFromString(text, "text/html");
    main.replaceChildren(...made.body.childNodes);
    if (open && main.querySelector("#wordings")) main.querySelector("#wordings").open = true;
    document.body.classList.toggle("p-poll", Boolean(main.querySelector("#wq")));
    left();
  } catch { /* No network: what is there stays, and is drawn anew when it is back. */ }
}

// Votes travel as totals: only the number changes.
function votes(totals) {
  const about = main.querySelector("[data-about]")?.dataset.about;
  const number = main.querySelector("[data-votes]");
  if (number && about in totals) number.textContent = totals[about];
}

// The clock of a speaker runs on in the page.
let end = 0;
function left() {
  const clock = main.querySelector("[data-left]");
  end = clock ? Date.now() + Number(clock.dataset.left) * 1000 : 0;
}

setInterval(() => {
  const clock = main.querySelector("[data-left]");
  if (!clock || !end) return;
  const seconds = Math.round((end - Date.now()) / 1000);
  const whole = Math.abs(seconds);
  clock.textContent = `${seconds < 0 ? "−" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  clock.classList.toggle("over", seconds < 0);
}, 1000);

left();
setInterval(() => renew(0), Number(main.dataset.every || 15_000));
listen(main.dataset.stream, {
  snapshot: () => renew(0),
  reset: () => renew(0),
  change: (about, data) => (about === "votes" ? votes(data) : about === "people" ? undefined : renew(["stage", "segment", "poll", "room", "prompt"].includes(about) ? 0 : 150)),
  poll: async () => renew(0),
  renew: async () => {
    const page = new DOMParser().parseFromString(await (await fetch(location.href, { cache: "no-store" })).text(), "text/html");
    return page.querySelector("main").dataset.stream;
  },
});
