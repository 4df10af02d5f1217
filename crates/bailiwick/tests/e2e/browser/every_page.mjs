// Every page that can be reached by links, as its person sees it: no violation of WCAG 2.2 AA, in light and dark, on a
// desk and on a phone; nothing wider than the window; every page of HTML short enough. With SHOTS set, the pictures of
// the documentation are taken on the way.
import { accessible, check, signIn, story, url, visitor } from './lib.mjs';

/** Pages are alike where only a number or a name differs: two of each kind are looked at. */
const kind = (path) =>
  path
    .replace(/\?.*/, '')
    .replace(/\/\d+/g, '/1')
    .replace(/\/permissions\/.+/, '/permissions/x')
    .replace(/\/(tree|blob)\/.*/, '/$1/x')
    .replace(/^\/(alice|bob|carol|mallory)$/, '/person')
    .replace(/^\/(acme|acme-labs)\/[^/]+/, '/acme/repository')
    .replace(/acme-labs/g, 'acme');

const kilobytes = 50;

/** Follows links from the start page. */
async function crawl(page, seen) {
  const waiting = ['/'];
  const kinds = new Map();
  while (waiting.length > 0) {
    const path = waiting.shift();
    const count = kinds.get(kind(path)) ?? 0;
    if (count > 0) continue;
    kinds.set(kind(path), count + 1);
    const answer = await page.goto(url + path);
    if (!answer || !(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    check(answer.status() === 200, `${path} answered ${answer.status()}`);
    seen.push(path);
    const links = await page.evaluate(() => [...document.querySelectorAll('a[href^="/"]')].map((a) => a.getAttribute('href')));
    for (const link of links) {
      const clean = link.replace(/#.*/, '');
      if (!/export|\.git$|\/logout|\/raw|\/archive/.test(clean)) waiting.push(clean);
    }
  }
}

async function look(page, path) {
  await page.goto(url + path);
  await accessible(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth + 1);
  check(!wide, `${path} is wider than ${page.viewportSize().width} pixels`);
}

await story('every page', async (browser) => {
  for (const login of ['alice', 'bob']) {
    const page = await visitor(browser);
    await signIn(page, login);
    const seen = [];
    await crawl(page, seen);
    check(seen.length > (login === 'alice' ? 40 : 15), `only ${seen.length} pages were found: ${seen.join(' ')}`);
    const phone = await visitor(browser, { scheme: 'dark', width: 375, height: 800 });
    await signIn(phone, login);
    for (const path of seen) {
      await look(page, path);
      await look(phone, path);
    }
    for (const path of seen) {
      // As a browser asks: compressed.
      const cookies = await page.context().cookies();
      const answer = await fetch(url + path, {
        headers: {
          cookie: cookies.map((one) => `${one.name}=${one.value}`).join('; '),
          'accept-encoding': 'identity',
        },
      });
      const { gzipSync } = await import('node:zlib');
      const size = gzipSync(Buffer.from(await answer.arrayBuffer())).length;
      check(size <= kilobytes * 1024, `${path} has ${size} bytes, compressed`);
    }
    check(page.complaints.length === 0, page.complaints.join('\n'));
    console.log(`${login}: ${seen.length} pages`);
  }
  const nobody = await visitor(browser);
  for (const path of ['/', '/login', '/permissions', '/no/such/page', '/acme', '/acme/www']) await look(nobody, path);
});
