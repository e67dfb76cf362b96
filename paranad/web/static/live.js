"use strict";
/* Lets an open page renew itself when something happens, and says when it is out of touch. Without it all else works. */

const RENEW_MS = 20000; // how old the relative times may become while nothing happens
const from = document.body.dataset.liveFrom;
const connection = document.getElementById("connection");
let source = null, timer = null, busy = false, again = false;

const say = (word) => {
  const text = word ? connection.dataset[word] : "";
  if (connection.textContent !== text) connection.textContent = text;
};

/* What a reader has opened, typed or is standing on, by its place among its kind. */
const keep = (root) => ({
  open: [...root.querySelectorAll("details")].map((each) => each.open),
  typed: [...root.querySelectorAll("input:not([type=hidden]), select")].map((each) => each.value),
  focus: [...root.querySelectorAll("a, button, input, select, summary")].indexOf(document.activeElement),
});
const give = (root, kept) => {
  root.querySelectorAll("details").forEach((each, at) => { each.open = kept.open[at] ?? each.open; });
  root.querySelectorAll("input:not([type=hidden]), select").forEach((each, at) => { each.value = kept.typed[at] ?? each.value; });
  if (kept.focus >= 0) root.querySelectorAll("a, button, input, select, summary")[kept.focus]?.focus({ preventScroll: true });
};

const put = (page) => {
  for (const here of document.querySelectorAll("[data-live]")) {
    const there = page.querySelector(`[data-live="${here.dataset.live}"]`);
    if (!there || here.innerHTML === there.innerHTML || here.contains(getSelectedNode())) continue;
    const kept = keep(here), said = here.querySelector(":scope > .said"); // what was just done is told once: it stays
    here.className = there.className;
    here.replaceChildren(...there.childNodes);
    if (said) here.querySelector("h1").after(said);
    give(here, kept);
  }
};
const getSelectedNode = () => (getSelection().isCollapsed ? null : getSelection().anchorNode);

const renew = async () => {
  if (busy) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status === 403) { location.reload(); return; } // nobody is signed in any more: nothing stays in sight
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { say("offline"); } finally {
    busy = false;
    if (again) { again = false; renew(); }
  }
};

const start = () => {
  if (source || document.hidden) return;
  source = new EventSource(from);
  source.addEventListener("changed", () => { if (connection.textContent === connection.dataset.lost) say("back"); renew(); });
  source.addEventListener("lost", () => { say("lost"); renew(); });
  source.addEventListener("back", () => { say("back"); renew(); });
  source.addEventListener("open", () => { if (connection.textContent === connection.dataset.offline) { say("back"); renew(); } });
  source.addEventListener("error", () => {
    say("offline");
    if (source && source.readyState === EventSource.CLOSED) { stop(); renew(); setTimeout(start, 3000); }
  });
  timer = setInterval(renew, RENEW_MS);
};
const stop = () => { source?.close(); source = null; clearInterval(timer); };

if (from) {
  document.addEventListener("visibilitychange", () => { if (document.hidden) stop(); else { start(); renew(); } });
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { if (connection.textContent === connection.dataset.back) say(""); });
  addEventListener("pagehide", stop);
  start();
}
