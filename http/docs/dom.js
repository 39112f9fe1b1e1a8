// Nodes without HTML: elements, headings, Markdown's simplest blocks, coloured JSON.
import { JSON_NOTATION, layout } from "./literals.js";

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

/** A link to `id` that is a sign. */
export const anchor = (id, text) => h("a", { class: "anchor", href: `#${id}`, "aria-label": `Link to ${text}` });

/** A heading beside a sign that is a link to `id`. */
export function heading(level, id, text) {
  return h("div", { class: "heading" }, h(`h${level}`, {}, text), anchor(id, text));
}

/** The id of a section with this name. */
export const anchorOf = (name) => name.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** The text as nodes, with `code` and **bold**. */
export function prose(text = "") {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.startsWith("`")) return h("code", {}, part.slice(1, -1));
    if (part.startsWith("**")) return h("strong", {}, prose(part.slice(2, -2)));
    return part;
  });
}

function block(text) {
  if (text.startsWith("    ")) return h("pre", { tabindex: "0" }, text.replace(/^ {4}/gm, ""));
  if (text.startsWith("- ")) return h("ul", {}, text.slice(2).split("\n- ").map((item) => h("li", {}, prose(item))));
  return h("p", {}, prose(text));
}

/** The text as paragraphs, lists and code. */
export const blocks = (text = "") => text.trimEnd().split(/\n\s*\n/).filter(Boolean).map(block);

const TOKENS = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?)/g;

function coloured(text) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS)) {
    const [whole, string, colon, word] = match;
    nodes.push(text.slice(end, match.index));
    const kind = string ? (colon ? "k" : "s") : word ? "w" : "n";
    nodes.push(h("span", { class: kind }, string || whole), colon || "");
    end = match.index + whole.length;
  }
  return [...nodes, text.slice(end)];
}

export const json = (value) => h("pre", { tabindex: "0" }, coloured(layout(value, JSON_NOTATION)));
