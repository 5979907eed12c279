// One case, opened: its question, both answers, every sample, the findings and how to run it again.
// Whatever a model said reaches the page as text, never as markup.

function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...content.filter((each) => each !== "" && each != null));
  return made;
}

function copyButton(text, what) {
  const button = element("button", "copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy ${what}`);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Could not copy";
    }
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  return button;
}

// What the key `u` does, for those who have no keys.
function layoutButton(layout) {
  const button = element("button", "copy layout", layout === "unified" ? "Side by side" : "As one text");
  button.type = "button";
  return button;
}

function block(text, className = "") {
  const pre = element("pre", className, text);
  pre.dir = "auto";
  pre.tabIndex = 0;
  return pre;
}

// A value as a person reads it; what is absent, empty or of another type is said.
function valueAsText(value, withType) {
  if (value === undefined) return "(absent)";
  if (value === "") return "(empty)";
  if (typeof value === "string") return withType ? JSON.stringify(value) : value;
  return JSON.stringify(value, null, 2);
}

function typeOf(value) {
  return value === undefined ? "" : kindOf(value);
}

function sideBySide(before, after, titles = ["Pin", "Candidate"]) {
  const [old, fresh] = [parsed(before), parsed(after)];
  const figures = isStructured(old) || isStructured(fresh) ? trees(old, fresh) : texts(before, after);
  const made = element("div", "sides");
  titles.forEach((title, at) => made.append(element("figure", "", element("figcaption", "", title), figures[at])));
  return made;
}

function texts(before, after) {
  const withType = typeOf(before) !== typeOf(after) && before !== undefined && after !== undefined;
  const runs = difference(valueAsText(before, withType), valueAsText(after, withType));
  const sides = ["del", "ins"].map((own) => {
    const pre = block("");
    for (const [kind, text] of runs)
      if (kind === "same") pre.append(text);
      else if (kind === own) pre.append(element(own, "", text));
    return pre;
  });
  if (withType) [before, after].forEach((value, at) => sides[at].append(element("span", "type", ` ${typeOf(value)}`)));
  return sides;
}

function trees(before, after) {
  const changed = changedPaths(before, after);
  return [[before, "del"], [after, "ins"]].map(([value, mark]) => {
    if (!isStructured(value)) return block(value === undefined ? valueAsText(value, false) : element(mark, "", valueAsText(value, false)));
    const pre = block("", "tree");
    for (const line of treeLines(value)) {
      const text = `${"  ".repeat(line.depth)}${line.text}\n`;
      pre.append(isWithin(line.path, changed) ? element(mark, "", text) : text);
    }
    return pre;
  });
}

function unified(before, after) {
  const pre = block("", "unified");
  const old = valueAsText(before, false);
  const fresh = valueAsText(after, false);
  for (const [kind, text] of difference(old, fresh))
    pre.append(kind === "same" ? text : element(kind, "", text));
  return pre;
}

const PREVIEW = 120; // characters of the question that stand beside its fold

function questionOf(question) {
  const made = element("details", "question");
  const asked = question.messages.at(-1)?.text ?? "";
  made.append(element("summary", "", "Question: ", element("span", "quiet", asked.length > PREVIEW ? `${asked.slice(0, PREVIEW)}…` : asked)));
  made.addEventListener("toggle", () => {
    if (!made.open || made.children.length > 1) return;
    for (const message of question.messages)
      made.append(element("div", "message", element("span", "role", message.role), block(message.text)));
    for (const tool of question.tools)
      made.append(element("div", "message", element("span", "role", "tool"), block(tool)));
  });
  return made;
}

function toolCall(call) {
  const rendered = typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments, null, 2);
  return `${call.name}(${rendered})`;
}

// What a sample said, as one value: the answer given to model_snapshot, else its replies' text.
function answerOf(sample) {
  if (!sample) return undefined;
  if (sample.answers.length === 1) return sample.answers[0].value;
  if (sample.answers.length > 1)
    return Object.fromEntries(sample.answers.map((answer) => [answer.name, answer.value]));
  if (!sample.replies.length) return undefined;
  return sample.replies.map((reply) => [reply.text, ...reply.tools.map(toolCall)].filter(Boolean).join("\n")).join("\n\n");
}

function samplesOf(title, samples) {
  const made = element("details", "samples");
  const passed = samples.filter((sample) => sample.outcome === "passed").length;
  made.append(element("summary", "", `${title}: ${passed} of ${samples.length} samples passed`));
  made.addEventListener("toggle", () => {
    if (!made.open || made.children.length > 1) return;
    samples.forEach((sample, at) => {
      const head = element("p", "sample", element("span", `tag ${sample.outcome}`, `sample ${at + 1} ${sample.outcome}`));
      if (sample.figures) head.append(element("span", "quiet", ` ${sample.figures}`));
      made.append(head);
      if (sample.message) made.append(block(sample.message, "message"));
      made.append(block(valueAsText(answerOf(sample), false)));
    });
  });
  return made;
}

// Findings that nobody has to look at, one fold for all.
function harmlessOf(drifts, whole) {
  const made = element("details", "harmless");
  const kinds = [...new Set(drifts.map((drift) => drift.kind))].join(", ");
  made.append(element("summary", "", `Harmless: ${kinds}`));
  made.addEventListener("toggle", () => {
    if (made.open && made.children.length === 1) made.append(...drifts.map((drift) => findingOf(drift, whole)));
  });
  return made;
}

// `whole` are the whole answers, canonical: a finding about them needs no second copy.
function findingOf(drift, whole) {
  const title = element("p", "finding", element("span", `tag ${drift.severity}`, `${drift.kind} · ${drift.severity}`));
  const made = element("div", "", title);
  const judged = drift.where === "judge";
  if (judged) title.append(" says the judge: ", String(drift.after ?? ""));
  else if (drift.where) title.append(" at ", element("code", "", drift.where));
  if (!judged && drift.before !== drift.after && canonical(drift.before, drift.after) !== whole)
    if (isShort(drift.before) && isShort(drift.after)) title.append(" ", inline(drift.before, drift.after, drift.kind));
    else made.append(sideBySide(drift.before, drift.after));
  if (drift.samples) title.append(element("span", "quiet", ` in ${drift.samples[0]} of ${drift.samples[1]} samples`));
  return made;
}

// Both values in a line, as small findings need no boxes.
function inline(before, after, kind) {
  const typed = before !== undefined && after !== undefined && typeOf(before) !== typeOf(after);
  const shown = [before, after].map((value) =>
    typeof value === "number" && UNITS[kind] ? UNITS[kind](value) : valueAsText(value, typed) + (typed ? ` ${typeOf(value)}` : ""),
  );
  return element("code", "inline", element("del", "", shown[0]), " → ", element("ins", "", shown[1]));
}

const SHORT = 40; // characters of a value that still reads well in a line
const UNITS = {
  latency: (value) => (value < 0.1 ? `${Math.round(1000 * value)} ms` : `${value.toFixed(2)} s`),
  cost: (value) => `$${value.toPrecision(3)}`,
  tokens: (value) => `${Math.round(value)} tokens`,
};

function isShort(value) {
  return !isStructured(value) && valueAsText(value, false).length <= SHORT && !valueAsText(value, false).includes("\n");
}

// Two answers as one text that does not depend on the order of keys, nor on JSON being quoted.
function canonical(before, after) {
  const sorted = (_, value) =>
    isStructured(value) && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).sort()) : value;
  return JSON.stringify([parsed(before), parsed(after)], sorted);
}

// Words stay whole where they fit a line: at its hyphens a broken option could not be told from two.
function commandOf(command) {
  const made = element("code", "");
  command.split(/( )/).forEach((word) => made.append(word === " " ? word : element("span", "word", word)));
  return made;
}

function caseBody(one, detail, layout) {
  const made = element("div", "inside");
  if (detail.message) made.append(element("p", "finding", "The candidate's test said:"), block(detail.message, "message"));
  else if (one.outcome === "broken") made.append(element("p", "finding", "Broken, though no test fails: the answer lost the shape that all of the pin's samples share."));
  if (detail.question) made.append(questionOf(detail.question));
  const [before, after] = [answerOf(detail.pin[0]), answerOf(detail.candidate[detail.shown])];
  if (before !== undefined || after !== undefined) {
    const title = element("p", "finding", "The whole answers", copyButton(valueAsText(after, false), "the candidate's answer"));
    if (!isStructured(parsed(after))) title.append(layoutButton(layout));
    made.append(title);
    made.append(layout === "unified" && !isStructured(parsed(after)) ? unified(before, after) : sideBySide(before, after));
  }
  const whole = canonical(before, after);
  const telling = detail.drifts.filter((drift) => drift.severity !== "info");
  const harmless = detail.drifts.filter((drift) => drift.severity === "info");
  for (const drift of telling) made.append(findingOf(drift, whole));
  if (harmless.length) made.append(harmlessOf(harmless, whole));
  if (!detail.drifts.length && !detail.message) made.append(element("p", "quiet", "No finding: the answers differ in nothing that matters, or not at all."));
  if (detail.pin.length) made.append(samplesOf("Pin", detail.pin));
  if (detail.candidate.length) made.append(samplesOf("Candidate", detail.candidate));
  if (detail.figures) made.append(element("p", "quiet figures", detail.figures));
  made.append(element("p", "command", commandOf(detail.command), copyButton(detail.command, "the command")));
  return made;
}
