// Another site, which shows a tutorial in a frame: another host name makes it another site to a browser.

import { once } from 'node:events';
import { type Server, createServer } from 'node:http';

export class Host {
  private constructor(private readonly server: Server, private readonly html: string[]) {}

  /** Starts a site whose only page is empty until there is something to show. */
  static async start(): Promise<Host> {
    const html: string[] = [];
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(page(html.join('\n')));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Host(server, html);
  }

  get origin(): string {
    return `http://localhost:${(this.server.address() as { port: number }).port}`;
  }

  /** Puts HTML on the page. */
  show(...html: string[]): void {
    this.html.push(...html);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

function page(html: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Another site</title>
<link rel="icon" href="data:,">
</head>
<body>
<main aria-labelledby="title">
<h1 id="title">Another site</h1>
${html}
</main>
</body>
</html>`;
}
