// What the tests are made of.

import { type Browser, type BrowserContext, type BrowserContextOptions, test as base } from '@playwright/test';

import type { Options } from './config';
import { Service } from './service';
import { Visit } from './visit';
import { Watch } from './watch';

interface Fixtures {
  /** Watches every page of the test. */
  watch: Watch;
  /** A visitor at the shared service. */
  visit: Visit;
  /** Starts a service with a configuration of its own. */
  serve: (...parameters: Parameters<typeof Service.start>) => Promise<Service>;
  /** Another visitor, who shares nothing with the first. */
  visitor: (origin: string, options?: BrowserContextOptions) => Promise<Visit>;
}

interface WorkerFixtures {
  /** The service that tests share which need no other configuration. */
  service: Service;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  service: [
    async ({}, use) => {
      const service = await Service.start();
      await use(service);
      await service.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  watch: [
    async ({}, use) => {
      const watch = new Watch();
      await use(watch);
      watch.conclude();
    },
    { auto: true },
  ],

  context: async ({ context, watch }, use) => {
    await watch.follow(context);
    await use(context);
  },

  visit: async ({ page, service, watch }, use) => {
    watch.allow(service.origin);
    await page.goto(service.origin);
    await use(new Visit(page));
  },

  serve: async ({ watch }, use) => {
    const services: Service[] = [];
    await use(async (options?: Options, state?) => {
      const service = await Service.start(options, state);
      services.push(service);
      watch.allow(service.origin);
      return service;
    });
    await Promise.all(services.map((service) => service.stop()));
  },

  visitor: async ({ browser, watch }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (origin, options) => {
      const context = await newContext(browser, options);
      contexts.push(context);
      watch.allow(origin);
      await watch.follow(context);
      const page = await context.newPage();
      await page.goto(origin);
      return new Visit(page);
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

function newContext(browser: Browser, options?: BrowserContextOptions) {
  return browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
}

export { expect } from '@playwright/test';

/** A phone: narrow, and with a finger in place of a mouse. */
export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};
