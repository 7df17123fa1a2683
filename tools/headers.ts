// The headers that every host should send with the site; the service worker and dist/_headers repeat them.

export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** The content security policy; `hubOrigins` is a space-separated list of origins that models may be fetched from. */
export function contentSecurityPolicy(hubOrigins = ''): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'", // the corpus stage runs WebAssembly: its vector index and its embedder
    "worker-src 'self'",
    `connect-src 'self' ${hubOrigins}`.trim(),
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "manifest-src 'self'",
    "base-uri 'self'",
    "form-action 'none'",
  ].join('; ');
}

/** All headers of the built site. */
export function siteHeaders(hubOrigins = ''): Record<string, string> {
  return {
    ...isolationHeaders,
    // Browsers heed frame-ancestors in a header only; in the page's <meta> they warn.
    'Content-Security-Policy': `${contentSecurityPolicy(hubOrigins)}; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  };
}

/** The file `_headers` that several static hosts read: one pattern, then its headers indented. */
export function headersFile(hubOrigins = ''): string {
  const lines = Object.entries(siteHeaders(hubOrigins)).map(([name, value]) => `  ${name}: ${value}`);
  return ['/*', ...lines, ''].join('\n');
}
