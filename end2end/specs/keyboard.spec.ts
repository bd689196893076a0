// Menus with keys, and where the focus goes when what had it goes.

import { expect, test } from '../support/test';

test('keys lead through the menu of a message, and out of it', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const more = visitor.answer.getByRole('button', { name: 'More' });
  const menu = page.getByRole('dialog', { name: 'More' });
  const entries = menu.getByRole('button');
  await more.press('Enter');
  await expect(entries.first()).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(entries.nth(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(entries.last()).toBeFocused();
  await page.keyboard.press('Home');
  await expect(entries.first()).toBeFocused();
  await page.keyboard.press('End');
  await expect(entries.last()).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(more).toBeFocused();

  await more.press('Enter');
  await expect(entries.first()).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(menu).toBeHidden();
  await expect(more).toBeFocused();

  await more.press('Enter');
  await expect(entries.first()).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Tab');
  await expect(menu).toBeHidden();
  await expect(more).not.toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(more).toBeFocused();

  // The question whether to delete stands where the button stood.
  await more.press('Enter');
  await expect(entries.first()).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Delete for good' })).toBeFocused();
});

test('a menu that a pointer opened is gone on with by keys', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.answer.getByRole('button', { name: 'More' }).click();
  const menu = page.getByRole('dialog', { name: 'More' });
  await expect(menu).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(menu.getByRole('button').first()).toBeFocused();
});

test('a conversation is renamed with keys alone', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const button = page.locator('header.bar').getByRole('button', { name: 'Conversation menu' });
  const title = page.getByRole('textbox', { name: 'Title' });
  await button.press('Enter');
  await expect(title).toBeFocused();
  await title.fill('not sent');
  await page.keyboard.press('ArrowUp');
  await expect(title).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(button).toBeFocused();
  await button.press('Enter');
  await expect(title).not.toHaveValue('not sent');
  await title.fill('Greetings');
  await page.keyboard.press('Enter');
  await expect(page).toHaveTitle('Greetings · Inglenook');
  await expect(button).toBeFocused();
});

test('the focus is never lost while the button that sends becomes the one that stops', async ({ visitor, page, isMobile }) => {
  await visitor.open();
  await page.evaluate(() => {
    const look = () => {
      if (document.activeElement === document.body) Object.assign(window, { lost: true });
      requestAnimationFrame(look);
    };
    document.querySelector<HTMLElement>('textarea[name=text]')!.focus();
    look();
  });
  const wasLost = () => page.evaluate(() => 'lost' in window);
  for (const send of [
    () => (isMobile ? visitor.send.tap() : visitor.send.click()),
    () => visitor.send.press('Enter'),
  ]) {
    const before = await visitor.answers.count();
    await visitor.message.fill('fast 20 words');
    await send();
    await expect(visitor.answers).toHaveCount(before + 1);
    await visitor.isComplete();
    // On a phone the field would bring the keyboard up.
    await expect(isMobile ? visitor.send : visitor.message).toBeFocused();
  }
  await visitor.message.fill('slow 200 words');
  await visitor.send.press('Enter');
  await expect(visitor.text).toContainText('word2');
  await visitor.stop.focus();
  await visitor.stop.press('Enter');
  await visitor.isComplete();
  await expect(isMobile ? visitor.send : visitor.message).toBeFocused();
  await visitor.message.fill('slow 100 words');
  await visitor.sendByKey();
  await expect(visitor.text).toContainText('word2');
  await visitor.stop.focus();
  await visitor.isComplete();
  await expect(visitor.send).toBeFocused();
  expect(await wasLost()).toBe(false);
});

test.describe('the focus stays', () => {
  // On a phone the field would bring its keyboard up, so there the transcript has the focus instead.
  test.skip(({ isMobile }) => isMobile, 'nobody uses keys there');

  test('with the arrow that switches between versions', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.askAndRead('say hello');
    for (const number of [2, 3]) {
      await visitor.answer.getByRole('button', { name: 'Answer again' }).press('Enter');
      await expect(visitor.message).toBeFocused();
      await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText(`${number}/${number}`);
      await visitor.isComplete();
    }
    const before = page.getByRole('button', { name: 'Previous version' });
    await before.press('Enter');
    await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/3');
    await expect(before).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('1/3');
    await expect(page.getByRole('button', { name: 'Next version' })).toBeFocused();
  });

  test('when an answer is stopped and continued', async ({ visitor }) => {
    await visitor.open();
    await visitor.ask('slow 200 words');
    await expect(visitor.text).toContainText('word5');
    await visitor.stop.press('Enter');
    await visitor.isComplete();
    await expect(visitor.message).toBeFocused();
    await visitor.answer.getByRole('button', { name: 'Continue' }).press('Enter');
    await visitor.isWriting();
    await expect(visitor.message).toBeFocused();
  });

  test('when an edit is left, a message deleted, and a fork begun', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.askAndRead('fast 1 words');
    await visitor.askAndRead('fast 2 words');
    await visitor.questions.first().getByRole('button', { name: 'Edit' }).press('Enter');
    await page.getByRole('button', { name: 'Cancel' }).press('Enter');
    await expect(visitor.message).toBeFocused();
    await visitor.questions.first().getByRole('button', { name: 'More' }).press('Enter');
    await page.getByRole('button', { name: 'Delete', exact: true }).press('Enter');
    await page.getByRole('button', { name: 'Delete for good' }).press('Enter');
    await expect(visitor.questions).toHaveCount(1);
    await expect(visitor.message).toBeFocused();
    await visitor.askAndRead('fast 3 words');
    const first = page.url();
    await visitor.answers.first().getByRole('button', { name: 'More' }).press('Enter');
    await page.getByRole('button', { name: 'Continue in a new conversation' }).press('Enter');
    await expect(page).not.toHaveURL(first);
    await expect(visitor.questions).toHaveCount(1);
    await expect(visitor.message).toBeFocused();
  });

  test('when a conversation is deleted and brought back', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.askAndRead('say hello');
    const address = page.url();
    await page.locator('header.bar').getByRole('button', { name: 'Conversation menu' }).press('Enter');
    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(address);
    await expect(page.locator(`#sidebar a[href="${new URL(address).pathname}"]`)).toBeFocused();

    // From the list, where another one is shown.
    await page.getByRole('link', { name: 'New chat' }).first().press('Enter');
    await expect(visitor.questions).toHaveCount(0);
    await visitor.conversations.getByRole('button', { name: /^Conversation menu: / }).press('Enter');
    await page.getByRole('button', { name: 'Pin', exact: true }).press('Enter');
    await expect(visitor.conversations.getByRole('heading')).toHaveText(['Pinned']);
    await expect(visitor.conversations.getByRole('button', { name: /^Conversation menu: / })).toBeFocused();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
  });

  test('when a deletion is taken back before the list knows of it', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.askAndRead('say hello');
    const link = page.locator(`#sidebar a[href="${new URL(page.url()).pathname}"]`);
    await expect(link).toBeVisible();
    const held: (() => void)[] = [];
    let holds = true;
    await page.route('**/rpc/list', async (route) => {
      const response = await route.fetch();
      if (holds) await new Promise<void>((resolve) => held.push(resolve));
      await route.fulfill({ response });
    });
    await page.locator('header.bar').getByRole('button', { name: 'Conversation menu' }).press('Enter');
    await page.getByRole('button', { name: 'Delete' }).press('Enter');
    await expect(page.getByRole('button', { name: 'Undo' })).toBeFocused();
    await expect.poll(() => held.length).toBeGreaterThan(0);
    await page.keyboard.press('Enter');
    await expect(visitor.questions).toHaveCount(1);
    held.shift()!();
    await expect(link).toHaveCount(0);
    holds = false;
    for (const come of held) come();
    await expect(link).toBeFocused();
  });

  test('when a temporary chat is ended', async ({ visitor, page }) => {
    await visitor.open();
    await page.getByRole('button', { name: 'Temporary chat' }).click();
    await visitor.askAndRead('say hello');
    await page.getByRole('button', { name: 'End this temporary chat' }).press('Enter');
    await expect(visitor.questions).toHaveCount(0);
    await expect(visitor.message).toBeFocused();
  });
});
