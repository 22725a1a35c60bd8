// The private page, on top of what works without: copying its address. What was typed when asking is no longer needed.

try {
  sessionStorage.removeItem("koinon-ask");
} catch { /* No storage: nothing was kept. */ }

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent);
    button.textContent = button.dataset.done;
  });
}
