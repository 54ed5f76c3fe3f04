import { rewriteLink, rewriteLinks } from '../../../../apiserver/proxy/rewrite-links';

const site = { prefix: '/p/proxy', backendHost: '10.0.0.1:8080', requestHost: 'localhost:8001' };

it.each([
  ['/', '/p/proxy/'],
  ['/a/b?c=/d#e', '/p/proxy/a/b?c=/d#e'],
  ['/p/proxy/a', '/p/proxy/a'],
  ['http://10.0.0.1:8080/a/', '/p/proxy/a/'],
  ['//10.0.0.1:8080/a', '/p/proxy/a'],
  ['https://localhost:8001/a', 'https://localhost:8001/p/proxy/a'],
  ['http://10.0.0.1:8080', 'http://10.0.0.1:8080'],
  ['https://example.com/a', 'https://example.com/a'],
  ['//example.com/a', '//example.com/a'],
  ['a/b', 'a/b'],
  ['../a', '../a'],
  ['#top', '#top'],
  ['mailto:a@example.com', 'mailto:a@example.com'],
  ['javascript:go("/x")', 'javascript:go("/x")'],
  ['', ''],
])('leads %j to %j', (link, expected) => {
  expect(rewriteLink(link, site)).toBe(expected);
});

it.each([
  ['<a href="/a">/a</a>', '<a href="[/a]">/a</a>'],
  ["<A class=x HREF = '/a' >", "<A class=x HREF = '[/a]' >"],
  ['<img alt="/a" src=/b.png><br/>', '<img alt="/a" src=[/b.png]><br/>'],
  ['<link rel=stylesheet href="/s.css"/>', '<link rel=stylesheet href="[/s.css]"/>'],
  ['<video poster="/p" src="/v"></video>', '<video poster="[/p]" src="[/v]"></video>'],
  ['<form action="/go"><button formaction="/b">', '<form action="[/go]"><button formaction="[/b]">'],
  ['<div href="/a" data-href="/b">', '<div href="/a" data-href="/b">'],
  ['<a disabled href="">', '<a disabled href="">'],
  ['<!-- <a href="/a"> --><a href="/b">', '<!-- <a href="/a"> --><a href="[/b]">'],
  [
    '<script src="/s.js">if (a<b) "<a href=\'/c\'>"</SCRIPT><a href="/d">',
    '<script src="[/s.js]">if (a<b) "<a href=\'/c\'>"</SCRIPT><a href="[/d]">',
  ],
  ['<title><a href="/a"></title>', '<title><a href="/a"></title>'],
  ['1 < 2 <a title="x > y" href="/a">', '1 < 2 <a title="x > y" href="[/a]">'],
  ['<a href="/a', '<a href="/a'],
  ['<!doctype html></a><a', '<!doctype html></a><a'],
])('finds the links of %j', (html, expected) => {
  expect(rewriteLinks(html, (link) => (link ? `[${link}]` : link))).toBe(expected);
});

it.each(['<', '<a ', '<a href=', '<a href="', "<a x='", '<!--', '<script>', '<a =', '<a href="/" x=\'"', '< '])(
  'takes time linear in a page of many %j',
  (piece) => {
    const html = piece.repeat(200_000);
    expect(rewriteLinks(html, (link) => link) === html).toBe(true);
  },
);
