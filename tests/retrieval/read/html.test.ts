// HTML becomes what a reader of the page would see, as an outline; never markup.
import { expect, it } from 'vitest';
import { named, reading, textOf } from './reading.ts';

const html = async (source: string): Promise<string> => (await textOf(named('page.html', source))).text;

it('headings, paragraphs, lists and tables become an outline', async () => {
  const text = await html(`<!doctype html><html><head><title>Nobody sees this</title></head><body>
    <nav><a href="/">Home</a> <a href="/b">About</a></nav>
    <h1>Velmont   <em>Energy</em></h1>
    <p>Founded in&nbsp;1987.<br>Based in Grenoble.</p>
    <h3>Équipements</h3>
    <ul><li>Dams<ul><li>Harlow</li></ul></li><li><p>Pumps</p><p>and lines</p></li></ul>
    <table><tr><th>Site</th><th>Cost</th></tr><tr><td>Harlow</td><td>58 <b>million</b></td></tr></table>
    Tail.</body></html>`);
  expect(text).toBe(
    [
      'Home About',
      '# Velmont Energy',
      'Founded in 1987.\nBased in Grenoble.',
      '### Équipements',
      '- Dams\n  - Harlow\n- Pumps\n  and lines',
      'Site | Cost\nHarlow | 58 million',
      'Tail.',
    ].join('\n\n'),
  );
});

it('what a page hides stays hidden, and does not swallow what follows', async () => {
  const text = await html(
    '<p>a<script>if (1 < 2) document.write("<p>x</p>")</script><style>p{}</style><template><p>t</p></template>' +
      '<span hidden>h<b>h</b></span><div style="color: red; display:none">n<p>n</p></div>b</p><noscript>js</noscript><p>c',
  );
  expect(text).toBe('a\n\nb\n\nc');
});

it('text that looks like markup stays text', async () => {
  expect(await html('<p>&lt;img src=x onerror=alert(1)&gt; &amp;lt; &eacute;&#233;&#x1F600;</p>')).toBe(
    '<img src=x onerror=alert(1)> &lt; éé😀',
  );
});

it('a line that begins with # does not become a heading', async () => {
  const text = await html('<p># no heading<br>## nor this</p><pre>#include &lt;a&gt;\n  indented</pre>');
  expect(text).toBe('\\# no heading\n\\## nor this\n\n\\#include <a>\n  indented');
});

it('a table that lays out the page is read cell by cell', async () => {
  const text = await html(
    '<table><tr><td><h2>News</h2><p>One.</p><p>Two.</p></td><td><table><tr><td>x</td><td>y</td></tr></table></td></tr></table>',
  );
  expect(text).toBe('## News\n\nOne.\n\nTwo.\n\nx\n\ny');
});

it('a page without any text is empty', async () => {
  expect(await reading(named('a.html', '<html><body><script>1</script> </body></html>'))).toEqual({
    problem: 'empty',
    detail: '',
  });
});

it('elements that are never closed, and thousands inside each other, end soon', async () => {
  expect(await html(`${'<b>'.repeat(3000)}deep`)).toBe('deep');
  expect(await html(`${'<p>x'.repeat(3000)}`)).toContain('x\n\nx');
  expect(await reading(named('a.html', '<div>'.repeat(1_000_000)))).toMatchObject({ problem: 'broken' });
});
