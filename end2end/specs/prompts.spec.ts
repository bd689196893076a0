// Prompts: cards on the empty page, commands in the field, variables, and the library's own page.

import { expect, test } from '../support/test';
import type { Visitor } from '../support/visitor';

const commands = (visitor: Visitor) => visitor.page.getByRole('listbox', { name: 'Prompts by command' });

test('a card with variables asks for them and is put into the field, not sent', async ({ visitor, page }) => {
  await visitor.open();
  // A phone shows the first cards only; the others are found.
  await page.getByRole('searchbox', { name: 'Find a prompt' }).fill('compare');
  await page.getByRole('navigation', { name: 'Prompts' }).getByRole('link', { name: /Compare two things/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Fill in the prompt' });
  await expect(dialog.getByRole('textbox')).toHaveCount(3);
  await expect(dialog.getByLabel('one')).toBeFocused();
  await dialog.getByLabel('one').fill('tea');
  await dialog.getByLabel('other').fill('{{coffee}}');
  await dialog.getByLabel('purpose').fill('mornings');
  await dialog.getByLabel('purpose').press('Enter');
  await expect(dialog).toBeHidden();
  await expect(visitor.message).toBeFocused();
  await expect(visitor.message).toHaveValue(/^Compare tea and \{\{coffee\}\} for mornings\. Make a table/);
  await expect(visitor.questions).toHaveCount(0);
  await expect(visitor.send).toBeEnabled();
});

test('a card without variables goes into the field at once, and a closed dialog changes nothing', async ({
  visitor,
  page,
}) => {
  await visitor.open();
  await page.getByRole('link', { name: /Explain something/ }).click();
  await page.getByRole('dialog').press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(visitor.message).toHaveValue('');
  await page.getByRole('link', { name: /Summarise a text/ }).click();
  await expect(visitor.message).toHaveValue(/^Summarise the text below/);
});

test('a card goes before what is written, and in place of a command', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.message.fill('Once upon a time');
  await page.getByRole('link', { name: /Summarise a text/ }).click();
  await expect(visitor.message).toHaveValue(/^Summarise the text below[^]*\n\nOnce upon a time$/);
  await visitor.message.fill('/sum');
  await page.getByRole('link', { name: /Summarise a text/ }).click();
  await expect(visitor.message).toHaveValue(/^Summarise the text below((?!\/sum)[^])*$/);
});

test('cards and personas stand on every new page, not only on the first', async ({ visitor, page }) => {
  await visitor.open();
  const begin = [page.getByRole('navigation', { name: 'Prompts' }), page.getByRole('navigation', { name: 'Personas' })];
  for (const part of begin) await expect(part).toBeVisible();
  for (let round = 0; round < 2; round++) {
    await visitor.askAndRead('markdown');
    await visitor.openList();
    await page.getByRole('link', { name: 'New chat' }).first().click();
    for (const part of begin) await expect(part).toBeVisible();
  }
  await page.goBack();
  await expect(visitor.text.last()).toBeVisible();
  await page.goForward();
  for (const part of begin) await expect(part).toBeVisible();
});

test('the cards are searched, in all prompts', async ({ visitor, page }) => {
  await visitor.open();
  const cards = page.getByRole('navigation', { name: 'Prompts' });
  await expect(cards.locator('a')).toHaveCount(6);
  const search = page.getByRole('searchbox', { name: 'Find a prompt' });
  await search.fill('MEETING minutes');
  await expect(cards.getByRole('link')).toHaveText([/Minutes of a meeting/]);
  await search.fill('nothing of the kind');
  await expect(cards.getByText('No prompt has these words.')).toBeVisible();
  await search.fill('');
  await expect(cards.locator('a')).toHaveCount(6);
});

test('a slash opens the commands, which keys choose from', async ({ visitor, page }) => {
  await visitor.open();
  await visitor.message.pressSequentially('/');
  const field = page.locator('textarea[name=text]');
  const options = commands(visitor).getByRole('option');
  await expect(options).toHaveCount(8);
  await expect(field).toHaveAttribute('aria-expanded', 'true');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await field.press('ArrowUp');
  await expect(options.last()).toHaveAttribute('aria-selected', 'true');
  await expect(field).toHaveAttribute('aria-activedescendant', (await options.last().getAttribute('id'))!);
  await field.pressSequentially('sum');
  await expect(options).toHaveText([/Summarise a text/]);
  await field.press('Escape');
  await expect(commands(visitor)).toBeHidden();
  await expect(field).toHaveValue('/sum');
  await field.pressSequentially('m');
  await field.press('Tab');
  await expect(visitor.message).toHaveValue(/^Summarise the text below/);
  await expect(visitor.message).toBeFocused();
  await expect(visitor.questions).toHaveCount(0);
});

test('Enter chooses a command and does not send; a composition chooses nothing', async ({ visitor, page }) => {
  await visitor.open();
  const field = page.locator('textarea[name=text]');
  await field.pressSequentially('/review');
  await expect(commands(visitor).getByRole('option')).toHaveCount(1);
  await field.evaluate((field) => {
    const enter = (extra: object) =>
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...extra }));
    enter({ isComposing: true });
    enter({ keyCode: 229 });
  });
  await expect(field).toHaveValue('/review');
  await field.press('Enter');
  await expect(visitor.message).toHaveValue(/^Review the code below/);
  await expect(visitor.questions).toHaveCount(0);
});

test('what only begins with a slash is a message like any other', async ({ visitor }) => {
  await visitor.open();
  await visitor.message.fill('/usr/bin is a folder');
  await expect(commands(visitor)).toBeHidden();
  await visitor.sendByKey();
  await expect(visitor.questions).toHaveText(['/usr/bin is a folder']);
  await visitor.isComplete();
});

test('the library: add, find, use, export, import, delete', async ({ visitor, page, watch }) => {
  // The answer to a form that is refused.
  watch.expect(/status of 422/);
  await page.goto('/prompts');
  await page.getByText('Add a prompt').click();
  const add = page.locator('#add');
  await add.getByLabel('Title').fill('Haiku');
  await add.getByLabel('Command').fill('/explain');
  await add.locator('textarea[name=text]').fill('Write a haiku about {{topic}}.');
  await add.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toHaveText('Another prompt has the command /explain.');
  await add.getByLabel('Command').fill('/haiku');
  await add.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Haiku' })).toBeVisible();

  await page.getByRole('searchbox').fill('haiku');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect(page.locator('.cards > li')).toHaveCount(1);
  await page.getByRole('link', { name: 'Use: Haiku' }).click();
  await visitor.isReady();
  await expect(visitor.message).toHaveValue('Write a haiku about {{topic}}.');

  const exported = await (await page.request.get('/prompts/export')).json();
  expect(exported[0]).toMatchObject({ title: 'Haiku', command: 'haiku' });
  await page.goto('/prompts');
  await page.getByText('Import', { exact: true }).first().click();
  const file = { name: 'prompts.csv', mimeType: 'text/csv', buffer: Buffer.from('act,prompt\nPoet,"Rhyme, please."\n') };
  await page.getByLabel('File').setInputFiles(file);
  await page.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByRole('status')).toHaveText('1 prompt added.');
  await page.getByLabel('Delete: Poet').click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('heading', { name: 'Poet' })).toHaveCount(0);
});
