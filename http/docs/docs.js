// Renders openapi.json. Builds nodes and never parses HTML, so nothing in the document can become a script.
import { tryForm } from "./try.js";
import { fields, resolve, use } from "./schema.js";
import { h, json, prose } from "./dom.js";

const METHODS = new Set(["get", "put", "patch", "post", "delete"]);
// Statuses that any operation may answer: shown together, below those that are its own.
const COMMON = new Set(["400", "401", "403", "408", "413", "415", "417", "422", "429", "431", "503"]);

function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([key]) => METHODS.has(key)).map(([method, node]) => {
      const parameters = [...(item.parameters || []), ...(node.parameters || [])].map(resolve);
      return { ...node, path, method, parameters, open: node.security?.length === 0 };
    }));
}

const methodTag = (method) => h("span", { class: `method ${method}` }, method.toUpperCase());

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
  if (!media || !Object.keys(resolve(media.schema).properties || {}).length) return [];
  return [h("h4", {}, `Body: ${type}`), fields(media.schema)];
}

function responseNode(status, reference, open) {
  const response = resolve(reference);
  const [type, media] = contentOf(response);
  const good = status.startsWith("2");
  const headers = Object.entries(response.headers || {}).filter(([name]) => name === "Retry-After" || name === "Idempotency-Replayed");
  return h("details", { open },
    h("summary", {}, h("span", { class: `status ${good ? "ok" : "no"}` }, status), h("span", {}, prose(response.description))),
    good && type !== "application/json" && h("p", { class: "limits" }, type),
    headers.length > 0 && h("p", { class: "limits" }, "Header ", headers.map(([name, header]) =>
      [h("code", {}, name), ": ", prose(resolve(header).description), " "])),
    media && fields(media.schema, true));
}

function responsesOf(operation) {
  const all = Object.entries(operation.responses);
  const own = all.filter(([status]) => !COMMON.has(status));
  const common = all.filter(([status]) => COMMON.has(status));
  return [
    h("h4", {}, "Answers"),
    h("div", { class: "responses" }, own.map(([status, response]) => responseNode(status, response, false))),
    h("details", { class: "common" },
      h("summary", {}, `And as everywhere: ${common.map(([status]) => status).join(", ")}`),
      h("ul", {}, common.map(([status, response]) => h("li", {}, `${status} `, prose(resolve(response).description))))),
  ];
}

function samplesOf(operation) {
  const request = contentOf(operation.requestBody)[1]?.example;
  const [status, response] = Object.entries(operation.responses).filter(([s]) => s.startsWith("2")).at(-1);
  const answer = contentOf(resolve(response))[1]?.example;
  return h("div", { class: "samples" },
    request !== undefined && [h("h4", {}, "Request"), json(request)],
    answer !== undefined && [h("h4", {}, `Answer ${status}`), typeof answer === "string" ? h("pre", {}, answer) : json(answer)],
    tryForm(operation, request, token));
}

function operationNode(operation) {
  return h("article", { id: operation.operationId },
    h("h3", {}, operation.summary),
    h("div", { class: "endpoint" }, methodTag(operation.method), pathNodes(operation.path),
      h("span", { class: "lock" }, operation.open ? "no token needed" : "bearer token")),
    h("div", { class: "columns" },
      h("div", {}, operation.description && h("div", { class: "said" }, prose(operation.description, true)),
        parameterList(operation), bodyOf(operation), responsesOf(operation)),
      samplesOf(operation)));
}

const token = document.getElementById("token");

function fillContents(tags, operations) {
  const entries = [];
  for (const tag of tags) {
    const links = operations.filter((o) => o.tags.includes(tag.name)).map((operation) => {
      const link = h("a", { href: `#${operation.operationId}`, title: operation.path }, methodTag(operation.method), h("span", {}, operation.summary));
      entries.push({ link, operation });
      return link;
    });
    document.getElementById("toc").append(h("div", {}, h("h2", {}, tag.name), links));
  }
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const { link, operation } of entries) {
      link.hidden = !`${operation.method} ${operation.path} ${operation.summary}`.toLowerCase().includes(wanted);
    }
    for (const group of document.getElementById("toc").children) {
      group.hidden = !group.querySelector("a:not([hidden])");
    }
  });
  const observer = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      const entry = entries.find(({ operation }) => operation.operationId === target.id);
      entry.link.classList.toggle("here", isIntersecting);
    }
  }, { rootMargin: "-10% 0px -70% 0px" });
  for (const { operation } of entries) observer.observe(document.getElementById(operation.operationId));
}

async function render() {
  const main = document.getElementById("top");
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const api = await answer.json();
  use(api);
  const operations = operationsOf(api);
  document.getElementById("version").textContent = api.info.version;
  main.append(
    h("h1", {}, api.info.title),
    h("p", { class: "lead" }, api.info.summary, " ", h("a", { href: "openapi.json" }, `OpenAPI ${api.openapi}`)),
    h("div", { class: "intro" }, prose(api.info.description, true)));
  for (const tag of api.tags) {
    main.append(h("section", {}, h("h2", {}, tag.name), h("p", {}, prose(tag.description)),
      operations.filter((o) => o.tags.includes(tag.name)).map(operationNode)));
  }
  fillContents(api.tags, operations);
  if (matchMedia("(max-width: 50rem)").matches) document.getElementById("menu").open = false;
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
  main.dataset.operations = operations.length;
}

render().catch((error) => document.getElementById("top").append(h("p", { class: "error" }, `The document cannot be shown: ${error.message}`)));
