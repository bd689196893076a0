// What is fetched after the page: it comes by itself, and where it cannot come, the page says so and lives on.

import { expect, test } from '../support/test';

test('what is not needed at first comes when the page has come to rest', async ({ visitor, page }) => {
  const aside = page.waitForResponse(/split_aside/);
  const renderer = page.waitForResponse(/split_growth/);
  await visitor.open();
  expect((await aside).ok()).toBe(true);
  expect((await renderer).ok()).toBe(true);
});

test('what cannot be fetched is said to be missing, and comes at its next use', async ({ visitor, page, watch }) => {
  watch.expect(/net::ERR_FAILED/, /Failed to fetch/);
  await page.route(/split_aside/, (route) => route.abort());
  await visitor.open();
  const palette = page.getByRole('combobox', { name: 'All actions' });
  await page.keyboard.press('ControlOrMeta+k');
  await expect(page.getByText('This could not be loaded. Check the connection and try again.')).toBeVisible();
  await expect(palette).toBeHidden();
  await page.unroute(/split_aside/);
  await page.keyboard.press('ControlOrMeta+k');
  await expect(palette).toBeFocused();
});

test('an answer waits for a renderer that could not be fetched', async ({ visitor, page, watch }) => {
  watch.expect(/net::ERR_FAILED/, /Failed to fetch/);
  await page.route(/split_growth/, (route) => route.abort());
  await visitor.open();
  await visitor.ask('fast 20 words');
  await expect(visitor.answer).toContainText('Reconnecting…');
  await page.unroute(/split_growth/);
  await visitor.isComplete();
  await expect(visitor.text).toContainText('word20');
});

test('what is pressed while the pieces of a part are put in their places opens', async ({ visitor, page }) => {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(/split_aside/, async (route) => {
    await released;
    await route.continue();
  });
  await page.clock.install();
  const asked = page.waitForRequest(/split_aside/);
  await visitor.open();
  await asked;
  // Each piece is put in its place by a timer, and from now on timers wait.
  await page.clock.pauseAt(Date.now() + 60_000);
  const aside = page.waitForResponse(/split_aside/);
  release();
  await (await aside).finished();
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: 'Settings of this conversation' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings of this conversation' })).toBeVisible();
});
