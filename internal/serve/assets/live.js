// Brings the parts of a page that are marked with data-live up to date, while the
// page is looked at and nobody is in them, and says so when it cannot. Pages work
// without it.
"use strict";
const every = 5000;
const patience = 3; // attempts that fail before it is said
let failed = 0, ended = false, notice;

// say shows a notice above the page, or takes it away.
function say(text, link) {
  notice?.remove();
  notice = undefined;
  if (!text) return;
  notice = document.createElement("p");
  notice.className = "notice warn";
  notice.setAttribute("role", "alert");
  notice.append(text);
  if (link) {
    const a = document.createElement("a");
    a.href = "/login?" + new URLSearchParams({ to: location.pathname + location.search });
    a.textContent = link;
    notice.append(" ", a);
  }
  document.querySelector("main").prepend(notice);
}

async function refresh() {
  const parts = [...document.querySelectorAll("[data-live]")];
  if (parts.length === 0 || document.hidden || ended) return;
  let answer;
  try {
    answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
  } catch {
    answer = undefined;
  }
  if (answer?.type === "opaqueredirect") { // to the login
    ended = true;
    say("Your session has ended, and this page is not kept up to date.", "Log in again");
    return;
  }
  if (!answer?.ok) {
    failed++;
    if (failed === patience) say("The server does not answer. This page is as it was; it comes up to date by itself.");
    return;
  }
  if (failed >= patience) say("");
  failed = 0;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of parts) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    const busy = part.contains(document.activeElement) || !getSelection().isCollapsed;
    if (next && !busy && next.innerHTML !== part.innerHTML) part.replaceChildren(...next.childNodes);
  }
}
setInterval(refresh, every);
