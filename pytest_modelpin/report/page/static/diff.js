// Two texts or two JSON values side by side: which words, lines or paths differ.
// Pure functions; nothing here touches the page.

// Numbers stay whole (1,200.50 · 2026-11-27 · 14:30 · v1.2.3), scripts without spaces go by character.
const WORDS =
  /\d+(?:[.,:/\-]\d+)*%?|\s+|[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|[\p{L}\p{M}_](?:[\p{L}\p{N}\p{M}_]|['’](?=\p{L}))*|./gsu;
const LINES = /[^\n]*\n|[^\n]+$/g;
const MOST_STEPS = 4_000_000; // of aligning two texts; beyond it whole lines are compared

function wordsOf(text) {
  return text.match(WORDS) ?? [];
}

// Runs of [kind, text], kind being "same", "del" or "ins"; joined they are the two texts again.
function difference(before, after) {
  const words = aligned(wordsOf(before), wordsOf(after));
  if (words) return words;
  const lines = aligned(before.match(LINES) ?? [], after.match(LINES) ?? []);
  return lines ?? [["del", before], ["ins", after]];
}

function aligned(old, fresh) {
  let start = 0;
  while (start < old.length && start < fresh.length && old[start] === fresh[start]) start++;
  let end = 0;
  while (
    end < old.length - start && end < fresh.length - start &&
    old[old.length - 1 - end] === fresh[fresh.length - 1 - end]
  ) end++;
  const a = old.slice(start, old.length - end);
  const b = fresh.slice(start, fresh.length - end);
  if (a.length * b.length > MOST_STEPS) return null;
  const runs = [];
  add(runs, "same", old.slice(0, start).join(""));
  for (const [kind, word] of longestCommon(a, b)) add(runs, kind, word);
  add(runs, "same", old.slice(old.length - end).join(""));
  return withoutIslands(runs);
}

function add(runs, kind, text) {
  if (!text) return;
  const last = runs[runs.length - 1];
  if (last && last[0] === kind) last[1] += text;
  else runs.push([kind, text]);
}

function longestCommon(a, b) {
  const width = b.length + 1;
  const longest = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? longest[(i + 1) * width + j + 1] + 1
          : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
  const steps = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) steps.push(["same", a[i++]]), j++;
    else if (j >= b.length || (i < a.length && longest[(i + 1) * width + j] >= longest[i * width + j + 1]))
      steps.push(["del", a[i++]]);
    else steps.push(["ins", b[j++]]);
  }
  return steps;
}

// A lone space between two changed words reads better as part of the change.
function withoutIslands(runs) {
  const whole = [];
  for (let at = 0; at < runs.length; at++) {
    const [kind, text] = runs[at];
    const between = at > 0 && at < runs.length - 1 && runs[at - 1][0] !== "same" && runs[at + 1][0] !== "same";
    if (kind === "same" && between && /^\s+$/.test(text)) whole.push(["del", text], ["ins", text]);
    else whole.push([kind, text]);
  }
  return grouped(whole);
}

// What was taken first, then what was put in its place.
function grouped(runs) {
  const made = [];
  let taken = "";
  let put = "";
  const flush = () => {
    add(made, "del", taken);
    add(made, "ins", put);
    taken = put = "";
  };
  for (const [kind, text] of runs) {
    if (kind === "del") taken += text;
    else if (kind === "ins") put += text;
    else {
      flush();
      add(made, "same", text);
    }
  }
  flush();
  return made;
}

function isStructured(value) {
  return value !== null && typeof value === "object";
}

// A text that is a JSON document counts as the document.
function parsed(value) {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value; // object, string, number, boolean
}

// The lines of a JSON value: {depth, text, path, end}, `path` being that of the value on the line.
function treeLines(value, path = "$", depth = 0, key = "", last = true) {
  const comma = last ? "" : ",";
  const label = key === "" ? "" : `${key}: `;
  if (!isStructured(value)) return [{ depth, text: label + JSON.stringify(value) + comma, path }];
  const isList = Array.isArray(value);
  const entries = isList ? value.map((each, at) => [at, each]) : Object.entries(value);
  const [open, close] = isList ? "[]" : "{}";
  if (!entries.length) return [{ depth, text: label + open + close + comma, path }];
  const lines = [{ depth, text: label + open, path, opens: true }];
  entries.forEach(([name, each], at) => {
    const below = isList ? `${path}[${name}]` : `${path}.${name}`;
    const own = isList ? "" : JSON.stringify(name);
    lines.push(...treeLines(each, below, depth + 1, own, at === entries.length - 1));
  });
  lines.push({ depth, text: close + comma, path, closes: true });
  return lines;
}

// Paths whose values differ, as far down as they can be told apart; a list is compared by position.
function changedPaths(before, after, path = "$", found = new Set()) {
  if (isStructured(before) && isStructured(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const below = Array.isArray(before) ? `${path}[${name}]` : `${path}.${name}`;
      if (!(name in before) || !(name in after)) found.add(below);
      else changedPaths(before[name], after[name], below, found);
    }
  } else if (JSON.stringify(before) !== JSON.stringify(after)) found.add(path);
  return found;
}

function isWithin(path, changed) {
  for (const each of changed)
    if (path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`)) return true;
  return false;
}
