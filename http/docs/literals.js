// Values as the languages of the examples write them.

const WIDTH = 56;  // characters of a line
const inApostrophes = (escaped) => `'${escaped}'`;

/** For a POSIX shell. */
export const shellWord = (text) => inApostrophes(text.replaceAll("'", "'\\''"));

const phpString = (text) => inApostrophes(text.replace(/[\\']/g, "\\$&"));
const jsString = (text) => inApostrophes(JSON.stringify(text).slice(1, -1).replace(/\\"/g, '"').replaceAll("'", "\\'"));
const scalar = (string) => (value) => typeof value === "string" ? string(value) : JSON.stringify(value);
const jsName = (name) => /^[A-Za-z_]\w*$/.test(name) ? name : jsString(name);

export const JSON_NOTATION = { object: "{}", indent: "  ", name: (name) => `${JSON.stringify(name)}: `, scalar: JSON.stringify };
export const JS_NOTATION = { object: "{}", indent: "  ", name: (name) => `${jsName(name)}: `, scalar: scalar(jsString) };
export const PHP_NOTATION = { object: "[]", indent: "    ", name: (name) => `${phpString(name)} => `, scalar: scalar(phpString) };

function flat(value, notation) {
  if (value === null || typeof value !== "object") return notation.scalar(value);
  if (Array.isArray(value)) return `[${value.map((item) => flat(item, notation)).join(", ")}]`;
  const space = notation.object === "{}" ? " " : "";
  const [open, close] = notation.object;
  const items = Object.entries(value).map(([name, item]) => notation.name(name) + flat(item, notation));
  return items.length ? open + space + items.join(", ") + space + close : notation.object;
}

/** The value as people write it: what is short stays on one line. */
export function layout(value, notation, indent = "") {
  const short = flat(value, notation);
  if (value === null || typeof value !== "object" || short.length + indent.length < WIDTH) return short;
  const [open, close] = Array.isArray(value) ? "[]" : notation.object;
  const inner = indent + notation.indent;
  const items = Object.entries(value).map(([name, item]) =>
    inner + (Array.isArray(value) ? "" : notation.name(name)) + layout(item, notation, inner));
  return `${open}\n${items.join(",\n")}\n${indent}${close}`;
}
