"use strict";
/* Lets an open page renew itself when something happens, and says when it is out of touch. Without it all else works. */

const RENEW_MS = 20000; // how old the relative times may become while nothing happens
const from = document.body.dataset.liveFrom;
const slowly = "liveSlowly" in document.body.dataset; // a search is not made again at each event
const connection = document.getElementById("connection");
let source = null, timer = null, busy = false, again = false, pressed = 0;

const say = (word) => {
  const text = word ? connection.dataset[word] : "";
  if (connection.textContent !== text) connection.textContent = text;
};

/* What tells one control of a page from the others, also after rows have come and gone above it. */
const hidden = (form) => [...(form?.querySelectorAll("[type=hidden]") ?? [])].map((each) => each.value);
const mark = (each) => JSON.stringify([
  each.localName, each.name, each.getAttribute("href"), each.form?.getAttribute("action"), ...hidden(each.form),
  each.matches("input, select") ? "" : each.localName === "details" ? each.querySelector("summary").textContent : each.textContent,
]);
const all = (root, kinds) => new Map([...root.querySelectorAll(kinds)].reverse().map((each) => [mark(each), each]));
const INPUTS = "input:not([type=hidden]), select", CONTROLS = "a, button, input, select, summary";

/* What a reader has opened, typed or is standing on stays. */
const keep = (root) => ({
  open: [...root.querySelectorAll("details")].filter((each) => each.open).map(mark),
  typed: [...root.querySelectorAll(INPUTS)].map((each) => [mark(each), each.value]),
  focus: root.contains(document.activeElement) ? mark(document.activeElement) : null,
});
const give = (root, kept) => {
  const details = all(root, "details"), inputs = all(root, INPUTS), controls = all(root, CONTROLS);
  for (const one of kept.open) details.get(one)?.setAttribute("open", "");
  for (const [one, value] of kept.typed) if (inputs.has(one)) inputs.get(one).value = value;
  if (kept.focus) (controls.get(kept.focus) ?? document.getElementById("main")).focus({ preventScroll: true });
};

const put = (page) => {
  for (const here of document.querySelectorAll("[data-live]")) {
    const there = page.querySelector(`[data-live="${here.dataset.live}"]`);
    if (!there || here.innerHTML === there.innerHTML || here.contains(selected()) || here.contains(typing())) continue;
    const kept = keep(here);
    here.className = there.className;
    const told = here.querySelector(".said"); // said once, so the page as it is now lacks it: it stays until one leaves
    here.replaceChildren(...there.childNodes);
    if (told && !here.querySelector(".said")) here.querySelector("h1").after(told);
    give(here, kept);
  }
};
const typing = () => (document.activeElement.matches("input, select") ? document.activeElement : null);
const selected = () => (getSelection().isCollapsed ? null : getSelection().anchorNode);

const renew = async () => {
  if (busy || performance.now() < pressed) { again = true; return; } // nothing moves under a finger
  busy = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.headers.has("paranad-signed-out")) { location.reload(); return; } // nothing stays in sight
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { say("offline"); } finally {
    busy = false;
    if (again) { again = false; renew(); }
  }
};

const start = () => {
  if (source || document.hidden) return;
  source = new EventSource(from);
  source.addEventListener("changed", () => { if (connection.textContent === connection.dataset.lost) say("back"); if (!slowly) renew(); });
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
  addEventListener("pointerdown", () => { pressed = performance.now() + 1500; });
  for (const kind of ["pointerup", "pointercancel", "dragend"]) addEventListener(kind, () => { pressed = 0; if (again) { again = false; renew(); } });
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => { if (connection.textContent === connection.dataset.back) say(""); });
  addEventListener("focusout", (left) => { if (left.target.matches?.("input, select")) renew(); });
  addEventListener("pagehide", stop);
  start();
}
addEventListener("click", (click) => { // the menu of a phone closes beside it
  const menu = document.querySelector(".bar details[open]");
  if (menu && !menu.contains(click.target)) menu.open = false;
});
