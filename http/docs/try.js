// A form that sends an operation to the server that shows the page.
import { h, json } from "./dom.js";
import { targetOf } from "./samples.js";
import { say, token } from "./tab.js";

const MAX_SHOWN = 200_000;  // characters of a stream

/** What was given, for the parameters in this place. */
const given = (inputs, place) => Object.fromEntries(inputs
  .filter(({ parameter, input }) => parameter.in === place && input.value)
  .map(({ parameter, input }) => [parameter.name, input.value]));

function headersOf(inputs, body) {
  const headers = given(inputs, "header");
  if (token()) headers.Authorization = `Bearer ${token()}`;
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
  say(status.textContent);
  status.className = `status ${answer.ok ? "ok" : "no"}`;
  if (/json/.test(answer.headers.get("Content-Type") || "")) {
    const body = await answer.json();
    output.replaceChildren(...json(body).childNodes);
    const code = `error-${body.code}`;
    if (document.getElementById(code)) status.append(" ", h("a", { href: `#${code}` }, body.code));
  } else {
    await follow(answer, output);
  }
}

export function tryForm(operation, example) {
  const inputs = operation.parameters.map((parameter) => ({
    parameter,
    input: h("input", {
      name: parameter.name, required: parameter.required, placeholder: parameter.example, autocomplete: "off", spellcheck: "false",
    }),
  }));
  const text = example === undefined ? "" : JSON.stringify(example, null, 2);
  const body = operation.takesBody && h("textarea", { spellcheck: "false", rows: Math.min(text.split("\n").length, 14) }, text);
  const status = h("p", { class: "status" });
  const output = h("pre", { tabindex: "0", hidden: true });
  const stop = h("button", { type: "button", hidden: true }, "Stop");
  const form = h("form", { class: "try", "aria-label": `Try it: ${operation.summary}` },
    inputs.map(({ parameter, input }) => h("label", {}, `${parameter.name} (${parameter.in})`, input)),
    body && h("label", {}, "Body", body),
    h("button", { type: "submit" }, "Send"), stop, status, output);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const abort = new AbortController();
    stop.onclick = () => abort.abort();
    stop.hidden = output.hidden = false;
    output.textContent = status.textContent = "";
    const sent = body ? body.value.trim() : "";
    try {
      const answer = await fetch(targetOf(operation, given(inputs, "path"), given(inputs, "query")).slice(1), {
        method: operation.method.toUpperCase(),
        headers: headersOf(inputs, sent),
        body: sent || undefined,
        signal: abort.signal,
      });
      await show(answer, output, status);
    } catch (error) {
      if (error.name !== "AbortError") {
        status.className = "error";
        status.textContent = error.message;
        say(error.message);
      }
    }
    stop.hidden = true;
  });
  return form;
}
