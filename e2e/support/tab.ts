// A tab that its owner does not look at. Chromium without a screen shows every tab, so the page is told otherwise.

import type { BrowserContext, Page } from '@playwright/test';

declare global {
  interface Window {
    /** The notifications that the page showed. */
    notified: string[];
    tab: DocumentVisibilityState;
  }
}

/** Lets the visibility of the context's pages be set, and notes their notifications. */
export async function watchTabs(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.tab = 'visible';
    Object.defineProperty(document, 'visibilityState', { get: () => window.tab });
    window.notified = [];
    window.Notification = new Proxy(window.Notification, {
      construct(target, [title, ...rest]: [string]) {
        window.notified.push(title);
        return new target(title, ...rest);
      },
    });
  });
}

/** Turns to another tab, or back to this one. */
export async function turn(page: Page, tab: DocumentVisibilityState): Promise<void> {
  await page.evaluate((tab) => {
    window.tab = tab;
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, tab);
}
