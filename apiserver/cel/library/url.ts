/** Kubernetes' URL library: absolute URIs, or absolute paths, as Go's `url.ParseRequestURI` takes them. */
import { Failure } from '../errors';
import { declare } from '../functions';
import { ArrayList, CelOpaque, EntryMap } from '../values';
import { traverse } from './ranges';

class UrlValue extends CelOpaque {
  readonly typeName = 'kubernetes.URL';

  constructor(
    readonly text: string,
    readonly parts: { scheme: string; host: string; path: string; query: string },
  ) {
    super();
  }

  equals(other: CelOpaque): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

const shape =
  /^(?:([A-Za-z][A-Za-z0-9+.-]*):(?:\/\/(?:[^/?#@]*@)?([^/?#]*)(?=[/?#]|$)|(?=\/)))?(\/[^?#]*|)(?:\?([^#]*))?$/;

function parseUrl(text: string): UrlValue | undefined {
  // oxlint-disable-next-line no-control-regex -- Go refuses them as well
  if (text === '' || /[\u0000-\u0020\u007f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, scheme = '', host = '', path = '', query = ''] = match;
  if (!scheme && !path.startsWith('/')) return undefined;
  if (host && !/^(?:\[[0-9a-fA-F:.%]+\]|[^[\]:<>"{}|\\^`]*)(?::\d*)?$/.test(host)) return undefined;
  return new UrlValue(text, { scheme: scheme.toLowerCase(), host, path, query });
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

function queryOf(query: string): EntryMap {
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (!part || part.includes(';')) continue;
    const [key = '', ...rest] = part.split('=');
    const name = decode(key.replaceAll('+', ' '));
    const value = decode(rest.join('=').replaceAll('+', ' '));
    const others = values.get(name);
    if (others) others.push(value);
    else values.set(name, [value]);
  }
  const map = new EntryMap();
  for (const [name, all] of values) map.add(name, new ArrayList(all));
  return map;
}

export const urlLibrary = declare({
  'url(string): kubernetes.URL': ([text], meter) => {
    traverse(meter, text.length);
    const url = parseUrl(text);
    if (!url)
      throw new Failure(
        `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
      );
    return url;
  },
  'isURL(string): bool': ([text], meter) => {
    traverse(meter, text.length);
    return parseUrl(text) !== undefined;
  },
  'kubernetes.URL.getScheme(): string': ([url]) => (url as UrlValue).parts.scheme,
  'kubernetes.URL.getHost(): string': ([url]) => (url as UrlValue).parts.host,
  'kubernetes.URL.getHostname(): string': ([url]) => {
    const { host } = (url as UrlValue).parts;
    return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '');
  },
  'kubernetes.URL.getPort(): string': ([url]) =>
    /:(\d*)$/.exec((url as UrlValue).parts.host.replace(/^\[.*\]/, ''))?.[1] ?? '',
  'kubernetes.URL.getEscapedPath(): string': ([url]) => (url as UrlValue).parts.path,
  'kubernetes.URL.getQuery(): map<string, list<string>>': ([url], meter) => {
    traverse(meter, (url as UrlValue).text.length);
    return queryOf((url as UrlValue).parts.query);
  },
});
