// Everything by keyboard.

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
