// The examples of an operation in one language at a time, and a button that copies the one in view.
import { h } from "./dom.js";
import { languages, sampleOf } from "./samples.js";
import { keepLanguage, keptLanguage, say } from "./tab.js";

const SHOWN_MS = 2000;  // that a button says that it has copied

const server = new URL(".", location.href).href.slice(0, -1);
const shown = [];  // a function for each operation, which shows its example in a language
let language = languages.includes(keptLanguage()) ? keptLanguage() : languages[0];

function choose(chosen, button) {
  const before = button.getBoundingClientRect().top;
  language = chosen;
  keepLanguage(chosen);
  for (const show of shown) show();
  // The examples above are longer or shorter now, and what was clicked stays where it is.
  scrollBy({ top: button.getBoundingClientRect().top - before, behavior: "instant" });
}

async function copy(code, button) {
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
    say(`Copied the ${language} example.`);
  } catch {
    // Without TLS a browser lets a page copy on loopback addresses only.
    getSelection().selectAllChildren(code);
    button.textContent = "Selected";
    say(`Selected the ${language} example. Copy it with the keyboard.`);
  }
  setTimeout(() => {
    button.textContent = "Copy";
    say("");
  }, SHOWN_MS);
}

export function examplesOf(operation, body) {
  const code = h("pre", { class: "code", tabindex: "0" });
  const choices = languages.map((name) => h("button", { type: "button", class: "choice" }, name));
  const button = h("button", { type: "button", "aria-label": `Copy the example: ${operation.summary}` }, "Copy");
  const show = () => {
    code.textContent = sampleOf(language, operation, body, server);
    for (const choice of choices) choice.setAttribute("aria-pressed", choice.textContent === language);
  };
  for (const choice of choices) choice.addEventListener("click", () => choose(choice.textContent, choice));
  button.addEventListener("click", () => copy(code, button));
  shown.push(show);
  show();
  return h("div", { class: "example" }, h("div", { class: "bar", role: "group", "aria-label": `Language: ${operation.summary}` }, choices, button), code);
}
