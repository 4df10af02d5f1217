// What the stories of a browser share: a real Chromium, used by keyboard, and the accessibility checks.
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.BAILIWICK_NODE_MODULES}/`);
const { chromium } = require('playwright-core');
const axe = require('axe-core');

export const url = process.env.URL;
export const passwords = JSON.parse(process.env.PASSWORDS ?? '{}');

/** Debian's browser; the driver brings none and may fetch none. */
export async function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server'],
  });
}

/** A visitor of one's own: cookies are not shared. */
export async function visitor(from, { script = true, scheme = 'light', width = 1280, height = 900 } = {}) {
  const context = await from.newContext({
    javaScriptEnabled: script,
    colorScheme: scheme,
    viewport: { width, height },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of (4|5)\d\d/.test(line.text())) page.complaints.push(line.text());
  });
  page.complaints = [];
  return page;
}

export function check(truth, words) {
  if (!truth) throw new Error(words);
}

/** Goes on with Tab until the focus is on something; what cannot be reached so fails the story. */
export async function tabTo(page, selector) {
  for (let count = 0; count < 600; count += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`${selector} cannot be reached by keyboard on ${page.url()}`);
}

/** Types into a field, by keyboard. */
export async function type(page, selector, text) {
  await tabTo(page, selector);
  await page.keyboard.press('Control+A');
  await page.keyboard.type(text);
}

/** Presses a button or follows a link, by keyboard, and waits for the page that it leads to. */
export async function press(page, selector, key = 'Enter') {
  await tabTo(page, selector);
  await Promise.all([page.waitForEvent('framenavigated'), page.keyboard.press(key)]);
  await page.waitForLoadState('load');
}

/** Ticks a box or picks a card, by keyboard. */
export async function choose(page, selector) {
  const wanted = page.locator(selector).first();
  if (await wanted.isChecked()) return;
  if ((await wanted.getAttribute('type')) === 'radio') {
    // Tab reaches the chosen one of a group; the arrows go on from there.
    const name = await wanted.getAttribute('name');
    await tabTo(page, `input[name="${name}"]`);
    for (let count = 0; count < 20 && !(await wanted.isChecked()); count += 1) await page.keyboard.press('ArrowDown');
    if (!(await wanted.isChecked())) await page.keyboard.press('Space');
  } else {
    await tabTo(page, selector);
    await page.keyboard.press('Space');
  }
  check(await wanted.isChecked(), `${selector} cannot be chosen by keyboard`);
}

/** Opens the disclosures around something, by keyboard, from the outermost inwards. */
export async function open(page, selector) {
  const closed = page.locator('details:not([open])').filter({ has: page.locator(selector) });
  while ((await closed.count()) > 0) {
    await closed.first().evaluate((one) => one.querySelector('summary').setAttribute('data-story', 'next'));
    await tabTo(page, '[data-story=next]');
    await page.keyboard.press('Enter');
    await page.locator('[data-story=next]').evaluate((one) => one.removeAttribute('data-story'));
  }
}

/** The visible text of the page. */
export async function text(page) {
  return (await page.locator('main').innerText()).replace(/\s+/g, ' ');
}

export async function says(page, words) {
  const all = await text(page);
  check(all.includes(words), `no "${words}" on ${page.url()}: ${all.slice(0, 3000)}`);
}

export async function hides(page, words) {
  const all = await text(page);
  check(!all.includes(words), `"${words}" on ${page.url()}`);
}

/** Signs in with a password, by keyboard. */
export async function signIn(page, login, to = '/') {
  await page.goto(`${url}/login?return_to=${encodeURIComponent(to)}`);
  await type(page, '#login', login);
  await type(page, '#password', passwords[login]);
  await press(page, 'form[action="/login"] button[type=submit]');
}

/** What an authenticator app shows for a seed, now or some steps later. */
export function totp(seed, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const letter of seed.replace(/\s/g, '')) bits += letters.indexOf(letter).toString(2).padStart(5, '0');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** Fails on any violation of WCAG 2.2 AA that can be found by program. */
export async function accessible(page) {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() =>
    window.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }),
  );
  const told = found.violations.map(
    (one) => `${one.id}: ${one.help}\n${one.nodes.map((node) => `    ${node.html}\n    ${node.failureSummary}`).join('\n')}`,
  );
  check(told.length === 0, `${page.url()}\n${told.join('\n')}`);
}

/** Runs a story and says so, or fails the process with what went wrong. */
export async function story(name, tell) {
  const opened = await browser();
  try {
    await tell(opened);
    console.log(`${name}: content`);
  } finally {
    await opened.close();
  }
}
