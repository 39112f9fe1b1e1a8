// A request as a program: by curl, or by the clients of this project.
import { JSON_NOTATION, JS_NOTATION, PHP_NOTATION, layout, shellWord } from "./literals.js";

/** The method of an operation, which has the same name in both clients. */
const METHODS = {
  put_subscription: "putSubscription", get_subscription: "getSubscription", patch_subscription: "patchSubscription",
  top_up_subscription: "topUp", get_balance: "balance",
  start_session: "startSession", list_sessions: "sessionsPage", get_session: "getSession", send_message: "sendMessage",
  activate_session: "activate", deduct_units: "deduct", end_session: "end", refund_units: "refund", get_statement: "statement",
  deduct_batch: "deductAll",
  put_doctor: "putDoctor", get_wallet: "wallet", list_entries: "entriesPage", request_withdrawal: "requestWithdrawal",
  approve_withdrawal: "approveWithdrawal", reject_withdrawal: "rejectWithdrawal", pay_withdrawal: "payWithdrawal",
  list_events: "eventsPage", stream_events: "stream",
  get_livez: "isLive", get_readyz: "isReady", get_metrics: "metrics", get_openapi: "openapi",
  get_clock: "testClock", advance_clock: "advanceTestClock",
};

/** What a method takes of the body, where that is not all of it. */
const TAKES = {
  top_up_subscription: (body) => body.units,
  send_message: (body) => body.from,
  deduct_batch: (body) => body.items.map((item) => item.session_id),
};

const examplesIn = (operation, place) => Object.fromEntries(operation.parameters
  .filter((parameter) => parameter.in === place && parameter.example !== undefined)
  .map((parameter) => [parameter.name, parameter.example]));

/** The path with its ids, and the query. */
export function targetOf(operation, path, query) {
  const filled = operation.path.replace(/\{([^}]*)\}/g, (whole, name) => name in path ? encodeURIComponent(path[name]) : whole);
  const search = new URLSearchParams(query).toString();
  return filled + (search && `?${search}`);
}

function shell(operation, body, server) {
  const words = [operation.method === "get" ? "curl" : `curl -X ${operation.method.toUpperCase()}`];
  if (operation.streams) words[0] += " -N";
  words[0] += ` ${shellWord(server + targetOf(operation, examplesIn(operation, "path"), examplesIn(operation, "query")))}`;
  if (!operation.open) words.push('-H "Authorization: Bearer $TOLL_TOKEN"');
  if (body !== undefined) words.push("-H 'Content-Type: application/json'", `-d ${shellWord(layout(body, JSON_NOTATION))}`);
  return words.join(" \\\n  ");
}

/** The arguments of the method: the ids of the path, then the body or the query. */
function argumentsOf(operation, body) {
  const query = examplesIn(operation, "query");
  const last = body === undefined ? (Object.keys(query).length ? [query] : []) : [(TAKES[operation.operationId] || ((all) => all))(body)];
  return [...Object.values(examplesIn(operation, "path")), ...last];
}

function js(operation, body, server) {
  const values = argumentsOf(operation, body).map((value) => layout(value, JS_NOTATION));
  const call = `toll.${METHODS[operation.operationId]}(${values.join(", ")})`;
  const options = operation.open ? "" : ", {\n  token: process.env.TOLL_TOKEN,\n}";
  return ["import { Toll } from 'toll-client';", "",
    `const toll = new Toll(${layout(server, JS_NOTATION)}${options});`,
    operation.streams ? `for await (const event of ${call}) console.log(event);` : `console.log(await ${call});`].join("\n");
}

function php(operation, body, server) {
  const given = argumentsOf(operation, body);
  // The stream takes the number itself.
  const values = operation.streams ? given.flatMap(Object.values) : given;
  const method = METHODS[operation.operationId];
  const call = `$toll->${method}(${values.map((value) => layout(value, PHP_NOTATION)).join(", ")})`;
  const print = method.startsWith("is") ? "var_export" : "print_r";
  const options = operation.open ? "" : ", [\n    'token' => getenv('TOLL_TOKEN') ?: null,\n]";
  return ["<?php", "require 'vendor/autoload.php';", "",
    `$toll = new Toll\\Toll(${layout(server, PHP_NOTATION)}${options});`,
    operation.streams ? `foreach (${call} as $event) {\n    print_r($event);\n}` : `${print}(${call});`].join("\n");
}

const LANGUAGES = { curl: shell, PHP: php, JavaScript: js };
export const languages = Object.keys(LANGUAGES);

/** The program that sends the operation's example to `server`, an address without a slash at its end. */
export function sampleOf(language, operation, body, server) {
  return LANGUAGES[language](operation, body, server);
}
