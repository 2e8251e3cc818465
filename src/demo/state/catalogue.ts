// The made-up state's catalogue: courses in Hindi and English, curated programmes, case studies, the 7-day programme and its
// assessment, and the platform itself. What is delivered by another system has that system's address as an alias.

import type { BothNames } from './names.ts';
import type { Staffing } from './posts.ts';

/** Example domains (RFC 2606) belong to nobody. */
export const PLATFORM = 'https://platform.mission.example';
export const LMS = 'https://learn.mission.example';

export interface ListedCourse {
  readonly id: string;
  readonly number: number;
  readonly kind: 'course' | 'curated-programme' | 'blended-programme' | 'assessment' | 'case-study' | 'platform';
  readonly titles: BothNames;
  /** A department's id, or the name of another provider. */
  readonly provider: string;
  readonly languages: readonly string[];
  readonly minutes: number;
  readonly tags: readonly string[];
  readonly aliases: readonly string[];
  readonly supersedes: readonly string[];
  readonly status: 'live' | 'retired';
  /** The system that delivers it, and so the shape of its statements. */
  readonly delivered: 'platform' | 'moodle' | 'cmi5';
  /** How many take it, against the others; 0: not on one's own. */
  readonly weight: number;
  /** Taken in departments of this staffing only. */
  readonly staffing?: Staffing;
}

const ACADEMY = 'Academy of Administration (made up)';
const NATION = 'National Training Centre (made up)';

/** `English|हिन्दी|minutes|weight|tags|who may take it|provider` */
const COURSES = `
Introduction to AI|कृत्रिम बुद्धिमत्ता का परिचय|40|120|ai, functional|
AI for Public Services|जन सेवाओं के लिए कृत्रिम बुद्धिमत्ता|60|40|ai, functional|
Writing with AI Assistants|एआई सहायकों के साथ लेखन|30|35|ai, functional|
Responsible Use of AI|एआई का उत्तरदायी उपयोग|45|25|ai, behavioural|
Data Analysis with AI|एआई से आँकड़ों का विश्लेषण|90|12|ai, functional|
Cyber Hygiene|साइबर स्वच्छता|35|90|cyber-security, functional|
Recognising Phishing|फ़िशिंग की पहचान|20|60|cyber-security, functional|
Passwords and Two Factors|पासवर्ड और द्वि-कारक सत्यापन|20|45|cyber-security, functional|
Reporting Cyber Incidents|साइबर घटनाओं की सूचना|30|20|cyber-security, functional|
Safe Use of Mobile Phones|मोबाइल फ़ोन का सुरक्षित उपयोग|25|40|cyber-security, behavioural|
Office Procedure|कार्यालय पद्धति|75|30|functional|
Noting and Drafting|टिप्पण और प्रारूपण|60|35|functional|
Public Procurement|सार्वजनिक खरीद|120|18|functional|
Right to Information|सूचना का अधिकार|50|30|functional|
Prevention of Sexual Harassment|यौन उत्पीड़न की रोकथाम|45|50|behavioural|
Code of Conduct|आचरण नियमावली|40|35|behavioural|
Stress at Work|कार्यस्थल पर तनाव|30|30|behavioural|
Listening to Citizens|नागरिकों को सुनना|35|30|behavioural|
Working in Teams|समूह में कार्य|35|25|behavioural|
Leadership in the Field|क्षेत्र में नेतृत्व|60|15|behavioural|
Settling Grievances|शिकायतों का निस्तारण|40|28|functional|
Spreadsheets for Beginners|आरंभिक स्प्रेडशीट|90|25|functional|
E-Office|ई-ऑफ़िस|60|30|functional|
Service Rules|सेवा नियमावली|90|20|functional|
Financial Rules|वित्तीय नियम|120|16|functional|
Leave and Pension|अवकाश और पेंशन|60|18|functional|
Protecting Personal Data|व्यक्तिगत आँकड़ों की सुरक्षा|45|20|functional, cyber-security|
Disaster Preparedness|आपदा से तैयारी|60|20|domain|
Gender Budgeting|जेंडर बजट|60|8|domain|
Climate and Administration|जलवायु और प्रशासन|50|8|domain|
Yoga at the Desk|कार्यस्थल पर योग|20|30|behavioural|
Official Language|राजभाषा|40|12|functional|
Immunisation Sessions|टीकाकरण सत्र|60|60|domain|health
Care before Birth|प्रसव पूर्व देखभाल|75|55|domain|health
Care of the Newborn|नवजात की देखभाल|60|50|domain|health
Infection Control|संक्रमण नियंत्रण|45|40|domain|health
Counselling Families|परिवारों को परामर्श|40|35|domain, behavioural|health
First Responders|प्रथम प्रतिक्रिया|60|50|domain|police
Investigating Cyber Crime|साइबर अपराध की विवेचना|90|40|domain, cyber-security|police
New Criminal Laws|नए आपराधिक क़ानून|120|70|domain|police
Traffic Management|यातायात प्रबंधन|50|35|domain|police
Community Policing|सामुदायिक पुलिस|45|30|domain, behavioural|police
Village Planning|ग्राम योजना|90|50|domain|panchayat
Panchayat Accounts|पंचायत लेखा|75|50|domain|panchayat
Clean Villages|स्वच्छ ग्राम|40|40|domain|panchayat
Solid Waste|ठोस अपशिष्ट|45|50|domain|municipal
Property Tax|संपत्ति कर|60|25|domain|municipal
Safety of Sanitation Workers|सफ़ाई कर्मियों की सुरक्षा|30|45|domain|municipal
Reading in the Early Grades|प्रारंभिक कक्षाओं में पठन|90|60|domain|school
Teaching Mathematics|गणित शिक्षण|90|50|domain|school
Inclusive Classrooms|समावेशी कक्षाएँ|60|45|domain|school
AI in the Classroom|कक्षा में कृत्रिम बुद्धिमत्ता|60|30|domain, ai|school
Nutrition of Children|बच्चों का पोषण|60|60|domain|children
Play and Learning|खेल और सीखना|60|45|domain|children
Land Records|भू-अभिलेख|90|50|domain|revenue
Revenue Courts|राजस्व न्यायालय|90|30|domain|revenue
Quality of Works|कार्यों की गुणवत्ता|90|45|domain|works
Safety on Site|कार्यस्थल सुरक्षा|45|45|domain|works
Contract Management|अनुबंध प्रबंधन|120|25|domain|works
Schemes and Beneficiaries|योजनाएँ और लाभार्थी|60|50|domain|field
Inspections|निरीक्षण|60|40|domain|field`;

const CASE_STUDIES = `
A Queue that Vanished|जो कतार ग़ायब हो गई
One Window in a District|जनपद में एक खिड़की
Water for Nine Villages|नौ गाँवों का पानी
The Register that Spoke|बोलता हुआ रजिस्टर
Vaccines on a Boat|नाव पर टीके
A School Comes Back|लौटता विद्यालय`;

/** Which system delivers the course of this number: a few on Moodle, a few as cmi5 packages, most on the platform. */
function deliveryOf(number: number): ListedCourse['delivered'] {
  if (number % 50 === 15) return 'cmi5';
  return number % 5 === 2 ? 'moodle' : 'platform';
}

function aliasesOf(number: number): readonly string[] {
  const delivered = deliveryOf(number);
  if (delivered === 'moodle') return [`${LMS}/course/view.php?id=${number}`];
  if (delivered === 'cmi5') return [`${LMS}/cmi5/course/${number}`, `${LMS}/cmi5/au/${number}-1`];
  return [`${PLATFORM}/content/${number}`];
}

/** Most are there in both languages; some only in one, a few in more. */
function languagesOf(number: number): readonly string[] {
  if (number % 7 === 3) return ['en'];
  if (number % 11 === 5) return ['hi'];
  return number % 13 === 1 ? ['hi', 'en', 'ur'] : ['hi', 'en'];
}

const lines = (text: string): string[][] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split('|'));

function entry(number: number, given: Partial<ListedCourse> & Pick<ListedCourse, 'titles'>): ListedCourse {
  return {
    id: `${PLATFORM}/courses/${number}`,
    number,
    kind: 'course',
    provider: NATION,
    languages: languagesOf(number),
    minutes: 30,
    tags: [],
    aliases: [],
    supersedes: [],
    status: 'live',
    delivered: 'platform',
    weight: 0,
    ...given,
  };
}

const OWN = ['health', 'home', 'panchayati-raj', 'basic-education', 'revenue', 'personnel', 'information-technology'];

const courses: readonly ListedCourse[] = lines(COURSES).map(([en, hi, minutes, weight, tags, staffing], index) => {
  const number = 101 + index;
  return entry(number, {
    titles: { en: en!, hi: hi! },
    // Departments list their own, and the nation's centre the rest.
    provider: index % 3 === 1 ? OWN[index % OWN.length]! : index % 3 === 2 ? ACADEMY : NATION,
    minutes: Number(minutes),
    tags: tags!.split(', '),
    aliases: aliasesOf(number),
    supersedes: index === 0 ? [`${PLATFORM}/courses/401`] : index === 5 ? [`${PLATFORM}/courses/402`] : [],
    delivered: deliveryOf(number),
    weight: Number(weight),
    ...(staffing && { staffing: staffing as Staffing }),
  });
});

const caseStudies = lines(CASE_STUDIES).map(([en, hi], index) =>
  entry(201 + index, {
    kind: 'case-study',
    titles: { en: en!, hi: hi! },
    provider: ACADEMY,
    minutes: 15,
    tags: ['case-study'],
    weight: 6,
  }),
);

const programmes = [
  ['AI for Every Office', 'हर कार्यालय के लिए एआई', 'ai, cyber-security'],
  ['Cyber Security for Administrators', 'प्रशासकों के लिए साइबर सुरक्षा', 'cyber-security'],
  ['First Year in Service', 'सेवा का प्रथम वर्ष', 'functional'],
].map(([en, hi, tags], index) =>
  entry(301 + index, {
    kind: 'curated-programme',
    titles: { en: en!, hi: hi! },
    provider: 'personnel',
    minutes: 180,
    tags: tags!.split(', '),
    weight: 4,
  }),
);

/** Editions that newer ones superseded: some still finish them. */
const superseded = [
  entry(401, {
    titles: { en: 'Introduction to AI (first edition)', hi: 'कृत्रिम बुद्धिमत्ता का परिचय (प्रथम संस्करण)' },
    tags: ['ai'],
    status: 'retired',
    weight: 8,
  }),
  entry(402, {
    titles: { en: 'Cyber Hygiene (first edition)', hi: 'साइबर स्वच्छता (प्रथम संस्करण)' },
    tags: ['cyber-security'],
    status: 'retired',
    weight: 6,
  }),
];

export const SEVEN_DAYS: ListedCourse = entry(501, {
  kind: 'blended-programme',
  titles: { en: '7-Day Capacity Building', hi: '7-दिवसीय क्षमता निर्माण' },
  provider: ACADEMY,
  minutes: 2520,
  tags: ['7-day', 'ai', 'cyber-security'],
});
export const SEVEN_DAYS_ASSESSMENT: ListedCourse = entry(502, {
  kind: 'assessment',
  titles: { en: '7-Day Capacity Building: assessment', hi: '7-दिवसीय क्षमता निर्माण: मूल्यांकन' },
  provider: ACADEMY,
  minutes: 60,
  tags: ['7-day'],
});
/** Registering on it is onboarding. */
export const PLATFORM_ITSELF: ListedCourse = entry(1, {
  id: PLATFORM,
  kind: 'platform',
  titles: { en: 'Mission Platform', hi: 'मिशन मंच' },
  minutes: 0,
});

export const CATALOGUE: readonly ListedCourse[] = [
  PLATFORM_ITSELF,
  ...courses,
  ...caseStudies,
  ...programmes,
  ...superseded,
  SEVEN_DAYS,
  SEVEN_DAYS_ASSESSMENT,
];
