// GitHub's REST surface, played from its published OpenAPI description: what it does not describe is refused as it
// would be there. Prints a line of JSON with its port and what each operation is called with, and serves until its
// input ends.

import { createRequire } from "node:module";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const modules = process.env.BAILIWICK_NODE_MODULES;
const require = createRequire(join(modules, "x.js"));
const Ajv = require("ajv");
const operations = [];
const told = {};
const read = (spec) => {
  const resolve = (it) => {
    let one = it;
    while (one && one.$ref) one = one.$ref.slice(2).split("/").reduce((at, key) => at[key.replace(/~1/g, "/")], spec);
    return one;
  };
  const text = JSON.stringify(spec.components).replaceAll('"$ref":"#/components/', '"$ref":"gh#/components/');
  const ajv = new Ajv({ strict: false, logger: false, validateFormats: false });
  ajv.addSchema({ $id: "gh", components: JSON.parse(text) });
  const compiled = (schema) =>
    ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/components/', '"$ref":"gh#/components/')));
  const lazy = (schema) => {
    let check;
    return (value) => ((check ??= compiled(schema))(value) ? null : ajv.errorsText(check.errors));
  };
  const example = (media) => media?.example ?? resolve(Object.values(media?.examples ?? {})[0])?.value;

  for (const [path, methods] of Object.entries(spec.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (told[operation.operationId]) continue;
      const parameters = (operation.parameters ?? []).map(resolve);
      const names = [];
      // What is written so may hold slashes there.
      const open = /^(path|ref|basehead|branch|tag)$/;
      const pattern = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{([^}]+)\}/g, (_, name) => {
        names.push(name);
        return open.test(name) ? "(.+)" : "([^/]+)";
      });
      const content = operation.requestBody?.content ?? {};
      const [kind, media] = Object.entries(content)[0] ?? [];
      const good = Object.keys(operation.responses).find((status) => /^2/.test(status)) ?? "200";
      operations.push({
        id: operation.operationId,
        method: method.toUpperCase(),
        match: new RegExp(`^${pattern}$`),
        names,
        parameters,
        path: parameters.filter((one) => one.in === "path").map((one) => [one.name, lazy(one.schema)]),
        query: parameters.filter((one) => one.in === "query").map((one) => [one, lazy(one.schema)]),
        kind,
        body: kind === "application/json" ? lazy(media.schema) : null,
        needed: operation.requestBody?.required === true,
        status: Number(good),
        answer: example(resolve(operation.responses[good])?.content?.["application/json"]),
      });
      const needed = parameters.filter((one) => one.in === "query" && one.required);
      told[operation.operationId] = {
        body: kind === "application/json" ? example(media) ?? {} : undefined,
        kind,
        params: Object.fromEntries(parameters.filter((one) => one.in === "path").map((one) => [one.name, String(one.schema.enum?.[0] ?? one.schema.example ?? one.example ?? (one.schema.type === "integer" ? 1 : "thing"))])),
        query: needed.map((one) => [one.name, example(one) ?? one.schema.example ?? one.schema.enum?.[0] ?? one.schema.default ?? "1"]),
      };
    }
  }
};
// What one edition leaves out, another has.
for (const edition of ["ghec", "api.github.com"]) {
  read(JSON.parse(readFileSync(join(modules, `@octokit/openapi/generated/${edition}.json`))));
}
operations.sort((a, b) => a.names.length - b.names.length || b.match.source.length - a.match.source.length);

let seen = [];
const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const say = (status, body, headers = {}) => {
      response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
      response.end(status === 204 || status === 304 ? undefined : JSON.stringify(body ?? {}));
    };
    if (request.url === "/__seen") {
      say(200, seen);
      seen = [];
      return;
    }
    if (request.url === "/login/oauth/access_token") {
      say(200, { access_token: "ghu_of_a_person", token_type: "bearer", scope: "" });
      return;
    }
    const [target, search] = request.url.split("?");
    const path = target.replace(/^\/api\/v3/, "");
    const auth = request.headers.authorization ?? "";
    // What the gateway itself asks about names.
    const numbers = { "/repos/acme/site": 4242, "/repos/acme/secret": 4444, "/users/acme": 77 };
    if (request.headers["user-agent"] === "bailiwick" && numbers[path]) return say(200, { id: numbers[path] });
    const note = { method: request.method, target: request.url, auth };
    seen.push(note);
    const found = operations.find((one) => one.method === request.method && one.match.test(path));
    if (!found) return say(404, {}, { "x-operation": "none" });
    // What a text in a path or a query can stand for.
    const fits = (check, given) => {
      const all = [given, [given], Number(given), given === "true", [Number(given)]];
      const errors = all.map((value) => (Number.isNaN(value) ? "not a number" : check(value)));
      return errors.includes(null) ? null : errors[0];
    };
    const wrong = [];
    const values = found.match.exec(path).slice(1).map(decodeURIComponent);
    for (const [name, check] of found.path) {
      const error = fits(check, values[found.names.indexOf(name)]);
      if (error) wrong.push(`${name}: ${error}`);
    }
    const query = new URLSearchParams(search ?? "");
    for (const [one, check] of found.query) {
      const given = query.getAll(one.name);
      if (one.required && given.length === 0) wrong.push(`${one.name} is required`);
      const error = given.length > 0 && fits(check, given.length > 1 ? given : given[0]);
      if (error) wrong.push(`${one.name}: ${error}`);
    }
    const body = Buffer.concat(chunks).toString();
    if (found.body && (body || found.needed)) {
      try {
        const error = found.body(JSON.parse(body));
        if (error) wrong.push(`body: ${error}`);
      } catch (error) {
        wrong.push(`body: ${error.message}`);
      }
    }
    const headers = { "x-operation": found.id };
    if (wrong.length > 0) return say(422, { message: wrong.join("; ") }, headers);
    say(found.status, found.answer, headers);
  });
});
// A connection that waits is not closed under the gateway on a slow machine: a change on it would be of unknown outcome.
server.keepAliveTimeout = 600_000;
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port, operations: told })));
process.stdin.on("end", () => process.exit(0)).resume();
