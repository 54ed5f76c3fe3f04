/** What a webhook's answer says that is no review, in client-go's words. */

const byCode: Record<number, string> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** Pure: upstream's `errors.NewGenericServerResponse`, or the message of a Status in the answer. */
export function answerErrorMessage(code: number, contentType = '', text: string): string {
  const own = statusMessage(text);
  if (own) return own;
  const said = contentType.startsWith('text/') ? text.trim().slice(0, 2048) : 'unknown';
  if ([403, 406, 415].includes(code)) return said;
  if (byCode[code]) return byCode[code];
  if (code >= 500) return `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

function statusMessage(text: string): string | undefined {
  try {
    const body = JSON.parse(text) as { kind?: string; message?: unknown } | null;
    return body?.kind === 'Status' && typeof body.message === 'string' ? body.message : undefined;
  } catch {
    return undefined;
  }
}
