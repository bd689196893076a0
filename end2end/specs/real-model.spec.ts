// The whole path with a real model: SmolLM2 through llama.cpp, which `cargo xtask test` starts.

import { RecordedModel } from '../support/model';
import { expect, test as base } from '../support/test';
import { Visitor } from '../support/visitor';

const url = process.env.INGLENOOK_LOCAL_MODEL_URL ?? '';

const test = base.extend<{ model: RecordedModel }>({
  model: async ({}, use) => {
    const model = await RecordedModel.inFrontOf(url);
    await use(model);
    model.close();
  },
  settings: async ({ model }, use) => use({ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: model.url }),
});

test.skip(url === '', 'INGLENOOK_LOCAL_MODEL_URL names no model');
test.setTimeout(120_000);

test('page, store and model agree on what was said', async ({ page, isMobile, inglenook, model }) => {
  const visitor = new Visitor(page, isMobile, /smollm/i);
  await visitor.open();
  await visitor.ask('Answer in one short sentence: what is the capital of France?');
  await expect(visitor.answer).toHaveAttribute('aria-busy', 'false', { timeout: 90_000 });
  await expect.poll(() => model.answers.length).toBe(1);
  const [said] = model.answers;
  expect(said.trim()).not.toBe('');
  expect(await inglenook.stored(await visitor.answerId())).toBe(said);

  // The model writes prose; what Markdown it uses leaves its words as they are.
  const letters = (text: string) => text.replace(/[^\p{L}\p{N}]+/gu, ' ').trim();
  const shown = letters((await visitor.text.innerText()) ?? '');
  expect(shown).toBe(letters(said));
  await visitor.reload();
  expect(letters(await visitor.text.innerText())).toBe(shown);

  const events = await fetch(`${inglenook.url}/api/answers/${await visitor.answerId()}/events`);
  const snapshot = /event: snapshot\n(?:id: .*\n)?data: (.*)/.exec((await events.text()).replace(/\r/g, ''));
  expect(JSON.parse(snapshot![1])).toMatchObject({ content: said });
});
