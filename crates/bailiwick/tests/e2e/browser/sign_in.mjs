// Signing in: with a password, an authenticator app, a recovery code, and a passkey of a virtual authenticator.
import { check, press, says, signIn, story, tabTo, totp, type, url, visitor } from './lib.mjs';

const submit = 'main button[type=submit]';

await story('sign in', async (browser) => {
  const page = await visitor(browser);
  await page.goto(`${url}/settings/sessions`);
  check(page.url().includes('/login?return_to='), 'visitors are sent to sign in');
  await signIn(page, 'bob', '/settings/security');
  check(page.url() === `${url}/settings/security`, page.url());

  // The authenticator app.
  await press(page, 'a[href="/settings/security/totp"]');
  const seed = await page.locator('#seed').textContent();
  await type(page, '#code', totp(seed));
  await press(page, 'form[action="/settings/security/totp"] button[type=submit]');
  const recovery = (await page.locator('#codes').innerText()).trim().split(/\s+/);
  check(recovery.length === 10, 'ten recovery codes');

  // The passkey.
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(`${url}/settings/security/passkeys/new`);
  await type(page, '#name', 'Laptop');
  await press(page, 'button[data-passkey=create]');
  await says(page, 'The passkey is added.');
  await says(page, 'Laptop');

  await tabTo(page, 'details.menu summary');
  await page.keyboard.press('Enter');
  await press(page, '.menu-out');
  await says(page, 'You are signed out.');
  await press(page, 'button[data-passkey=get]');
  await page.goto(`${url}/settings/sessions`);
  await says(page, 'This session');

  // The password and the app, without scripts too.
  for (const script of [true, false]) {
    const other = await visitor(browser, { script });
    await signIn(other, 'bob', '/settings/sessions');
    await says(other, 'Second step');
    await type(other, '#code', '000000');
    await press(other, submit);
    await says(other, 'Wrong code');
    await type(other, '#code', script ? totp(seed, 1) : recovery[3]);
    await press(other, submit);
    check(other.url() === `${url}/settings/sessions`, other.url());
    check(other.complaints.length === 0, other.complaints.join('\n'));
  }
  check(page.complaints.length === 0, page.complaints.join('\n'));
});
