// Everything by keyboard.

import type { Page } from '@playwright/test';

import { expect, test } from '../support/test';

test('the palette does what it lists and finds conversations', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('fast 3 words about quinces');
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('combobox', { name: 'All actions' });
  await expect(palette).toBeFocused();
  await palette.fill('new ch');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/$/);
  await expect(visitor.questions).toHaveCount(0);
  await page.keyboard.press('ControlOrMeta+k');
  await palette.fill('quinces');
  await expect(page.getByRole('option').filter({ hasText: 'quinces' }).first()).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/c\//);
  await expect(visitor.questions).toHaveCount(1);
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.press('Escape');
  await expect(palette).toBeHidden();
});

test('shortcuts are listed, and none takes what is written', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.message.fill('');
  await visitor.message.pressSequentially('a/b?');
  await expect(visitor.message).toHaveValue('a/b?');
  await visitor.message.fill('');
  await page.locator('#transcript').focus();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.locator('#transcript').focus();
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Search' })).toBeFocused();
});

/// Presses Alt and N in an element, on a keyboard that writes `key` with it, and says whether the page leaves the
/// key alone, so that it is written.
function isWritten(page: Page, selector: string, key: string): Promise<boolean> {
  return page.locator(selector).evaluate((target, key) => {
    const how = { key, code: 'KeyN', altKey: true, bubbles: true, cancelable: true };
    return target.dispatchEvent(new KeyboardEvent('keydown', how));
  }, key);
}

test('Option writes letters of other languages on a Mac', async ({ visitor, page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'platform', { value: 'MacIntel' }));
  await visitor.open();
  await visitor.askAndRead('say hello');
  expect(await isWritten(page, 'textarea[name=text]', 'ñ')).toBe(true);
  expect(await isWritten(page, 'textarea[name=text]', 'Dead')).toBe(true);
  await expect(visitor.questions).toHaveCount(1);
  expect(await isWritten(page, '#transcript', 'Dead')).toBe(false);
  await expect(visitor.questions).toHaveCount(0);
  await page.goBack();
  await expect(visitor.questions).toHaveCount(1);
  expect(await isWritten(page, 'textarea[name=text]', 'n')).toBe(false);
  await expect(visitor.questions).toHaveCount(0);
});

test('Alt and a letter work in a text also on a keyboard of another alphabet', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  expect(await isWritten(page, 'textarea[name=text]', 'т')).toBe(false);
  await expect(visitor.questions).toHaveCount(0);
});

test('the Enter that ends a composition acts on nothing', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await page.keyboard.press('ControlOrMeta+k');
  const palette = page.getByRole('combobox', { name: 'All actions' });
  await palette.fill('new ch');
  // Safari ends the composition first, and says only by the code whose key it was.
  await palette.evaluate((field) => {
    const how = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent('keydown', how));
  });
  await expect(palette).toBeVisible();
  await expect(visitor.questions).toHaveCount(1);
});

test('the palette does what can be done with what is shown', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const palette = page.getByRole('combobox', { name: 'All actions' });
  const find = async (typed: string, first: string) => {
    await page.keyboard.press('ControlOrMeta+k');
    await palette.fill(typed);
    await expect(page.getByRole('option').first()).toHaveText(first);
  };
  const act = async (typed: string, first: string) => {
    await find(typed, first);
    await page.keyboard.press('Enter');
    await expect(palette).toBeHidden();
  };
  for (const [typed, first] of [
    ['file', 'Add files'],
    ['tokens', 'API tokens'],
    ['markdown', 'Export this conversation as Markdown'],
    ['archive', 'Archive this conversation'],
  ] as const) {
    await find(typed, first);
    await page.keyboard.press('Escape');
    await expect(palette).toBeHidden();
  }

  await act('rename', 'Rename this conversation');
  const title = page.getByRole('textbox', { name: 'Title' });
  await expect(title).toBeFocused();
  await title.fill('Greetings');
  await page.keyboard.press('Enter');
  await expect(page).toHaveTitle('Greetings · Inglenook');
  await act('folder', 'Move this conversation into a folder');
  await expect(page.getByRole('combobox', { name: 'Folder' })).toBeFocused();
  await page.keyboard.press('Escape');
  await act('settings of', 'Settings of this conversation');
  await expect(page.locator('#conversation-settings form')).toBeVisible();
  await page.keyboard.press('Escape');
  await act('pin', 'Pin this conversation');
  await find('pin', 'Unpin this conversation');
  await page.keyboard.press('Escape');

  const download = page.waitForEvent('download');
  await act('json', 'Export this conversation as JSON');
  await download;
  await act('again', 'Answer again');
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/2');
  await visitor.isComplete();
  const first = page.url();
  await act('fork', 'Continue in a new conversation (fork)');
  await expect(page).not.toHaveURL(first);
  await expect(visitor.questions).toHaveCount(1);
  await act('delete', 'Delete this conversation');
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
});

test.describe('with several models', () => {
  test.use({ upstreamArguments: ['--models', 'small,large'] });

  test('the palette opens the choice of models', async ({ visitor, page }) => {
    await visitor.open();
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox', { name: 'All actions' }).fill('model');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('searchbox', { name: 'Find a model' })).toBeFocused();
  });
});
