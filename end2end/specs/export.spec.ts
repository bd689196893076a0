// Conversations as files to keep: how they are called, what they hold, and that nothing is lost in them.

import { readFile } from 'node:fs/promises';
import type { Page, TestInfo } from '@playwright/test';
import { expect, test } from '../support/test';
import { answerWith } from '../support/upstream';
import { unzip } from '../support/zip';

/** Presses what begins a download, and gives the file that came. */
async function saved(page: Page, testInfo: TestInfo, press: () => Promise<void>) {
  const begun = page.waitForEvent('download');
  await press();
  const download = await begun;
  const name = download.suggestedFilename();
  const file = testInfo.outputPath(name);
  await download.saveAs(file);
  return { name, file, content: await readFile(file) };
}

/** The day by which files are called, as the server has it. */
const day = () => new Date().toISOString().slice(0, 10);

/** An answer in which there is something to fetch, and something to typeset. */
const answer = '**Oak** burns *slowly*: $t = 2h$.\n\n![a tree](https://example.com/tree.png)\n\n| wood | heat |\n| - | - |\n| oak | high |';

test('one conversation is saved in each format', async ({ visitor, page, context }, testInfo) => {
  await visitor.open();
  await visitor.askAndRead(answerWith(answer));
  await visitor.openMenu();
  await page.getByRole('textbox', { name: 'Title' }).fill('Oak & beech: 木?');
  await page.getByRole('button', { name: 'Rename' }).click();
  await expect(page).toHaveTitle('Oak & beech: 木? · Inglenook');
  const save = async (format: string) => {
    await visitor.openMenu();
    const menu = page.locator('#conversation-menu');
    const file = await saved(page, testInfo, () => menu.getByRole('link', { name: format }).click());
    await page.keyboard.press('Escape');
    await expect(menu).toBeHidden();
    return file;
  };

  const markdown = await save('Markdown');
  expect(markdown.name).toBe(`${day()}-Oak-beech-木.md`);
  const text = markdown.content.toString('utf8');
  expect(text).toMatch(/^# Oak \\& beech: 木\?\n\n\*\d{4}-\d\d-\d\d \d\d:\d\d UTC\*\n\n## You\n\nscript: /);
  expect(text.endsWith(`\n\n## scripted\n\n${answer}\n`)).toBe(true);

  const html = await save('HTML');
  expect(html.name).toBe(`${day()}-Oak-beech-木.html`);
  const other = await context.newPage();
  const asked: string[] = [];
  other.on('request', (request) => asked.push(request.url()));
  await other.goto(`file://${html.file}`);
  await expect(other).toHaveTitle('Oak & beech: 木?');
  await expect(other.getByRole('heading', { level: 1 })).toHaveText('Oak & beech: 木?');
  const article = other.locator('article.assistant');
  await expect(article.getByRole('heading', { name: 'scripted' })).toBeVisible();
  await expect(article.locator('strong')).toHaveText('Oak');
  await expect(article.locator('math')).toBeVisible();
  await expect(article.getByRole('cell', { name: 'high' })).toBeVisible();
  await other.waitForLoadState('networkidle');
  expect(asked.map((url) => decodeURI(url))).toEqual([`file://${html.file}`]);
  await other.close();

  const json = await save('JSON');
  expect(json.name).toBe(`${day()}-Oak-beech-木.json`);
  const { inglenook, conversation } = JSON.parse(json.content.toString('utf8'));
  expect(inglenook).toBe(1);
  expect(conversation.title).toBe('Oak & beech: 木?');
  expect(conversation.messages.map(({ role, content }: { role: string; content: string }) => [role, content])).toEqual([
    ['user', answerWith(answer)],
    ['assistant', answer],
  ]);
  await visitor.upload(json.name, json.content);
  await expect(page.getByText('Everything in this file is here already.')).toBeVisible();
  await expect(page.getByText('1 conversation is here already')).toBeVisible();
});

test('all conversations are saved in each format, and come back from one', async ({ visitor, page }, testInfo) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await page.getByRole('button', { name: 'Answer again' }).click();
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/2');
  await visitor.isComplete();
  await visitor.open();
  await visitor.askAndRead('say hello');
  await visitor.open();
  await visitor.askAndRead('fast 3 words');
  await page.goto('/import');
  const save = (format: string) => saved(page, testInfo, () => page.getByRole('link', { name: format, exact: true }).click());
  const stems = ['fast-3-words', 'say-hello', 'say-hello-2'];
  const names = (extension: string) => stems.map((stem) => `${day()}-${stem}.${extension}`).sort();

  const markdown = await save('Markdown');
  expect(markdown.name).toBe('inglenook-markdown.zip');
  const texts = unzip(markdown.content);
  expect(Object.keys(texts).sort()).toEqual(names('md'));
  expect(texts[`${day()}-fast-3-words.md`]).toContain('## scripted\n\nword1 word2 word3\n');

  const html = await save('Web pages');
  expect(html.name).toBe('inglenook-html.zip');
  const pages = unzip(html.content);
  expect(Object.keys(pages).sort()).toEqual(names('html'));
  expect(pages[`${day()}-say-hello.html`]).toContain('<p>Hello! How can I help?</p>');

  const json = await save('JSON');
  expect(json.name).toBe('inglenook-json.zip');
  const files = unzip(json.content);
  expect(Object.keys(files).sort()).toEqual(names('json'));
  // Also the branch that is not shown.
  const counts = Object.values(files).map((file) => JSON.parse(file).conversation.messages.length);
  expect(counts.sort()).toEqual([2, 2, 3]);
  await visitor.upload(json.name, json.content);
  await expect(page.getByText('Everything in this file is here already.')).toBeVisible();
  await expect(page.getByText('3 conversations are here already')).toBeVisible();

  // What was deleted since comes back with both of its answers.
  await visitor.open();
  await visitor.openList();
  await visitor.conversations.getByRole('link', { name: 'say hello' }).last().click();
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/2');
  const address = page.url();
  await visitor.openMenu();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page).toHaveURL(/\/$/);
  await visitor.upload(json.name, json.content);
  await expect(page.getByText('1 conversation is new, 2 conversations are here already')).toBeVisible();
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(page.getByText('1 conversation was added, 2 conversations were here already')).toBeVisible();
  await visitor.open(new URL(address).pathname);
  await expect(visitor.answer.getByRole('group', { name: 'Versions' })).toContainText('2/2');
});
