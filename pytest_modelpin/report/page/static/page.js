// The list of cases: filtered, sorted, grouped, and drawn only where the reader looks.

const BLOCK = 60; // rows drawn together; blocks out of sight are not in the page
const ROW_HEIGHT = 42; // px, a first guess for blocks that were never drawn

const $ = (id) => document.getElementById(id);
const cases = JSON.parse($("index").textContent);
cases.forEach((one, at) => {
  one.at = at;
  one.text = [one.id, one.category, one.hint].join("\n").toLowerCase();
});

const FILTERS = ["kind", "severity", "category", "outcome", "sort", "group"];
let state = stateFromAddress(location.hash);
let rows = [];
let layout = "sides";
let current = -1;
const opened = new Set();
const details = new Map(); // chunk number -> its cases' details

async function detailOf(one) {
  if (!details.has(one.chunk)) details.set(one.chunk, unpacked($(`chunk-${one.chunk}`).textContent));
  return (await details.get(one.chunk))[one.at % CHUNK];
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function passes([passed, samples]) {
  return samples ? `${passed}/${samples}` : "–";
}

function headline(one) {
  const summary = element("button", "row");
  summary.type = "button";
  summary.setAttribute("aria-expanded", String(opened.has(one)));
  summary.append(element("span", "id", one.id));
  if (one.outcome !== "passed") summary.append(element("span", `tag ${one.outcome.replace(" ", "-")}`, one.outcome));
  if (one.critical) summary.append(element("span", "tag critical", "critical"));
  for (const [kind, severity] of one.kinds) summary.append(element("span", `tag ${severity}`, kind));
  summary.append(element("span", "passes", `${passes(one.before)} → ${passes(one.after)} passed`));
  return summary;
}

function drawn(row, at) {
  if (row.heading !== undefined) {
    const heading = element("h3", "group", row.heading, element("span", "quiet", ` ${row.members} ${row.members === 1 ? "case" : "cases like this"}`));
    heading.dataset.row = at;
    return heading;
  }
  const item = element("div", "case");
  item.dataset.row = at;
  item.append(headline(row));
  if (opened.has(row)) fill(item, row);
  return item;
}

async function fill(item, one) {
  const body = caseBody(one, await detailOf(one), layout);
  if (opened.has(one) && !item.querySelector(".inside")) item.append(body);
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      if (isIntersecting) draw(target);
      else if (target.children.length && !target.contains(document.activeElement)) {
        target.style.minHeight = `${boundingClientRect.height}px`;
        target.replaceChildren();
      }
    }
  },
  { rootMargin: "1500px" },
);

function draw(block) {
  if (block.children.length) return;
  const start = Number(block.dataset.start);
  block.append(...rows.slice(start, start + BLOCK).map((row, at) => drawn(row, start + at)));
  block.style.minHeight = "";
}

function refresh(keepFocus = false) {
  const { rows: found, count } = rowsOf(cases, state);
  rows = found;
  seen.disconnect();
  const blocks = [];
  for (let start = 0; start < rows.length; start += BLOCK) {
    const block = element("div", "block");
    block.dataset.start = start;
    block.style.minHeight = `${Math.min(BLOCK, rows.length - start) * ROW_HEIGHT}px`;
    blocks.push(block);
  }
  if (blocks.length) draw(blocks[0]);
  $("cases").replaceChildren(...blocks);
  blocks.forEach((block) => seen.observe(block));
  $("count").textContent = `${count.toLocaleString("en")} of ${cases.length.toLocaleString("en")} cases`;
  $("none").hidden = count > 0;
  const chosen = FILTERS.filter((name) => state[name] !== DEFAULTS[name]).length;
  $("show-filters").textContent = chosen ? `Filters (${chosen})` : "Filters";
  if (!keepFocus) current = -1;
}

function change(part) {
  state = { ...state, ...part };
  history.replaceState(null, "", addressOf(state));
  refresh();
}

function itemOf(at) {
  const block = $("cases").children[Math.floor(at / BLOCK)];
  draw(block);
  return block.querySelector(`[data-row="${at}"]`);
}

function toggle(at, open = !opened.has(rows[at])) {
  const one = rows[at];
  if (!one || one.heading !== undefined) return;
  const item = itemOf(at);
  item.querySelector(".row").setAttribute("aria-expanded", String(open));
  if (open) {
    opened.add(one);
    fill(item, one);
  } else {
    opened.delete(one);
    item.querySelector(".inside")?.remove();
  }
  state = { ...state, case: open ? one.id : "" };
  history.replaceState(null, "", addressOf(state));
}

function goTo(at) {
  if (at < 0 || at >= rows.length) return;
  current = at;
  const item = itemOf(at);
  item.scrollIntoView({ block: "nearest" });
  (item.querySelector(".row") ?? item).focus({ preventScroll: true });
}

function step(by, only = () => true) {
  for (let at = current + by; at >= 0 && at < rows.length; at += by)
    if (rows[at].heading === undefined && only(rows[at])) return goTo(at);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  n: () => step(1, (one) => one.severity === "regression" || one.outcome !== "passed"),
  p: () => step(-1, (one) => one.severity === "regression" || one.outcome !== "passed"),
  u: () => {
    layout = layout === "sides" ? "unified" : "sides";
    refresh(true);
  },
  "/": () => $("q").focus(),
  "?": () => $("help").showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea");
  if (event.key === "Escape" && event.target === $("q")) change({ q: ($("q").value = "") });
  else if (!typing && !$("help").open && KEYS[event.key]) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

$("cases").addEventListener("click", (event) => {
  const switched = event.target.closest(".layout");
  if (switched) {
    current = Number(switched.closest(".case").dataset.row);
    KEYS.u();
    goTo(current);
    return;
  }
  const row = event.target.closest(".row");
  if (!row) return;
  current = Number(row.parentElement.dataset.row);
  toggle(current);
});

for (const name of FILTERS) {
  $(name)?.addEventListener("change", () => change({ [name]: $(name).value }));
}
$("q").addEventListener("input", () => change({ q: $("q").value }));
$("changed").addEventListener("change", () => change({ changed: $("changed").checked ? "1" : "" }));
$("show-filters").addEventListener("click", ({ currentTarget: button }) =>
  button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true")),
);
$("show-help").addEventListener("click", () => $("help").showModal());
window.addEventListener("hashchange", start);
window.addEventListener("beforeprint", () => {
  for (const block of $("cases").children) draw(block);
});

function start() {
  state = stateFromAddress(location.hash);
  for (const name of ["q", ...FILTERS])
    if ($(name)) $(name).value = state[name];
  if (!cases.some(isTelling)) state.changed = "";
  $("changed").checked = Boolean(state.changed);
  const asked = cases.find((one) => one.id === state.case);
  if (asked && !rowsOf(cases, state).rows.includes(asked)) Object.assign(state, { changed: "" });
  if (asked) opened.add(asked);
  else cases.filter((one) => one.severity === "regression" || one.outcome === "broken").slice(0, OPEN_AT_FIRST).forEach((one) => opened.add(one));
  refresh();
  if (asked) goTo(rows.indexOf(asked));
}

const OPEN_AT_FIRST = 5; // regressions; the rest is a key away
start();
