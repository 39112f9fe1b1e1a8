// One operation: what it is, what it takes, and its responses; beside that a form and examples.
import { blocks, h, heading, json, prose } from "./dom.js";
import { examplesOf } from "./examples.js";
import { fields, resolve } from "./schema.js";
import { tryForm } from "./try.js";

// Statuses that any operation may answer: shown together, below those that are its own.
const COMMON = new Set(["400", "401", "403", "408", "413", "415", "417", "421", "422", "429", "431", "503"]);

export const methodTag = (method) => h("span", { class: `method ${method}` }, method.toUpperCase());

function pathNodes(path) {
  return h("span", { class: "path" }, path.split(/(\{[^}]*\})/).map((part) => part.startsWith("{") ? h("b", {}, part) : part));
}

function parameterList(operation) {
  const places = { path: "Path", query: "Query parameters", header: "Headers" };
  return Object.entries(places).flatMap(([place, title]) => {
    const here = operation.parameters.filter((parameter) => parameter.in === place);
    if (here.length === 0) return [];
    const schema = {
      type: "object",
      properties: Object.fromEntries(here.map((p) => [p.name, { ...resolve(p.schema), description: p.description }])),
      required: here.filter((p) => p.required).map((p) => p.name),
    };
    return [h("h4", {}, title), fields(schema)];
  });
}

const contentOf = (node) => Object.entries(node?.content || {})[0] || [];

function bodyOf(operation) {
  const [type, media] = contentOf(operation.requestBody);
  if (!operation.takesBody) return [];
  return [h("h4", {}, `Body: ${type}`), fields(media.schema)];
}

/** The error codes of a response, as links to the table that explains them. */
function codesOf(media) {
  const code = media?.schema.allOf && media.schema.properties?.code;
  return code ? (code.enum || [code.const]).flatMap((name) => [" ", h("a", { href: `#error-${name}` }, h("code", {}, name))]) : [];
}

function responseNode(status, response) {
  const [type, media] = contentOf(response);
  const good = status.startsWith("2");
  const codes = codesOf(media);
  const headers = Object.entries(response.headers || {}).filter(([name]) => name === "Retry-After" || name === "Idempotency-Replayed");
  return h("details", {},
    h("summary", {}, h("span", { class: `status ${good ? "ok" : "no"}` }, status), h("span", {}, prose(response.description))),
    good && type !== "application/json" && h("p", { class: "limits" }, type),
    codes.length > 0 && h("p", { class: "limits" }, "What to do:", codes),
    headers.length > 0 && h("p", { class: "limits" }, "Header ", headers.map(([name, header]) =>
      [h("code", {}, name), ": ", prose(resolve(header).description), " "])),
    media && fields(media.schema, true));
}

function responsesOf(operation) {
  const all = Object.entries(operation.responses).map(([status, reference]) => [status, resolve(reference)]);
  const own = all.filter(([status]) => !COMMON.has(status));
  const common = all.filter(([status]) => COMMON.has(status));
  return [
    h("h4", {}, "Responses"),
    h("div", { class: "responses" }, own.map(([status, response]) => responseNode(status, response))),
    h("details", { class: "common" },
      h("summary", {}, `And as everywhere: ${common.map(([status]) => status).join(", ")}`),
      h("ul", {}, common.map(([status, response]) => h("li", {}, status, codesOf(contentOf(response)[1]))))),
  ];
}

function responseOf(operation) {
  const [status, response] = Object.entries(operation.responses).filter(([s]) => s.startsWith("2")).at(-1);
  const example = contentOf(resolve(response))[1]?.example;
  if (example === undefined) return [];
  return [h("h4", {}, `Response ${status}`), typeof example === "string" ? h("pre", { tabindex: "0" }, example) : json(example)];
}

export function operationNode(operation) {
  const body = contentOf(operation.requestBody)[1]?.example;
  return h("article", { id: operation.operationId },
    heading(3, operation.operationId, operation.summary),
    h("div", { class: "endpoint" }, methodTag(operation.method), pathNodes(operation.path),
      h("span", { class: "lock" }, operation.open ? "no token needed" : "bearer token")),
    h("div", { class: "columns" },
      h("div", { class: "described" }, blocks(operation.description), parameterList(operation), bodyOf(operation), responsesOf(operation)),
      h("div", { class: "beside" }, h("h4", {}, "Try it"), tryForm(operation, body),
        h("h4", {}, "Example"), examplesOf(operation, body), responseOf(operation))));
}
