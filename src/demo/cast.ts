// Who learns what in the demo: officials of an invented state, and courses in English and Hindi.

/** Where the invented systems live; example domains (RFC 2606) belong to nobody. */
export const LMS = 'https://learn.mission.example';
export const CONTENT = 'https://content.mission.example';

export interface Learner {
  readonly name: string;
  /** Employee code; the account name of the learning platform. */
  readonly code: string;
  readonly mbox: string;
  readonly language: 'en' | 'hi';
}

const NAMES = [
  ...['Asha Verma', 'रमेश कुमार', 'Farida Siddiqui', 'Gurpreet Singh', 'सुनीता यादव', 'Thomas Kurian', 'Meena Soren'],
  ...['अनिल त्रिपाठी', 'Nasreen Khan', 'Prakash Oraon', 'कविता मिश्रा', 'Sanjay Gupta', 'Lakshmi Iyer', 'विजय चौहान'],
  ...['Rukhsana Bano', 'Deepak Rawat', 'पूजा शर्मा', 'Abdul Rahman', 'Mary Kujur', 'राजेश पटेल', 'Neha Srivastava'],
  ...['Imran Ali', 'सरोज देवी', 'Vikram Rathore', 'Anita Lakra', 'मोहन लाल', 'Shabnam Ansari', 'Harish Bhatt'],
  ...[
    'गीता पाण्डेय',
    'Joseph Tirkey',
    'Kiran Bedia',
    'अशोक सिंह',
    'Zainab Qureshi',
    'Manoj Tiwari',
    'उषा रानी',
    'Rahul Mehta',
  ],
] as const;

export const LEARNERS: readonly Learner[] = NAMES.map((name, index) => {
  const code = `EMP${String(104_201 + index * 37)}`;
  return {
    name,
    code,
    mbox: `mailto:${code.toLowerCase()}@mission.example`,
    language: /[\u0900-\u097f]/.test(name) ? 'hi' : 'en',
  };
});

export interface Course {
  readonly id: number;
  readonly name: { readonly en: string; readonly hi: string };
  /** The system that delivers it, and so the shape of its statements. */
  readonly delivered: 'moodle' | 'cmi5' | 'scorm' | 'h5p';
}

export const COURSES: readonly Course[] = [
  { id: 11, name: { en: 'Office Procedure', hi: 'कार्यालय पद्धति' }, delivered: 'moodle' },
  { id: 12, name: { en: 'Noting and Drafting', hi: 'टिप्पण और प्रारूपण' }, delivered: 'moodle' },
  { id: 13, name: { en: 'Public Procurement', hi: 'सार्वजनिक खरीद' }, delivered: 'moodle' },
  { id: 21, name: { en: 'Cyber Hygiene', hi: 'साइबर स्वच्छता' }, delivered: 'cmi5' },
  { id: 22, name: { en: 'Prevention of Sexual Harassment', hi: 'यौन उत्पीड़न की रोकथाम' }, delivered: 'cmi5' },
  { id: 31, name: { en: 'Right to Information Act', hi: 'सूचना का अधिकार अधिनियम' }, delivered: 'scorm' },
  { id: 41, name: { en: 'Code of Conduct', hi: 'आचरण नियमावली' }, delivered: 'h5p' },
];
