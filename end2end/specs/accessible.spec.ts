// WCAG 2.2 AA: axe finds nothing, on any page and in any state.

import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function check(page: Page, state: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  const found = violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
  expect(found, state).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test(`axe finds nothing around a conversation in the ${colorScheme}`, async ({ visitor, page }) => {
      await visitor.open();
      await check(page, 'the page for a new conversation');
      await visitor.askAndRead('markdown');
      await visitor.askAndRead('fast 2 words');
      await check(page, 'a conversation');
      await page.getByRole('button', { name: 'Answer again' }).last().click();
      await visitor.isComplete();
      await visitor.openMenu();
      await check(page, 'the menu of a conversation');
      await page.keyboard.press('Escape');
      await visitor.answer.getByRole('button', { name: 'More' }).click();
      await check(page, 'the menu of a message');
      await page.keyboard.press('Escape');
      await page.keyboard.press('ControlOrMeta+k');
      await check(page, 'the palette');
      await page.keyboard.press('Escape');
      await visitor.ask('slow 300 words');
      await expect(visitor.text).toContainText('word2');
      await visitor.message.fill('next');
      await page.getByRole('button', { name: 'Send after this answer' }).click();
      await expect(page.getByRole('list', { name: 'Questions that wait' })).toBeVisible();
      await check(page, 'an answer that grows and a question that waits');
      await visitor.stop.click();
      await visitor.isComplete();
      await check(page, 'a stopped answer');
      await visitor.openList();
      await page.getByRole('searchbox', { name: 'Search' }).fill('words');
      await expect(visitor.conversations.locator('mark').first()).toBeVisible();
      await check(page, 'what is found');
    });

    for (const address of ['/settings', '/archive', '/import', '/prompts', '/personas', '/tokens', '/usage', '/nowhere']) {
      test(`axe finds nothing at ${address} in the ${colorScheme}`, async ({ page, watch }) => {
        watch.expect(/status of 404/);
        await page.goto(address);
        await check(page, address);
      });
    }
  });
}
