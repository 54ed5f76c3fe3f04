/** The static token file: lines of `token,user,uid,"group1,group2"`. Upstream: `authentication/token/tokenfile`. */
import type { UserInfo } from '../request-context';

/** Splits a CSV line with optional double quotes ("" is a quote inside quotes). */
function splitCsvLine(line: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quoted) {
      if (char !== '"') field += char;
      else if (line[i + 1] === '"') {
        field += '"';
        i++;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      fields.push(field.trim());
      field = '';
    } else field += char;
  }
  fields.push(field.trim());
  return fields;
}

/** Throws when a line has fewer than three fields; lines with an empty token are skipped, later duplicates win. */
export function parseTokenFile(text: string): Map<string, UserInfo> {
  const users = new Map<string, UserInfo>();
  for (const [index, line] of text.split('\n').entries()) {
    if (!line.trim()) continue;
    const [token, name, uid, groups] = splitCsvLine(line);
    if (name === undefined || uid === undefined) {
      throw new Error(
        `token file must have at least 3 columns (token, user name, user uid), found less in line ${index + 1}`,
      );
    }
    if (!token) continue;
    users.set(token, {
      name,
      uid,
      groups: (groups ?? '')
        .split(',')
        .map((group) => group.trim())
        .filter(Boolean),
    });
  }
  return users;
}
