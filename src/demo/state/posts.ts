// Who works in a department: designations with their cadre and group, how many of each, and on which level of the tree they sit.

export type Level = 'head' | 'district' | 'office';

export interface Post {
  readonly designation: string;
  readonly cadre: 'regular' | 'contractual' | 'honorarium';
  readonly group: 'A' | 'B' | 'C' | 'D';
  /** How many of them, against the other posts of the department. */
  readonly weight: number;
  readonly level: Level;
  /** Only women hold it. */
  readonly women?: boolean;
}

/** `designation|cadre|group|weight|level`, a `*` after the designation where only women hold the post. */
const STAFF = {
  office: `
    Special Secretary|regular|A|1|head
    Under Secretary|regular|A|2|head
    Section Officer|regular|B|5|head
    Review Officer|regular|B|7|head
    Assistant Review Officer|regular|C|9|head
    Computer Operator|contractual|C|5|head
    Office Attendant|regular|D|4|head`,
  field: `
    Joint Director|regular|A|1|head
    Deputy Director|regular|A|2|district
    District Officer|regular|B|6|district
    Inspector|regular|C|14|district
    Senior Assistant|regular|C|16|district
    Junior Assistant|regular|C|22|district
    Computer Operator|contractual|C|12|district
    Office Attendant|regular|D|8|district`,
  health: `
    Joint Director|regular|A|1|head
    Chief Medical Officer|regular|A|1|district
    Medical Officer|regular|A|9|office
    Staff Nurse|contractual|C|15|office
    ANM*|regular|C|34|office
    ASHA*|honorarium|D|70|office
    Pharmacist|regular|C|8|office
    Laboratory Technician|contractual|C|6|office`,
  police: `
    Superintendent of Police|regular|A|1|district
    Deputy Superintendent of Police|regular|A|2|district
    Inspector of Police|regular|B|5|office
    Sub-Inspector|regular|C|16|office
    Head Constable|regular|C|30|office
    Constable|regular|C|90|office`,
  panchayat: `
    District Panchayati Raj Officer|regular|A|1|district
    Assistant Development Officer|regular|B|4|office
    Gram Panchayat Officer|regular|C|20|office
    Panchayat Assistant|contractual|D|42|office`,
  municipal: `
    Municipal Commissioner|regular|A|1|head
    Executive Officer|regular|B|3|district
    Revenue Inspector|regular|C|10|district
    Sanitation Supervisor|contractual|C|14|district
    Sanitation Worker|contractual|D|40|district`,
  school: `
    District Education Officer|regular|A|1|district
    Block Education Officer|regular|B|3|district
    Head Teacher|regular|B|16|office
    Teacher|regular|C|88|office
    Shiksha Mitra|contractual|C|30|office`,
  children: `
    District Programme Officer|regular|B|1|district
    Child Development Project Officer|regular|B|2|district
    Mukhya Sevika*|regular|C|6|district
    Anganwadi Worker*|honorarium|D|60|district`,
  revenue: `
    District Magistrate|regular|A|1|district
    Tehsildar|regular|B|5|district
    Revenue Inspector|regular|C|12|district
    Lekhpal|regular|C|45|district`,
  works: `
    Chief Engineer|regular|A|1|head
    Executive Engineer|regular|A|4|district
    Assistant Engineer|regular|B|12|district
    Junior Engineer|regular|C|34|district
    Work Supervisor|contractual|D|20|district`,
} as const;

export type Staffing = keyof typeof STAFF;

export const POSTS: Readonly<Record<Staffing, readonly Post[]>> = Object.fromEntries(
  Object.entries(STAFF).map(([name, text]) => [name, postsOf(text)]),
) as unknown as Record<Staffing, readonly Post[]>;

function postsOf(text: string): Post[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [designation, cadre, group, weight, level] = line.trim().split('|') as [
        string,
        string,
        string,
        string,
        string,
      ];
      return {
        designation: designation.replace('*', ''),
        cadre: cadre as Post['cadre'],
        group: group as Post['group'],
        weight: Number(weight),
        level: level as Level,
        ...(designation.endsWith('*') && { women: true }),
      };
    });
}
