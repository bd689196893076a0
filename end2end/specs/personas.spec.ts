// Personas, the choice of a model, and how a conversation is answered.

import { expect, test } from '../support/test';
import type { Upstream } from '../support/upstream';
import type { Visitor } from '../support/visitor';

/** What was sent for the last answer, once it is complete. */
async function sent(visitor: Visitor, upstream: Upstream) {
  await expect(visitor.page.locator('article[aria-busy=false]').last()).toBeVisible();
  return (await upstream.record()).at(-1)!.body;
}

const sheet = (visitor: Visitor) => visitor.page.getByRole('dialog', { name: 'Settings of this conversation' });
const settingsButton = (visitor: Visitor) =>
  visitor.page.getByRole('button', { name: /^Settings of this conversation/ });
const modelButton = (visitor: Visitor) => visitor.page.getByRole('button', { name: /^Model: / });

test('a persona answers as it is told to, and its questions go into the field', async ({ visitor, page, upstream }) => {
  await visitor.open();
  const personas = page.getByRole('navigation', { name: 'Personas' });
  await personas.getByRole('link', { name: 'Tutor' }).click();
  await expect(personas.getByRole('link', { name: 'Tutor' })).toHaveAttribute('aria-current', 'true');
  await page.getByRole('button', { name: 'Help me understand recursion' }).click();
  await expect(visitor.message).toHaveValue('Help me understand recursion');
  await expect(visitor.questions).toHaveCount(0);
  await visitor.send.click();
  await expect(visitor.questions).toHaveCount(1);
  const [first] = (await sent(visitor, upstream)).messages;
  expect(first.role).toBe('system');
  expect(first.content).toMatch(/^You are a patient tutor/);
  await expect(settingsButton(visitor)).toHaveAccessibleName('Settings of this conversation, changed');
});

test('settings are saved as they are changed, and what is wrong is said at its field', async ({
  visitor,
  page,
  upstream,
}) => {
  await visitor.open();
  await visitor.askAndRead('say hello');
  await settingsButton(visitor).click();
  const temperature = sheet(visitor).getByLabel(/^Temperature/);
  await temperature.fill('9');
  await temperature.press('Tab');
  await expect(sheet(visitor).getByRole('alert')).toHaveText('Only 0 to 2 is allowed.');
  await expect(temperature).toHaveAttribute('aria-invalid', 'true');
  await temperature.fill('0,3');
  await sheet(visitor).getByLabel(/^System prompt/).fill('Be brief.');
  await sheet(visitor).getByLabel(/^Seed/).fill('7');
  await sheet(visitor).getByLabel(/^Seed/).press('Tab');
  await expect(sheet(visitor).getByRole('status')).toHaveText('Saved.');
  await expect(sheet(visitor).locator('.field.changed')).toHaveCount(3);
  await page.keyboard.press('Escape');
  await expect(sheet(visitor)).toBeHidden();
  await visitor.askAndRead('say hello again');
  const body = await sent(visitor, upstream);
  expect(body).toMatchObject({ temperature: 0.3, seed: 7 });
  expect(body.messages[0]).toEqual({ role: 'system', content: 'Be brief.' });

  await visitor.reload();
  await settingsButton(visitor).click();
  await expect(sheet(visitor).getByLabel(/^System prompt/)).toHaveValue('Be brief.');
  await sheet(visitor).getByRole('button', { name: 'Reset all' }).click();
  await expect(sheet(visitor).getByLabel(/^System prompt/)).toHaveValue('');
  await expect(settingsButton(visitor)).toHaveAccessibleName('Settings of this conversation');
});

test('a conversation to be begun can be set before its first question', async ({ visitor, page, upstream }) => {
  await visitor.open();
  await settingsButton(visitor).click();
  await sheet(visitor).getByLabel('Persona').selectOption({ label: '🧐 Critic' });
  await expect(sheet(visitor).getByLabel(/^System prompt/)).toHaveValue(/unsparing critic/);
  await sheet(visitor).getByLabel(/^Most tokens/).fill('50');
  await sheet(visitor).getByLabel(/^Most tokens/).press('Tab');
  await expect(sheet(visitor).getByRole('status')).toHaveText('Saved.');
  await page.keyboard.press('Escape');
  await visitor.ask('say hello');
  const body = await sent(visitor, upstream);
  expect(body.max_tokens).toBe(50);
  expect(body.messages[0].content).toMatch(/unsparing critic/);
});

test.describe('with several models', () => {
  test.use({ upstreamArguments: ['--models', 'small,large,vendor/tiny'] });

  test('the model is found by search, kept with the conversation, and a favourite for all', async ({
    visitor,
    page,
    upstream,
  }) => {
    await visitor.open();
    await modelButton(visitor).click();
    const panel = page.getByRole('dialog', { name: 'Choose a model' });
    const search = panel.getByRole('searchbox', { name: 'Find a model' });
    await expect(search).toBeFocused();
    const star = panel.getByRole('button', { name: 'Favourite: large' });
    await star.press('Enter');
    await expect(panel.getByRole('heading').first()).toHaveText('Favourites');
    await expect(star).toBeFocused();
    await search.fill('tin');
    await expect(panel.locator('.pick')).toHaveText(['vendor/tiny']);
    await search.press('ArrowDown');
    await expect(panel.locator('.pick')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(search).toBeFocused();
    await search.press('Enter');
    await expect(panel).toBeHidden();
    await expect(modelButton(visitor)).toHaveText('vendor/tiny');
    await visitor.message.fill('say hello');
    await visitor.send.click();
    await expect(visitor.questions).toHaveCount(1);
    await expect(page).toHaveURL(/\/c\//);
    expect((await sent(visitor, upstream)).model).toBe('vendor/tiny');

    await visitor.reload();
    await expect(modelButton(visitor)).toHaveText('vendor/tiny');
    await modelButton(visitor).click();
    await expect(star).toHaveAttribute('aria-pressed', 'true');
    const saved = page.waitForResponse('**/rpc/model');
    await panel.locator('.pick', { hasText: 'small' }).click();
    await saved;
    await visitor.reload();
    await expect(modelButton(visitor)).toHaveText('small');
  });
});

test.describe('with models that are named after others', () => {
  test.use({ upstreamArguments: ['--models', 'deepseek-r1-distill-qwen,qwen3,vendor/qwen2'] });

  test('what begins with what is typed comes first', async ({ visitor, page }) => {
    await visitor.open();
    await modelButton(visitor).click();
    const panel = page.getByRole('dialog', { name: 'Choose a model' });
    const search = panel.getByRole('searchbox', { name: 'Find a model' });
    await search.fill('qwen');
    await expect(panel.locator('.pick')).toHaveText(['qwen3', 'vendor/qwen2', 'deepseek-r1-distill-qwen']);
    await search.press('Enter');
    await expect(panel).toBeHidden();
    await expect(modelButton(visitor)).toHaveText('qwen3');
  });
});

test('a persona of one’s own is added, used and deleted', async ({ visitor, page, upstream, watch }) => {
  // The answer to a form that is refused.
  watch.expect(/status of 422/);
  await page.goto('/personas');
  await page.getByText('Add a persona').click();
  const add = page.locator('#add');
  await add.getByLabel('Name').fill('Pirate');
  await add.getByLabel('Picture').fill('🏴‍☠️');
  await add.getByLabel('System prompt').fill('Talk like a pirate.');
  await add.getByLabel('Questions to begin with').fill('Where is the gold?');
  await add.getByText('Parameters').click();
  await add.getByLabel('Temperature').fill('7');
  await add.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('alert')).toHaveText('Only 0 to 2 is allowed.');
  await add.getByLabel('Temperature').fill('1.5');
  await add.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Use: Pirate' }).click();
  await visitor.isReady();
  await expect(page.getByRole('button', { name: 'Where is the gold?' })).toBeVisible();
  await visitor.message.fill('say hello');
  await visitor.send.click();
  await expect(visitor.questions).toHaveCount(1);
  const body = await sent(visitor, upstream);
  expect(body.messages[0].content).toBe('Talk like a pirate.');
  expect(body.temperature).toBe(1.5);
  await page.goto('/personas');
  await page.getByLabel('Delete: Pirate').click();
  await page.getByRole('button', { name: 'Delete for good' }).click();
  await expect(page.getByRole('heading', { name: 'Pirate' })).toHaveCount(0);
});
