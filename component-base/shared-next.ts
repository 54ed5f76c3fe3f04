/**
 * For answers that must not be older than the question: who asks while one is being fetched gets the next one, and all who ask
 * meanwhile share it.
 */
export function sharedNext<T>(fetch: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;

  return function ask(): Promise<T> {
    if (current) {
      return (next ??= current.then(() => {
        next = undefined;
        return ask();
      }));
    }
    const answer = fetch();
    current = answer
      .catch(() => undefined)
      .then(() => {
        current = undefined;
      });
    return answer;
  };
}
