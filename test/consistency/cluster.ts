/** The processes of a run: one etcd and API servers over it, all of them real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServerProcess, makeApiServerFiles, startApiServerProcess } from '../support/apiserver-process';
import { startEtcd, type TestEtcd } from '../support/etcd';
import type { ClientOptions } from './api-client';

export interface ConsistencyCluster {
  etcd: TestEtcd;
  servers: ApiServerProcess[];
  clientOptions: ClientOptions[];
  remove(): Promise<void>;
}

export async function startConsistencyCluster(serverCount: number): Promise<ConsistencyCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'kubelab-consistency-'));
  const [files, etcd] = await Promise.all([makeApiServerFiles(folder), startEtcd()]);
  const servers = await Promise.all(Array.from({ length: serverCount }, () => startApiServerProcess(files, etcd)));
  return {
    etcd,
    servers,
    clientOptions: servers.map(({ port }) => ({ port, ...files.client })),
    async remove() {
      await Promise.all(servers.map((server) => server.kill()));
      await etcd.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
