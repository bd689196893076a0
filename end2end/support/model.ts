// A line to a real model that keeps what was said on it.

import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class RecordedModel {
  /** The content of each answer, put together from its events. */
  readonly answers: string[] = [];

  private constructor(private readonly listener: Server) {}

  /** A proxy in front of the API at `url`, which is the server's only way to the model. */
  static async inFrontOf(url: string): Promise<RecordedModel> {
    const target = new URL(url);
    const listener = createServer((asked, answer) => {
      const headers = { ...asked.headers, host: target.host, 'accept-encoding': 'identity' };
      const options = { host: target.hostname, port: target.port, path: asked.url, method: asked.method, headers };
      const onward = request(options, (said) => {
        answer.writeHead(said.statusCode!, said.headers);
        let text = '';
        said.setEncoding('utf8');
        said.on('data', (piece: string) => {
          text += piece;
          answer.write(piece);
        });
        said.on('end', () => {
          if (asked.url!.endsWith('/chat/completions')) model.answers.push(contentOf(text));
          answer.end();
        });
      });
      onward.on('error', () => answer.destroy());
      answer.on('close', () => onward.destroy());
      asked.pipe(onward);
    });
    const model = new RecordedModel(listener);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    model.path = target.pathname;
    return model;
  }

  private path = '';

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}${this.path}`;
  }

  close(): void {
    this.listener.closeAllConnections();
    this.listener.close();
  }
}

function contentOf(events: string): string {
  return events
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice('data: '.length)).choices?.[0]?.delta?.content ?? '')
    .join('');
}
