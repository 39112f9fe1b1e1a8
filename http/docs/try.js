// A form that sends an operation to the server that shows the page.
import { h, json } from "./dom.js";

const MAX_SHOWN = 200_000;  // characters of a stream

function targetOf(operation, inputs) {
  let path = operation.path;
  const query = new URLSearchParams();
  for (const { parameter, input } of inputs) {
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
    if (parameter.in === "query" && input.value) query.set(parameter.name, input.value);
  }
  return path.slice(1) + (query.size ? `?${query}` : "");
}

function headersOf(inputs, token, body) {
  const headers = {};
  for (const { parameter, input } of inputs) {
    if (parameter.in === "header" && input.value) headers[parameter.name] = input.value;
  }
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  return headers;
}

/** Shows text as it comes, so that a stream can be followed. */
async function follow(answer, output) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body) {
    text = (text + decoder.decode(chunk, { stream: true })).slice(-MAX_SHOWN);
    output.textContent = text;
  }
}

async function show(answer, output, status) {
  status.textContent = `${answer.status} ${answer.statusText}`;
  status.className = `status ${answer.ok ? "ok" : "no"}`;
  if (/json/.test(answer.headers.get("Content-Type") || "")) {
    output.replaceChildren(...json(await answer.json()).childNodes);
  } else {
    await follow(answer, output);
  }
}

export function tryForm(operation, example, tokenInput) {
  const inputs = operation.parameters.map((parameter) => ({
    parameter,
    input: h("input", { name: parameter.name, required: parameter.required, autocomplete: "off", spellcheck: "false" }),
  }));
  const body = operation.requestBody && h("textarea", { "aria-label": "Body", spellcheck: "false" },
    example === undefined ? "" : JSON.stringify(example, null, 2));
  const status = h("p", { class: "status" });
  const output = h("pre", { tabindex: "0", hidden: true });
  const stop = h("button", { type: "button", hidden: true }, "Stop");
  const form = h("form", {},
    inputs.map(({ parameter, input }) => h("label", {}, `${parameter.name} (${parameter.in})`, input)),
    body && h("label", {}, "Body", body),
    h("button", { type: "submit" }, "Send"), stop, status, output);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    stop.hidden = output.hidden = false;
    output.textContent = status.textContent = "";
    const text = body?.value.trim();
    try {
      const answer = await fetch(targetOf(operation, inputs), {
        method: operation.method.toUpperCase(),
        headers: headersOf(inputs, tokenInput.value.trim(), text),
        body: text || undefined,
        signal: abort.signal,
      });
      await show(answer, output, status);
    } catch (error) {
      if (error.name !== "AbortError") {
        status.className = "error";
        status.textContent = error.message;
      }
    }
    stop.hidden = true;
  });
  return h("details", { class: "try" }, h("summary", {}, "Try it"), form);
}
