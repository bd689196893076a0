// What assistive technology is given in the states of the page that everybody meets, beside axe's rules: the
// names, roles and order of everything. A change is looked at, and accepted by `--update-snapshots`.

import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';

// On a phone the list is in a drawer, and what else differs is looked at there. The menus and sheets are the same.
test.describe('on a phone', () => {
  test.skip(({ isMobile }) => !isMobile);

  test('a conversation, and the drawer with the list', async ({ visitor, page }) => {
    await visitor.open();
    await visitor.askAndRead('say hello');
    await looks(page, 'phone');
    await visitor.openList();
    await expect(visitor.conversations.getByRole('link').first()).toBeVisible();
    await expect(page.locator('#sidebar')).toMatchAriaSnapshot({ name: 'drawer.aria.yml' });
  });
});

const looks = (page: Page, name: string) => expect(page.locator('body')).toMatchAriaSnapshot({ name: `${name}.aria.yml` });

test.describe('on a desktop', () => {
  test.skip(({ isMobile }) => isMobile);

  test('the page for a new conversation', async ({ visitor, page }) => {
    await visitor.open();
    await expect(page.locator('#files ul')).toBeAttached();
    await looks(page, 'new');
  });

  test('a conversation, its menus and the palette', async ({ visitor, page }) => {
    test.slow();
    await visitor.open();
    await visitor.askAndRead('markdown');
    await visitor.askAndRead('say hello');
    await expect(visitor.conversations.getByRole('link').first()).toBeVisible();
    await looks(page, 'conversation');
    await visitor.openMenu();
    await expect(page.getByRole('dialog', { name: 'Conversation menu' })).toMatchAriaSnapshot({ name: 'conversation-menu.aria.yml' });
    await page.keyboard.press('Escape');
    await visitor.answer.getByRole('button', { name: 'More' }).click();
    const menu = page.getByRole('dialog', { name: 'More' });
    // What an answer took differs each time.
    await menu.locator('dl').evaluate((took) => took.remove());
    await expect(menu).toMatchAriaSnapshot({ name: 'message-menu.aria.yml' });
    await page.keyboard.press('Escape');
    await page.keyboard.press('ControlOrMeta+k');
    await expect(page.getByRole('dialog', { name: 'All actions' })).toMatchAriaSnapshot({ name: 'palette.aria.yml' });
  });

  test('the settings of a conversation, and those of everything', async ({ visitor, page }) => {
    await visitor.open();
    await page.getByRole('button', { name: 'Settings of this conversation' }).click();
    const sheet = page.locator('#conversation-settings');
    await expect(sheet.locator('form')).toBeVisible();
    await expect(sheet).toMatchAriaSnapshot({ name: 'conversation-settings.aria.yml' });
    await page.goto('/settings');
    await looks(page, 'settings');
  });
});
