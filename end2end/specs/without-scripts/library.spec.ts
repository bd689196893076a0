// Prompts, personas and settings where no script runs: links and forms.

import { expect, test } from '../../support/test';

test('a prompt leads to the field, a persona to its questions', async ({ visitor, page, upstream }) => {
  await page.goto('/');
  await page.getByRole('link', { name: /Summarise a text/ }).click();
  await expect(visitor.message).toHaveValue(/^Summarise the text below/);
  await page.getByRole('navigation', { name: 'Personas' }).getByRole('link', { name: 'Tutor' }).click();
  await page.getByRole('button', { name: 'Help me understand recursion' }).click();
  await expect(visitor.questions).toHaveText(['Help me understand recursion']);
  const [{ body }] = await upstream.record();
  expect(body.messages[0].content).toMatch(/^You are a patient tutor/);
});

test('a conversation is set by form', async ({ visitor, page, upstream, watch }) => {
  // The answer to a form that is refused.
  watch.expect(/status of 422/);
  await page.goto('/');
  await visitor.ask('say hello');
  await page.getByRole('link', { name: 'Show this conversation with its buttons' }).click();
  await page.getByRole('link', { name: 'Settings of this conversation' }).click();
  await page.getByLabel('System prompt').fill('Be brief.');
  await page.getByLabel('Temperature').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toHaveText('Only 0 to 2 is allowed.');
  await page.getByLabel('Temperature').fill('0.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('Saved.');
  await page.getByRole('main').getByRole('link', { name: 'Back' }).click();
  await visitor.ask('say hello');
  await expect(visitor.answers).toHaveCount(2);
  const { body } = (await upstream.record()).at(-1)!;
  expect(body).toMatchObject({ temperature: 0.5, messages: [{ role: 'system', content: 'Be brief.' }, {}, {}, {}] });
});

test('a card of the search leads to what is found', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('searchbox', { name: 'Find a prompt' }).fill('minutes');
  await page.getByRole('searchbox', { name: 'Find a prompt' }).press('Enter');
  await expect(page.locator('.cards > li')).toHaveCount(1);
  await page.getByRole('link', { name: 'Use: Minutes of a meeting' }).click();
  await expect(page.getByRole('textbox', { name: 'Message' })).toHaveValue(/^Turn the notes below into minutes/);
});
