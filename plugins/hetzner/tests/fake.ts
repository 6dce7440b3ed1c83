// Owns a service that answers what a test tells it to, and remembers what it was asked; judges nothing.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of one request. */
export type Turn = (response: ServerResponse, request: IncomingMessage) => void;

export interface Asked {
  line: string;
  token: string | undefined;
  body: string;
}

export class FakeService {
  readonly asked: Asked[] = [];
  /** How many connections there were. */
  connections = 0;
  readonly #server: Server;
  readonly #turns: Turn[] = [];

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (piece: Buffer) => (body += piece.toString()));
      request.on("end", () => {
        this.asked.push({ line: `${request.method} ${request.url}`, token: request.headers.authorization, body });
        (this.#turns.shift() ?? json({}))(response, request);
      });
    });
    this.#server.on("connection", () => (this.connections += 1));
  }

  static async start(): Promise<FakeService> {
    const fake = new FakeService();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Have the next requests answered so; those after them get `{}`. */
  will(...turns: Turn[]): void {
    this.#turns.push(...turns);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** Answer with JSON. */
export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Turn {
  return (response) => void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
}

/** Answer with an error as the service words it. */
export function complaint(status: number, message: string, code = "some_code", headers: Record<string, string> = {}): Turn {
  return json({ error: { code, message, details: {} } }, status, headers);
}

/** Close the connection without a word. */
export const cut: Turn = (_, request) => void request.socket.destroy();

/** Close the connection within the body. */
export const cutInBody: Turn = (response, request) =>
  void response.writeHead(200, { "content-length": "100" }).write('{"servers":', () => request.socket.destroy());

/** Never answer. */
export const silence: Turn = () => undefined;

/** Answer without end. */
export const flood: Turn = (response) => {
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(Buffer.alloc(1 << 20, "x"))) continue;
  };
  response.on("drain", more);
  more();
};

/** A server as the service has it; `members` go above it. */
export function rawServer(id: number, members: object = {}): Record<string, unknown> {
  return {
    id,
    name: `web-${id}`,
    status: "running",
    created: "2026-01-02T04:04:05+01:00",
    server_type: { name: "cx22" },
    location: { name: "fsn1" },
    image: { id: 7, name: "debian-12" },
    public_net: { ipv4: { ip: "198.18.0.1" } },
    ...members,
  };
}

/** A page of a list. */
export function page(word: string, items: object[], next: number | null = null): Turn {
  return json({ [word]: items, meta: { pagination: { next_page: next, total_entries: items.length } } });
}
