// A picture of every state in light and dark, to be looked at. Nothing is compared.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';
import { script } from '../support/upstream';

async function picture(page: Page, world: string, state: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: `artefacts/screens/${world}/${state}-${colorScheme}.png`, animations: 'disabled' });
  }
}

test('answers', async ({ visitor, page }, { project }) => {
  await visitor.open();
  await picture(page, project.name, 'empty');
  await visitor.ask('never');
  await expect(visitor.answer).toContainText('Waiting for the answer');
  await picture(page, project.name, 'waiting');
  await visitor.stop.click();
  await visitor.isComplete();
  await picture(page, project.name, 'stopped-before-the-first-word');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await visitor.ask('slow 200 words');
  await expect(visitor.text).toContainText('word20');
  await picture(page, project.name, 'streaming');
  await visitor.stop.click();
  await visitor.isComplete();
  await picture(page, project.name, 'stopped');
  await visitor.openList();
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await visitor.askAndRead('markdown');
  await visitor.transcript.evaluate((e) => (e.scrollTop = 0));
  await picture(page, project.name, 'markdown-top');
  await visitor.transcript.evaluate((e) => (e.scrollTop = e.scrollHeight));
  await picture(page, project.name, 'markdown-end');
  await visitor.askAndRead('code');
  await expect(visitor.text.locator('pre code span').first()).toBeAttached();
  await picture(page, project.name, 'code');
  await visitor.message.fill('A draft\nof several\nlines that\ngrows');
  await picture(page, project.name, 'draft');
  if (project.name === 'phone') {
    await visitor.openList();
    await picture(page, project.name, 'drawer');
  }
});

test('formulas and long code', async ({ visitor, page }, { project }) => {
  await visitor.open();
  const corpus = (name: string) => readFileSync(join(import.meta.dirname, `../../markdown/tests/corpus/${name}.md`), 'utf8');
  await visitor.askAndRead(script({ delta: corpus('formulas') }, { finish: 'stop' }, 'done'));
  await expect(visitor.text.locator('math').first()).toBeVisible();
  await visitor.transcript.evaluate((e) => (e.scrollTop = 0));
  await picture(page, project.name, 'formulas');
  await visitor.transcript.evaluate((e) => (e.scrollTop = 700));
  await picture(page, project.name, 'formulas-further');
  const lines = Array.from({ length: 70 }, (_, n) => `fn line_${n}() -> &'static str { "a string that makes the line rather long" } // ${n}\n`).join('');
  await visitor.askAndRead(script({ delta: `A long file:\n\n\`\`\`rust\n${lines}\`\`\`\n\nThat was it.` }, { finish: 'stop' }, 'done'));
  await visitor.reload();
  await picture(page, project.name, 'long-code-folded');
});

test('thinking, other scripts and long answers', async ({ visitor, page }, { project }) => {
  await visitor.open();
  await visitor.ask('reasoning');
  await expect(visitor.answer.locator('summary')).toHaveText('Thinking for 1 s…');
  await picture(page, project.name, 'thinking');
  await visitor.isComplete();
  await visitor.answer.locator('summary').click();
  await picture(page, project.name, 'thought');
  await visitor.askAndRead('hostile');
  await picture(page, project.name, 'hostile');
  const poem = '# مرحبا\n\nكيف يمكنني مساعدتك؟\n\n- واحد\n- اثنان\n\n> اقتباس\n\n';
  await visitor.askAndRead(script({ delta: `${poem}你好，今天我能帮你什么？ 👩‍👩‍👧\n` }, { finish: 'stop' }, 'done'));
  await picture(page, project.name, 'arabic-and-chinese');
  await visitor.askAndRead('long');
  await visitor.scrollBy(-900);
  await expect(visitor.toLatest).toBeVisible();
  await picture(page, project.name, 'long-answer');
});

test('around a conversation', async ({ visitor, page }, { project }) => {
  await visitor.open();
  await visitor.askAndRead('fast 12 words about quinces and medlars');
  await visitor.askAndRead('什么是哈希表？');
  await visitor.openMenu();
  await page.getByRole('textbox', { name: 'New folder' }).fill('Garden');
  await picture(page, project.name, 'menu');
  await page.getByRole('button', { name: 'Move' }).click();
  await page.getByRole('button', { name: 'Answer again' }).last().click();
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toBeVisible();
  await visitor.isComplete();
  await visitor.answer.getByRole('button', { name: 'More' }).click();
  await picture(page, project.name, 'message-menu');
  await page.keyboard.press('Escape');
  await page.keyboard.press('ControlOrMeta+k');
  await picture(page, project.name, 'palette');
  await page.keyboard.press('Escape');
  await page.locator('#transcript').focus();
  await page.keyboard.press('?');
  await picture(page, project.name, 'shortcuts');
  await page.keyboard.press('Escape');
  await visitor.questions.first().getByRole('button', { name: 'Edit' }).click();
  await picture(page, project.name, 'editing');
  await page.getByRole('button', { name: 'Cancel' }).click();
  await visitor.ask('slow 200 words');
  await expect(visitor.text).toContainText('word4');
  await visitor.message.fill('And then?');
  await page.getByRole('button', { name: 'Send after this answer' }).click();
  await expect(page.getByRole('list', { name: 'Questions that wait' })).toBeVisible();
  await picture(page, project.name, 'queue');
  await visitor.stop.click();
  await visitor.openList();
  await picture(page, project.name, 'folders');
  await page.getByRole('searchbox', { name: 'Search', exact: true }).fill('quinces');
  await expect(visitor.conversations.locator('mark').first()).toBeVisible();
  await picture(page, project.name, 'search');
});

test('the other pages', async ({ visitor, page }, { project }) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  const answer = await visitor.answerId();
  for (const address of ['settings', 'prompts', 'personas', 'import', 'archive', 'tokens', 'usage', `inspect/${answer}`]) {
    await page.goto(`/${address}`);
    await picture(page, project.name, address.split('/')[0]);
  }
  for (const section of ['keys', 'prices']) {
    await page.goto(`/settings#${section}`);
    await picture(page, project.name, `settings-${section}`);
  }
  await page.goto('/tokens');
  await page.getByRole('textbox', { name: 'Name' }).fill('Laptop');
  await page.getByRole('button', { name: 'Make' }).click();
  await picture(page, project.name, 'token-made');
});

for (const [width, height] of [[360, 740], [768, 1024], [1920, 1080]] as const) {
  test(`${width} pixels`, async ({ visitor, page, isMobile }, { project }) => {
    test.skip(isMobile !== width < 500, 'each width in the world that has it');
    await page.setViewportSize({ width, height });
    await visitor.open();
    await picture(page, project.name, `${width}-empty`);
    await visitor.askAndRead('markdown');
    await picture(page, project.name, `${width}-conversation`);
  });
}

test.describe('in Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('Chinese', async ({ visitor, page }, { project }) => {
    await visitor.open();
    await picture(page, project.name, 'chinese-empty');
    await page.locator('textarea[name=text]').fill('markdown');
    await page.keyboard.press('Control+Enter');
    await expect(page.locator('article.answer')).toHaveAttribute('aria-busy', 'false');
    await picture(page, project.name, 'chinese');
    for (const address of ['settings', 'settings#keys', 'prompts', 'personas', 'tokens', 'usage', 'import']) {
      await page.goto(`/${address}`);
      await picture(page, project.name, `chinese-${address.replace('#', '-')}`);
    }
  });
});

test('trouble', async ({ visitor, page, context, inglenook, watch }, { project }) => {
  watch.expectLostServer();
  watch.expect(/status of 404/);
  await visitor.open();
  await visitor.ask('401');
  await visitor.isComplete();
  await picture(page, project.name, 'wrong-key');
  // A new start lets a key be used again that was refused.
  await inglenook.restart();
  await visitor.askAndRead('429');
  await picture(page, project.name, 'rate-limited');
  await inglenook.restart();
  await visitor.askAndRead('cut');
  await picture(page, project.name, 'cut-off');
  await visitor.ask('slow 100 words');
  await expect(visitor.text).toContainText('word10');
  await context.setOffline(true);
  await expect(visitor.answer).toContainText('You are offline.');
  await picture(page, project.name, 'offline');
  await context.setOffline(false);
  await expect(visitor.answer).not.toContainText('You are offline.');
  await inglenook.kill();
  await expect(visitor.answer).toContainText('Reconnecting…');
  await picture(page, project.name, 'reconnecting');
  await inglenook.restart();
  await visitor.isComplete();
  await picture(page, project.name, 'interrupted');
  await inglenook.kill();
  await visitor.message.fill('Are you there?');
  await visitor.send.click();
  await expect(page.locator('form.composer').getByRole('alert')).toBeVisible();
  await picture(page, project.name, 'server-away');
  await inglenook.restart();
  await page.goto('/nowhere');
  await picture(page, project.name, 'not-found');
});

test.describe('without a provider', () => {
  test.use({ settings: { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' } });

  test('no provider', async ({ visitor, page }, { project }) => {
    await visitor.open();
    await picture(page, project.name, 'no-provider');
  });
});

test.describe('with a password', () => {
  test.use({ settings: { INGLENOOK_PASSWORD: 'correct horse battery' } });

  test('sign in', async ({ page, watch }, { project }) => {
    watch.expect(/status of 401/);
    await page.goto('/');
    await picture(page, project.name, 'sign-in');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('alert')).toBeVisible();
    await picture(page, project.name, 'sign-in-refused');
  });
});
