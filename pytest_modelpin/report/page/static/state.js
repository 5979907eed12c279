// What is looked at: filters, order and the open case, kept in the address so that it can be sent.

const DEFAULTS = { q: "", kind: "", severity: "", category: "", outcome: "", changed: "1", sort: "worst", group: "", case: "" };

function stateFromAddress(hash) {
  const state = { ...DEFAULTS };
  for (const [name, value] of new URLSearchParams(hash.replace(/^#/, "")))
    if (name in DEFAULTS) state[name] = value;
  return state;
}

function addressOf(state) {
  const changed = Object.entries(state).filter(([name, value]) => value !== DEFAULTS[name]);
  return changed.length ? `#${new URLSearchParams(changed)}` : "#";
}

const RANK = { regression: 0, review: 1, info: 2, "": 3 };
const OUTCOME_RANK = { broken: 0, failed: 1, lost: 2, "left out": 2, passed: 3 };

function isTelling(one) {
  return one.outcome !== "passed" || one.severity === "regression" || one.severity === "review";
}

function wanted(one, state, words) {
  return (
    (!state.changed || isTelling(one) || Boolean(state.kind || state.severity || state.outcome || words.length)) &&
    (!state.kind || one.kinds.some(([kind]) => kind === state.kind)) &&
    (!state.severity || one.kinds.some(([, severity]) => severity === state.severity)) &&
    (!state.category || one.category === state.category) &&
    (!state.outcome || one.outcome === state.outcome) &&
    words.every((word) => one.text.includes(word))
  );
}

const ORDER = {
  worst: (a, b) =>
    OUTCOME_RANK[a.outcome] - OUTCOME_RANK[b.outcome] ||
    Number(b.critical) - Number(a.critical) ||
    RANK[a.severity] - RANK[b.severity] ||
    b.kinds.length - a.kinds.length ||
    a.at - b.at,
  name: (a, b) => a.at - b.at,
  cost: (a, b) => (b.costs ?? -1) - (a.costs ?? -1) || a.at - b.at,
};

const GROUPED_BY = {
  file: (one) => one.id.split("::")[0],
  category: (one) => one.category || "no category",
  kind: (one) => (one.kinds.length ? one.kinds[0][0] : "unchanged"),
  change: (one) => one.alike,
};

// The rows to show: headings and cases, in order. Cases with the very same change come together.
function rowsOf(cases, state) {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = cases.filter((one) => wanted(one, state, words)).sort(ORDER[state.sort] ?? ORDER.worst);
  const groupOf = GROUPED_BY[state.group];
  if (!groupOf) return { rows: found, count: found.length };
  const groups = new Map();
  for (const one of found) {
    const name = groupOf(one);
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(one);
  }
  const rows = [];
  for (const [name, members] of groups) rows.push({ heading: name || "nothing changed", members: members.length }, ...members);
  return { rows, count: found.length };
}
