// When things happen in the demo: office hours in India of the last weeks, counted back from now.

const DAY = 86_400_000;
const INDIA = 5.5 * 3_600_000;

/** Midnight in India (UTC+05:30, no summer time) of the day that holds this instant, in milliseconds. */
export function midnightInIndia(at: number): number {
  return Math.floor((at + INDIA) / DAY) * DAY - INDIA;
}

/** An instant so many days before today, at this minute after ten in the morning in India. */
export function officeHour(today: number, daysAgo: number, minute: number): number {
  return today - daysAgo * DAY + (10 * 60 + minute) * 60_000;
}

/** As Moodle's plugin writes it: whole seconds, India's offset. */
export function withOffset(at: number): string {
  return `${new Date(at + INDIA).toISOString().slice(0, 19)}+05:30`;
}

/** As browsers write it: milliseconds, UTC. */
export function inUtc(at: number): string {
  return new Date(at).toISOString();
}
