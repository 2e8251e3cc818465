// What is on record about people, read from the people model, as it stands.

import type { AgentKey } from '../../contracts/words.ts';
import { STANDING, type SubjectNumber } from '../../projections/inputs/types.ts';
import type { World } from '../../projections/inputs/world.ts';
import type { PeopleReader } from '../read-models/people/reader.ts';
import { lastDayOf } from './departments.ts';
import type { Held, Link, Person, Surroundings } from './people.ts';

export interface KnownSurroundings extends Surroundings {
  readonly world: World;
}

export function surroundings(world: World): KnownSurroundings {
  return {
    world,
    lastDayOf: (id) => lastDayOf(world, id),
    hasSession: (id) => world.findSession(id) !== undefined,
  };
}

/** @param withLinks they cost a read each */
export function personOf(reader: PeopleReader, world: World, code: string, withLinks: boolean): Person | undefined {
  const number = reader.numberOfCode(code);
  if (number === undefined) return undefined;
  const { hi, en } = reader.subject(number)!.names;
  const postings: Held[] = [];
  const services: Person['services'] = [];
  const links: Link[] = [];
  const attendance = new Map<string, boolean>();
  let onboarded: Person['onboarded'];
  for (const input of reader.inputsOf(number)) {
    if (input.withdrawn !== STANDING) continue;
    switch (input.is) {
      case 'posting': {
        const { kind, node, from, to } = input;
        const details = input.details === 0 ? {} : world.detailsAt(input.details);
        postings.push({ kind, department: world.node(node).id, details, from, to });
        break;
      }
      case 'service':
        services.push({ change: input.change, from: input.from, to: input.to });
        break;
      case 'onboarded':
        onboarded = input.on;
        break;
      case 'link':
        if (withLinks) links.push({ identity: reader.subject(input.other)!.key, from: input.from, to: input.to });
        break;
      case 'attendance':
        attendance.set(world.sessionAt(input.session, STANDING - 1)!.id, input.attended);
        break;
    }
  }
  return { names: { ...(hi && { hi }), ...(en && { en }) }, onboarded, postings, services, links, attendance };
}

/** Who holds an identity, and when. */
export function ownersOf(reader: PeopleReader, identity: string): readonly (Link & { readonly code: string })[] {
  const number = reader.numberOfIdentity(identity as AgentKey);
  if (number === undefined) return [];
  const codeOf = (person: SubjectNumber): string => reader.subject(person)!.key;
  return reader
    .inputsOf(number)
    .flatMap((input) =>
      input.is === 'owner' && input.withdrawn === STANDING
        ? [{ identity, code: codeOf(input.other), from: input.from, to: input.to }]
        : [],
    );
}
