// Reads one JSON question from standard input and writes one JSON answer: what mermaid
// and xstate understand of our exports. The Go test that starts it compares.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";
import { createMachine, transition } from "xstate";

const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

// Mermaid purifies texts while it parses, and needs a DOM for that.
async function readMermaid(charts) {
  const { window } = new JSDOM("");
  Object.assign(globalThis, { window, document: window.document, Element: window.Element });
  const { default: mermaid } = await import("mermaid");
  mermaid.initialize({});
  const answers = {};
  for (const [name, text] of Object.entries(charts)) {
    await mermaid.parse(text); // throws what it does not understand
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    db.extract(db.getRootDocV2());
    const descriptions = {}, notes = {};
    for (const [id, state] of db.getStates()) {
      descriptions[id] = state.descriptions.join(" ");
      if (state.note) notes[id] = state.note.text;
    }
    answers[name] = {
      notes,
      arrows: db.getRelations().map(({ id1, id2, relationTitle }) => ({ from: id1, to: id2, label: relationTitle ?? "" })),
      descriptions,
    };
  }
  return answers;
}

// A cell is a state, an event and the words of the vetoes that apply. The one guard is set
// up as the comment of export.XState says.
function fireXState({ config, cells }) {
  const machine = createMachine(config, {
    guards: { unless: ({ event }, { vetoes }) => !vetoes.some((w) => event.no.includes(w)) },
  });
  return cells.map(({ from, on, no }) => {
    const before = machine.resolveState({ value: from });
    const event = { type: on, no };
    const [after, effects] = transition(machine, before, event);
    const kind = config.meta.events[on].kind;
    const [note] = effects.filter(({ type }) => type === "_note");
    const fired = after.value !== from ? "move" : note ? "note" : "stay";
    const verdict = before.can(event) ? fired : kind === "command" ? "refuse" : "ignore";
    const does = effects.filter((e) => e !== note).map(({ type }) => type);
    return { verdict, to: after.value, word: note?.params.word ?? "", does };
  });
}

const question = JSON.parse(readFileSync(0, "utf8"));
const xstate = {};
for (const [name, machine] of Object.entries(question.xstate)) xstate[name] = fireXState(machine);
const versions = Object.fromEntries(question.packages.map((name) => [name, version(name)]));
console.log(JSON.stringify({ versions, mermaid: await readMermaid(question.mermaid), xstate }));
