// The list of cases: filtered, opened one by one, each with a word-level difference.
// Whatever a model said reaches the page as text (textContent), never as markup.
"use strict";

const AT_ONCE = 200; // rows added to the page at a time
const MOST_STEPS = 4_000_000; // of aligning two texts; beyond it they are shown unmarked
const WORDS = /\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\p{N}\p{M}_]+|./gsu;

const cases = JSON.parse(document.getElementById("data").textContent);
const list = document.getElementById("cases");
const more = document.getElementById("more");
const count = document.getElementById("count");
const search = document.getElementById("search");
const kind = document.getElementById("kind");
const state = document.getElementById("state");

let shown = [];

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function failed(one) {
  return one.broken || one.after[0] < one.after[1];
}

function wanted(one) {
  const words = search.value.trim().toLowerCase();
  const about = state.value;
  return (
    (about === "all" ||
      (about === "findings" ? one.drifts.length > 0 || failed(one) || one.lost : false) ||
      (about === "failed" && failed(one)) ||
      (about === "lost" && one.lost) ||
      one.drifts.some((drift) => drift.severity === about)) &&
    (!kind.value || one.drifts.some((drift) => drift.kind === kind.value)) &&
    (!words || text(one).includes(words))
  );
}

function text(one) {
  one.text ??= [one.id, one.category, one.message]
    .concat(one.drifts.flatMap((drift) => [drift.kind, drift.before, drift.after]))
    .join("\n")
    .toLowerCase();
  return one.text;
}

function refresh() {
  shown = cases.filter(wanted);
  list.replaceChildren();
  addRows();
}

function addRows() {
  const start = list.children.length;
  list.append(...shown.slice(start, start + AT_ONCE).map(row));
  const left = shown.length - list.children.length;
  more.hidden = left === 0;
  more.textContent = `Show ${Math.min(left, AT_ONCE)} more of ${left}`;
  count.textContent = `${shown.length} of ${cases.length} cases`;
}

function row(one) {
  const item = element("li");
  const details = element("details");
  const summary = element("summary");
  summary.append(element("span", "id", one.id));
  if (failed(one)) summary.append(element("span", "tag failed", one.broken ? "broken" : "failed"));
  if (one.lost) summary.append(element("span", "tag review", "lost"));
  if (one.critical) summary.append(element("span", "tag critical", "critical"));
  for (const [name, severity] of tags(one)) summary.append(element("span", `tag ${severity}`, name));
  summary.append(element("span", "passes", `${passes(one.before)} → ${passes(one.after)}`));
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(one));
  });
  item.append(details);
  return item;
}

function tags(one) {
  const found = new Map();
  for (const drift of one.drifts) if (!found.has(drift.kind)) found.set(drift.kind, drift.severity);
  return found;
}

function passes([passed, samples]) {
  return samples ? `${passed}/${samples}` : "–";
}

function inside(one) {
  const made = element("div", "inside");
  if (one.message) made.append(element("p", "finding", "The candidate's test said:"), element("pre", "", one.message));
  if (!one.drifts.length && !one.message) made.append(element("p", "quiet", "Nothing changed."));
  for (const drift of one.drifts) {
    const title = element("p", "finding");
    title.append(element("span", `tag ${drift.severity}`, `${drift.kind}, ${drift.severity}`));
    if (drift.where) title.append(" at ", element("code", "", drift.where));
    made.append(title);
    if (drift.before || drift.after) made.append(sides(drift.before, drift.after));
  }
  return made;
}

function sides(before, after) {
  const made = element("div", "sides");
  const [old, fresh] = marked(before, after);
  made.append(side("Pin", old), side("Candidate", fresh));
  return made;
}

function side(title, content) {
  const made = element("figure");
  const pre = element("pre");
  pre.dir = "auto";
  pre.tabIndex = 0;
  pre.append(...content);
  made.append(element("figcaption", "", title), pre);
  return made;
}

function marked(before, after) {
  const old = before.match(WORDS) ?? [];
  const fresh = after.match(WORDS) ?? [];
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (
    end < old.length - start && end < fresh.length - start &&
    old[old.length - 1 - end] === fresh[fresh.length - 1 - end]
  ) end++;
  const a = old.slice(start, old.length - end);
  const b = fresh.slice(start, fresh.length - end);
  if (a.length * b.length > MOST_STEPS) return [[before], [after]];
  const [keepA, keepB] = common(a, b);
  const head = old.slice(0, start);
  const tail = old.slice(old.length - end);
  return [pieces("del", head, a, keepA, tail), pieces("ins", head, b, keepB, tail)];
}

// The longest common subsequence: which words of each side the other has too.
function common(a, b) {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  const keepA = new Array(a.length).fill(false);
  const keepB = new Array(b.length).fill(false);
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) keepA[i++] = keepB[j++] = true;
    else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i++;
    else j++;
  }
  return [keepA, keepB];
}

function pieces(name, head, words, keep, tail) {
  const made = [head.join("")];
  for (let i = 0; i < words.length; ) {
    const from = i;
    const kept = keep[i];
    while (i < words.length && keep[i] === kept) i++;
    const run = words.slice(from, i).join("");
    made.push(kept ? run : element(name, "", run));
  }
  made.push(tail.join(""));
  return made;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    refresh();
  }
});
search.addEventListener("input", refresh);
kind.addEventListener("change", refresh);
state.addEventListener("change", refresh);
more.addEventListener("click", addRows);
refresh();
