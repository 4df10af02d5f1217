// Clones, commits and pushes with isomorphic-git: ADDRESS TOKEN DIRECTORY. Prints the new commit.

import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const require = createRequire(path.join(process.env.BAILIWICK_NODE_MODULES, "x.js"));
const git = require("isomorphic-git");
const http = require("isomorphic-git/http/node");

const [url, token, dir] = process.argv.slice(2);
const onAuth = () => ({ username: "x-access-token", password: token });
await git.clone({ fs, http, dir, url, onAuth, singleBranch: true });
fs.writeFileSync(path.join(dir, "from-isomorphic"), "hello\n");
await git.add({ fs, dir, filepath: "from-isomorphic" });
const author = { name: "Bob", email: "bob@example.org" };
const oid = await git.commit({ fs, dir, message: "from isomorphic-git", author });
const pushed = await git.push({ fs, http, dir, url, onAuth, ref: "main", remoteRef: "isomorphic" });
if (!pushed.ok) {
  throw new Error(JSON.stringify(pushed));
}
console.log(oid);
