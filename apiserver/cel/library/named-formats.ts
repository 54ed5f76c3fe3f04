/** Kubernetes' format library: `format.dns1123Label().validate(text)` gives the problems of a text, if it has any. */
import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isQualifiedName,
  isValidLabelValue,
} from '../../../api/meta/names';
import { declare } from '../functions';
import { ArrayList, CelOpaque, CelOptional } from '../values';
import { traverse } from './ranges';
import { parseTimestamp } from './time';

type Validate = (text: string) => string[];

class FormatValue extends CelOpaque {
  readonly typeName = 'kubernetes.NamedFormat';

  constructor(
    readonly name: string,
    readonly validate: Validate,
  ) {
    super();
  }

  equals(other: CelOpaque): boolean {
    return other instanceof FormatValue && other.name === this.name;
  }
}

const shaped =
  (accepts: (text: string) => boolean, message: string): Validate =>
  (text) =>
    accepts(text) ? [] : [message];

/** For generateName, which may end with a dash. */
const prefix =
  (validate: Validate): Validate =>
  (text) =>
    validate(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);

const formats: Record<string, Validate> = {
  dns1123Label: isDns1123Label,
  dns1123LabelPrefix: prefix(isDns1123Label),
  dns1123Subdomain: isDns1123Subdomain,
  dns1123SubdomainPrefix: prefix(isDns1123Subdomain),
  dns1035Label: isDns1035Label,
  dns1035LabelPrefix: prefix(isDns1035Label),
  qualifiedName: isQualifiedName,
  labelValue: isValidLabelValue,
  uri: shaped((text) => /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/)[^\s]*$/.test(text), 'invalid URI'),
  uuid: shaped(
    (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
    'does not match the UUID format',
  ),
  byte: shaped(
    (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text),
    'invalid base64',
  ),
  date: shaped((text) => text.length === 10 && parseTimestamp(`${text}T00:00:00Z`) !== undefined, 'invalid date'),
  datetime: shaped((text) => parseTimestamp(text) !== undefined, 'invalid datetime'),
};

export const formatsLibrary = declare({
  ...Object.fromEntries(
    Object.entries(formats).map(([name, validate]) => [
      `format.${name}(): kubernetes.NamedFormat`,
      () => new FormatValue(name, validate),
    ]),
  ),
  'format.named(string): optional<kubernetes.NamedFormat>': ([name]) =>
    Object.hasOwn(formats, name) ? CelOptional.of(new FormatValue(name, formats[name as string]!)) : CelOptional.none,
  'kubernetes.NamedFormat.validate(string): optional<list<string>>': ([format, text], meter) => {
    traverse(meter, text.length * 4);
    const problems = (format as FormatValue).validate(text);
    return problems.length ? CelOptional.of(new ArrayList(problems)) : CelOptional.none;
  },
});
