/** YAML of clients: YAML 1.1 as sigs.k8s.io/yaml reads it, where `yes` and `on` are booleans, timestamps and sexagesimals strings. */
import {
  Composer,
  type CST,
  type Document,
  type DocumentOptions,
  Lexer,
  type ParseOptions,
  Parser,
  type SchemaOptions,
} from 'yaml';

const maxAliases = 100;

const options: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'yaml-1.1',
  version: '1.1',
  logLevel: 'error',
  // The last of them counts; what is said of the others depends on the field validation.
  uniqueKeys: false,
  customTags: (tags) =>
    tags.filter(
      (tag) =>
        typeof tag === 'string' || (tag.format !== 'TIME' && !/timestamp|binary|omap|pairs|set$/.test(tag.tag ?? '')),
    ),
};

/** The one document as JSON; undefined when there is none. Throws a plain Error in the words of Go's decoders. */
export function yamlToJson(text: string, maxDepth: number): string | undefined {
  const tokens = readTokens(text, maxDepth);
  try {
    const [document, another] = new Composer(options).compose(tokens, true, text.length) as Iterable<Document.Parsed>;
    if (another) throw new Error('the body holds more than one document');
    if (document?.errors[0]) throw document.errors[0];
    return JSON.stringify(document?.toJS({ maxAliasCount: maxAliases }));
  } catch (error) {
    throw new Error(`error converting YAML to JSON: yaml: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/**
 * The parser keeps a stack of its own; what composes documents of its tokens is recursive. Depth is refused here: an overflow
 * of the process's stack cannot be caught everywhere, V8 aborts when it happens while a regular expression is compiled.
 */
function readTokens(text: string, maxDepth: number): CST.Token[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > maxDepth) throw new Error('exceeded max depth');
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}
