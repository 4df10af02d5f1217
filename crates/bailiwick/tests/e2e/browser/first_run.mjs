// First run: the link from the console makes the first administrator, once; refused with scripts, done without.
import { check, press, says, story, type, url, visitor } from './lib.mjs';

const link = process.env.SETUP;

await story('first run', async (browser) => {
  const page = await visitor(browser);
  check((await page.goto(`${url}/setup?code=${'0'.repeat(64)}`)).status() === 200, 'the form tells nothing');
  await type(page, '#login', 'eve');
  await type(page, '#password', 'a horse with a battery');
  await press(page, 'main button[type=submit]');
  await says(page, 'Not found');

  await page.goto(link);
  await type(page, '#login', 'root--');
  await type(page, '#password', 'short');
  await press(page, 'main button[type=submit]');
  check((await page.inputValue('#login')) === 'root--', 'what was typed stays');
  check((await page.title()).startsWith('Error'), 'the title tells of the error');
  const plain = await visitor(browser, { script: false });
  await plain.goto(link);
  await type(plain, '#login', 'ann');
  await type(plain, '#password', 'a horse with a battery');
  await press(plain, 'main button[type=submit]');
  check(plain.url().startsWith(`${url}/settings/security`), `signed in: ${plain.url()}`);
  await says(plain, 'Only a password protects this account');

  const other = await visitor(browser);
  check((await other.goto(link)).status() === 404, 'the link is used up');
});
