// The programs around a bench in the browser: each says where it listens and ends with the bench.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 120_000;

/** Open WebUI takes minutes to start where the machine has other things to do. */
const PATIENCE_WITH_PAGES_MS = 300_000;

/** Starts a program and waits until it says `listening on http://…`. */
export async function start(command, args, options = {}) {
  const program = spawn(command, args, { ...options, stdio: ['pipe', 'pipe', 'ignore'] });
  const address = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${command} was not ready in time`)), PATIENCE_MS);
    program.on('error', reject);
    program.on('exit', (code) => reject(new Error(`${command} ended with ${code} before it was ready`)));
    createInterface(program.stdout).on('line', (line) => {
      const [, url] = /listening on (http:\/\/\S+)/.exec(line) ?? [];
      if (!url) return;
      clearTimeout(late);
      resolve(url);
    });
  });
  return { url: address, pid: program.pid, end: () => program.kill('SIGKILL') };
}

/** Starts Inglenook on a folder of its own, in front of an upstream. */
export async function inglenook(program, upstream) {
  const { folder, remove } = temporaryFolder('inglenook-bench-');
  const configuration = `data = "data"\n[[providers]]\nname = "bench"\nbase_url = "${upstream}/v1"\nmodels = ["bench"]\n`;
  writeFileSync(join(folder, 'inglenook.toml'), configuration);
  const env = { PATH: process.env.PATH, HOME: folder };
  const server = await start(program, ['serve', '--addr', '127.0.0.1:0'], { cwd: folder, env });
  return {
    ...server,
    end() {
      server.end();
      remove();
    },
  };
}

/** Starts Open WebUI with a database of its own, without an account, and without asking for models elsewhere. */
export async function openWebui(program, settings = {}) {
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
  const { folder, remove } = temporaryFolder('open-webui-bench-');
  const env = { ...process.env, DATA_DIR: folder, WEBUI_AUTH: 'False', OFFLINE_MODE: 'True', ...settings };
  const server = spawn(program, ['serve', '--host', '127.0.0.1', '--port', String(port)], { cwd: folder, env, stdio: 'ignore' });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: server.pid,
    end() {
      server.kill('SIGKILL');
      remove();
    },
  };
}

/** Waits until a page begins to come from an address. */
export async function untilItAnswers(url) {
  const begun = performance.now();
  while (!(await answers(url))) {
    if (performance.now() - begun > PATIENCE_WITH_PAGES_MS) throw new Error(`${url} did not answer in time`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a page begins to come from an address. */
function answers(url) {
  return new Promise((resolve) => {
    // llama.cpp's page is kept compressed, and is refused to whoever cannot read that.
    const request = http.get(url, { headers: { 'accept-encoding': 'gzip' } }, (response) => {
      response.once('readable', () => {
        resolve(response.statusCode === 200);
        request.destroy();
      });
    });
    request.on('error', () => resolve(false));
  });
}

/** A new folder for what a program writes, and how to remove it. */
export function temporaryFolder(prefix) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * An upstream that streams documents. The question is the script: `24 at 100` asks for the document of 24 KB in deltas
 * of some 20 bytes, 100 of them in a second.
 */
export async function upstream(documentOf, deltaBytes) {
  const server = http.createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'bench' }] }));
      return;
    }
    let body = '';
    for await (const part of request) body += part;
    const question = JSON.parse(body).messages.at(-1).content;
    const [, kilobytes, pace] = /^(\d+) at (\d+)$/.exec(question) ?? [null, 1, 100];
    const deltas = cut(documentOf(Number(kilobytes)), deltaBytes);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const begun = performance.now();
    let sent = 0;
    const speak = () => {
      // A timer is as late as it likes; the pace is kept over all of the answer.
      const due = Math.min(deltas.length, Math.ceil(((performance.now() - begun) / 1000) * Number(pace)));
      for (; sent < due; sent++) response.write(chunk({ content: deltas[sent] }, null));
      if (sent < deltas.length) return;
      clearInterval(timer);
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    };
    const timer = setInterval(speak, 4);
    response.on('close', () => clearInterval(timer));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, end: () => server.close() };
}

function chunk(delta, finish_reason) {
  const json = { id: 'bench', object: 'chat.completion.chunk', created: 1, model: 'bench', choices: [{ index: 0, delta, finish_reason }] };
  return `data: ${JSON.stringify(json)}\n\n`;
}

/** A text in pieces of about so many bytes, never within a character. */
function cut(text, bytes) {
  const pieces = [];
  let piece = '';
  for (const character of text) {
    piece += character;
    if (Buffer.byteLength(piece) >= bytes) {
      pieces.push(piece);
      piece = '';
    }
  }
  return piece ? [...pieces, piece] : pieces;
}

/** Prints rows, which are objects with the same keys, under their headings. */
export function table(rows) {
  const columns = Object.keys(rows[0]);
  const text = (value) => (typeof value === 'number' ? number(value) : String(value ?? ''));
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => text(row[column]).length)));
  const line = (cells) => cells.map((cell, i) => (i ? cell.padStart(widths[i]) : cell.padEnd(widths[i]))).join('  ').trimEnd();
  console.log(line(columns));
  for (const row of rows) console.log(line(columns.map((column) => text(row[column]))));
}

const number = (value) => (value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3))));

/** The middle one of some numbers. */
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
