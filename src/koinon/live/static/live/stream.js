// Listening to a channel of the live room, and keeping what was sent while the line was away.
//
//   import { listen, outbox } from "…/live/stream.js";
//   const stream = listen(address, { snapshot, change, reset, state, poll, renew });
//   stream.pause(); stream.resume(); stream.close();
//
// A page works without this: as forms, and by loading it again. Nothing here writes into the page.

const SILENCE = 40_000; // the server says something each 15 seconds
const PATIENCE = 10_000; // for the first byte: a proxy that keeps streams back lets none through
const FIRST_WAIT = 500;
const LONGEST_WAIT = 20_000;
const ASK_EVERY = 15_000;
const MOST_KEPT = 2_000;

/**
 * Listen to the stream at `address` (with its ticket) until `close()`. It comes again by itself, with growing pauses that differ
 * from page to page, and goes on from where it was.
 *
 * snapshot(data)         all that is shown; what was shown before no longer counts
 * change(about, data)    one change, in order, none twice and none left out
 * reset()                what follows does not go on from before; a snapshot comes next
 * state({name, seconds, paused, kept})
 *                        name: "waiting" before the first byte, "live", "offline" (for so many seconds; told each second),
 *                        "asking" (the stream is blocked, the page asks every 15 seconds), "ended" (not yours any more).
 *                        kept: changes that wait while updates are paused
 * poll()                 asked every 15 seconds while the stream is blocked; a promise that fails means offline
 * renew()                a promise of a new address, when the ticket has grown too old
 */
export function listen(address, { snapshot, change, reset, state, poll, renew }) {
  let last = "";
  let name = "waiting";
  let lostAt = 0;
  let failures = 0;
  let neverOpen = true;
  let closed = false;
  let paused = false;
  let kept = [];
  let keptCount = 0;
  let request = null;
  let wakeUp = null;
  let clock = null;
  let asking = null;

  function tell() {
    const seconds = name === "offline" ? Math.round((Date.now() - lostAt) / 1000) : 0;
    state?.({ name, seconds, paused, kept: keptCount });
  }

  function become(next) {
    if (name === next) return;
    name = next;
    clearInterval(clock);
    if (name === "offline") {
      lostAt = lostAt || Date.now();
      clock = setInterval(tell, 1000);
    }
    if (name === "live" || name === "asking") lostAt = 0;
    tell();
  }

  function hand(kind, data) {
    if (kind === "snapshot") snapshot?.(data);
    else if (kind === "reset") reset?.();
    else change?.(data.about, data.data);
  }

  function take(kind, data) {
    if (!paused) {
      hand(kind, data);
      return;
    }
    // Of what lies before a snapshot nothing is needed any more.
    if (kind === "snapshot") kept = [];
    if (kept.length < MOST_KEPT) kept.push([kind, data]);
    else kept.overflow = true;
    if (kind === "change") keptCount += 1;
    tell();
  }

  function block(text) {
    let kind = "message";
    let id = null;
    const data = [];
    for (const line of text.split("\n")) {
      if (line.startsWith(":")) continue;
      const at = line.indexOf(":");
      const field = at < 0 ? line : line.slice(0, at);
      const value = at < 0 ? "" : line.slice(at + 1).replace(/^ /, "");
      if (field === "event") kind = value;
      else if (field === "data") data.push(value);
      else if (field === "id") id = value;
    }
    if (data.length && ["snapshot", "change", "reset"].includes(kind)) take(kind, JSON.parse(data.join("\n")));
    // Only now: an event that broke on the way is asked for again.
    if (id !== null) last = id;
  }

  async function read(response, watch) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      watch(SILENCE);
      failures = 0;
      neverOpen = false;
      stopAsking();
      become("live");
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop();
      for (const whole of blocks) block(whole);
    }
  }

  /** One connection, from its beginning to its end; true where another would be of no use. */
  async function connect() {
    request = new AbortController();
    let timer = 0;
    const mine = request;
    const watch = (milliseconds) => {
      clearTimeout(timer);
      timer = setTimeout(() => mine.abort(), milliseconds);
    };
    try {
      watch(PATIENCE);
      const headers = { Accept: "text/event-stream" };
      if (last) headers["Last-Event-ID"] = last;
      const response = await fetch(address, { headers, cache: "no-store", credentials: "omit", signal: mine.signal });
      if (response.status === 200) {
        await read(response, watch);
        failures += 1;
        return false;
      }
      if (response.status === 401 && renew && failures < 3) {
        failures += 1;
        address = await renew();
        return false;
      }
      failures += 1;
      return [401, 403, 404].includes(response.status);
    } catch (_) {
      failures += 1;
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  function sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function ask() {
    try {
      await poll();
      if (asking !== null) become("asking");
    } catch (_) {
      if (asking !== null) become("offline");
    }
  }

  function startAsking() {
    if (asking !== null || !poll) return;
    asking = setInterval(ask, ASK_EVERY);
    ask();
  }

  function stopAsking() {
    clearInterval(asking);
    asking = null;
  }

  async function run() {
    tell();
    while (!closed) {
      const useless = await connect();
      if (closed) break;
      if (useless) {
        stopAsking();
        become("ended");
        return;
      }
      if (asking === null) {
        if (neverOpen && failures < 2) become("waiting");
        else become("offline");
      }
      if (navigator.onLine !== false && failures >= 2) startAsking();
      const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 8));
      await sleep(longest * (0.5 + Math.random() / 2));
    }
  }

  function backOnline() {
    failures = Math.min(failures, 1);
    wakeUp?.();
  }

  function gone() {
    if (name === "ended") return;
    stopAsking();
    request?.abort();
    become("offline");
  }

  let hiddenAt = 0;
  function seen() {
    if (document.visibilityState === "hidden") {
      hiddenAt = Date.now();
    } else if (hiddenAt && Date.now() - hiddenAt > SILENCE) {
      // A phone that slept: its line may be dead without knowing it.
      request?.abort();
      backOnline();
    }
  }

  addEventListener("online", backOnline);
  addEventListener("offline", gone);
  document.addEventListener("visibilitychange", seen);
  run();

  return {
    /** Keep what comes, and count it. */
    pause() {
      paused = true;
      tell();
    },
    /** Hand over what was kept, in order, and go on. */
    resume() {
      paused = false;
      const held = kept;
      kept = [];
      keptCount = 0;
      if (held.overflow) {
        // Too much to keep: all that is shown is asked for anew.
        last = "";
        request?.abort();
        reset?.();
      } else {
        for (const [kind, data] of held) hand(kind, data);
      }
      tell();
    },
    get paused() {
      return paused;
    },
    close() {
      closed = true;
      clearInterval(clock);
      stopAsking();
      removeEventListener("online", backOnline);
      removeEventListener("offline", gone);
      document.removeEventListener("visibilitychange", seen);
      request?.abort();
      wakeUp?.();
    },
  };
}

function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * What a person sends, kept in this browser until the server has answered: nothing typed is lost by a line that breaks.
 *
 * name                     of the box; one for each room
 * send(item, key)          a promise of a Response; `key` goes into the header Idempotency-Key, so that sending twice does once
 * done(item, response)     the server took it
 * refused(item, response)  the server said no; it is not tried again
 * changed(waiting)         the items that wait, whenever that changes
 *
 * `add(item)` keeps an item (what JSON can hold) and sends it as soon as that is possible, one after the other.
 */
export function outbox(name, { send, done, refused, changed }) {
  const place = `koinon.outbox.${name}`;
  let memory = [];
  let sending = false;
  let timer = 0;
  let failures = 0;

  function load() {
    try {
      return JSON.parse(localStorage.getItem(place) || "[]");
    } catch (_) {
      return memory;
    }
  }

  function store(items) {
    memory = items;
    try {
      if (items.length) localStorage.setItem(place, JSON.stringify(items));
      else localStorage.removeItem(place);
    } catch (_) {
      // Without storage it is kept as long as the page is open.
    }
    changed?.(items.map((one) => one.item));
  }

  function drop(key) {
    store(load().filter((one) => one.key !== key));
  }

  function later(seconds) {
    clearTimeout(timer);
    timer = setTimeout(flush, seconds * 1000);
  }

  async function flush() {
    if (sending) return;
    sending = true;
    clearTimeout(timer);
    try {
      for (let next = load()[0]; next; next = load()[0]) {
        const response = await send(next.item, next.key);
        if ([409, 429].includes(response.status) || response.status >= 500) {
          failures += 1;
          const said = Number(response.headers.get("Retry-After")) || 0;
          later(Math.max(said, Math.min(30, 2 ** failures)) * (1 + Math.random() / 4));
          return;
        }
        failures = 0;
        drop(next.key);
        if (response.ok) done?.(next.item, response);
        else refused?.(next.item, response);
      }
    } catch (_) {
      failures += 1;
      later(Math.min(30, 2 ** failures) * (1 + Math.random() / 4));
    } finally {
      sending = false;
    }
  }

  addEventListener("online", () => {
    failures = 0;
    flush();
  });
  if (load().length) {
    changed?.(load().map((one) => one.item));
    later(0);
  }

  return {
    add(item) {
      store([...load(), { key: newKey(), item, at: Date.now() }]);
      return flush();
    },
    /** Try now, for instance when the stream is live again. */
    flush,
    get waiting() {
      return load().map((one) => one.item);
    },
  };
}
