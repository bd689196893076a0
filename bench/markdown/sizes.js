// What crosses the wire, compressed by brotli at its best.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const compressed = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;

/** Each peer's bundle with all that it needs, React for example. */
export const peer_sizes = (bundles, peers) => Object.fromEntries(peers.map((peer) => [peer, compressed(bundles[peer])]));

/** What the grammars of well-known languages weigh, and how many of them are small. */
export function grammar_sizes(program) {
  const languages = JSON.parse(execFileSync(program, { encoding: 'utf8' }));
  const bytes = Object.values(languages).sort((a, b) => a - b);
  return { median: bytes[bytes.length >> 1], largest: bytes.at(-1), up_to_20_kb: `${bytes.filter((b) => b <= 20_000).length} of ${bytes.length}`, languages };
}

/** The renderer alone, and every file of the page's code as the server sends it, if the page was built. */
export function own_sizes(wasm, site) {
  const renderer = ['bench_bg.wasm', 'bench.js'].map((file) => compressed(readFileSync(join(wasm, file))));
  const sizes = { renderer_wasm: renderer[0], renderer_js: renderer[1] };
  const pkg = site && join(site, 'pkg');
  if (!pkg || !existsSync(pkg)) return sizes;
  const sent = readdirSync(pkg, { recursive: true }).filter((file) => /\.(wasm|js|css|bin|pack)$/.test(file));
  return { ...sizes, page: Object.fromEntries(sent.sort().map((file) => [file, compressed(readFileSync(join(pkg, file)))])) };
}
