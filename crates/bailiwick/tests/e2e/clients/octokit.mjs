// What a script with Octokit does against GitHub, against us: nothing but the base URL differs.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import assert from 'node:assert/strict';
import path from 'node:path';

const modules = process.env.BAILIWICK_NODE_MODULES;
const entry = path.join(modules, '@octokit/rest/dist-src/index.js');
const { Octokit } = await import(pathToFileURL(entry));
const baseUrl = `${process.env.URL}/api/v3`;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const octokit = new Octokit({ auth: process.env.TOKEN, baseUrl, log: quiet });
const narrow = new Octokit({ auth: process.env.NARROW, baseUrl, log: quiet });
const site = { owner: 'acme', repo: 'site' };

const me = await octokit.rest.users.getAuthenticated();
assert.equal(me.data.login, 'bob');
const repository = await octokit.rest.repos.get(site);
assert.equal(repository.data.full_name, 'acme/site');
assert.equal(repository.data.private, true);

// Pagination by Link, one item a page.
for (const title of ['Octokit one', 'Octokit two', 'Octokit three']) {
  const made = await octokit.rest.issues.create({ ...site, title, body: 'made by octokit' });
  assert.equal(made.status, 201);
  assert.equal(made.data.user.login, 'bob');
}
const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...site, state: 'all', per_page: 1 });
assert.ok(all.filter((issue) => issue.title.startsWith('Octokit')).length === 3, JSON.stringify(all.map((it) => it.title)));
const issue = all.find((it) => it.title === 'Octokit one');
await octokit.rest.issues.createComment({ ...site, issue_number: issue.number, body: 'a comment' });
const comments = await octokit.rest.issues.listComments({ ...site, issue_number: issue.number });
assert.equal(comments.data[0].body, 'a comment');
const closed = await octokit.rest.issues.update({ ...site, issue_number: issue.number, state: 'closed' });
assert.equal(closed.data.state, 'closed');

// Contents: create, read, change, delete.
const file = { ...site, path: 'octokit.txt', branch: 'octokit' };
const main = await octokit.rest.git.getRef({ ...site, ref: 'heads/main' });
await octokit.rest.git.createRef({ ...site, ref: 'refs/heads/octokit', sha: main.data.object.sha });
const content = (text) => Buffer.from(text).toString('base64');
const made = await octokit.rest.repos.createOrUpdateFileContents({ ...file, message: 'Add', content: content('one\n') });
assert.equal(made.status, 201);
const read = await octokit.rest.repos.getContent({ ...site, path: 'octokit.txt', ref: 'octokit' });
assert.equal(Buffer.from(read.data.content, 'base64').toString(), 'one\n');
const changed = await octokit.rest.repos.createOrUpdateFileContents({ ...file, message: 'Change', content: content('two\n'), sha: read.data.sha });
assert.equal(changed.status, 200);
await assert.rejects(
  octokit.rest.repos.createOrUpdateFileContents({ ...file, message: 'Stale', content: content('three\n'), sha: read.data.sha }),
  (error) => error.status === 409,
);
await octokit.rest.repos.deleteFile({ ...file, message: 'Delete', sha: changed.data.content.sha });
const commits = await octokit.rest.repos.listCommits({ ...site, sha: 'octokit', per_page: 3 });
assert.equal(commits.data[0].commit.message, 'Delete');
const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...site, basehead: 'main...octokit' });
assert.equal(compared.data.ahead_by, 3);

// Conditional requests.
const first = await octokit.request('GET /repos/{owner}/{repo}', site);
await assert.rejects(
  octokit.request('GET /repos/{owner}/{repo}', { ...site, headers: { 'if-none-match': first.headers.etag } }),
  (error) => error.status === 304,
);

// Errors as its users match on them.
await assert.rejects(octokit.rest.repos.get({ owner: 'acme', repo: 'nothing' }), (error) => error.status === 404);
await assert.rejects(narrow.rest.repos.getContent({ ...site, path: 'README.md' }), (error) => {
  assert.equal(error.status, 403);
  assert.equal(error.response.data.message, 'Resource not accessible by personal access token');
  assert.equal(error.response.headers['x-accepted-github-permissions'], 'contents=read');
  return true;
});
await assert.rejects(octokit.rest.issues.create({ ...site, title: '' }), (error) => error.status === 422);
const limit = await octokit.rest.rateLimit.get();
assert.ok(limit.data.resources.core.limit > 0);
console.log('octokit is content');
