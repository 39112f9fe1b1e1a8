// Nodes without HTML: elements, prose with `code` and **bold**, coloured JSON.

/** An element; children may be nested arrays, and false, null and undefined are left out. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== false && child !== null && child !== undefined));
  return element;
}

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return h("strong", {}, inline(part.slice(2, -2)));
    return part;
  });
}

/** The text as nodes; with `paragraphs`, blank lines begin a new one. */
export function prose(text, paragraphs = false) {
  if (!text) return [];
  return paragraphs ? text.trim().split(/\n\s*\n/).map((part) => h("p", {}, inline(part))) : inline(text);
}

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?)/g;

function coloured(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [whole, string, colon, word] = match;
    nodes.push(text.slice(end, match.index));
    const kind = string ? (colon ? "k" : "s") : word ? "w" : "n";
    nodes.push(h("span", { class: kind }, string || whole), colon);
    end = match.index + whole.length;
  }
  return [...nodes, text.slice(end)];
}

/** JSON as people write it: what is short stays on one line. */
function layout(value, indent = "") {
  const flat = JSON.stringify(value, null, 1)?.replace(/\n\s*/g, " ");
  if (value === null || typeof value !== "object" || (flat.length + indent.length < 56 && indent)) return flat;
  const inner = `${indent}  `;
  const list = Array.isArray(value);
  const lines = list ? value.map((item) => inner + layout(item, inner))
    : Object.entries(value).map(([key, item]) => `${inner}${JSON.stringify(key)}: ${layout(item, inner)}`);
  if (lines.length === 0) return list ? "[]" : "{}";
  return `${list ? "[" : "{"}\n${lines.join(",\n")}\n${indent}${list ? "]" : "}"}`;
}

export const json = (value) => h("pre", { tabindex: "0" }, coloured(layout(value)));
