// Places while one types, on top of a form that works without: the ARIA 1.2 combobox with a list box below the field.
// Every <form data-places> gets one. Texts come from its data attributes, so that they are translated there. A form with
// a hidden field `chosen` keeps the key of the place there; any other form goes on to the page of the place.

const PAUSE = 120;
const MOST = 8;
let made = 0;

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

for (const form of document.querySelectorAll("form[data-places][data-source]")) enhance(form);

function enhance(form) {
  const { source, lang, list: title, one, many, none, country, region, locality } = form.dataset;
  const kinds = { country, region, locality };
  const input = form.querySelector("input[name=q], input.place");
  const keep = form.querySelector("input[type=hidden][name=chosen]");
  const name = `places-${++made}`;
  const list = Object.assign(document.createElement("ul"), { id: name, className: "options", hidden: true });
  const status = Object.assign(document.createElement("p"), { className: "try" });
  let items = [];
  let chosen = -1;
  let timer = 0;
  let asking = null;

  // A search field clears itself on Escape; here Escape first closes the list.
  input.type = "text";
  set(input, { role: "combobox", "aria-expanded": "false", "aria-controls": name, "aria-autocomplete": "list" });
  set(list, { role: "listbox", "aria-label": title });
  status.setAttribute("role", "status");
  (form.querySelector(".bar") ?? input).after(list, status);

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asking?.abort();
    if (keep) keep.value = "";
    if (input.value.trim().length < 2) return close();
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const open = !list.hidden;
    const act = {
      ArrowDown: () => (open ? choose((chosen + 1) % items.length) : ask()),
      ArrowUp: () => open && choose(chosen > 0 ? chosen - 1 : items.length - 1),
      Home: () => open && chosen >= 0 && choose(0),
      End: () => open && chosen >= 0 && choose(items.length - 1),
      Escape: () => open && close(),
      Enter: () => open && chosen >= 0 && go(),
    }[event.key];
    if (act && act() !== false) event.preventDefault();
  });
  input.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { chosen = [...list.children].indexOf(option); go(); }
  });

  async function ask() {
    const typed = input.value.trim();
    if (!typed) return;
    asking?.abort();
    const mine = (asking = new AbortController());
    try {
      const query = new URLSearchParams({ q: typed.slice(0, 200), lang, limit: MOST });
      const answer = await fetch(`${source}?${query}`, { signal: mine.signal });
      if (!answer.ok) return close();
      show((await answer.json()).items, typed);
    } catch {
      // No network, or something newer was typed: the form still works.
      if (mine === asking) close();
    }
  }

  function show(found, typed) {
    if (document.activeElement !== input) return;
    items = found;
    chosen = -1;
    list.replaceChildren(...found.map((place, at) => option(place, at, typed)));
    list.hidden = !found.length;
    form.classList.toggle("open", !list.hidden);
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    status.textContent = found.length === 1 ? one : found.length ? many.replace("#", found.length) : none;
  }

  function option(place, at, typed) {
    const row = set(document.createElement("li"), { role: "option", id: `${name}-${at}`, "aria-selected": "false" });
    row.append(marked(place.name, typed), element("i", kinds[place.kind]), element("span", where(place).join(", ")));
    return row;
  }

  function where(place) {
    if (place.kind === "country") return [];
    return [place.region?.code !== place.key && place.region?.name, countryName(place.country)].filter(Boolean);
  }

  function countryName(code) {
    try {
      return new Intl.DisplayNames([lang], { type: "region" }).of(code === "EL" ? "GR" : code);
    } catch {
      return code;
    }
  }

  // The letters that were typed, underlined where the name begins with them.
  function marked(text, typed) {
    const bold = document.createElement("b");
    let length = 0;
    while (length < text.length && plain(text.slice(0, length)).length < plain(typed).length) length++;
    if (plain(text.slice(0, length)) !== plain(typed)) length = 0;
    if (length) bold.append(element("u", text.slice(0, length)));
    bold.append(text.slice(length));
    return bold;
  }

  function choose(at) {
    if (!items.length) return;
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = at < 0 || at >= items.length ? -1 : at;
    const row = list.children[chosen];
    if (!row) return input.removeAttribute("aria-activedescendant");
    row.setAttribute("aria-selected", "true");
    row.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", row.id);
  }

  function go() {
    const place = items[chosen];
    if (!place) return;
    if (!keep) return location.assign(place.url);
    keep.value = place.key;
    input.value = [place.name, ...where(place)].join(", ");
    if (form.elements.shown) form.elements.shown.value = input.value;
    close();
    keep.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function close() {
    clearTimeout(timer);
    asking?.abort();
    items = [];
    chosen = -1;
    list.hidden = true;
    form.classList.remove("open");
    status.textContent = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}

function set(node, attributes) {
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function element(tag, text) {
  return Object.assign(document.createElement(tag), { textContent: text || "" });
}
