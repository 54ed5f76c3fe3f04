/**
 * For answers that must not be older than the question: who asks while one is being fetched gets the next one, and all who ask
 * until that begins share it.
 */
export function sharedNext<T>(fetch: () => Promise<T>): () => Promise<T> {
  let running: Promise<void> | undefined;
  let next: Promise<T> | undefined;

  const start = (): Promise<T> => {
    next = undefined;
    const answer = fetch();
    const over = (): void => {
      running = undefined;
    };
    running = answer.then(over, over);
    return answer;
  };
  return () => {
    if (running) next ??= running.then(start);
    return next ?? start();
  };
}
