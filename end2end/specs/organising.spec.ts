// Keeping conversations in order: titles, pins, folders, the archive, deleting and taking that back.

import { expect, test } from '../support/test';

test('a conversation is renamed, pinned, put into a folder and archived', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.openMenu();
  await page.getByRole('textbox', { name: 'Title' }).fill('Greetings');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page).toHaveTitle('Greetings · Inglenook');

  await visitor.openMenu();
  await page.getByRole('button', { name: 'Pin', exact: true }).click();
  await visitor.openList();
  await expect(visitor.conversations.getByRole('heading')).toHaveText(['Pinned']);
  await visitor.closeList();

  await visitor.openMenu();
  await page.getByRole('button', { name: 'Unpin' }).click();
  await visitor.openMenu();
  await page.getByRole('textbox', { name: 'New folder' }).fill('Work');
  await page.getByRole('button', { name: 'Move' }).click();
  await visitor.openList();
  await expect(visitor.conversations.locator('.folder summary').first()).toHaveText('Work');
  await expect(visitor.conversations.locator('.folder').getByRole('link')).toHaveText(['Greetings']);
  await visitor.reload();
  await visitor.openList();
  await expect(visitor.conversations.locator('.folder').getByRole('link')).toHaveText(['Greetings']);
  await visitor.closeList();

  await visitor.openMenu();
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await expect(page.getByText('Conversation archived')).toBeVisible();
  await visitor.openList();
  await expect(visitor.conversations.getByRole('link')).toHaveCount(0);
  await page.goto('/archive');
  await page.getByRole('button', { name: 'Bring back' }).click();
  await visitor.isReady();
  await visitor.openList();
  await expect(visitor.conversations.getByRole('link')).toHaveText(['Greetings']);
});

test('a deletion is taken back', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const address = page.url();
  await visitor.openMenu();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/\/$/);
  await expect(visitor.questions).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page).toHaveURL(address);
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await visitor.openMenu();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/\/$/);
  await visitor.openList();
  await expect(visitor.conversations.getByRole('link')).toHaveCount(0);
});

test('each deletion can be taken back for as long as the first', async ({ visitor, page }) => {
  await page.clock.install();
  await visitor.open();
  await visitor.askAndRead('say hello');
  const undo = page.getByRole('button', { name: 'Undo' });
  const remove = async () => {
    await visitor.openMenu();
    await page.getByRole('button', { name: 'Delete' }).click();
    await expect(undo).toBeVisible();
  };
  await remove();
  await page.clock.fastForward(8_000);
  await undo.click();
  await expect(visitor.questions).toHaveCount(1);
  await remove();
  await page.clock.fastForward(5_000);
  await expect(undo).toBeVisible();
  await page.clock.fastForward(5_000);
  await expect(undo).toBeHidden();
});

test('a link that is dropped on a folder goes there', async ({ visitor, page, isMobile }) => {
  test.skip(isMobile, 'nothing is dragged on a phone; the menu does it');
  await visitor.open();
  await visitor.askAndRead('fast 1 words');
  await visitor.openMenu();
  await page.getByRole('textbox', { name: 'New folder' }).fill('Work');
  await page.getByRole('button', { name: 'Move' }).click();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await visitor.askAndRead('say hello');
  await page.getByRole('link', { name: 'say hello' }).dragTo(page.locator('.folder summary').first());
  await expect(page.locator('.folder').getByRole('link')).toHaveText(['say hello', 'fast 1 words']);
});

test('a temporary chat is in no list and is gone when it is left', async ({ visitor, page }) => {
  await visitor.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await visitor.askAndRead('say hello');
  const address = page.url();
  await expect(page.locator('header.bar .title')).toHaveText('Temporary chat');
  await visitor.openList();
  await expect(visitor.conversations.getByRole('link')).toHaveCount(0);
  await visitor.closeList();
  await page.getByRole('button', { name: 'End this temporary chat' }).click();
  await expect(page).toHaveURL(/\/$/);
  const gone = await page.request.get(address);
  expect(gone.status()).toBe(404);
});

test('what is begun after a temporary chat is kept', async ({ visitor, page }) => {
  await visitor.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await visitor.askAndRead('say hello');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(visitor.questions).toHaveCount(0);
  await visitor.askAndRead('fast 1 words');
  await visitor.openList();
  await expect(visitor.conversations.getByRole('link', { name: 'fast 1 words' })).toBeVisible();
});

test('a temporary chat outlives a reload, and the server hears when its page goes', async ({ visitor, page }) => {
  // Nobody is told of a request that outlives its page, so the page keeps what it says.
  await page.addInitScript(() => {
    const send = navigator.sendBeacon.bind(navigator);
    navigator.sendBeacon = (address, said) => {
      const goodbyes = localStorage.getItem('goodbyes') ?? '';
      localStorage.setItem('goodbyes', `${goodbyes}${address} ${said}\n`);
      return send(address, said);
    };
  });
  const goodbyes = () => page.evaluate(() => localStorage.getItem('goodbyes') ?? '');
  await visitor.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await visitor.askAndRead('say hello');
  const id = page.url().split('/c/')[1];
  await visitor.reload();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
  await visitor.askAndRead('fast 2 words');
  await page.goto('/settings');
  expect(await goodbyes()).toBe(`/rpc/arrange conversation=${id}&what=leave\n`.repeat(2));
});

test('the menu of a conversation leaves the drawer open until something is chosen', async ({ visitor, page, isMobile }) => {
  test.skip(!isMobile, 'there is no drawer');
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.openList();
  await visitor.conversations.getByRole('button', { name: /^Conversation menu: / }).click();
  const menu = page.locator('#conversation-menu');
  await expect(menu).toBeVisible();
  await expect(visitor.conversations).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(visitor.conversations).toBeVisible();
  await visitor.conversations.getByRole('button', { name: /^Conversation menu: / }).click();
  await menu.getByRole('button', { name: 'Delete' }).click();
  await expect(visitor.conversations).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(visitor.text).toHaveText('Hello! How can I help?');
});

test('what is done in one tab is seen in another', async ({ visitor, page, context, isMobile }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const other = await context.newPage();
  const { Visitor } = await import('../support/visitor');
  const elsewhere = new Visitor(other, isMobile);
  await elsewhere.open(new URL(page.url()).pathname);
  await elsewhere.askAndRead('fast 3 words');
  await expect(visitor.text).toHaveText('word1 word2 word3');
  await elsewhere.openMenu();
  await other.getByRole('textbox', { name: 'Title' }).fill('Seen from afar');
  await other.getByRole('button', { name: 'Rename' }).click();
  await expect(page).toHaveTitle('Seen from afar · Inglenook');
  await elsewhere.openMenu();
  await other.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('heading', { name: 'There is no conversation here' })).toBeVisible();
  await other.getByRole('button', { name: 'Undo' }).click();
  await expect(visitor.text).toHaveText('word1 word2 word3');
});
