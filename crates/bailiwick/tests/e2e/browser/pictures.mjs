// The pictures of the documentation, of real pages after a real walk.
import { mkdirSync, statSync } from 'node:fs';
import { check, choose, open, passwords, signIn, story, url, visitor } from './lib.mjs';

const folder = process.env.PICTURES;
mkdirSync(folder, { recursive: true });

async function picture(page, name, height = 860) {
  await page.setViewportSize({ width: 1280, height });
  await page.screenshot({ path: `${folder}/${name}.png` });
  check(statSync(`${folder}/${name}.png`).size > 10_000, `${name} is empty`);
}

await story('pictures', async (browser) => {
  check(passwords.bob, 'the demo has people');
  const bob = await visitor(browser);
  await signIn(bob, 'bob', '/settings/personal-access-tokens/new?name=deploy+the+site&target_name=acme&contents=write&issues=read');
  await choose(bob, 'input[name=owner][value=acme]');
  await choose(bob, 'input[name="acme.selection"][value=subset]');
  await choose(bob, 'input[name="acme.repositories"][value="acme/site"]');
  await open(bob, '[id="acme.permission.contents"]');
  await bob.evaluate(() => window.scrollTo(0, 0));
  await picture(bob, 'new-token', 1400);
  await bob.locator('main form button.primary[type=submit]').last().click();
  await bob.waitForSelector('.secret-text');
  // The demo's secret is nobody's, but no picture shows one.
  await bob.evaluate(() => {
    for (const one of document.querySelectorAll('.secret-text, pre code')) one.textContent = one.textContent.replace(/bwkf_\w+/g, `bwkf_${'•'.repeat(36)}`);
  });
  await picture(bob, 'minted', 1000);

  const alice = await visitor(browser);
  await signIn(alice, 'alice', '/organizations/acme/settings/personal-access-token-requests');
  await picture(alice, 'requests', 700);
  await alice.locator('main a', { hasText: 'deploy the site' }).first().click();
  await alice.waitForLoadState();
  await picture(alice, 'request', 1100);
  const id = new URL(await bob.locator('main a[href*="/settings/personal-access-tokens/"]').first().getAttribute('href'), url).pathname.match(/\d+/)?.[0];
  await bob.goto(`${url}/explain?request=${encodeURIComponent('git push acme/site')}&token_id=${id}`);
  await picture(bob, 'explain', 1050);
  await alice.goto(`${url}/organizations/acme/settings/audit-log`);
  await picture(alice, 'audit-log', 1000);
  await alice.goto(`${url}/organizations/acme/settings/personal-access-tokens`);
  await picture(alice, 'policy', 1000);

  const dark = await visitor(browser, { scheme: 'dark' });
  await signIn(dark, 'alice', '/');
  await picture(dark, 'start-dark', 760);
});
