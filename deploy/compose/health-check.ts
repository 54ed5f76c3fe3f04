/** Run by the engine in each container: exits with 0 when the URL answers 200. Usage: health-check URL [CA [CERT KEY]] */
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const [url = '', ...paths] = process.argv.slice(2);
const [ca, cert, key] = paths.map((path) => readFileSync(path));

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}

const request = url.startsWith('https:')
  ? https.get(url, { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) })
  : http.get(url);
request.on('error', (error) => fail(error.message));
request.on('response', (response) => {
  if (response.statusCode !== 200) fail(`${url} answered ${response.statusCode}`);
  process.exit(0);
});
