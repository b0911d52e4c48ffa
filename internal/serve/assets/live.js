// Brings the parts of a page that are marked with data-live up to date, while the
// page is looked at and nobody is in them. Pages work without it.
"use strict";
const every = 5000;
async function refresh() {
  const parts = [...document.querySelectorAll("[data-live]")];
  if (parts.length === 0 || document.hidden) return;
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  } catch {
    return; // the server is away: the page stays as it was
  }
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    const busy = part.contains(document.activeElement) || !getSelection().isCollapsed;
    if (next && !busy && next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
  }
}
setInterval(refresh, every);
