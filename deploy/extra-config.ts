/**
 * Flags that the user adds to the components' own: `--extra-config=apiserver.audit-log-path=/var/log/audit.log`, as minikube's
 * option of the same name. They are kept with the cluster.
 */
import { run } from '../component-base/run-command';
import type { ProcessSpec } from './processes';
import { SetupError } from './setup-error';

export const configurable = ['apiserver', 'scheduler', 'controller-manager', 'kubelet', 'kube-proxy', 'etcd'] as const;

export type Configurable = (typeof configurable)[number];

/** Flags by component, without dashes in front. */
export type ExtraFlags = Partial<Record<Configurable, Record<string, string>>>;

/**
 * What was kept with what is asked for now; a flag without a value goes back to what it is by itself. `entries` were split at
 * commas: one that names no flag belongs to the value before it. Throws SetupError.
 */
export function withExtraConfig(kept: ExtraFlags | undefined, entries: readonly string[]): ExtraFlags {
  const extra: ExtraFlags = structuredClone(kept ?? {});
  let last: { flags: Record<string, string>; name: string } | undefined;
  for (const entry of entries) {
    const [, component = '', name = '', value = ''] = /^([a-z-]+)\.([\w-]+)=(.*)$/s.exec(entry) ?? [];
    if (!configurable.includes(component as Configurable)) {
      if (component || !last) throw refusal(entry);
      last.flags[last.name] += `,${entry}`;
      continue;
    }
    const flags = (extra[component as Configurable] ??= {});
    flags[name] = value;
    last = { flags, name };
  }
  for (const [component, flags] of Object.entries(extra)) {
    for (const [name, value] of Object.entries(flags)) if (!value) delete flags[name];
    if (Object.keys(flags).length === 0) delete extra[component as Configurable];
  }
  return extra;
}

const refusal = (entry: string): SetupError =>
  new SetupError(`--extra-config=${entry} is not a flag of a component.`, {
    remedy: `Write it as COMPONENT.FLAG=VALUE; the components are ${configurable.join(', ')}.`,
  });

/** Has each program read its flags, so that a wrong one is told before anything is stopped for it. Throws SetupError. */
export async function refuseWrongFlags(processes: readonly ProcessSpec[], extra: ExtraFlags): Promise<void> {
  if (Object.keys(extra).length === 0) return;
  await Promise.all(
    processes.map(async ({ name, command, args }) => {
      const { code, stderr } = await run(command, [...args, name === 'etcd' ? '--version' : '--help'], {
        allowFailure: true,
      });
      if (code === 0) return;
      const [reason = ''] = stderr.trim().split('\n');
      throw new SetupError(`${name} does not take its flags: ${reason.replace(/^Error: /, '')}.`, {
        remedy: 'Correct --extra-config; a flag without a value is forgotten.',
      });
    }),
  );
}
