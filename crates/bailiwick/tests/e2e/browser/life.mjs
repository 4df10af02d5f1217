// The life of a token, by keyboard, with scripts and without: bob asks, alice approves less, git uses it, alice ends it;
// and the organization that blocks tokens says so with its reason.
import { execFileSync } from 'node:child_process';
import { check, choose, hides, open, press, says, signIn, story, tabTo, type, url, visitor } from './lib.mjs';

const requests = '/organizations/acme/settings/personal-access-token-requests';
const active = '/organizations/acme/settings/personal-access-tokens/active';

/** Runs git, and gives its exit code and what it said. */
function git(secret, ...rest) {
  const header = `http.extraHeader=Authorization: Bearer ${secret}`;
  try {
    const said = execFileSync('git', ['-c', header, ...rest], {
      cwd: process.env.SCRATCH,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' },
    });
    return { code: 0, said: String(said) };
  } catch (error) {
    return { code: error.status, said: String(error.stderr) };
  }
}

await story('life of a token', async (browser) => {
  for (const script of [true, false]) {
    const name = `${script ? 'deploys' : 'plain deploys'} ${Date.now() % 1_000_000}`;
    const bob = await visitor(browser, { script });
    const alice = await visitor(browser, { script });

    // Bob asks for more than he will get.
    await signIn(bob, 'bob', '/settings/personal-access-tokens/new');
    await type(bob, '#name', name);
    await choose(bob, 'input[name=owner][value=acme]');
    if (!script) await press(bob, 'button[name=show][value=owners]');
    await choose(bob, 'input[name="acme.selection"][value=subset]');
    await choose(bob, 'input[name="acme.repositories"][value="acme/site"]');
    await open(bob, '[id="acme.permission.contents"]');
    await tabTo(bob, '[id="acme.permission.contents"]');
    await bob.keyboard.type('Read and write');
    await tabTo(bob, '[id="acme.permission.issues"]');
    await bob.keyboard.type('Read-only');
    if (script) await says(bob, 'contents');
    await press(bob, 'form#token button[type=submit].primary, main form button.primary[type=submit]');
    await says(bob, 'Waiting for approval');
    const secret = (await bob.locator('.secret-text').textContent()).trim();
    check(/^bwkf_\w{36}$/.test(secret), 'the secret is shown');
    check(git(secret, 'ls-remote', `${url}/acme/site.git`).code !== 0, 'a pending token opens nothing private');
    await bob.goto(`${url}/settings/personal-access-tokens`);
    await says(bob, name);
    check(!(await bob.content()).includes(secret), 'the secret is shown once');

    // Alice approves less.
    await signIn(alice, 'alice', requests);
    await says(alice, name);
    if (script) {
      await choose(alice, '[data-all]');
      check((await alice.locator('.pick input:not(:checked)').count()) === 0, 'all of the page are ticked');
      check((await alice.locator('[data-selected]').textContent()).startsWith('1 '), 'and counted');
    }
    const link = alice.locator('main a', { hasText: name }).first();
    const href = await link.getAttribute('href');
    await press(alice, `main a[href="${href}"]`);
    await says(alice, 'Approve less');
    await open(alice, 'button[value=approve_less]');
    await tabTo(alice, '#permission-contents');
    await alice.keyboard.type('Read-only');
    await press(alice, 'button[value=approve_less]');

    // Reading works, writing does not.
    const clone = script ? 'with' : 'without';
    const cloned = git(secret, 'clone', '--quiet', `${url}/acme/site.git`, clone);
    check(cloned.code === 0, cloned.said);
    const pushed = git(secret, '-C', clone, 'push', 'origin', 'HEAD:refs/heads/browser');
    check(pushed.code !== 0 && pushed.said.includes('contents: write'), pushed.said);

    // A second owner who still has the page open is told what happened.
    await alice.goto(`${url}${href}`);
    await says(alice, 'alice');
    await hides(alice, 'Approve less than was asked');

    // Alice ends it.
    await alice.goto(`${url}${active}`);
    const detail = await alice.locator('main a', { hasText: name }).first().getAttribute('href');
    await press(alice, `main a[href="${detail}"]`);
    await says(alice, 'acme/site');
    await press(alice, 'form:has(button.danger) button.danger[type=submit]');
    check(git(secret, 'ls-remote', `${url}/acme/site.git`).code !== 0, 'a revoked grant opens nothing');
    for (const page of [alice, bob]) check(page.complaints.length === 0, page.complaints.join('\n'));
  }
});

await story('a blocked organization', async (browser) => {
  const alice = await visitor(browser);
  await signIn(alice, 'alice', '/organizations/acme/settings/personal-access-tokens');
  await choose(alice, 'input[name="fine_grained.allowed"][value=block]');
  await press(alice, 'main form button.primary[type=submit]');
  await says(alice, 'The policy is saved');
  for (const script of [true, false]) {
    const bob = await visitor(browser, { script });
    await signIn(bob, 'bob', '/settings/personal-access-tokens/new');
    check(await bob.locator('input[name=owner][value=acme]').isDisabled(), 'acme cannot be chosen');
    await says(bob, 'Blocked by the organization');
  }
  await choose(alice, 'input[name="fine_grained.allowed"][value=allow]');
  await press(alice, 'main form button.primary[type=submit]');
  await says(alice, 'The policy is saved');
});

await story('explain and mend', async (browser) => {
  for (const script of [true, false]) {
    const bob = await visitor(browser, { script });
    await signIn(bob, 'bob', '/explain');
    await type(bob, '#request', 'PATCH /repos/acme/site/issues/1');
    const tokens = bob.locator('#token_id, #token');
    check((await tokens.count()) > 0, 'a token can be picked');
    const options = await tokens.first().locator('option').allTextContents();
    const held = options.find((text) => text.includes('deploys'));
    check(held, `bob's token is offered: ${options.join('; ')}`);
    const id = await tokens.first().getAttribute('id');
    await tabTo(bob, `#${id}`);
    await bob.keyboard.type(held.trim().split(' · ')[0]);
    await press(bob, 'main form button[type=submit]');
    await says(bob, 'Answer');
    const mend = bob.locator('main a[href*="/edit?"], main a[href*="/new?"]').first();
    const href = await mend.getAttribute('href');
    await press(bob, `main a[href="${href}"]`);
    check(/personal-access-tokens\/(\d+\/edit|new)/.test(bob.url()), bob.url());
    await says(bob, 'Issues');
  }
});

await story('audit log', async (browser) => {
  for (const script of [true, false]) {
    const alice = await visitor(browser, { script });
    await signIn(alice, 'alice', '/organizations/acme/settings/audit-log');
    check((await alice.locator('main svg').count()) > 0, 'there is a chart');
    await type(alice, '#phrase', 'action:personal_access_token.access_revoked');
    await press(alice, 'main form[role=search] button[type=submit], main form button[type=submit]');
    await says(alice, 'by alice at acme');
    await type(alice, '#phrase', 'nonsense:"');
    await press(alice, 'main form[role=search] button[type=submit], main form button[type=submit]');
    check((await alice.locator('[aria-invalid=true]').count()) === 1, 'the error is beside the field');
    await type(alice, '#phrase', 'actor:bob');
    await press(alice, 'main form[role=search] button[type=submit], main form button[type=submit]');
    const record = alice.locator('main ul.rows a[href*="/audit-log/"]').first();
    const href = await record.getAttribute('href');
    await press(alice, `main a[href="${href}"]`);
    await says(alice, 'bob');
  }
});
