/**
 * Objects that are made alike, such as the pods of one template, have the same managed fields, which are half of what they take
 * decoded: what says the same is kept once.
 */
import { SharedJson } from '../../api/meta/json';
import type { ObjectMeta } from '../../api/meta/types';

/** How many different ones are looked for; then it begins anew. */
const maxKnown = 1_000;

type ManagedFields = NonNullable<ObjectMeta['managedFields']>;

export class SharedFields {
  private readonly known = new Map<string, SharedJson>();
  private readonly shared = new WeakSet<object>();

  /** The same entries, themselves if their fields are shared already. */
  share(entries: ManagedFields): ManagedFields {
    if (entries.every(({ fieldsV1 }) => !fieldsV1 || this.shared.has(fieldsV1))) return entries;
    return entries.map((entry) => (entry.fieldsV1 ? { ...entry, fieldsV1: this.of(entry.fieldsV1) } : entry));
  }

  private of(fields: object): SharedJson {
    if (this.shared.has(fields)) return fields as SharedJson;
    const text = JSON.stringify(fields);
    let same = this.known.get(text);
    if (!same) {
      if (this.known.size >= maxKnown) this.known.clear();
      same = fields instanceof SharedJson ? fields : new SharedJson(fields);
      this.known.set(text, same);
      this.shared.add(same);
    }
    return same;
  }
}
