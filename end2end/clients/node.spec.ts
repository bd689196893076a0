// OpenAI's own client for Node.

import OpenAI from 'openai';
import { expect, test, type Relay } from './relay';

const client = ({ baseURL, token }: Relay) => new OpenAI({ baseURL, apiKey: token, maxRetries: 0 });

const ask = (content: string) => ({ model: 'scripted', messages: [{ role: 'user' as const, content }] });

test('an answer at once', async ({ relay }) => {
  const answer = await client(relay).chat.completions.create(ask('say hello'));
  expect(answer.choices[0].message.content).toBe('Hello! How can I help?');
  expect(answer.usage?.completion_tokens).toBe(20);
});

test('an answer as it comes, with a count of tokens only if asked for', async ({ relay }) => {
  for (const wanted of [undefined, { include_usage: true }]) {
    const stream = await client(relay).chat.completions.create({
      ...ask('say hello'),
      stream: true,
      stream_options: wanted,
    });
    let text = '';
    let counts = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (chunk.usage) counts += 1;
    }
    expect(text).toBe('Hello! How can I help?');
    expect(counts).toBe(wanted ? 1 : 0);
  }
});

test('calls of tools', async ({ relay }) => {
  const call = (part: object) => ({ chunk: { tool_calls: [{ index: 0, ...part }] } });
  const steps = [
    { chunk: { role: 'assistant' } },
    call({ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }),
    call({ function: { arguments: '{"place":' } }),
    call({ function: { arguments: '"Bergen"}' } }),
    { finish: 'tool_calls' },
    'done',
  ];
  const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: { type: 'object' } } }];
  const stream = client(relay).chat.completions.stream({ ...ask(`script: ${JSON.stringify(steps)}`), tools });
  const answer = await stream.finalChatCompletion();
  const made = answer.choices[0].message.tool_calls?.[0];
  expect(made).toMatchObject({ id: 'call_1', function: { name: 'weather', arguments: '{"place":"Bergen"}' } });
  expect((await relay.upstream.record())[0].body.tools).toEqual(tools);
});

test('errors have their types', async ({ relay }) => {
  const failed = async (content: string, options = {}) =>
    client(relay).chat.completions.create(ask(content), options).catch((error: unknown) => error);
  expect(await failed('404')).toBeInstanceOf(OpenAI.NotFoundError);
  expect(await failed('500')).toBeInstanceOf(OpenAI.InternalServerError);
  const elsewhere = await failed('?', { headers: { end_point: 'http://192.0.2.1/v1' } });
  expect(elsewhere).toBeInstanceOf(OpenAI.BadRequestError);
  expect(elsewhere).toMatchObject({ code: 'unknown_end_point', param: 'end_point' });
  const forged = client({ ...relay, token: `ink_${'a'.repeat(43)}` });
  const refused = await forged.models.list().catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(refused).toMatchObject({ code: 'invalid_api_key' });
  // The last of all: the provider's only key is set aside for so many seconds.
  const limited = (await failed('429')) as InstanceType<typeof OpenAI.RateLimitError>;
  expect(limited).toBeInstanceOf(OpenAI.RateLimitError);
  expect(limited.headers?.get('retry-after')).toBe('7');
});

test('an abort closes the connection to the provider', async ({ relay }) => {
  const stream = await client(relay).chat.completions.create({ ...ask('stall'), stream: true });
  for await (const chunk of stream) {
    if (chunk.choices[0]?.delta.content?.includes('beginning')) stream.controller.abort();
  }
  await expect.poll(() => relay.upstream.endings()).toEqual(['closed']);
});

test('models', async ({ relay }) => {
  const ids = [];
  for await (const model of client(relay).models.list()) ids.push(model.id);
  expect(ids).toEqual(['scripted', 'openai/scripted']);
  expect((await client(relay).models.retrieve('openai/scripted')).owned_by).toBe('openai');
});
