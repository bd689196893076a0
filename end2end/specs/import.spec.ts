// Conversations that come from other programs: looked at, taken in, read, and never taken in twice.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test';
import { unzip, zip } from '../support/zip';

const fixtures = path.resolve(import.meta.dirname, '../../transfer/tests/fixtures');

/** What a program exported, or what is to be read in it, of the tests of the reader. */
function fixture(name: string): string {
  return readFileSync(path.join(fixtures, name), 'utf8');
}

/** What lies beside the conversations in ChatGPT's export, and holds none. */
const beside = {
  'chat.html': '<html><body>All of it once more</body></html>',
  'message_feedback.json': '[]',
  'user.json': '{"id":"user-1","email":"oak@example.com"}',
};

const ash = JSON.stringify([
  {
    title: 'Ash',
    create_time: 1700000200,
    conversation_id: 'c-ash',
    mapping: { a: { message: { author: { role: 'user' }, content: { content_type: 'text', parts: ['Is it any good?'] } } } },
  },
]);

const oak = { title: 'Oak or beech', question: 'Which of these burns longer?', answer: 'Oak burns longer.', version: '2/2', before: 'Beech.' };

interface Export {
  from: string;
  program: string;
  file: string;
  content: string | Buffer;
  /** What the page says of it as a whole, before and after. */
  would: string;
  came: string;
  /** Each conversation with what is new of it. */
  lines: string[];
  /** One of them: its last answer, and what stands in its place in another branch. */
  opens: { title: string; question: string; answer: string; version?: string; before?: string };
}

const exports: Export[] = [
  {
    from: 'an old ZIP of ChatGPT',
    program: 'ChatGPT',
    file: 'chatgpt.zip',
    content: zip({ 'conversations.json': fixture('chatgpt/conversations.json'), ...beside }),
    would: '1 conversation is new · 6 new messages',
    came: '1 conversation was added · 6 new messages',
    lines: ['Oak or beech new · 6 new messages'],
    opens: oak,
  },
  {
    from: 'a new ZIP of ChatGPT',
    program: 'ChatGPT',
    file: 'chatgpt.zip',
    content: zip({
      'export/conversations-001.json': ash,
      'export/conversations-000.json': fixture('chatgpt/conversations.json'),
      ...Object.fromEntries(Object.entries(beside).map(([name, content]) => [`export/${name}`, content])),
    }),
    would: '2 conversations are new · 7 new messages',
    came: '2 conversations were added · 7 new messages',
    lines: ['Oak or beech new · 6 new messages', 'Ash new · 1 new message'],
    opens: oak,
  },
  {
    from: 'the chats of Open WebUI',
    program: 'Open WebUI',
    file: 'chats.json',
    content: fixture('open_webui/chats.json'),
    would: '2 conversations are new · 6 new messages',
    came: '2 conversations were added · 6 new messages',
    lines: ['Kindling new · 4 new messages', 'Old one new · 2 new messages'],
    opens: { title: 'Kindling', question: 'What lights first?', answer: 'Pine & resin.', version: '2/2', before: 'Birch bark.' },
  },
  {
    from: 'a conversation of LibreChat',
    program: 'LibreChat',
    file: 'chimneys.json',
    content: fixture('librechat/flat.json'),
    would: '1 conversation is new · 3 new messages',
    came: '1 conversation was added · 3 new messages',
    lines: ['Chimneys new · 3 new messages'],
    opens: { title: 'Chimneys', question: 'How often?', answer: 'Twice.', version: '2/2', before: 'Once a year.' },
  },
  {
    from: 'a conversation of LibreChat as a tree',
    program: 'LibreChat',
    file: 'ash.json',
    content: fixture('librechat/recursive.json'),
    would: '1 conversation is new · 4 new messages',
    came: '1 conversation was added · 4 new messages',
    lines: ['Ash new · 4 new messages'],
    opens: { title: 'Ash', question: 'Where to?', answer: 'The bin.', version: '2/2', before: 'The garden.' },
  },
  {
    from: 'a backup of NextChat',
    program: 'NextChat',
    file: 'backup.json',
    content: fixture('nextchat/backup.json'),
    would: '1 conversation is new · 2 new messages',
    came: '1 conversation was added · 2 new messages',
    lines: ['Embers new · 2 new messages'],
    opens: { title: 'Embers', question: 'Still hot?', answer: 'Yes.' },
  },
];

/** What the page says of a program's conversations: about all of them, about each, and what was left out. */
function said(page: Page, program: string) {
  const section = page.locator('section').filter({ has: page.getByRole('heading', { name: program, exact: true }) });
  return {
    summary: section.locator('> p'),
    lines: section.locator('ul').first().getByRole('listitem'),
    leftOut: section.locator('h3 + ul').getByRole('listitem'),
  };
}

for (const { from, program, file, content, would, came, lines, opens } of exports) {
  test(`${from} comes in with its branches, and once`, async ({ visitor, page }) => {
    await visitor.upload(file, content);
    await expect(page).toHaveURL(/\/import\/[0-9a-f]+/);
    await expect(page.getByText('Nothing is stored yet.')).toBeVisible();
    const { summary, lines: shown, leftOut } = said(page, program);
    await expect(summary).toHaveText(would);
    await expect(shown).toHaveText(lines, { useInnerText: true });
    await expect(leftOut).toHaveCount(0);
    await expect(shown.getByRole('link')).toHaveCount(0);
    // A backup may hold keys.
    await expect(page.locator('body')).not.toContainText('sk-');
    const everything = await page.request.get('/export?as=json');
    expect(unzip(await everything.body())).toEqual({});

    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(page.getByRole('status')).toHaveText('The uploaded file was removed.');
    await expect(summary).toHaveText(came);
    await page.getByRole('link', { name: opens.title }).click();
    await visitor.isReady();
    await expect(page).toHaveTitle(`${opens.title} · Inglenook`);
    await expect(visitor.questions.first()).toContainText(opens.question);
    const answer = page.locator('article.answer').first();
    await expect(answer.locator('> .prose')).toContainText(opens.answer);
    if (opens.version && opens.before) {
      await expect(answer.getByRole('group', { name: 'Versions' })).toContainText(opens.version);
      await answer.getByRole('button', { name: 'Previous version' }).click();
      await expect(answer.locator('> .prose')).toContainText(opens.before);
    }
    await visitor.askAndRead('say hello');
    await expect(visitor.text).toHaveText('Hello! How can I help?');

    await visitor.upload(file, content);
    await expect(page.getByText('Everything in this file is here already.')).toBeVisible();
    const count = lines.length;
    await expect(summary).toHaveText(count === 1 ? '1 conversation is here already' : `${count} conversations are here already`);
    await expect(shown).toHaveText(lines.map((line) => line.replace(/ new · .*/, ' here already')), { useInnerText: true });
    await expect(page.getByRole('button', { name: 'Import', exact: true })).toHaveCount(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect(page).toHaveURL(/\/import$/);
  });
}

for (const [program, name] of [
  ['ChatGPT', 'chatgpt'],
  ['Open WebUI', 'open_webui'],
  ['LibreChat', 'librechat'],
  ['NextChat', 'nextchat'],
] as const) {
  test(`what is broken in a file of ${program} is named, and the rest comes in`, async ({ visitor, page }) => {
    await visitor.upload('broken.json', fixture(`${name}/broken.json`));
    // Each is told as the reader's own tests have it.
    const reasons = fixture(`${name}/broken.expected`).matchAll(/^skipped "(.*)": (.)(.*)$/gm);
    const expected = [...reasons].map(([, what, first, rest]) => `${what} ${first!.toUpperCase()}${rest}.`);
    expect(expected).not.toEqual([]);
    const { summary, leftOut } = said(page, program);
    await expect(leftOut).toHaveText(expected, { useInnerText: true });
    await expect(summary).toContainText('1 conversation is new');
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await expect(summary).toContainText('1 conversation was added');
    await expect(leftOut).toHaveText(expected, { useInnerText: true });
  });
}

test('a broken file in a ZIP is named beside what comes in', async ({ visitor, page }) => {
  const content = zip({ 'conversations-000.json': ash, 'conversations-001.json': '[{"id":' });
  await visitor.upload('chatgpt.zip', content);
  const { summary, leftOut } = said(page, 'ChatGPT');
  await expect(summary).toHaveText('1 conversation is new · 1 new message');
  await expect(leftOut).toHaveText([/^conversations-001\.json\sIt is not JSON that can be read: EOF/], { useInnerText: true });
});

test('a file of which nothing can be read is refused with the reason', async ({ visitor, page, watch }) => {
  watch.expect(/status of 422/);
  const alert = page.getByRole('alert');
  const unknown = 'No conversations of a known program were found in the file. What can be read is listed below.';
  const damaged = 'The ZIP is damaged. Download it again from where it comes from.';
  for (const [name, content, problem] of [
    ['letter.json', 'Dear oak', unknown],
    ['list.json', '{"groceries":["milk"]}', unknown],
    ['half.zip', zip({ 'conversations.json': ash }).subarray(0, 80), damaged],
  ] as const) {
    await visitor.upload(name, content);
    await expect(alert).toHaveText(problem);
    await expect(page.getByLabel('File')).toHaveAccessibleDescription(new RegExp(`^${problem}`));
  }
});

test('a later export adds what is new to what is here', async ({ visitor, page }) => {
  const chimneys = JSON.parse(fixture('librechat/flat.json'));
  await visitor.upload('first.json', JSON.stringify(chimneys));
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const since = { sender: 'User', isCreatedByUser: true, text: 'In winter?', createdAt: '2024-05-01T10:02:00.000Z' };
  chimneys.messages.push({ messageId: 'l4', parentMessageId: 'l3', ...since });
  await visitor.upload('later.json', JSON.stringify(chimneys));
  const { summary, lines } = said(page, 'LibreChat');
  await expect(summary).toHaveText('1 conversation gets new messages · 1 new message');
  await expect(lines).toHaveText(['Chimneys 1 new message'], { useInnerText: true });
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  await expect(summary).toHaveText('1 conversation got new messages · 1 new message');
  await page.getByRole('link', { name: 'Chimneys' }).click();
  await visitor.isReady();
  await expect(page.locator('article.answer > .prose').first()).toHaveText('Twice.');
});
