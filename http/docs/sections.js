// What the document says beside its operations: introduction, authentication, and the codes of errors.
import { anchor, anchorOf, blocks, h, heading, prose } from "./dom.js";

const section = (name, ...children) => h("section", { id: anchorOf(name) }, heading(2, anchorOf(name), name), children);

/** What stands before the first heading, and a section for each. */
export function introduction(text) {
  const [first, ...rest] = text.split(/^## /m);
  return [h("div", { class: "intro" }, blocks(first)), rest.map((part) => {
    const [, name, inside] = part.match(/^(.*)\n([^]*)$/);
    return h("div", { class: "intro" }, section(name, blocks(inside)));
  })];
}

export function authentication(schemes) {
  return h("div", { class: "intro" }, section("Authentication", Object.values(schemes).map((scheme) => blocks(scheme.description))));
}

function row({ const: code, description, "x-status": status, "x-remedy": remedy }) {
  const id = `error-${code}`;
  return h("tr", { id }, h("td", { class: "status no" }, String(status)),
    h("th", { scope: "row" }, h("code", {}, code), anchor(id, code)),
    h("td", {}, prose(description)), h("td", {}, prose(remedy)));
}

export function errorCodes(schema) {
  const columns = ["Status", "Code", "Meaning", "What to do"].map((name) => h("th", { scope: "col" }, name));
  return section("Error codes", h("table", {}, h("thead", {}, h("tr", {}, columns)), h("tbody", {}, schema.oneOf.map(row))));
}
