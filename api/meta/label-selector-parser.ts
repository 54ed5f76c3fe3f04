/**
 * The grammar of label selector texts, with the tokens, look-aheads and messages of apimachinery `labels.Parse`:
 *
 *     <requirement> { "," <requirement> }
 *     <requirement> = [ "!" ] KEY | KEY ( "in" | "notin" ) "(" VALUES ")" | KEY ( "=" | "==" | "!=" | ">" | "<" ) [ VALUE ]
 */
import { isQualifiedName, isValidLabelValue } from './names';
import type { Requirement } from './selectors';

type Operator = 'in' | 'notin' | '=' | '==' | '!=' | 'gt' | 'lt';

interface Token {
  type: 'identifier' | 'end' | '!' | ',' | '(' | ')' | Operator;
  text: string;
}

class ParseError extends Error {}

const symbols: Record<string, Token['type']> = {
  ')': ')',
  ',': ',',
  '!': '!',
  '==': '==',
  '=': '=',
  '>': 'gt',
  in: 'in',
  '<': 'lt',
  '!=': '!=',
  notin: 'notin',
  '(': '(',
};

const binaryOperators: readonly Operator[] = ['in', 'notin', '=', '==', '!=', 'gt', 'lt'];

/** The requirements, or upstream's message on what is wrong. */
export function parseLabelRequirements(text: string): Requirement[] | string {
  try {
    return parseRequirements(tokenize(text));
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const [word] of text.matchAll(/[^\s=!(),<>]+|==|!=|[=!(),<>]/g)) {
    tokens.push({ type: Object.hasOwn(symbols, word) ? symbols[word]! : 'identifier', text: word });
  }
  return tokens;
}

/** Reads tokens; in the place of a key or value, `in` and `notin` are plain words. */
class Reader {
  private position = 0;
  constructor(private readonly tokens: Token[]) {}

  peek(): Token {
    const token = this.tokens[this.position] ?? { type: 'end', text: '' };
    return token.type === 'in' || token.type === 'notin' ? { type: 'identifier', text: token.text } : token;
  }

  next(): Token {
    const token = this.peek();
    this.position++;
    return token;
  }

  nextOperator(): Token {
    return this.tokens[this.position++] ?? { type: 'end', text: '' };
  }
}

function parseRequirements(tokens: Token[]): Requirement[] {
  const reader = new Reader(tokens);
  const requirements: Requirement[] = [];
  for (;;) {
    const { type, text } = reader.peek();
    if (type === 'end') return requirements;
    if (type !== 'identifier' && type !== '!') {
      throw new ParseError(`found '${text}', expected: !, identifier, or 'end of string'`);
    }
    try {
      requirements.push(parseRequirement(reader));
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      throw new ParseError(`unable to parse requirement: ${error.message}`);
    }
    const separator = reader.next();
    if (separator.type === 'end') return requirements;
    if (separator.type !== ',') throw new ParseError(`found '${separator.text}', expected: ',' or 'end of string'`);
    const following = reader.peek();
    if (following.type !== 'identifier' && following.type !== '!') {
      throw new ParseError(`found '${following.text}', expected: identifier after ','`);
    }
  }
}

function parseRequirement(reader: Reader): Requirement {
  let token = reader.next();
  const negated = token.type === '!';
  if (negated) token = reader.next();
  if (token.type !== 'identifier') throw new ParseError(`found '${token.text}', expected: identifier`);
  const key = token.text;
  const keyErrors = isQualifiedName(key);
  if (keyErrors.length) throw new ParseError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${keyErrors.join('; ')}`);
  const following = reader.peek().type;
  if (negated) return { key, operator: 'DoesNotExist', values: [] };
  if (following === 'end' || following === ',') return { key, operator: 'Exists', values: [] };
  const operator = parseOperator(reader);
  const isSet = operator === 'in' || operator === 'notin';
  const values = isSet ? parseValues(reader) : [parseExactValue(reader)];
  return newRequirement(key, operator, values);
}

function parseOperator(reader: Reader): Operator {
  const { type, text } = reader.nextOperator();
  const operator = binaryOperators.find((candidate) => candidate === type);
  if (!operator) throw new ParseError(`found '${text}', expected: ${binaryOperators.join(', ')}`);
  return operator;
}

function parseValues(reader: Reader): string[] {
  const open = reader.next();
  if (open.type !== '(') throw new ParseError(`found '${open.text}' expected: '('`);
  const first = reader.peek();
  if (first.type === ')') {
    reader.next();
    return [];
  }
  if (first.type !== 'identifier' && first.type !== ',') {
    throw new ParseError(`found '${first.text}', expected: ',', ')' or identifier`);
  }
  const values = parseIdentifiers(reader);
  if (reader.next().type !== ')') throw new ParseError(`found '${first.text}', expected: ')'`);
  return [...values].sort();
}

/** Empty places between commas are the empty value. Stops before the closing parenthesis. */
function parseIdentifiers(reader: Reader): Set<string> {
  const values = new Set<string>();
  for (;;) {
    const { type, text } = reader.next();
    const following = reader.peek();
    if (type === 'identifier') {
      values.add(text);
      if (following.type === ')') return values;
      if (following.type !== ',') throw new ParseError(`found '${following.text}', expected: ',' or ')'`);
    } else if (type === ',') {
      if (values.size === 0) values.add('');
      if (following.type === ')') return values.add('');
      if (following.type === ',') {
        reader.next();
        values.add('');
      }
    } else {
      throw new ParseError(`found '${text}', expected: ',', or identifier`);
    }
  }
}

function parseExactValue(reader: Reader): string {
  const following = reader.peek().type;
  if (following === 'end' || following === ',') return '';
  const { type, text } = reader.next();
  if (type !== 'identifier') throw new ParseError(`found '${text}', expected: identifier`);
  return text;
}

function newRequirement(key: string, operator: Operator, values: string[]): Requirement {
  const errors: string[] = [];
  if (!values.length) errors.push("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
  values.forEach((value, index) => {
    if ((operator === 'gt' || operator === 'lt') && !/^[+-]?\d+$/.test(value)) {
      const problem = "for 'Gt', 'Lt' operators, the value must be an integer";
      errors.push(`values[${index}]: Invalid value: ${JSON.stringify(value)}: ${problem}`);
    }
    const messages = isValidLabelValue(value);
    if (messages.length) {
      errors.push(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${messages.join('; ')}`);
    }
  });
  if (errors.length) throw new ParseError(errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`);
  switch (operator) {
    case 'in':
    case 'notin':
      return { key, operator: operator === 'in' ? 'In' : 'NotIn', values };
    case '!=':
      return { key, operator: 'NotIn', values, equality: true };
    case 'gt':
    case 'lt':
      return { key, operator: operator === 'gt' ? 'Gt' : 'Lt', values };
    case '=':
    case '==':
      return { key, operator: 'In', values, equality: true };
  }
}
