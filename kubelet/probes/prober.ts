/** Runs one probe once: what counts as success is upstream's pkg/probe. */
import net from 'node:net';
import type { Container, Probe } from '../../api/core/v1/pod';
import { httpGet, httpTarget, resolvePort } from '../pods/http-get';
import { execSync, ExecTimeoutError } from '../runtime/exec-sync';
import type { Runtime } from '../runtime/runtime';
import { grpcHealthCheck } from './grpc-probe';

/** A warning is a success that the user should hear of. */
export type ProbeOutcome = { result: 'success' | 'warning' | 'failure' | 'unknown'; output: string };

export interface ProbeTarget {
  container: Container;
  containerId: string;
  podIp: string;
}

/** `unknown` means that the probe itself could not be made: it changes nothing. */
export async function runProbe(
  runtime: Pick<Runtime, 'exec'>,
  probe: Probe,
  { container, containerId, podIp }: ProbeTarget,
): Promise<ProbeOutcome> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000;
  try {
    if (probe.exec) return await execProbe(runtime, probe.exec.command ?? [], containerId, timeoutMs);
    if (probe.httpGet) return await httpProbe(httpTarget(probe.httpGet, container, podIp), timeoutMs);
    if (probe.tcpSocket) {
      const port = resolvePort(probe.tcpSocket.port, container);
      return await tcpProbe(probe.tcpSocket.host || podIp, port, timeoutMs);
    }
    if (probe.grpc) return await grpcHealthCheck(podIp, probe.grpc.port, probe.grpc.service ?? '', timeoutMs);
    return { result: 'unknown', output: 'missing probe handler' };
  } catch (error) {
    return { result: 'unknown', output: error instanceof Error ? error.message : String(error) };
  }
}

async function execProbe(
  runtime: Pick<Runtime, 'exec'>,
  command: string[],
  containerId: string,
  timeoutMs: number,
): Promise<ProbeOutcome> {
  try {
    const { exitCode, output } = await execSync(runtime, containerId, command, timeoutMs);
    return { result: exitCode === 0 ? 'success' : 'failure', output };
  } catch (error) {
    if (error instanceof ExecTimeoutError) return { result: 'failure', output: error.message };
    throw error;
  }
}

async function httpProbe(target: Parameters<typeof httpGet>[0], timeoutMs: number): Promise<ProbeOutcome> {
  try {
    const { status, body } = await httpGet(target, timeoutMs, 'kube-probe/1.36');
    if (status >= 200 && status < 300) return { result: 'success', output: body };
    if (status < 400) return { result: 'warning', output: `Probe terminated redirects, Response body: ${body}` };
    return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
  } catch (error) {
    return { result: 'failure', output: (error as Error).message };
  }
}

function tcpProbe(host: string, port: number, timeoutMs: number): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const finish = (outcome: ProbeOutcome): void => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(timeoutMs, () => finish({ result: 'failure', output: `dial tcp ${host}:${port}: i/o timeout` }));
    socket.once('connect', () => finish({ result: 'success', output: '' }));
    socket.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === 'ECONNREFUSED' ? 'connection refused' : message;
      finish({ result: 'failure', output: `dial tcp ${host}:${port}: connect: ${reason}` });
    });
  });
}
