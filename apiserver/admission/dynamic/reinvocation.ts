/**
 * The second round of mutation: when a webhook or policy changed the object, the built-in plugins run again, and with them
 * those of reinvocation policy IfNeeded that had been called before the change. Upstream: `admission.ReinvocationContext`.
 */
import { cloneJson, deepEqual } from '../../../api/meta/json';
import type { AdmissionAttributes } from '../admission';

/** What all plugins of a request share. */
export interface ReinvocationState {
  /** True once something changed the object: a second round is due. */
  needed: boolean;
  /** True in the second round. */
  active: boolean;
  plugins: Map<string, Reinvocation>;
}

export class Reinvocation {
  private readonly called = new Set<string>();
  private readonly due = new Set<string>();
  private lastOutput: unknown;

  private constructor(private readonly state: ReinvocationState) {}

  /** The plugin's own part of the request's state. */
  static of(attributes: AdmissionAttributes, plugin: string): Reinvocation {
    const state = (attributes.reinvocation ??= { needed: false, active: false, plugins: new Map() });
    let own = state.plugins.get(plugin);
    if (!own) {
      own = new Reinvocation(state);
      state.plugins.set(plugin, own);
    }
    return own;
  }

  get active(): boolean {
    return this.state.active;
  }

  /** To be called as the plugin begins: others may have changed the object since it ended. */
  begin(object: unknown): void {
    if (this.active && !deepEqual(object, this.lastOutput)) this.requireCalled();
  }

  end(object: unknown): void {
    this.lastOutput = cloneJson(object);
  }

  /** Whoever was not called in the first round is not called in the second. */
  isDue(id: string): boolean {
    return !this.active || this.due.has(id);
  }

  /** One was called. `again`: it may be called a second time. */
  record(id: string, changed: boolean, again: boolean): void {
    if (changed) {
      this.requireCalled();
      this.state.needed = true;
    }
    if (again) this.called.add(id);
  }

  private requireCalled(): void {
    for (const id of this.called) this.due.add(id);
    this.called.clear();
  }
}
