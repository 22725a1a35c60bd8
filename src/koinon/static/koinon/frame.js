// What the frame of every page adds when there is script: the reader's own language, offered, never forced.
// The page itself never varies (it is shared bytes), so the browser's languages are looked at here.

const offer = document.getElementById("language-offer");
const here = document.documentElement.lang;

for (const wanted of navigator.languages ?? []) {
  const code = wanted.slice(0, 2).toLowerCase();
  if (code === here) break;
  const link = document.querySelector(`#languages a[hreflang="${code}"]`);
  if (!link) continue;
  const anchor = offer.querySelector("a");
  anchor.href = link.href;
  anchor.lang = anchor.hreflang = code;
  anchor.textContent = link.textContent;
  offer.hidden = false;
  break;
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
