// The review brief for people who print it: a page and a plain text, Hindi first and English beside it (or the other way round),
// in lakh and crore. Every percentage shows what was divided by what, and the whole says as of when it holds.

import type { AsOf, Brief, Share } from '../../../contracts/http/reports.ts';
import { figure, grouped, hours, type Language, NONE, percentage } from './numbers.ts';

interface Words {
  readonly hi: string;
  readonly en: string;
}
/** Words in both languages, or a figure, which needs none. */
type Cell = Words | string;

interface Table {
  readonly heading: Words;
  readonly columns: readonly Words[];
  readonly rows: readonly (readonly Cell[])[];
}

const words = (hi: string, en: string): Words => ({ hi, en });

const LEARNERS = words('शिक्षार्थी', 'Learners');
const COMPLETIONS = words('पाठ्यक्रम पूर्णताएँ', 'Course completions');
const COURSES = words('पाठ्यक्रम', 'Courses');
const OF_STRENGTH = words('कार्यरत में से', 'Of those on strength');
const SHARE_COMPLETED = words('कार्यरत में से कम से कम एक पूर्ण', 'With a completion, of those on strength');
const SOURCE = words('स्रोत', 'Source');
const STRENGTH = words('कार्यरत संख्या', 'On strength');
const ONBOARDED = words('पंजीकृत', 'Onboarded');
const WITH_COMPLETION = words('कम से कम एक पाठ्यक्रम पूर्ण', 'With at least one completion');
const CADRES = {
  regular: words('नियमित', 'regular'),
  contractual: words('संविदा', 'contractual'),
  honorarium: words('मानदेय', 'honorarium'),
} as const;
const FIGURES = {
  onboarded: ONBOARDED,
  'learners-with-completion': WITH_COMPLETION,
  completions: COMPLETIONS,
  courses: COURSES,
} as const;
const TAGS: Readonly<Record<string, Words>> = {
  ai: words('कृत्रिम बुद्धिमत्ता', 'Artificial intelligence'),
  'cyber-security': words('साइबर सुरक्षा', 'Cyber security'),
};

function tablesOf(brief: Brief, language: Language): Table[] {
  const { metrics } = brief;
  const count = (value: number | null) => figure(value, language);
  const mean = ({ count, mean }: { readonly count: number; readonly mean: number | null }) =>
    `${mean === null ? NONE : Math.round(mean * 100) / 100} (${grouped(count)})`;
  const named = ({ id, titles }: Brief['sessions'][number]['course']): Cell => bothOf(titles, id);
  return [
    {
      heading: words('मुख्य आँकड़े', 'Key figures'),
      columns: [words('विषय', 'Subject'), words('आँकड़ा', 'Figure')],
      rows: [
        [STRENGTH, count(metrics.strength)],
        [words('इनमें अवकाश या निलंबन पर', 'Of them on leave or suspended'), count(metrics.paused)],
        [ONBOARDED, count(metrics.onboarded)],
        [words('कार्यरत में से पंजीकृत', 'Onboarded of those on strength'), percentage(metrics.onboardedShare)],
        [WITH_COMPLETION, count(metrics.withCompletion)],
        [SHARE_COMPLETED, percentage(metrics.completionShare)],
        [COMPLETIONS, count(metrics.completions)],
        [words('दोहराई गई पूर्णताएँ', 'Repeated completions'), count(metrics.repeats)],
        [words('श्रेय के घंटे', 'Credited hours'), hours(metrics.creditedMinutes)],
        [words('पिछले 7 दिनों में सक्रिय', 'Active in the last 7 days'), count(metrics.active7)],
        [words('पिछले 30 दिनों में सक्रिय', 'Active in the last 30 days'), count(metrics.active30)],
        [words('वित्तीय वर्ष में सक्रिय', 'Active in the financial year'), count(metrics.activeYear)],
        [words('नामांकित', 'Enrolled'), count(metrics.enrolled)],
        [words('प्रगति पर', 'In progress'), count(metrics.inProgress)],
        [words('औसत अंक (कितने)', 'Mean score (of how many)'), mean(metrics.score)],
        [words('असंभव रूप से शीघ्र पूर्णताएँ', 'Implausibly fast completions'), count(metrics.implausible)],
        [words('केस स्टडी योगदान', 'Case studies contributed'), count(metrics.caseStudies)],
      ],
    },
    {
      heading: words('राष्ट्रीय आँकड़ों में हिस्सा', "Share of the nation's figures"),
      columns: [
        words('विषय', 'Subject'),
        words('विभाग', 'Department'),
        words('राष्ट्र', 'Nation'),
        words('हिस्सा', 'Share'),
        SOURCE,
      ],
      rows: brief.national.map(({ figure: name, value, nation, share }) => [
        FIGURES[name],
        count(value),
        count(nation?.value ?? null),
        shareOrNone(share),
        nation ? `${nation.source}, ${dateInWords(nation.on)}` : NONE,
      ]),
    },
    {
      heading: words('क्षेत्रीय संवर्ग: पदनाम के अनुसार', 'Field cadres, by designation'),
      columns: [
        words('पदनाम', 'Designation'),
        words('संवर्ग', 'Cadre'),
        STRENGTH,
        ONBOARDED,
        WITH_COMPLETION,
        COMPLETIONS,
        SHARE_COMPLETED,
      ],
      rows: brief.cadres.map((row) => [
        row.designation ?? NONE,
        row.cadre === null ? NONE : CADRES[row.cadre],
        count(row.strength),
        count(row.onboarded),
        count(row.withCompletion),
        count(row.completions),
        percentage(row.completionShare),
      ]),
    },
    {
      heading: words('सत्रों वाले कार्यक्रम (7 दिवसीय)', 'Programmes with sessions (7-day)'),
      columns: [
        words('कार्यक्रम', 'Programme'),
        words('सत्र', 'Sessions'),
        words('सभी में उपस्थित', 'Attended all'),
        OF_STRENGTH,
      ],
      rows: brief.sessions.map(({ course, sessions, attendedAll, attendedShare }) => [
        named(course),
        grouped(sessions),
        count(attendedAll),
        percentage(attendedShare),
      ]),
    },
    {
      heading: words('कृत्रिम बुद्धिमत्ता और साइबर सुरक्षा', 'AI and cyber security'),
      columns: [words('विषय', 'Subject'), LEARNERS, COMPLETIONS, COURSES, OF_STRENGTH],
      rows: brief.tags.map(({ tag, learners, completions, courses, share }) => [
        TAGS[tag] ?? tag,
        count(learners),
        count(completions),
        grouped(courses),
        percentage(share),
      ]),
    },
    {
      heading: words('पाठ्यक्रम सूची, भाषावार', 'Catalogue by language'),
      columns: [words('भाषा', 'Language'), COURSES],
      rows: [
        [words('सभी', 'All'), grouped(brief.catalogue.courses)],
        ...brief.catalogue.byLanguage.map(({ language: tag, courses }) => [languageName(tag), grouped(courses)]),
      ],
    },
  ];
}

/** What the brief says of itself, below its title. */
function linesOf(brief: Brief, asOf: AsOf): readonly (readonly [Words, string])[] {
  return [
    [words('स्थिति दिनांक', 'As on'), dateInWords(asOf.on)],
    [words('यथा ज्ञात', 'As known at'), asOf.knownAt === null ? NONE : inKolkata(asOf.knownAt)],
    [words('अभिलेख क्रम', 'Sequence of the record'), String(asOf.sequence)],
    [words('वित्तीय वर्ष', 'Financial year'), brief.financialYear],
    ...(asOf.simulatedClock
      ? ([[words('घड़ी', 'Clock'), 'कृत्रिम · simulated']] as const satisfies readonly (readonly [Words, string])[])
      : []),
  ];
}

const TITLE = words('समीक्षा विवरण', 'Review brief');
const NOTHING = words('कोई प्रविष्टि नहीं', 'No entries');

export function briefText(brief: Brief, asOf: AsOf, language: Language): string {
  const say = (cell: Cell) => (typeof cell === 'string' ? cell : inOrder(cell, language).join(' · '));
  const lines = [
    say(TITLE),
    say(bothOf(brief.department.names, brief.department.id)),
    ...linesOf(brief, asOf).map(([label, value]) => `${say(label)}: ${value}`),
  ];
  for (const { heading, columns, rows } of tablesOf(brief, language)) {
    lines.push('', say(heading), '');
    if (rows.length === 0) lines.push(`- ${say(NOTHING)}`);
    for (const [first = '', ...rest] of rows) {
      const values =
        rest.length === 1 ? [say(rest[0]!)] : rest.map((cell, i) => `${say(columns[i + 1]!)} ${say(cell)}`);
      lines.push(`- ${say(first)}: ${values.join('; ')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

export const PAGE_SECURITY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE = `
  :root { color-scheme: light; }
  body { font: 1rem/1.5 "Noto Sans Devanagari", "Nirmala UI", Mangal, system-ui, sans-serif; max-width: 60rem;
    margin: 2rem auto; padding: 0 1.25rem; color: #111; background: #fff; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 1.75rem 0 .4rem; break-after: avoid; }
  .beside { color: #444; font-weight: normal; }
  .scroll { overflow-x: auto; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: start; vertical-align: top; }
  thead th { background: #eee; } tr { break-inside: avoid; }
  td.figure { text-align: end; font-variant-numeric: tabular-nums; }
  dl { display: grid; grid-template-columns: fit-content(65%) 1fr; gap: .15rem 1rem; } dt { font-weight: 600; } dd { margin: 0; }
  @media print { body { margin: 0; max-width: none; font-size: 10pt; } @page { size: A4; margin: 15mm; } }
`;

export function briefPage(brief: Brief, asOf: AsOf, language: Language): string {
  const say = (cell: Cell): string => {
    if (typeof cell === 'string') return escaped(cell);
    const spoken = inOrder(cell, language).map((text) => {
      // By its letters: where the name in one language is missing, the other stands for it.
      const lang = /\p{Script=Devanagari}/u.test(text) ? 'hi' : 'en';
      return `<span lang="${lang}">${escaped(text)}</span>`;
    });
    return spoken.length === 2 ? `${spoken[0]} <span class="beside">· ${spoken[1]}</span>` : spoken.join('');
  };
  const department = bothOf(brief.department.names, brief.department.id);
  const tables = tablesOf(brief, language).map(({ heading, columns, rows }) => {
    const head = columns.map((column) => `<th scope="col">${say(column)}</th>`).join('');
    const body = rows.map(([first = '', ...rest]) => {
      const cells = rest.map((cell) => `<td${typeof cell === 'string' ? ' class="figure"' : ''}>${say(cell)}</td>`);
      return `<tr><th scope="row">${say(first)}</th>${cells.join('')}</tr>`;
    });
    const table = `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table></div>`;
    return `<h2>${say(heading)}</h2>\n${rows.length === 0 ? `<p>${say(NOTHING)}</p>` : table}`;
  });
  const lines = linesOf(brief, asOf).map(([label, value]) => `<dt>${say(label)}</dt><dd>${escaped(value)}</dd>`);
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`${TITLE[language]} · ${brief.department.names[language] ?? brief.department.id} · Pramaan`)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${say(TITLE)}</h1>
<p>${say(department)}</p>
<dl>${lines.join('\n')}</dl>
${tables.join('\n')}
</main>
</body>
</html>
`;
}

/** Names of which one may be missing; then the other stands for both, and an id for none. */
function bothOf({ hi, en }: { readonly hi?: string | undefined; readonly en?: string | undefined }, id: string): Cell {
  return hi === undefined && en === undefined ? id : words(hi ?? en!, en ?? hi!);
}

/** Said once, where both are the same. */
function inOrder(cell: Words, first: Language): readonly string[] {
  const both = first === 'hi' ? [cell.hi, cell.en] : [cell.en, cell.hi];
  return cell.hi === cell.en ? [cell.hi] : both;
}

function shareOrNone(share: Share | null): string {
  return share === null ? NONE : percentage(share);
}

/** `31.03.2026`, as government orders are dated. */
function dateInWords(date: string): string {
  return date.split('-').reverse().join('.');
}

const KOLKATA = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Kolkata',
  dateStyle: 'short',
  timeStyle: 'medium',
  hourCycle: 'h23',
});

function inKolkata(instant: string): string {
  return `${KOLKATA.format(new Date(instant)).replaceAll('/', '.').replace(',', '')} IST`;
}

const LANGUAGE_NAMES = {
  hi: new Intl.DisplayNames(['hi'], { type: 'language' }),
  en: new Intl.DisplayNames(['en'], { type: 'language' }),
};

function languageName(tag: string): Cell {
  try {
    return words(LANGUAGE_NAMES.hi.of(tag) ?? tag, LANGUAGE_NAMES.en.of(tag) ?? tag);
  } catch {
    return tag;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
