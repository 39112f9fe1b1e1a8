// What the page keeps while its tab lives: the token and the language of the examples. Neither is ever part of an address.

const elsewhere = new Map();  // for a browser that lets the page keep nothing

function read(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return elsewhere.get(name);
  }
}

function write(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {
    elsewhere.set(name, value);
  }
}

const input = document.getElementById("token");
input.value = read("toll-token") || "";
input.addEventListener("input", () => write("toll-token", input.value.trim()));

/** The token that the requests of the page show; "" is none. */
export const token = () => input.value.trim();

export const keptLanguage = () => read("toll-language");
export const keepLanguage = (language) => write("toll-language", language);

/** Says it to those who do not see the page. */
export function say(text) {
  document.getElementById("said").textContent = text;
}
