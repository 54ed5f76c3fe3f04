/**
 * Links of pages that a proxy passes on: what is absolute at the backend is below the proxy's path for the client. Upstream:
 * `apimachinery/pkg/util/proxy/transport.go`.
 */

/** How the client reaches the backend. */
export interface ProxiedSite {
  /** `/api/v1/namespaces/default/services/web/proxy`, without a slash at the end. */
  prefix: string;
  /** Of the backend, `10.0.0.1:8080`: links to it lead to the proxy. */
  backendHost: string;
  /** What the client calls this server: links to it stay there. */
  requestHost?: string | undefined;
}

export function rewriteLink(link: string, { prefix, backendHost, requestHost }: ProxiedSite): string {
  const prefixed = (path: string): string => (path.startsWith(prefix) ? path : prefix + path);
  const [, origin, host, path] = /^((?:https?:)?\/\/([^/?#]*))(.*)$/is.exec(link) ?? [];
  if (origin === undefined) return link.startsWith('/') ? prefixed(link) : link;
  if (!path?.startsWith('/')) return link;
  if (host === backendHost) return prefixed(path);
  return host === requestHost ? origin + prefixed(path) : link;
}

/** Which attributes of which elements hold a URL (HTML 4 and 5). */
const urlAttributes = new Map<string, readonly string[]>([
  ...['a', 'area', 'base', 'link'].map((name) => [name, ['href']] as const),
  ...['audio', 'embed', 'script', 'source'].map((name) => [name, ['src']] as const),
  ...['blockquote', 'del', 'ins', 'q'].map((name) => [name, ['cite']] as const),
  ...['frame', 'iframe'].map((name) => [name, ['longdesc', 'src']] as const),
  ['applet', ['codebase']],
  ['body', ['background']],
  ['button', ['formaction']],
  ['command', ['icon']],
  ['form', ['action']],
  ['head', ['profile']],
  ['html', ['manifest']],
  ['img', ['longdesc', 'src', 'usemap']],
  ['input', ['src', 'usemap', 'formaction']],
  ['object', ['classid', 'codebase', 'data', 'usemap']],
  ['video', ['poster', 'src']],
]);

/** What stands in them is text, whatever it looks like. */
const textElements = new Set(['iframe', 'noembed', 'noframes', 'script', 'style', 'textarea', 'title', 'xmp']);

const tagStart = /<([a-z][^\s/>]*)/iy;
const attribute = /[\s/]*([^\s/>=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/dy;

/** The page with other links, and else to the letter what it was. Takes time linear in its length. */
export function rewriteLinks(html: string, rewrite: (link: string) => string): string {
  const out: string[] = [];
  let copied = 0;
  let position = html.indexOf('<');
  while (position >= 0) {
    if (html.startsWith('<!--', position)) position = after(html, '-->', position + 4);
    else {
      tagStart.lastIndex = position;
      const element = tagStart.exec(html)?.[1]?.toLowerCase();
      if (element === undefined) position++;
      else {
        const wanted = urlAttributes.get(element) ?? [];
        position = tagStart.lastIndex;
        for (let found = attributeAt(html, position); found; found = attributeAt(html, position)) {
          position = found.end;
          if (!wanted.includes(found.name) || !found.value) continue;
          const [start, end] = found.value;
          out.push(html.slice(copied, start), rewrite(html.slice(start, end)));
          copied = end;
        }
        if (textElements.has(element)) position = endOfText(html, element, position);
      }
    }
    position = html.indexOf('<', position);
  }
  out.push(html.slice(copied));
  return out.join('');
}

/** The position behind the text; the end when it does not come. */
function after(html: string, text: string, from: number): number {
  const found = html.indexOf(text, from);
  return found < 0 ? html.length : found + text.length;
}

function attributeAt(
  html: string,
  position: number,
): { name: string; value?: [number, number]; end: number } | undefined {
  attribute.lastIndex = position;
  const match = attribute.exec(html);
  if (!match) return undefined;
  const value = match.indices?.[2] ?? match.indices?.[3] ?? match.indices?.[4];
  return { name: match[1]!.toLowerCase(), ...(value && { value }), end: attribute.lastIndex };
}

function endOfText(html: string, element: string, from: number): number {
  const end = new RegExp(`</${element}`, 'gi');
  end.lastIndex = from;
  return end.exec(html)?.index ?? html.length;
}
