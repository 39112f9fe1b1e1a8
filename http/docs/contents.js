// The list of sections and operations beside the page: a filter, and a mark at what is in view.
import { anchorOf, h } from "./dom.js";
import { methodTag } from "./operation.js";

const toc = document.getElementById("toc");

const sectionLink = (name) => h("a", { href: `#${anchorOf(name)}` }, name);

function group(tag, operations, entries) {
  const name = h("a", { class: "tag", href: `#${anchorOf(tag.name)}` }, tag.name);
  const links = operations.map((operation) => {
    const link = h("a", { href: `#${operation.operationId}`, title: operation.path }, methodTag(operation.method), h("span", {}, operation.summary));
    const item = h("li", {}, link);
    entries.push({ item, link, operation });
    return item;
  });
  return h("div", {}, name, h("ul", {}, links));
}

function filter(entries) {
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const { item, operation } of entries) {
      item.hidden = !`${operation.method} ${operation.path} ${operation.summary}`.toLowerCase().includes(wanted);
    }
    for (const child of toc.children) child.hidden = wanted && !child.querySelector("li:not([hidden])");
  });
}

function follow(entries) {
  const observer = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      const entry = entries.find(({ operation }) => operation.operationId === target.id);
      entry.link.classList.toggle("here", isIntersecting);
    }
  }, { rootMargin: "-10% 0px -70% 0px" });
  for (const { operation } of entries) observer.observe(document.getElementById(operation.operationId));
}

export function fillContents(tags, operationsOf) {
  const entries = [];
  toc.append(h("div", {}, sectionLink("Authentication")), ...tags.map((tag) => group(tag, operationsOf(tag), entries)),
    h("div", {}, sectionLink("Error codes")));
  filter(entries);
  follow(entries);
  const menu = document.getElementById("menu");
  const narrow = matchMedia("(max-width: 50rem)");
  if (narrow.matches) menu.open = false;
  narrow.addEventListener("change", () => menu.open = !narrow.matches);
}
