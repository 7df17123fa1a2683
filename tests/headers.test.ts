// The headers are said once, in tools/headers.ts; the copy for hosts that read `_headers` must not drift from it.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contentSecurityPolicy, headersFile } from '../tools/headers.ts';

it('public/_headers is what tools/headers.ts says', () => {
  expect(readFileSync('public/_headers', 'utf8')).toBe(headersFile());
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
