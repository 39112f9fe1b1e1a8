// Renders openapi.json. Builds nodes and never parses HTML, so nothing in the document can become a script.
import { fillContents } from "./contents.js";
import { anchorOf, h, heading, prose } from "./dom.js";
import { operationNode } from "./operation.js";
import { resolve, use } from "./schema.js";
import { authentication, errorCodes, introduction } from "./sections.js";

const METHODS = new Set(["get", "put", "patch", "post", "delete"]);

function operationsIn(api) {
  return Object.entries(api.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([key]) => METHODS.has(key)).map(([method, node]) => {
      const parameters = [...(item.parameters || []), ...(node.parameters || [])].map(resolve);
      const streams = "text/event-stream" in (node.responses["200"]?.content || {});
      const body = resolve(node.requestBody?.content["application/json"].schema);
      const takesBody = Object.keys(body.properties || {}).length > 0;
      return { ...node, path, method, parameters, streams, takesBody, open: node.security?.length === 0 };
    }));
}

async function render() {
  const main = document.getElementById("top");
  const answer = await fetch("openapi.json");
  if (!answer.ok) throw new Error(`openapi.json: ${answer.status}`);
  const api = await answer.json();
  use(api);
  const operations = operationsIn(api);
  const operationsOf = (tag) => operations.filter((operation) => operation.tags.includes(tag.name));
  document.getElementById("version").textContent = api.info.version;
  main.append(
    h("h1", {}, api.info.title),
    h("p", { class: "lead" }, api.info.summary, " ", h("a", { href: "openapi.json" }, `OpenAPI ${api.openapi}`)),
    ...introduction(api.info.description).flat(),
    authentication(api.components.securitySchemes),
    ...api.tags.map((tag) => h("section", { id: anchorOf(tag.name) }, heading(2, anchorOf(tag.name), tag.name), h("p", {}, prose(tag.description)),
      operationsOf(tag).map(operationNode))),
    errorCodes(api.components.schemas.ErrorCode));
  fillContents(api.tags, operationsOf);
  if (location.hash) {
    location.replace(location.hash);  // what it names is there only now
    document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
  }
  main.dataset.operations = operations.length;
}

render().catch((error) => document.getElementById("top").append(h("p", { class: "error" }, `The document cannot be shown: ${error.message}`)));
