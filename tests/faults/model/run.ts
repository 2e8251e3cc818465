// One run: a server on a folder of its own and the model beside it take the same steps, and must answer the same.

import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { streamsWithPrefix } from '../../../src/event-log/index.ts';
import { dataFolderAt } from '../../../src/event-log/sqlite/data-folder.ts';
import { digestOfIndex, rebuildStatementIndex } from '../../../src/projector/index.ts';
import { type Anything, beside, credential, jsonLines, run as runCommand } from '../../journeys/command.ts';
import { KEY, newFolder, SECRET, type Server, startServer } from '../../journeys/server.ts';
import {
  ACTIVITIES,
  AGENTS,
  CONTENTS,
  DOCUMENT_IDS,
  GROUPS,
  idOfSlot,
  saidAgain,
  statementOf,
  UNSEEN,
  VERBS,
} from './cast.ts';
import { DocumentsModel, documentQuery, etagOf, preconditionHeaders, RESOURCES } from './documents.ts';
import type { DrawnDocument, DrawnQuery, DrawnStatement, Step, Target, Version } from './drawn.ts';
import {
  canonicalOf,
  idsOf,
  inHindi,
  instantText,
  microseconds,
  otherCase,
  type Question,
  registrationOf,
  type Source,
  StatementsModel,
  shownOf,
} from './statements.ts';

interface Caller extends Source {
  readonly key: string;
  readonly secret: string;
}

interface Asked {
  readonly as?: Caller;
  readonly version?: Version;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly method?: string;
}

export interface Tally {
  /** How often writes were answered so. */
  readonly writes: Record<string, number>;
  steps: number;
  requests: number;
  statements: number;
  restarts: number;
  rebuilds: number;
}

/** Takes the steps; throws at the first answer that is not the model's. */
export async function takeSteps(steps: readonly Step[], tally: Tally): Promise<void> {
  const run = await Run.begin(tally);
  try {
    for (const [at, step] of steps.entries()) {
      try {
        await run.take(step);
      } catch (error) {
        if (error instanceof Error) error.message = `step ${at}, ${JSON.stringify(step)}: ${error.message}`;
        throw error;
      }
      tally.steps += 1;
    }
    await run.end();
  } finally {
    await run.abandon();
  }
}

class Run {
  readonly #tally: Tally;
  readonly #statements = new StatementsModel();
  readonly #documents = new DocumentsModel();
  #server: Server;
  #full!: Caller;
  #limited!: Caller;
  #sequence = 0;
  #running = true;

  static async begin(tally: Tally): Promise<Run> {
    const run = new Run(await startServer({ dataDir: newFolder() }), tally);
    await run.#meetCallers();
    return run;
  }

  private constructor(server: Server, tally: Tally) {
    this.#server = server;
    this.#tally = tally;
  }

  async #meetCallers(): Promise<void> {
    const made = await credential(this.#server, 'limited', ['statements/write', 'statements/read/mine', 'state']);
    const { credentials } = (await (await this.#server.fetch('/admin/credentials')).json()) as Anything;
    const authorityOf = (key: string) => credentials.find((one: Anything) => one.key === key).authority;
    this.#full = {
      id: 'full',
      key: KEY,
      secret: SECRET,
      authority: authorityOf(KEY),
      mayVoid: true,
      mayDefine: true,
      readsAll: true,
    };
    this.#limited = {
      id: 'limited',
      key: made.key,
      secret: made.secret,
      authority: authorityOf(made.key),
      mayVoid: false,
      mayDefine: false,
      readsAll: false,
    };
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'post': {
        const request = this.#request(step.statements, step.version);
        const caller = step.limited ? this.#limited : this.#full;
        if (step.killed) await this.#postAndKill(request, caller, step.version, step.batch);
        else await this.#post(request, caller, step.version, step.batch);
        return;
      }
      case 'put':
        return this.#put(step);
      case 'query':
        return this.#query(step.query);
      case 'one':
        return this.#one(step);
      case 'activity':
        return this.#activity([...ACTIVITIES, UNSEEN][step.activity]!);
      case 'person':
        return this.#person(this.#agent(step.agent));
      case 'put document':
      case 'merge document':
      case 'delete document':
        return this.#changeDocument(step);
      case 'delete all documents': {
        const { path } = RESOURCES[step.at.resource]!;
        const asked = { method: 'DELETE', query: documentQuery(step.at, false), version: step.at.version };
        const { status } = await this.#send(path, asked);
        expect(this.#documents.deleteAll(step.at).statuses).toContain(status);
        return;
      }
      case 'read document':
        return this.#readDocument(step.at);
      case 'list documents':
        return this.#listDocuments(step.at, step.since);
      case 'restart':
        return this.#restart(step.how, step.loseIndex);
      case 'rebuild':
        return this.#rebuild();
    }
  }

  /** Everything is there as the model has it, and the index kept is the one that the record makes. */
  async end(): Promise<void> {
    const everything = {
      verb: -1,
      activity: -1,
      agent: -1,
      registration: -1,
      relatedActivities: false,
      relatedAgents: false,
      since: undefined,
      until: undefined,
      limit: 7,
      mine: false,
      version: '1.0.3',
      postsBetween: false,
    } as const;
    await this.#query({ ...everything, ascending: true, format: 'exact' });
    await this.#query({ ...everything, ascending: false, format: 'ids' });
    for (let recorded = 0; recorded < this.#statements.recorded.length; recorded++) {
      for (const voided of [true, false]) {
        await this.#one({ target: { recorded }, voided, mine: false, format: 'exact', upperCase: false });
      }
    }
    await this.#everyDocument();
    expect(await this.#server.stop()).toBe(0);
    this.#running = false;
    const { dataDir } = this.#server;
    const kept = digestOfIndex(dataDir);
    const { logFile } = dataFolderAt(dataDir);
    expect(await rebuildStatementIndex({ dataDir, logFile, streams: streamsWithPrefix('') })).toBe(true);
    expect(digestOfIndex(dataDir)).toBe(kept);
  }

  async abandon(): Promise<void> {
    if (this.#running) await this.#server.kill();
    rmSync(this.#server.dataDir, { recursive: true, force: true });
  }

  async #send(path: string, { as = this.#full, version = '2.0.0', headers = {}, query, body, method = 'GET' }: Asked) {
    this.#tally.requests += 1;
    const response = await this.#server.fetch(query ? `${path}?${new URLSearchParams(query)}` : path, {
      method,
      as,
      headers: { 'x-experience-api-version': version, 'x-pramaan-at-least': String(this.#sequence), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const content = Buffer.from(await response.arrayBuffer());
    const { status } = response;
    if (method !== 'GET') {
      const answered = `${method} ${path} ${status}`;
      this.#tally.writes[answered] = (this.#tally.writes[answered] ?? 0) + 1;
    }
    if (status >= 500) expect.fail(`${method} ${path} answered ${status}: ${content}`);
    if (status >= 400) expect(response.headers.get('content-type')).toBe('application/problem+json');
    return { status, headers: response.headers, text: content.toString(), content };
  }

  // Statements

  #idOf = (target: Target): string => {
    const { recorded } = this.#statements;
    if ('slot' in target) return idOfSlot(target.slot);
    return recorded.length === 0 ? idOfSlot(0) : recorded[target.recorded % recorded.length]!.id;
  };

  #statement(drawn: DrawnStatement, version: Version): Anything {
    const id = drawn.slot === undefined ? undefined : idOfSlot(drawn.slot);
    const known = id === undefined ? undefined : this.#statements.find(id);
    const isOf2 = JSON.stringify(known?.sent ?? '').includes('"contextAgents"');
    const isAgain = known && drawn.again !== undefined && !(version === '1.0.3' && (isOf2 || speaks2(known.sent)));
    const sent = isAgain ? saidAgain(known.sent, drawn.again!) : statementOf(drawn, version, this.#idOf);
    delete sent.id;
    if (id === undefined) return sent;
    return { id: drawn.upperCase ? id.toUpperCase() : id, ...sent };
  }

  #request(drawn: readonly DrawnStatement[], version: Version): Anything[] {
    const ids = new Set<string>();
    return drawn.map((one) => {
      const sent = this.#statement(one, version);
      // An id given twice refuses the whole request: now and then is enough.
      if (ids.has(sent.id?.toLowerCase()) && !one.upperCase) delete sent.id;
      if (sent.id !== undefined) ids.add(sent.id.toLowerCase());
      return sent;
    });
  }

  async #post(request: readonly Anything[], caller: Caller, version: Version, batch: boolean): Promise<void> {
    const verdict = this.#statements.judge(request, caller, request.some(isBroken));
    const answer = await this.#send('/xapi/statements', {
      method: 'POST',
      as: caller,
      version,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch ? request : request[0]),
    });
    this.#expectStatus(answer, verdict.statuses);
    if (answer.status !== 200) return this.#hear([], caller, version);
    const ids = JSON.parse(answer.text) as string[];
    expect(ids).toHaveLength(request.length);
    request.forEach(({ id }, at) => {
      if (id !== undefined) expect(ids[at]!.toLowerCase()).toBe(id.toLowerCase());
    });
    const sequence = Number(answer.headers.get('x-pramaan-sequence'));
    const fresh = verdict.fresh.map((sent) => ({ sent, id: ids[request.indexOf(sent)]!.toLowerCase() }));
    await this.#hear(fresh, caller, version, sequence);
  }

  /** The connection ends with the process: all of the request is there afterwards, or nothing. */
  async #postAndKill(request: readonly Anything[], caller: Caller, version: Version, batch: boolean): Promise<void> {
    const verdict = this.#statements.judge(request, caller, request.some(isBroken));
    const sending = this.#send('/xapi/statements', {
      method: 'POST',
      as: caller,
      version,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(batch ? request : request[0]),
    }).catch(() => undefined);
    await this.#server.kill();
    const answer = await sending;
    await this.#start();
    if (answer) this.#expectStatus(answer, verdict.statuses);
    const events = await this.#newEvents();
    if (events.length === 0) {
      if (answer?.status === 200) expect(verdict.fresh).toHaveLength(0);
      return;
    }
    expect(events).toHaveLength(verdict.fresh.length);
    const fresh = verdict.fresh.map((sent, at) => ({ sent, id: events[at].data.id.toLowerCase() as string }));
    this.#take(events, fresh, caller, version);
  }

  async #put(step: Extract<Step, { do: 'put' }>): Promise<void> {
    const { slot, idInBody, version, limited } = step;
    const caller = limited ? this.#limited : this.#full;
    const id = idOfSlot(slot);
    const { id: _, ...sent } = this.#statement({ ...step.statement, slot }, version);
    const body = idInBody === 'none' ? sent : { id: idInBody === 'same' ? id : idOfSlot((slot + 1) % 24), ...sent };
    const said = { id, ...sent };
    const verdict = this.#statements.judge([said], caller, idInBody === 'other' || isBroken(sent));
    const answer = await this.#send('/xapi/statements', {
      method: 'PUT',
      as: caller,
      version,
      query: { statementId: id },
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    this.#expectStatus(answer, verdict.statuses);
    const fresh = answer.status === 204 ? verdict.fresh.map((one) => ({ sent: one, id })) : [];
    await this.#hear(fresh, caller, version, Number(answer.headers.get('x-pramaan-sequence') ?? 0));
  }

  #expectStatus({ status, text }: { status: number; text: string }, statuses: readonly number[]): void {
    if (!statuses.includes(status)) expect.fail(`answered ${status}, not ${statuses.join(' or ')}: ${text}`);
  }

  /** What is new in the record, in its order: exactly these statements as they are to be returned. */
  async #hear(
    fresh: readonly { readonly sent: Anything; readonly id: string }[],
    source: Source,
    version: Version,
    sequence?: number,
  ): Promise<void> {
    this.#take(await this.#newEvents(), fresh, source, version);
    if (sequence !== undefined && fresh.length > 0) expect(this.#sequence).toBe(sequence);
  }

  async #newEvents(): Promise<Anything[]> {
    const { status, text } = await this.#send('/audit/events', { query: { after: String(this.#sequence) } });
    expect(status).toBe(200);
    return jsonLines(text);
  }

  #take(
    events: readonly Anything[],
    fresh: readonly { readonly sent: Anything; readonly id: string }[],
    source: Source,
    version: Version,
  ): void {
    expect(events.map(({ data }) => data.id.toLowerCase())).toEqual(fresh.map(({ id }) => id));
    events.forEach(({ sequence, data }, at) => {
      const { sent, id } = fresh[at]!;
      const shown = shownOf(sent, data.id, source, version);
      shown.stored = data.stored;
      shown.timestamp ??= data.stored;
      same(data, shown);
      const last = this.#statements.recorded.at(-1);
      if (last) expect(microseconds(data.stored)).toBeGreaterThan(microseconds(last.stored));
      expect(sequence).toBe(this.#sequence + 1);
      this.#sequence = sequence;
      this.#statements.add({ id, sent, shown, source, sequence, stored: data.stored });
      this.#tally.statements += 1;
    });
  }

  #agent(drawn: number): Anything {
    return [
      ...AGENTS,
      ...GROUPS.slice(0, 1),
      this.#full.authority,
      this.#limited.authority,
      { mbox: 'mailto:no@one.in' },
    ][drawn];
  }

  #instant({ recorded, off }: { readonly recorded: number; readonly off: number }): number {
    const all = this.#statements.recorded;
    return all.length === 0 ? 0 : microseconds(all[recorded % all.length]!.stored) + off;
  }

  async #query(drawn: DrawnQuery): Promise<void> {
    const { verb, activity, agent, registration, since, until, ascending, limit, format, version } = drawn;
    const askedBy = drawn.mine ? this.#limited : this.#full;
    const question: Question = {
      ...(verb < 0 ? {} : { verb: [...VERBS, 'http://adlnet.gov/expapi/verbs/voided'][verb]! }),
      ...(activity < 0 ? {} : { activity: [...ACTIVITIES, UNSEEN][activity]! }),
      ...(agent < 0 ? {} : { agent: this.#agent(agent) }),
      ...(registration < 0 ? {} : { registration: registrationOf(registration) }),
      ...(since ? { since: this.#instant(since) } : {}),
      ...(until ? { until: this.#instant(until) } : {}),
      relatedActivities: activity >= 0 && drawn.relatedActivities,
      relatedAgents: agent >= 0 && drawn.relatedAgents,
      ascending: ascending ?? false,
      askedBy,
    };
    const query: Record<string, string> = {
      ...(question.verb === undefined ? {} : { verb: question.verb }),
      ...(question.activity === undefined ? {} : { activity: question.activity }),
      ...(question.agent === undefined ? {} : { agent: JSON.stringify(question.agent) }),
      ...(question.registration === undefined ? {} : { registration: question.registration }),
      ...(since ? { since: instantText(question.since!, since.zone) } : {}),
      ...(until ? { until: instantText(question.until!, until.zone) } : {}),
      ...(question.relatedActivities ? { related_activities: 'true' } : {}),
      ...(question.relatedAgents ? { related_agents: 'true' } : {}),
      ...(ascending === undefined ? {} : { ascending: String(ascending) }),
      ...(limit === undefined ? {} : { limit: String(limit) }),
      ...(format === undefined ? {} : { format }),
    };
    let expected = this.#statements.ask(question);
    const found: Anything[] = [];
    let path: string | undefined = `/xapi/statements?${new URLSearchParams(query)}`;
    for (let page = 0; path; page++) {
      const answer = await this.#send(path, { as: askedBy, version, headers: { 'accept-language': 'hi' } });
      this.#expectStatus(answer, [200]);
      const { statements, more } = JSON.parse(answer.text) as { statements: Anything[]; more: string };
      if (limit) expect(statements.length).toBeLessThanOrEqual(limit);
      if (more !== '' && statements.length === 0) expect.fail('an empty page with a link to more');
      found.push(...statements);
      path = more === '' ? undefined : more;
      if (path && drawn.postsBetween && page === 0) {
        // It is about nothing that is asked for in a chain: it refers to none, and none refers to it.
        await this.#post(
          [{ actor: AGENTS[2], verb: { id: VERBS[0] }, object: { id: ACTIVITIES[0] } }],
          askedBy,
          version,
          false,
        );
        if (question.ascending) expected = this.#statements.ask(question);
      }
    }
    expect(found.map(({ id }) => id.toLowerCase())).toEqual(expected.map(({ id }) => id));
    for (const [at, { shown }] of expected.entries()) {
      if (format === 'ids') same(found[at], idsOf(shown));
      else if (format !== 'canonical') same(found[at], shown);
      else {
        const canonical = canonicalOf(shown, (id) => this.#statements.definition(id));
        same(inHindi(found[at], 1), inHindi(canonical, 9));
      }
    }
  }

  async #one(step: Omit<Extract<Step, { do: 'one' }>, 'do'>): Promise<void> {
    const id = this.#idOf(step.target);
    const asker = step.mine ? this.#limited : this.#full;
    const answer = await this.#send('/xapi/statements', {
      as: asker,
      query: {
        [step.voided ? 'voidedStatementId' : 'statementId']: step.upperCase ? otherCase(id) : id,
        format: step.format,
      },
    });
    const known = this.#statements.find(id);
    const isVisible =
      known && (asker.readsAll || known.source === asker) && this.#statements.isVoided(known) === step.voided;
    this.#expectStatus(answer, [isVisible ? 200 : 404]);
    if (!isVisible) return;
    same(JSON.parse(answer.text), step.format === 'ids' ? idsOf(known.shown) : known.shown);
    expect(Date.parse(answer.headers.get('last-modified')!)).toBe(Math.floor(microseconds(known.stored) / 1e6) * 1000);
  }

  async #activity(activityId: string): Promise<void> {
    const { status, text } = await this.#send('/xapi/activities', { query: { activityId } });
    expect(status).toBe(200);
    const definition = this.#statements.definition(activityId);
    same(JSON.parse(text), { objectType: 'Activity', id: activityId, ...(definition ? { definition } : {}) });
  }

  async #person(agent: Anything): Promise<void> {
    const { name: _, member: __, ...identified } = agent;
    const answer = await this.#send('/xapi/agents', { query: { agent: JSON.stringify({ ...identified }) } });
    this.#expectStatus(answer, [200]);
    const person = JSON.parse(answer.text) as Anything;
    const { least, most } = this.#statements.names(agent);
    const names = new Set<string>(person.name ?? []);
    // A store that knows no name leaves it out (Communication 2.4).
    expect(person.name).not.toEqual([]);
    for (const name of least) expect(names).toContain(name);
    for (const name of names) expect(most).toContain(name);
    const { objectType: ___, ...identifier } = identified;
    for (const [property, value] of Object.entries(identifier)) same(person[property], [value]);
    expect(person.objectType).toBe('Person');
  }

  // Documents

  async #changeDocument(
    step: Extract<Step, { do: 'put document' | 'merge document' | 'delete document' }>,
  ): Promise<void> {
    const { at } = step;
    const preconditions = preconditionHeaders(step.preconditions, this.#documents.read(at));
    const asked = { version: at.version, query: documentQuery(at, true), headers: preconditions };
    const { path } = RESOURCES[at.resource]!;
    if (step.do === 'delete document') {
      const answer = await this.#send(path, { ...asked, method: 'DELETE' });
      this.#expectStatus(answer, this.#documents.delete(at, preconditions).statuses);
    } else {
      const isPut = step.do === 'put document';
      const { type, text } = CONTENTS[step.content]!;
      const answer = await this.#send(path, {
        ...asked,
        method: isPut ? 'PUT' : 'POST',
        headers: { ...preconditions, 'content-type': type },
        body: text,
      });
      const outcome = this.#documents[isPut ? 'put' : 'merge'](at, step.content, preconditions);
      this.#expectStatus(answer, outcome.statuses);
    }
    await this.#readDocument(at);
  }

  async #readDocument(at: DrawnDocument): Promise<void> {
    const answer = await this.#send(RESOURCES[at.resource]!.path, {
      version: at.version,
      query: documentQuery(at, true),
    });
    const document = this.#documents.read(at);
    this.#expectStatus(answer, [document ? 200 : 404]);
    if (!document) return;
    expect(answer.text).toBe(document.content);
    expect(answer.headers.get('content-type')).toBe(document.type);
    expect(answer.headers.get('etag')).toBe(`"${etagOf(document)}"`);
    const modified = Date.parse(answer.headers.get('last-modified')!);
    // It changes with the document only.
    document.modified ??= modified;
    expect(modified).toBe(document.modified);
  }

  async #listDocuments(at: DrawnDocument, since: 'none' | 'second before' | 'later'): Promise<void> {
    const listed = this.#documents.list(at);
    const known = listed.map(({ document }) => document.modified).filter((modified) => modified !== undefined);
    // `Last-Modified` is in whole seconds: what is exact to the microsecond is the contract suite's.
    const instant =
      since === 'none' || known.length === 0 ? undefined : Math.min(...known) + (since === 'later' ? 1e3 : -1e3);
    const expected = listed.filter(({ document }) => instant === undefined || document.modified! > instant - 1);
    const answer = await this.#send(RESOURCES[at.resource]!.path, {
      version: at.version,
      query: {
        ...documentQuery(at, false),
        ...(instant === undefined ? {} : { since: new Date(instant).toISOString() }),
      },
    });
    this.#expectStatus(answer, [200]);
    const ids = JSON.parse(answer.text) as string[];
    expect(ids.toSorted()).toEqual(expected.map(({ id }) => id).toSorted());
  }

  async #everyDocument(): Promise<void> {
    for (const resource of RESOURCES.keys()) {
      for (const activity of [0, 1]) {
        for (const agent of [0, 1]) {
          const at = { resource, activity, agent, registration: -1, id: 0, version: '2.0.0' } as const;
          await this.#listDocuments(at, 'none');
          for (const registration of [-1, 0, 1]) {
            for (const id of DOCUMENT_IDS.keys()) {
              if (this.#documents.read({ ...at, registration, id }))
                await this.#readDocument({ ...at, registration, id });
            }
          }
        }
      }
    }
  }

  // The process

  async #start(): Promise<void> {
    this.#running = false;
    this.#server = await startServer({ dataDir: this.#server.dataDir });
    this.#running = true;
    this.#tally.restarts += 1;
  }

  async #restart(how: 'stop' | 'kill', loseIndex: boolean): Promise<void> {
    if (how === 'stop') expect(await this.#server.stop()).toBe(0);
    else await this.#server.kill();
    this.#running = false;
    if (loseIndex) {
      const { dataDir } = this.#server;
      for (const file of readdirSync(dataDir)) if (file.startsWith('statement-index')) rmSync(join(dataDir, file));
    }
    await this.#start();
    await this.#hear([], this.#full, '2.0.0');
  }

  async #rebuild(): Promise<void> {
    const ended = await runCommand(['rebuild', '--digest'], beside(this.#server));
    if (ended.code !== 0) expect.fail(`pramaan rebuild ended with ${ended.code}: ${ended.errors}`);
    this.#tally.rebuilds += 1;
  }
}

const isBroken = (sent: Anything): boolean => sent.verb.id === 'no-scheme';

/** Whether it has what xAPI 1.0.3 does not know. */
const speaks2 = (sent: Anything): boolean => JSON.stringify(sent).includes('"contextGroups"');

/** Deep equality of JSON values; vitest's own only when it has something to show. */
function same(found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
}
