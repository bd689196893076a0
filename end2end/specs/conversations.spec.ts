// The list of conversations, and going from one to another.

import { expect, test } from '../support/test';

test('the list marks the current one, and back and forward go between them', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const first = page.url();
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(visitor.questions).toHaveCount(0);
  await expect(page).toHaveURL(/\/$/);
  await visitor.askAndRead('fast 3 words');
  const second = page.url();
  expect(second).not.toBe(first);

  await visitor.openList();
  await expect(visitor.conversations.getByRole('link')).toHaveText(['fast 3 words', 'say hello']);
  await expect(visitor.conversations.getByRole('heading')).toHaveText(['Today']);
  await expect(visitor.conversations.locator('[aria-current=page]')).toHaveText('fast 3 words');
  await visitor.conversations.getByRole('link', { name: 'say hello' }).click();
  await expect(page).toHaveURL(first);
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await expect(page).toHaveTitle('say hello · Inglenook');
  await expect(page.locator('nav [aria-current=page]')).toHaveText('say hello');

  await page.goBack();
  await expect(visitor.text).toHaveText('word1 word2 word3');
  await page.goForward();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
});

test('an answer goes on while another conversation is read', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await visitor.ask('slow 40 words');
  await expect(visitor.text).toContainText('word5');
  await visitor.openList();
  await visitor.conversations.getByRole('link', { name: 'say hello' }).click();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await expect(visitor.send).toBeVisible();
  await page.goBack();
  await expect(visitor.stop.or(visitor.send)).toBeVisible();
  await visitor.isComplete();
  await expect(visitor.text).toContainText('word40');
});

test('the drawer opens, and closes by Escape and by choosing', async ({ visitor, page, isMobile }) => {
  test.skip(!isMobile, 'the list stands beside the conversation');
  await visitor.open();
  await visitor.askAndRead('say hello');
  await expect(visitor.conversations).toBeHidden();
  await visitor.openList();
  await page.keyboard.press('Escape');
  await expect(visitor.conversations).toBeHidden();
  await visitor.openList();
  await page.getByRole('button', { name: 'Close the list' }).click();
  await expect(visitor.conversations).toBeHidden();
  await visitor.openList();
  await visitor.conversations.getByRole('link', { name: 'say hello' }).click();
  await expect(visitor.conversations).toBeHidden();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
});

test('nothing is wider than the screen', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('markdown');
  await visitor.askAndRead(`fast 2 words ${'unbroken'.repeat(60)}`);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await overflow()).toBe(0);
  expect(await visitor.transcript.evaluate((e) => e.scrollWidth - e.clientWidth)).toBe(0);
});

for (const address of ['/c/0193a5c0000070008000000000000001', '/c/nonsense', '/nowhere']) {
  test(`${address} says that nothing is there`, async ({ visitor, page, watch }) => {
    watch.expect(/status of 404/);
    const response = await page.goto(address);
    expect(response!.status()).toBe(404);
    await visitor.isReady();
    await expect(page.getByRole('heading', { name: 'There is no conversation here' })).toBeVisible();
    await page.getByRole('link', { name: 'Begin a new one' }).click();
    await expect(page.getByRole('heading', { name: 'What is on your mind?' })).toBeVisible();
    await visitor.askAndRead('say hello');
  });
}

test('where a conversation cannot be opened, the one that is shown stays, and so does its address', async ({ visitor, page, watch }) => {
  watch.expect(/net::ERR_FAILED/);
  await visitor.open();
  await visitor.askAndRead('say hello');
  const first = page.url();
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await visitor.askAndRead('fast 3 words');
  const second = page.url();
  const calls = '**/rpc/conversation**';
  await page.route(calls, (route) => route.abort());
  await visitor.openList();
  await visitor.conversations.getByRole('link', { name: 'say hello' }).click();
  await expect(page.getByRole('alert')).toBeVisible();
  await expect(page).toHaveURL(second);
  await expect(visitor.text).toHaveText('word1 word2 word3');
  await page.goBack();
  await expect(page).toHaveURL(second);
  await page.unroute(calls);
  await visitor.openList();
  await visitor.conversations.getByRole('link', { name: 'say hello' }).click();
  await expect(page).toHaveURL(first);
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('whoever has scrolled up before the page is live is left where they read', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 2000 words');
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/*.wasm', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await expect(visitor.text).toContainText('word2000');
  expect(await visitor.fromEnd()).toBeLessThan(10);
  await visitor.transcript.evaluate((transcript) => (transcript.scrollTop = 100));
  letGo();
  await visitor.isReady();
  await expect(visitor.toLatest).toBeVisible();
  expect(await visitor.transcript.evaluate((transcript) => transcript.scrollTop)).toBe(100);
});
