// With a password, only the owner comes in.

import { expect, test } from '../support/test';

test.use({ settings: { INGLENOOK_PASSWORD: 'correct horse battery' } });

test('the password leads in, a wrong one does not, and one can sign out', async ({ visitor, page, watch }) => {
  watch.expect(/status of 401/);
  await page.goto('/c/0193a5c0000070008000000000000001');
  await expect(page).toHaveURL(/\/login\?next=/);
  const password = page.getByLabel('Password');
  await expect(password).toBeFocused();
  await password.fill('wrong horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText(/password/i);
  watch.expect(/status of 404/);
  await password.fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/c\/0193a5c0/);
  await visitor.open();
  await visitor.askAndRead('say hello');

  const cookies = await page.context().cookies();
  const session = cookies.find((cookie) => cookie.httpOnly)!;
  expect(session.sameSite).not.toBe('None');

  const conversation = page.url();
  await visitor.openList();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto(conversation);
  await expect(page).toHaveURL(/\/login\?next=/);
  await expect(page.getByText('say hello')).toHaveCount(0);
});

test('a question that meets the end of the session leads to signing in, and back with its text', async ({ visitor, page, watch }) => {
  watch.expect(/status of 401/);
  await page.goto('/login');
  const password = page.getByLabel('Password');
  await password.fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await visitor.open();
  await visitor.askAndRead('say hello');
  const conversation = page.url();
  await page.context().clearCookies();
  await visitor.message.fill('say more');
  await visitor.send.click();
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('You are signed out. Your text is kept.');
  await alert.getByRole('link', { name: 'Sign in' }).click();
  await password.fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(conversation);
  await expect(visitor.message).toHaveValue('say more');
});

test('without signing in nothing is told', async ({ inglenook }) => {
  for (const path of ['/rpc/more', '/rpc/ask']) {
    const response = await fetch(inglenook.url + path, { method: 'POST', body: new URLSearchParams({ text: 'x' }) });
    expect(response.status).toBe(401);
  }
  const events = await fetch(`${inglenook.url}/api/answers/0193a5c0000070008000000000000001/events`);
  expect(events.status).toBe(401);
});
