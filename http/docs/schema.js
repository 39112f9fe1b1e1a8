// Schemas as lists of fields.
import { h, prose } from "./dom.js";

let api = {};

/** The document in which references are looked up. */
export function use(document) {
  api = document;
}

function lookUp(reference) {
  return reference.slice(2).split("/").reduce((node, token) => node[token.replaceAll("~1", "/").replaceAll("~0", "~")], api);
}

/** The node with its reference followed. */
export function resolve(node) {
  return node?.$ref ? { title: node.$ref.split("/").at(-1), ...resolve(lookUp(node.$ref)) } : node || {};
}

/** One schema out of those that allOf puts together; what stands beside allOf is added, or wins. */
function whole(schema) {
  const { allOf = [], ...beside } = resolve(schema);
  return [...allOf.map(whole), beside].reduce((all, part) =>
    ({ ...all, ...part, properties: { ...all.properties, ...part.properties } }), {});
}

// Named for the document's sake only; what they are, their type says.
const NAMELESS = new Set(["Amount", "AnyTime", "Channel", "Count", "CursorOrNull", "Label", "LabelOrNull", "Members", "Seq", "Time", "TimeOrNull"]);

/** Such as `string | null`, `array of Id`, `Session`. */
function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => value === null ? "null" : String(value)).join(" | ");
  if (schema.oneOf) return schema.title || "one of several";
  const types = [schema.type].flat().filter(Boolean);
  if (schema.type === "array") return `array of ${typeOf(whole(schema.items))}`;
  if (schema.title && !NAMELESS.has(schema.title)) return types[0] === "object" ? schema.title : `${types.join(" | ")}, ${schema.title}`;
  const format = schema.format === "date-time" ? ", time" : "";
  return types.join(" | ") + format;
}

function limitsOf(schema) {
  const said = [];
  const { minimum, maximum, maxLength, maxItems } = schema;
  const number = (value) => value.toLocaleString("en");
  if (minimum !== undefined && maximum !== undefined) {
    said.push(maximum >= Number.MAX_SAFE_INTEGER ? `from ${number(minimum)}` : `${number(minimum)} to ${number(maximum)}`);
  } else if (minimum > 0) {
    said.push(`from ${number(minimum)}`);
  }
  if (maxLength) said.push(`up to ${number(maxLength)} characters`);
  if (maxItems) said.push(`up to ${number(maxItems)} items`);
  if (schema.default !== undefined) said.push(`default ${schema.default}`);
  if (schema.pattern && !schema.title && schema.format !== "date-time") said.push(schema.pattern);
  return said.join(" · ");
}

/** What opens below a field: the fields of an object, of an array's items, or of each variant. */
function inside(schema, answer) {
  if (schema.type === "array") return inside(whole(schema.items), answer);
  if (schema.oneOf || Object.keys(schema.properties || {}).length > 0) return () => fields(schema, answer);
  return null;
}

/** Made when it is opened: schemas are many and deep, and few of them are read. */
function folded(label, make) {
  const node = h("details", {}, h("summary", {}, label));
  node.addEventListener("toggle", () => node.childElementCount === 1 && node.append(make()));
  return node;
}

function field(name, reference, answer, note) {
  const schema = whole(reference);
  const deeper = inside(schema, answer);
  const limits = limitsOf(schema);
  return h("li", {},
    h("span", { class: "name" }, name), h("span", { class: "type" }, typeOf(schema)),
    note && h("span", { class: note }, note),
    schema.description && h("p", { class: "about" }, prose(schema.description)),
    limits && h("div", { class: "limits" }, limits),
    deeper && folded("fields", deeper));
}

function variants(schema, answer) {
  const name = schema.discriminator?.propertyName;
  return h("div", { class: "variants" }, schema.oneOf.map((branch) => {
    const one = whole(branch);
    const label = name ? one.properties[name].const : one.title;
    return folded([h("code", {}, label), " ", prose(one.description)], () => fields(one, answer));
  }));
}

/**
 * The fields of an object schema; for anything else, one line that says what it is. In a request most fields are optional, in an
 * answer nearly none: the rarer one is marked.
 */
export function fields(reference, answer = false) {
  const schema = whole(reference);
  if (schema.oneOf) return variants(schema, answer);
  if (schema.type === "object" && schema.properties) {
    const required = new Set(schema.required || []);
    const note = (name) => required.has(name) ? !answer && "required" : answer && "optional";
    return h("ul", { class: "fields" },
      Object.entries(schema.properties).map(([name, property]) => field(name, property, answer, note(name))));
  }
  return h("p", { class: "limits" }, typeOf(schema));
}
