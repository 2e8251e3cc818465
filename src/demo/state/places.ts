// The made-up state's 18 divisions and 75 districts. Each division is seated in one of its districts and has its name.

import type { BothNames } from './names.ts';

export interface Place extends BothNames {
  /** As it stands in ids: `kamalpur`. */
  readonly id: string;
}
export interface Division extends Place {
  readonly districts: readonly Place[];
}

const STEMS = `
  Naval नवल|Suman सुमन|Chandan चन्दन|Kamal कमल|Ratan रतन|Pavan पवन|Mangal मंगल|Kesar केसर|Basant बसंत|Sagar सागर|Harit हरित|Madhu मधु|Tara तारा
  Amrit अमृत|Nirmal निर्मल|Sona सोना|Rupa रूपा|Sheetal शीतल|Vimal विमल|Shanti शान्ति|Anand आनन्द|Deep दीप|Moti मोती|Hira हीरा|Phool फूल`;
const ENDINGS = ['pur पुर', 'nagar नगर', 'garh गढ़'];
const DIVISIONS = 18;

export const DIVISION_LIST: readonly Division[] = divisions();
export const DISTRICTS: readonly Place[] = DIVISION_LIST.flatMap(({ districts }) => districts);

function divisions(): Division[] {
  const stems = STEMS.split(/[|\n]/).map((stem) => stem.trim().split(' '));
  const districts = ENDINGS.flatMap((ending) => {
    const [endEn, endHi] = ending.split(' ');
    return stems
      .filter(([en, hi]) => en && hi)
      .map(([en, hi]) => ({ id: `${en}${endEn}`.toLowerCase(), en: `${en}${endEn}`, hi: `${hi}${endHi}` }));
  });
  return Array.from({ length: DIVISIONS }, (_, number) => {
    const own = districts.filter((_district, index) => index % DIVISIONS === number);
    return { ...own[0]!, districts: own };
  });
}
