// Asks for everything that is served and holds each answer against the schema that GitHub publishes for it.
// `DEVIATIONS` names a file of {"METHOD /path status": "reason"}; an entry that is not needed any more is an error.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const modules = process.env.BAILIWICK_NODE_MODULES;
const require = createRequire(path.join(modules, 'start.js'));
const Ajv = require('ajv').default;
const addFormats = require('ajv-formats').default;
const description = JSON.parse(readFileSync(path.join(modules, '@octokit/openapi/generated/api.github.com.json')));
const enterprise = JSON.parse(readFileSync(path.join(modules, '@octokit/openapi/generated/ghec.json')));
const deviations = JSON.parse(readFileSync(process.env.DEVIATIONS));

function validators(document, name) {
  // `nullable` and `example` are OpenAPI's own words; everything else is JSON Schema.
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
  addFormats(ajv, ['date', 'uri', 'email']);
  ajv.addFormat('date-time', (text) => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text));
  for (const format of ['int64', 'int32', 'timestamp', 'repo.nwo', 'uri-template']) ajv.addFormat(format, true);
  // The description says `nullable` beside `anyOf` and `$ref` too, where the validator wants a `type`.
  const plain = (node) => {
    if (Array.isArray(node)) return node.map(plain);
    if (!node || typeof node !== 'object') return node;
    const { nullable, ...rest } = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, plain(value)]));
    if (nullable === undefined) return rest;
    if (typeof nullable !== 'boolean') return { ...rest, nullable };
    // A nullable enumeration means null as well, though only the words are listed.
    if (nullable && Array.isArray(rest.enum) && !rest.enum.includes(null)) rest.enum = [...rest.enum, null];
    if (rest.type !== undefined) return { ...rest, nullable };
    return nullable ? { anyOf: [rest, { type: 'null' }] } : rest;
  };
  ajv.addSchema(plain(document), name);
  return ajv;
}
const documents = [
  { document: description, ajv: validators(description, 'https://example.org/hub'), name: 'https://example.org/hub' },
  { document: enterprise, ajv: validators(enterprise, 'https://example.org/cloud'), name: 'https://example.org/cloud' },
];
const escape = (text) => text.replaceAll('~', '~0').replaceAll('/', '~1');

function schemaFor(template, method, status) {
  for (const { document, ajv, name } of documents) {
    const operation = document.paths[template]?.[method.toLowerCase()];
    if (!operation) continue;
    let pointer = `/paths/${escape(template)}/${method.toLowerCase()}/responses/${status}`;
    let response = operation.responses[status];
    if (!response) return { undocumented: true };
    if (response.$ref) {
      pointer = response.$ref.slice(1);
      response = pointer.split('/').slice(1).reduce((node, part) => node[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
    }
    const schema = response.content?.['application/json']?.schema;
    if (!schema) return { empty: true };
    return { validate: ajv.compile({ $ref: `${name}#${encodeURI(`${pointer}/content/${escape('application/json')}/schema`)}` }) };
  }
  return null;
}

const base = `${process.env.URL}/api/v3`;
const problems = [];
const used = new Set();
let checked = 0;
const covered = new Set();

function complain(key, text) {
  used.add(key);
  if (!(key in deviations)) problems.push(`${key}: ${text}`);
}

// `template` as GitHub writes it; `values` fill its braces and, what is left, the query or the body.
async function ask(method, template, values = {}, { token = process.env.TOKEN, body, headers = {}, query = '' } = {}) {
  const url = base + template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name] ?? `missing-${name}`).replaceAll('%2F', '/').replaceAll('...', '...')) + query;
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(token && { authorization: `Bearer ${token}` }), accept: 'application/vnd.github+json', 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const key = `${method} ${template} ${response.status}`;
  const text = await response.text();
  checked += 1;
  if (response.status === 501) {
    complain(key, 'is not served');
    return {};
  }
  if (response.status >= 500) problems.push(`${key}: ${text}`);
  covered.add(key);
  let json;
  try {
    json = text === '' ? undefined : JSON.parse(text);
  } catch {
    if (response.status !== 302) complain(key, `not JSON: ${text.slice(0, 80)}`);
    return {};
  }
  const found = schemaFor(template, method, response.status);
  if (!found) complain(key, 'GitHub has no such operation');
  else if (found.undocumented) complain(key, `GitHub documents no such status: ${text.slice(0, 300)}`);
  else if (found.empty) {
    if (text !== '' && response.status < 300) complain(key, `GitHub answers nothing here: ${text.slice(0, 100)}`);
  } else if (!found.validate(json)) {
    const errors = found.validate.errors.map((error) => `${error.instancePath || '/'} ${error.message} ${JSON.stringify(error.params)}`);
    complain(key, [...new Set(errors)].slice(0, 6).join('; '));
  }
  return { status: response.status, json, headers: response.headers };
}

const expectStatus = (answer, status, what) => {
  if (answer.status !== status) problems.push(`${what}: ${answer.status} instead of ${status}: ${JSON.stringify(answer.json)?.slice(0, 300)}`);
  return answer;
};

const alice = { token: process.env.SESSION };
const bob = { token: process.env.BOB };
const site = { owner: 'acme', repo: 'site' };
const org = { org: 'acme' };
const R = '/repos/{owner}/{repo}';

// Root, users, organizations.
for (const template of ['/', '/meta', '/rate_limit', '/user']) expectStatus(await ask('GET', template), 200, template);
for (const template of ['/user/orgs', '/user/repos', '/user/teams', '/user/memberships/orgs']) await ask('GET', template, {}, alice);
await ask('GET', '/users/{username}', { username: 'bob' });
await ask('GET', '/users/{username}', { username: 'no-such-person' });
await ask('GET', '/users/{username}/orgs', { username: 'bob' });
await ask('GET', '/users/{username}/repos', { username: 'bob' });
await ask('GET', '/users');
await ask('GET', '/organizations');
for (const rest of ['', '/members', '/public_members', '/outside_collaborators', '/teams', '/repos']) await ask('GET', `/orgs/{org}${rest}`, org, alice);
await ask('PATCH', '/orgs/{org}', org, { ...alice, body: { description: 'Makes everything' } });
await ask('GET', '/orgs/{org}/members/{username}', { ...org, username: 'bob' }, alice);
await ask('GET', '/orgs/{org}/memberships/{username}', { ...org, username: 'bob' }, alice);
await ask('PUT', '/orgs/{org}/memberships/{username}', { ...org, username: 'bob' }, { ...alice, body: { role: 'member' } });
await ask('GET', '/orgs/{org}', { org: 'no-such-organization' }, alice);
// Teams.
const team = { ...org, team_slug: 'engineering' };
for (const rest of ['', '/members', '/repos', '/teams']) await ask('GET', `/orgs/{org}/teams/{team_slug}${rest}`, team, alice);
await ask('GET', '/orgs/{org}/teams/{team_slug}/memberships/{username}', { ...team, username: 'bob' }, alice);
await ask('GET', '/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}', { ...team, ...site }, alice);
await ask('POST', '/orgs/{org}/teams', org, { ...alice, body: { name: 'Shapes' } });
await ask('PATCH', '/orgs/{org}/teams/{team_slug}', { ...org, team_slug: 'shapes' }, { ...alice, body: { description: 'x' } });
await ask('PUT', '/orgs/{org}/teams/{team_slug}/memberships/{username}', { ...org, team_slug: 'shapes', username: 'bob' }, { ...alice, body: { role: 'member' } });
await ask('PUT', '/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}', { ...org, team_slug: 'shapes', ...site }, { ...alice, body: { permission: 'pull' } });
await ask('DELETE', '/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}', { ...org, team_slug: 'shapes', ...site }, alice);
await ask('DELETE', '/orgs/{org}/teams/{team_slug}/memberships/{username}', { ...org, team_slug: 'shapes', username: 'bob' }, alice);
await ask('DELETE', '/orgs/{org}/teams/{team_slug}', { ...org, team_slug: 'shapes' }, alice);

// Repositories.
expectStatus(await ask('GET', R, site), 200, R);
await ask('GET', R, { owner: 'acme', repo: 'nothing' });
await ask('PATCH', R, site, { body: { description: 'The shop of Acme' } });
await ask('POST', '/orgs/{org}/repos', org, { ...alice, body: { name: 'shapes', private: true, auto_init: true } });
await ask('POST', '/orgs/{org}/repos', org, { ...alice, body: { name: 'shapes' } });
await ask('POST', '/user/repos', {}, { ...bob, body: { name: 'shapes-of-bob' } });
await ask('DELETE', R, { owner: 'bob', repo: 'shapes-of-bob' }, bob);
await ask('DELETE', R, { owner: 'acme', repo: 'shapes' }, alice);
for (const rest of ['/teams', '/collaborators', '/branches', '/tags', '/commits', '/topics', '/labels', '/issues', '/issues/comments', '/readme', '/forks'])
  await ask('GET', R + rest, site);
await ask('GET', `${R}/collaborators/{username}`, { ...site, username: 'carol' });
await ask('GET', `${R}/collaborators/{username}/permission`, { ...site, username: 'carol' });
await ask('PUT', `${R}/collaborators/{username}`, { ...site, username: 'carol' }, { body: { permission: 'push' } });
await ask('PUT', `${R}/collaborators/{username}`, { ...site, username: 'mallory' }, { body: { permission: 'pull' } });
await ask('DELETE', `${R}/collaborators/{username}`, { ...site, username: 'mallory' });

// Branches, commits, comparison.
const main = expectStatus(await ask('GET', `${R}/branches/{branch}`, { ...site, branch: 'main' }), 200, 'the branch main');
const sha = main.json?.commit?.sha;
await ask('GET', `${R}/branches/{branch}`, { ...site, branch: 'nothing' });
await ask('GET', `${R}/commits/{ref}`, { ...site, ref: 'main' });
await ask('GET', `${R}/commits/{ref}`, { ...site, ref: 'nothing' });
await ask('GET', `${R}/commits/{ref}/status`, { ...site, ref: 'main' });
await ask('GET', `${R}/compare/{basehead}`, { ...site, basehead: 'main...rockets' });

// Contents.
await ask('GET', `${R}/contents/{path}`, { ...site, path: 'README.md' });
await ask('GET', `${R}/contents/{path}`, { ...site, path: 'src' });
await ask('GET', `${R}/contents/{path}`, { ...site, path: 'nothing' });
const made = await ask('PUT', `${R}/contents/{path}`, { ...site, path: 'shapes.txt' }, { body: { message: 'Add', content: 'YQ==' } });
await ask('PUT', `${R}/contents/{path}`, { ...site, path: 'shapes.txt' }, { body: { message: 'Change', content: 'Yg==', sha: made.json?.content?.sha } });
await ask('PUT', `${R}/contents/{path}`, { ...site, path: 'shapes.txt' }, { body: { message: 'Stale', content: 'Yg==', sha: made.json?.content?.sha } });
const now = await ask('GET', `${R}/contents/{path}`, { ...site, path: 'shapes.txt' });
await ask('DELETE', `${R}/contents/{path}`, { ...site, path: 'shapes.txt' }, { body: { message: 'Delete', sha: now.json?.sha } });

// Git data.
await ask('GET', `${R}/git/ref/{ref}`, { ...site, ref: 'heads/main' });
await ask('GET', `${R}/git/matching-refs/{ref}`, { ...site, ref: 'heads' });
const commit = await ask('GET', `${R}/git/commits/{commit_sha}`, { ...site, commit_sha: sha });
await ask('GET', `${R}/git/trees/{tree_sha}`, { ...site, tree_sha: commit.json?.tree?.sha });
await ask('GET', `${R}/git/trees/{tree_sha}`, { ...site, tree_sha: commit.json?.tree?.sha }, { query: '?recursive=1' });
const blob = await ask('POST', `${R}/git/blobs`, site, { body: { content: 'shapes', encoding: 'utf-8' } });
await ask('GET', `${R}/git/blobs/{file_sha}`, { ...site, file_sha: blob.json?.sha });
const tree = await ask('POST', `${R}/git/trees`, site, { body: { base_tree: commit.json?.tree?.sha, tree: [{ path: 'blob.txt', mode: '100644', type: 'blob', sha: blob.json?.sha }] } });
const next = await ask('POST', `${R}/git/commits`, site, { body: { message: 'Shapes', tree: tree.json?.sha, parents: [sha] } });
await ask('POST', `${R}/git/refs`, site, { body: { ref: 'refs/heads/shapes', sha: next.json?.sha } });
await ask('POST', `${R}/git/refs`, site, { body: { ref: 'refs/heads/shapes', sha: next.json?.sha } });
await ask('PATCH', `${R}/git/refs/{ref}`, { ...site, ref: 'heads/shapes' }, { body: { sha, force: true } });
await ask('DELETE', `${R}/git/refs/{ref}`, { ...site, ref: 'heads/shapes' });
const tag = await ask('POST', `${R}/git/tags`, site, { body: { tag: 'shapes', message: 'Shapes', object: sha, type: 'commit' } });
await ask('GET', `${R}/git/tags/{tag_sha}`, { ...site, tag_sha: tag.json?.sha });

// Issues, comments, labels.
const issue = expectStatus(await ask('POST', `${R}/issues`, site, { body: { title: 'Shapes', labels: ['bug'] } }), 201, 'an issue');
const numbered = { ...site, issue_number: issue.json?.number };
await ask('POST', `${R}/issues`, site, { body: { title: ['x'] } });
await ask('GET', `${R}/issues/{issue_number}`, numbered);
await ask('GET', `${R}/issues/{issue_number}`, { ...site, issue_number: 99999 });
await ask('PATCH', `${R}/issues/{issue_number}`, numbered, { body: { state: 'closed', assignees: ['bob'] } });
const comment = await ask('POST', `${R}/issues/{issue_number}/comments`, numbered, { body: { body: 'Shapes' } });
const commented = { ...site, comment_id: comment.json?.id };
await ask('GET', `${R}/issues/{issue_number}/comments`, numbered);
await ask('GET', `${R}/issues/comments/{comment_id}`, commented);
await ask('PATCH', `${R}/issues/comments/{comment_id}`, commented, { body: { body: 'Better shapes' } });
await ask('DELETE', `${R}/issues/comments/{comment_id}`, commented);
await ask('PUT', `${R}/issues/{issue_number}/lock`, numbered, { body: { lock_reason: 'resolved' } });
await ask('DELETE', `${R}/issues/{issue_number}/lock`, numbered);
await ask('POST', `${R}/labels`, site, { body: { name: 'shapes', color: 'ff0000', description: 'Shapes' } });
await ask('POST', `${R}/labels`, site, { body: { name: 'shapes', color: 'ff0000' } });
await ask('GET', `${R}/labels/{name}`, { ...site, name: 'shapes' });
await ask('PATCH', `${R}/labels/{name}`, { ...site, name: 'shapes' }, { body: { color: '00ff00' } });
await ask('POST', `${R}/issues/{issue_number}/labels`, numbered, { body: { labels: ['shapes'] } });
await ask('GET', `${R}/issues/{issue_number}/labels`, numbered);
await ask('PUT', `${R}/issues/{issue_number}/labels`, numbered, { body: { labels: ['bug'] } });
await ask('DELETE', `${R}/issues/{issue_number}/labels/{name}`, { ...numbered, name: 'bug' });
await ask('DELETE', `${R}/issues/{issue_number}/labels`, numbered);
await ask('DELETE', `${R}/labels/{name}`, { ...site, name: 'shapes' });
await ask('GET', '/user/issues', {}, bob);
await ask('GET', '/orgs/{org}/issues', org, bob);

// Statuses and checks.
await ask('POST', `${R}/statuses/{sha}`, { ...site, sha }, { body: { state: 'success', context: 'shapes', target_url: 'https://example.org/' } });
await ask('GET', `${R}/commits/{ref}/statuses`, { ...site, ref: sha });
await ask('GET', `${R}/commits/{ref}/status`, { ...site, ref: sha });
const run = await ask('POST', `${R}/check-runs`, site, { body: { name: 'shapes', head_sha: sha } });
await ask('GET', `${R}/check-runs/{check_run_id}`, { ...site, check_run_id: run.json?.id });
await ask('PATCH', `${R}/check-runs/{check_run_id}`, { ...site, check_run_id: run.json?.id }, { body: { status: 'completed', conclusion: 'success' } });
await ask('GET', `${R}/commits/{ref}/check-runs`, { ...site, ref: sha });
await ask('GET', `${R}/commits/{ref}/check-suites`, { ...site, ref: sha });

// Packages; there is no registry here.
for (const place of ['/orgs/{org}', '/users/{username}', '/user']) {
  const names = { ...org, username: 'alice', package_type: 'container', package_name: 'nothing' };
  await ask('GET', `${place}/packages`, names, { ...alice, query: '?package_type=container' });
  await ask('GET', `${place}/docker/conflicts`, names, alice);
  await ask('GET', `${place}/packages/{package_type}/{package_name}/versions`, names, alice);
}

// Requests and grants of the organization, and its log.
await ask('GET', '/orgs/{org}/personal-access-token-requests', org, alice);
const grants = await ask('GET', '/orgs/{org}/personal-access-tokens', org, alice);
await ask('GET', '/orgs/{org}/personal-access-tokens/{pat_id}/repositories', { ...org, pat_id: grants.json?.[0]?.id }, alice);
const asked = await fetch(`${base}/user/personal-access-tokens`, {
  method: 'POST',
  headers: { authorization: `Bearer ${process.env.BOB}`, 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'shapes', grants: [{ owner: 'acme', repositories: ['site'], permissions: { issues: 'read' } }] }),
}).then((it) => it.json());
await ask('GET', '/orgs/{org}/personal-access-token-requests', org, alice);
const request = asked.grants?.[0]?.request?.id;
await ask('GET', '/orgs/{org}/personal-access-token-requests/{pat_request_id}/repositories', { ...org, pat_request_id: request }, alice);
await ask('POST', '/orgs/{org}/personal-access-token-requests/{pat_request_id}', { ...org, pat_request_id: request }, { ...alice, body: { action: 'approve' } });
await ask('POST', '/orgs/{org}/personal-access-tokens/{pat_id}', { ...org, pat_id: asked.grants?.[0]?.id }, { ...alice, body: { action: 'revoke' } });
await ask('POST', '/orgs/{org}/personal-access-token-requests', org, { ...alice, body: { pat_request_ids: [], action: 'approve' } });
await ask('GET', '/orgs/{org}/audit-log', org, alice);
await ask('GET', '/enterprises/{enterprise}/audit-log', { enterprise: 'acme-enterprise' }, alice);
// Whoever finds a token may end it, without one of their own.
await ask('POST', '/credentials/revoke', {}, { token: '', body: { credentials: ['bwkf_000000000000000000000000000000000000'] } });

for (const key of Object.keys(deviations)) if (!used.has(key)) problems.push(`${key}: no longer a deviation, so take it off the list`);
console.log(`${checked} answers of ${covered.size} kinds checked, ${Object.keys(deviations).length} deviations known`);
if (problems.length > 0) {
  console.log(problems.join('\n'));
  process.exit(1);
}
console.log('shapes are kept');
