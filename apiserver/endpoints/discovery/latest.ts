/** What is built from the served kinds, built anew when it is asked for after they have changed. */

/** `source` gives another value, by identity, after every change. `build` gets what it built before. */
export function latest<S, R>(source: () => S, build: (source: S, previous: R | undefined) => R): () => R {
  let built: { from: S; result: R } | undefined;
  return () => {
    const from = source();
    if (built?.from !== from) built = { from, result: build(from, built?.result) };
    return built.result;
  };
}
