// What was written and not sent is not lost.

import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';
import { Visitor } from '../support/visitor';

test('a draft survives a reload, and each conversation has its own', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.message.fill('for a new one');
  await visitor.reload();
  await expect(visitor.message).toHaveValue('for a new one');
  await expect(visitor.send).toBeEnabled();

  await visitor.message.fill('say hello');
  await visitor.send.click();
  await expect(page).toHaveURL(/\/c\//);
  await visitor.isComplete();
  await expect(visitor.message).toHaveValue('');
  await visitor.message.fill('for this one');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(visitor.questions).toHaveCount(0);
  await expect(visitor.message).toHaveValue('');
  await page.goBack();
  await expect(visitor.message).toHaveValue('for this one');
  await visitor.reload();
  await expect(visitor.message).toHaveValue('for this one');
});

test('what is written for a new one is there when one comes back to it', async ({ visitor, page }) => {
  const goTo = async (name: string) => {
    await visitor.openList();
    await page.getByRole('link', { name, exact: true }).first().click();
  };
  await visitor.open();
  await visitor.askAndRead('say hello');
  await goTo('New chat');
  await expect(visitor.questions).toHaveCount(0);
  const kept = page.waitForResponse((response) => response.url().endsWith('/rpc/draft'));
  await visitor.message.fill('for a new one');
  await kept;
  await goTo('say hello');
  await expect(visitor.questions).toHaveCount(1);
  await expect(visitor.message).toHaveValue('');
  await goTo('New chat');
  await expect(visitor.message).toHaveValue('for a new one');
  // A page that was loaded elsewhere knows of it, too.
  await goTo('say hello');
  await expect(visitor.questions).toHaveCount(1);
  await visitor.reload();
  await goTo('New chat');
  await expect(visitor.message).toHaveValue('for a new one');
});

test('what waits to be asked is no draft any more', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.ask('slow 200 words');
  const kept = page.waitForResponse((response) => response.url().endsWith('/rpc/draft'));
  await visitor.message.fill('say hello');
  await kept;
  await page.getByRole('button', { name: 'Send after this answer' }).click();
  await expect(page.getByRole('list', { name: 'Questions that wait' }).getByRole('listitem')).toHaveCount(1);
  // At once: what the page itself tells of its draft comes later.
  await visitor.reload();
  await expect(visitor.message).toHaveValue('');
});

test.describe('a question that cannot be sent', () => {
  /** Sends a question whose request hangs until the function that is returned makes it fail. */
  const sendInVain = async (visitor: Visitor) => {
    await visitor.open();
    await visitor.askAndRead('say hello');
    let fail = () => {};
    const failed = new Promise<void>((resolve) => (fail = resolve));
    await visitor.page.route('**/rpc/ask', async (route) => {
      await failed;
      await route.abort('connectionrefused');
    });
    await visitor.message.fill('first');
    await visitor.send.click();
    await expect(visitor.message).toHaveValue('');
    return fail;
  };

  test('stands before what was typed since', async ({ visitor, watch }) => {
    watch.expectLostServer();
    const fail = await sendInVain(visitor);
    await visitor.message.fill('second');
    fail();
    await expect(visitor.message).toHaveValue('first\n\nsecond');
  });

  test('waits where it was written', async ({ visitor, page, watch }) => {
    watch.expectLostServer();
    const fail = await sendInVain(visitor);
    await visitor.openList();
    await page.getByRole('link', { name: 'New chat' }).first().click();
    await expect(visitor.questions).toHaveCount(0);
    fail();
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(visitor.message).toHaveValue('');
    await page.goBack();
    await expect(visitor.message).toHaveValue('first');
  });
});

test('what is written for a temporary chat is kept nowhere', async ({ visitor, page }) => {
  await visitor.open();
  await page.getByRole('button', { name: 'Temporary chat' }).click();
  await visitor.message.fill('private words');
  await visitor.open();
  await expect(visitor.message).toHaveValue('');
});

test('text that could not be sent comes back', async ({ visitor, inglenook, watch }) => {
  watch.expectLostServer();
  await visitor.open();
  await inglenook.kill();
  await visitor.message.fill('say hello');
  await visitor.send.click();
  await expect(visitor.page.getByRole('alert')).toContainText('could not be reached');
  await expect(visitor.message).toHaveValue('say hello');
  await inglenook.restart();
  await visitor.askAndRead('say hello');
  await expect(visitor.page.getByRole('alert')).toHaveCount(0);
});

test.describe('behind a password', () => {
  test.use({ settings: { INGLENOOK_PASSWORD: 'correct horse battery' } });

  const signIn = async (page: Page) => {
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign in' }).click();
  };

  test('a draft survives signing out and in, here and on another device', async ({ visitor, page, browser, baseURL, isMobile }) => {
    await page.goto('/');
    await signIn(page);
    await visitor.isReady();
    await visitor.askAndRead('say hello');
    const conversation = new URL(page.url()).pathname;
    const kept = page.waitForResponse((response) => response.url().endsWith('/rpc/draft'));
    await visitor.message.fill('for later');
    expect((await kept).ok()).toBe(true);
    await visitor.openList();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/login/);
    await expect(page.locator('body')).not.toContainText('for later');

    await page.goto(conversation);
    await signIn(page);
    await visitor.isReady();
    await expect(page).toHaveURL(new RegExp(`${conversation}$`));
    await expect(visitor.message).toHaveValue('for later');

    const elsewhere = await browser.newContext({ baseURL });
    const other = await elsewhere.newPage();
    const there = new Visitor(other, isMobile);
    await other.goto(conversation);
    await signIn(other);
    await there.isReady();
    await expect(there.message).toHaveValue('for later');
    await elsewhere.close();
  });
});
