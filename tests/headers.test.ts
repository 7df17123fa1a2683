// The headers are said once, in tools/headers.ts; page, service worker and `_headers` are built from it.
import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contentSecurityPolicy, headersFile, siteHeaders } from '../tools/headers.ts';

it('the file _headers holds every header, and has no second copy in public/', () => {
  const lines = headersFile('https://hub.example').split('\n');
  const headers = Object.entries(siteHeaders('https://hub.example')).map(([name, value]) => `  ${name}: ${value}`);
  expect(lines).toEqual(['/*', ...headers, '']);
  expect(existsSync('public/_headers')).toBe(false);
});

it('nobody may frame the site; the page itself does not say so, because browsers ignore it there', () => {
  expect(siteHeaders()['Content-Security-Policy']).toContain("frame-ancestors 'none'");
  expect(contentSecurityPolicy()).not.toContain('frame-ancestors');
});

it('hub origins are connected to and nothing else changes', () => {
  const hub = 'https://hub.example https://files.hub.example';
  expect(contentSecurityPolicy(hub)).toBe(
    contentSecurityPolicy().replace("connect-src 'self'", `connect-src 'self' ${hub}`),
  );
});

it('no script or style may be inline', () => {
  expect(contentSecurityPolicy('https://hub.example')).not.toContain('unsafe-inline');
  expect(contentSecurityPolicy()).toContain("default-src 'none'");
});
