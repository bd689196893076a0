// What every test has: an upstream, a server that uses it, a watched browser, and a visitor.

import { test as base, type BrowserContext } from '@playwright/test';
import { Inglenook, type Settings } from './inglenook';
import { Upstream } from './upstream';
import { Visitor } from './visitor';

export { expect } from '@playwright/test';

/** Notes what no page may do: complain on the console, throw, or ask another host for anything. */
export class Watch {
  readonly complaints: string[] = [];
  private readonly expected: RegExp[] = [];

  constructor(private readonly home: string) {}

  /** Complaints that the test brings about itself, such as those of a killed server. */
  expect(...complaints: RegExp[]): void {
    this.expected.push(...complaints);
  }

  /** The network's complaints while the server or the network is away. */
  expectLostServer(): void {
    this.expect(/net::ERR_(CONNECTION_\w+|INCOMPLETE_CHUNKED_ENCODING|INTERNET_DISCONNECTED|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|NETWORK_\w+)/);
    // What the page fetches for later cannot come either.
    this.expect(/Failed to fetch/);
  }

  over(context: BrowserContext): void {
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.complaints.push(`console ${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    context.on('weberror', (error) => this.complaints.push(`thrown: ${error.error().stack ?? error.error()}`));
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== this.home) {
        this.complaints.push(`asked another host: ${request.url()}`);
      }
    });
  }

  unexpected(): string[] {
    return this.complaints.filter((complaint) => !this.expected.some((words) => words.test(complaint)));
  }
}

interface Fixtures {
  /** Set by `test.use`: how the server is configured beside its upstream. */
  settings: Settings;
  /** Set by `test.use`: arguments of the upstream. */
  upstreamArguments: string[];
  upstream: Upstream;
  inglenook: Inglenook;
  watch: Watch;
  visitor: Visitor;
}

export const test = base.extend<Fixtures>({
  settings: [{}, { option: true }],
  upstreamArguments: [[], { option: true }],
  upstream: async ({ upstreamArguments }, use) => {
    const upstream = await Upstream.start(...upstreamArguments);
    await use(upstream);
    await upstream.kill();
  },
  inglenook: async ({ upstream, settings }, use) => {
    const inglenook = await Inglenook.start({ OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: upstream.url, ...settings });
    await use(inglenook);
    await inglenook.remove();
  },
  baseURL: async ({ inglenook }, use) => use(inglenook.url),
  watch: async ({ inglenook, javaScriptEnabled }, use) => {
    const watch = new Watch(inglenook.url);
    // The page cannot know that its scripts will not run when it names what they need.
    if (javaScriptEnabled === false) watch.expect(/preloaded using link preload but not used/);
    await use(watch);
  },
  context: async ({ context, watch }, use) => {
    watch.over(context);
    await use(context);
    const unexpected = watch.unexpected();
    if (unexpected.length > 0) throw new Error(`the page misbehaved:\n${unexpected.join('\n')}`);
  },
  visitor: async ({ page, isMobile }, use) => use(new Visitor(page, isMobile)),
});
