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
