// Watches what the page does beside what a test looks at: no errors, nothing from elsewhere, nothing that the
// content security policy had to stop.

import { type BrowserContext, expect } from '@playwright/test';

export class Watch {
  private readonly seen: string[] = [];
  // A session that has no feedback yet answers so by 404, and Chromium reports every 404.
  private readonly tolerated = [/status of 404 .*\/feedback\)$/];
  private readonly origins: string[] = [];

  /** Everything that the pages of `context` do from now on counts. */
  async follow(context: BrowserContext): Promise<void> {
    context.on('weberror', (error) => this.see(`error: ${error.error().stack}`));
    context.on('console', (message) => {
      if (message.type() === 'error') this.see(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      const local = ['data:', 'blob:', 'about:'].includes(protocol);
      if (!local && !this.origins.includes(origin)) this.see(`request to another origin: ${request.url()}`);
    });
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => {
        console.error(`violates ${event.effectiveDirective}: ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
      });
    });
  }

  /** Requests to this origin are right. */
  allow(origin: string): void {
    this.origins.push(origin);
  }

  /** This test makes such an error happen. */
  tolerate(...errors: RegExp[]): void {
    this.tolerated.push(...errors);
  }

  /** Fails the test when something was seen. */
  conclude(): void {
    expect(this.seen, 'what the page did beside').toEqual([]);
  }

  private see(what: string): void {
    if (!this.tolerated.some((error) => error.test(what))) this.seen.push(what);
  }
}

/** What Chromium reports when a request is refused by the service. */
export const REFUSED = /Failed to load resource: the server responded with a status of/;
/** What it reports when nobody answers. */
export const UNREACHABLE = /net::ERR_|WebSocket connection to .* failed/;
