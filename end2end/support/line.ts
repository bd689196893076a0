// The line between browser and server, which a test can cut or slow down while both live on.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a slow line carries at once. */
const PIECE_BYTES = 400;
const BETWEEN_PIECES_MS = 40;

export class Line {
  private readonly sockets = new Set<Socket>();
  private isCut = false;
  private isSlow = false;

  private constructor(private readonly listener: Server) {}

  static async to(url: string): Promise<Line> {
    const { hostname, port } = new URL(url);
    const listener = createServer();
    const line = new Line(listener);
    listener.on('connection', (near) => {
      if (line.isCut) return near.destroy();
      const far = connect(Number(port), hostname);
      for (const [one, other] of [[near, far], [far, near]]) {
        line.sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => {
          line.sockets.delete(one);
          other.destroy();
        });
      }
      near.pipe(far);
      far.pipe(line.pieces()).pipe(near);
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Cuts every connection, and refuses new ones until it is mended. */
  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  /** From now on, what the server sends comes in small pieces. */
  slowDown(): void {
    this.isSlow = true;
  }

  private pieces(): Transform {
    const line = this;
    return new Transform({
      async transform(bytes: Buffer, _, done) {
        const size = line.isSlow ? PIECE_BYTES : bytes.length;
        for (let start = 0; start < bytes.length; start += size) {
          if (start) await sleep(BETWEEN_PIECES_MS);
          this.push(bytes.subarray(start, start + size));
        }
        done();
      },
    });
  }

  close(): void {
    this.cut();
    this.listener.close();
  }
}
